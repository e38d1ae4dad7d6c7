"""What a copy holds: the files that were put there, as they were when they were put. Kept beside it, in a volume of its own."""

from __future__ import annotations

import fcntl
import marshal
import os
import zlib
from typing import Any, Dict, Iterable, List, Set, Tuple

# mode (git's), SHA-256 (hex), then what its file looked like: size, mtime, ctime (ns), inode. A file that looks the same is the same.
Entry = Tuple[str, str, int, int, int, int]
FORM = "parity copy 1"


class Lock:
    """A lock on a file, which ends with the process."""

    def __init__(self, path: str) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)

    def take(self, wait: bool) -> bool:
        """Nobody else's; False when it is and there is no waiting, and then it is shared."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            return True
        except BlockingIOError:
            self.share()
            return False

    def share(self) -> None:
        fcntl.flock(self.descriptor, fcntl.LOCK_SH)


def locked(path: str) -> Lock:
    return Lock(path)


def bucket_of(path: str, count: int) -> int:
    return zlib.crc32(os.fsencode(path)) % count


def digest_of_bucket(entries: Iterable[Tuple[str, str, str]]) -> str:
    """Of (path, mode, digest): both sides reckon it in the same way."""
    from hashlib import sha256

    ordered = sorted((os.fsencode(path), f"{mode} {digest} ".encode()) for path, mode, digest in entries)
    return sha256(b"".join(state + path + b"\0" for path, state in ordered)).hexdigest()[:16]


class Holdings:
    """Read by `load`, written by `save`, whole or not at all. What can't be read holds nothing: then all is sent, or found to be there."""

    def __init__(self, folder: str) -> None:
        self.file = os.path.join(folder, "holdings")
        self.journal_file = os.path.join(folder, "journal")
        self.forget()

    def forget(self) -> None:
        self.entries: Dict[str, Entry] = {}
        self.repositories: Dict[str, Dict[str, Any]] = {}
        self.mount_points: Set[str] = set()
        self.unsettled = False  # a run went on from here, and nobody has asked yet what it has changed
        self.digests: List[str] = []
        self.touched: Set[str] = set()

    def load(self) -> None:
        self.forget()
        try:
            with open(self.file, "rb") as file:
                checksum, body = int.from_bytes(file.read(4), "big"), file.read()
            if zlib.crc32(body) != checksum:
                return
            form, entries, repositories, mount_points, unsettled, digests = marshal.loads(body)
            if form == FORM:
                self.entries, self.repositories = entries, repositories
                self.mount_points, self.unsettled, self.digests = set(mount_points), unsettled, digests
        except (OSError, EOFError, ValueError, TypeError):
            return

    def save(self) -> None:
        self.bucket_digests(max(1, len(self.digests)))
        held = (FORM, self.entries, self.repositories, sorted(self.mount_points), self.unsettled, self.digests)
        body = marshal.dumps(held)
        write_whole(self.file, zlib.crc32(body).to_bytes(4, "big") + body)

    def put(self, path: str, entry: Entry) -> None:
        if self.entries.get(path, ("", ""))[:2] != entry[:2]:
            self.touched.add(path)
        self.entries[path] = entry

    def drop(self, path: str) -> None:
        if self.entries.pop(path, None) is not None:
            self.touched.add(path)

    def bucket_digests(self, count: int) -> List[str]:
        """A digest for each of so many buckets of files; those of untouched buckets are known."""
        known = len(self.digests) == count
        stale = {bucket_of(path, count) for path in self.touched} if known else set(range(count))
        if stale:
            buckets: List[List[Tuple[str, str, str]]] = [[] for _ in range(count)]
            for path, (mode, digest, *_) in self.entries.items():
                buckets[bucket_of(path, count)].append((path, mode, digest))
            digests = list(self.digests) if known else [""] * count
            for number in stale:
                digests[number] = digest_of_bucket(buckets[number])
            self.digests = digests
        self.touched = set()
        return self.digests

    # A journal names the files that are about to be written: should the transfer be cut, nothing else does.

    def begin_journal(self, paths: List[str]) -> None:
        if paths:
            write_whole(self.journal_file, b"\0".join(os.fsencode(path) for path in paths))

    def journal(self) -> List[str]:
        try:
            with open(self.journal_file, "rb") as file:
                return [os.fsdecode(path) for path in file.read().split(b"\0") if path]
        except OSError:
            return []

    def end_journal(self) -> None:
        try:
            os.unlink(self.journal_file)
        except FileNotFoundError:
            pass


def write_whole(path: str, data: bytes) -> None:
    part = f"{path}.part"
    with open(part, "wb") as file:
        file.write(data)
    os.replace(part, path)
