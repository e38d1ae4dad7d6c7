"""The files by which a step of a job passes variables, folders of PATH and outputs on to later steps, as CI systems have them."""

from __future__ import annotations

import os
import stat
from typing import Dict, Optional

FOLDER = "/parity/private/passing-on"
VARIABLES = {
    "env": "GITHUB_ENV",
    "path": "GITHUB_PATH",
    "output": "GITHUB_OUTPUT",
    "state": "GITHUB_STATE",
    "summary": "GITHUB_STEP_SUMMARY",
}
TOLD = ("env", "path", "output")
MOST_BYTES = 1 << 20


class PassingOn:
    """The files of one command, empty at first."""

    def __init__(self, number: int) -> None:
        self.folder = f"{FOLDER}/{number}"
        os.makedirs(self.folder, 0o700, exist_ok=True)
        for name in VARIABLES:
            os.close(os.open(self.file(name), os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))

    def file(self, name: str) -> str:
        return f"{self.folder}/{name}"

    def variables(self) -> Dict[str, str]:
        return {variable: self.file(name) for name, variable in VARIABLES.items()}

    def take(self) -> Dict[str, Optional[str]]:
        """What they hold, None for what is no file any more or too large; they are gone then."""
        told = {name: text_of(self.file(name)) for name in TOLD}
        for name in VARIABLES:
            try:
                os.unlink(self.file(name))
            except OSError:
                pass
        try:
            os.rmdir(self.folder)
        except OSError:
            pass
        return told


def text_of(path: str) -> Optional[str]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except FileNotFoundError:
        return ""
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        data = b""
        while len(data) <= MOST_BYTES and (piece := os.read(descriptor, MOST_BYTES)):
            data += piece
        return None if len(data) > MOST_BYTES else data.decode("utf-8", "replace")
    except OSError:
        return None
    finally:
        os.close(descriptor)
