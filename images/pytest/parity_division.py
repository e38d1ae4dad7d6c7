"""Which part runs which test file, and how long each file took: values only, but for the file of records."""

from __future__ import annotations

import json
import os
from typing import Dict, Iterable, List, Tuple

from parity_unseen import unmeasured

FORMAT = 1
BYTES_A_SECOND = 10_000.0  # what a file is taken for when nothing at all has been timed

Records = Dict[str, Tuple[float, int]]  # file → seconds, bytes


class Division:
    """Gives every file to one part. Parts that see the same files in the same order come to the same division."""

    def __init__(self, records: Records, parts: int, root: str, by_name: bool) -> None:
        self.root = root
        # Two modules of one name and no package can't both be imported, and pytest says so only where it meets both.
        self.by_name = by_name
        self.loads = [0.0] * parts
        self.units: Dict[str, int] = {}
        self.owners: Dict[str, int] = {}  # file → part, from 1, of those that were asked for
        seconds: Dict[str, float] = {}
        for file, (duration, _) in records.items():
            seconds[self.unit_of(file)] = seconds.get(self.unit_of(file), 0.0) + duration
        for unit in sorted(seconds, key=lambda unit: (-seconds[unit], unit)):
            self.give(unit, seconds[unit])
        total = sum(size for _, size in records.values())
        self.rate = sum(seconds.values()) / total if total > 0 else 1 / BYTES_A_SECOND

    def owner(self, file: str) -> int:
        """The part, from 1, that runs a file; one that nobody has timed yet goes where there is the least to do."""
        if file not in self.owners:
            unit = self.unit_of(file)
            if unit not in self.units:
                self.give(unit, size_of(self.root, file) * self.rate)
            self.owners[file] = self.units[unit] + 1
        return self.owners[file]

    def give(self, unit: str, seconds: float) -> None:
        self.units[unit] = self.loads.index(min(self.loads))
        self.loads[self.units[unit]] += seconds

    def unit_of(self, file: str) -> str:
        folder, _, name = file.rpartition("/")
        in_package = os.path.exists(os.path.join(self.root, folder, "__init__.py"))
        return name if self.by_name and name.endswith(".py") and not in_package else file


def worth_while(records: Records, most: int) -> int:
    """Into how many parts a run is divided that took so long: each of them should have half a second of work."""
    total = sum(seconds for seconds, _ in records.values())
    return most if not records else min(most, max(1, int(total / 0.5)))


def read_records(path: str) -> Records:
    """The records of a file; none when it is not there or not one of these."""
    try:
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        if kept["version"] != FORMAT:
            return {}
        return {str(name): (max(0.0, float(seconds)), int(size)) for name, (seconds, size) in kept["files"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def write_records(path: str, before: Records, root: str, seconds: Dict[str, float], files: Iterable[str]) -> None:
    """Keeps how long files took, half of it by what was known before; what can't be kept is missed by nobody."""
    now: Dict[str, List[float]] = {}
    for name in sorted(files):
        took = seconds.get(name, 0.0)
        now[name] = [round((before.get(name, (took, 0))[0] + took) / 2, 4), size_of(root, name)]
    aside = "%s.%d.tmp" % (path, os.getpid())
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(aside, "w", encoding="utf-8") as file:
            json.dump({"version": FORMAT, "files": now}, file, sort_keys=True)
        os.replace(aside, path)
    except OSError:
        pass


def size_of(root: str, file: str) -> int:
    try:
        return os.path.getsize(os.path.join(root, file))
    except OSError:
        return 0


unmeasured(__name__)
