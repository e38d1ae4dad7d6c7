"""What a run leaves on its machine outside of the work tree and the caches: taken away before the next run begins."""

from __future__ import annotations

import os
import subprocess
from typing import Dict, Iterator, List, Optional, Set

SCRATCH = ("/tmp", "/var/tmp", "/dev/shm")
PRIVATE = "/parity/private"
BYTECODE = "/parity/bytecode/workspace"  # PYTHONPYCACHEPREFIX leads there for what lies in the work tree
RACY_NS = 2 * 10**9  # bytecode this much younger than its source may be of an earlier text of the same second
REMOVE = 'chmod -R u+rwX -- "$@" 2>/dev/null; exec rm -rf -- "$@"'


class Machine:
    """Made before anything has run. `restore` gives it back as it was then."""

    def __init__(self, shares_clock: bool) -> None:
        self.home = os.environ.get("HOME", "")
        self.shares_clock = shares_clock  # with the file system of the work tree
        self.own: Dict[str, Set[str]] = {folder: set(names_in(folder)) for folder in SCRATCH}
        self.home_mode = mode_of(self.home)
        self.seed: Optional[str] = None
        self.trash_count = 0
        if names_in(self.home):
            self.seed = os.path.join(PRIVATE, "home")
            subprocess.run(["cp", "-a", "--", self.home, self.seed], check=False)

    def restore(self) -> Optional[subprocess.Popen[bytes]]:
        """Gives the process that still removes what was put aside, when there is one."""
        doomed = [f"{folder}/{name}" for folder, own in self.own.items() for name in names_in(folder) if name not in own]
        doomed += [f"{self.home}/{name}" for name in names_in(self.home)]
        if not self.shares_clock:
            doomed += [f"{BYTECODE}/{name}" for name in names_in(BYTECODE)]
        aside = self.put_aside(doomed)
        if mode_of(self.home) != self.home_mode and self.home_mode is not None:
            os.chmod(self.home, self.home_mode)
        if self.seed is not None:
            subprocess.run(["cp", "-a", "--", f"{self.seed}/.", self.home], check=False)
        drop_stale_bytecode()
        return None if aside is None else subprocess.Popen(["sh", "-c", REMOVE, "sh", aside], stdin=subprocess.DEVNULL)

    def put_aside(self, paths: List[str]) -> Optional[str]:
        """Moves folders out of sight, which takes no time however large they are; the rest is removed."""
        if not paths:
            return None
        self.trash_count += 1
        trash = os.path.join(PRIVATE, f"trash-{self.trash_count}")
        os.mkdir(trash, 0o700)
        stuck = []
        for number, path in enumerate(paths):
            try:
                if not os.path.isdir(path) or os.path.islink(path):
                    os.unlink(path)
                    continue
                os.chmod(path, 0o700)  # to move a folder is to write its `..`
                os.rename(path, os.path.join(trash, str(number)))
            except OSError:  # a folder on another file system, as /dev/shm is
                stuck.append(path)
        if stuck:
            subprocess.run(["sh", "-c", REMOVE, "sh", *stuck], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return trash


def drop_stale_bytecode() -> None:
    """
    Python takes bytecode for a source's when its time, in seconds, and its size are the source's. A file can be written anew in one second and
    be given any time, but not any ctime: bytecode that is not clearly younger than its source's last change is dropped.
    """
    for folder, entry in files_below(BYTECODE):
        source = os.path.join(folder[len(BYTECODE) - len("/workspace") :], entry.name.partition(".")[0] + ".py")
        try:
            if entry.stat(follow_symlinks=False).st_ctime_ns > os.stat(source).st_ctime_ns + RACY_NS:
                continue
        except OSError:
            pass  # its source is gone
        try:
            os.unlink(entry.path)
        except OSError:
            pass


def files_below(top: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    open_folders = [top]
    while open_folders:
        folder = open_folders.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                open_folders.append(entry.path)
            else:
                yield folder, entry


def names_in(folder: str) -> List[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def mode_of(path: str) -> Optional[int]:
    try:
        return os.stat(path).st_mode & 0o7777
    except OSError:
        return None
