"""What a copy holds: the files that were put there, as they were when they were put. Kept beside it, in a volume of its own."""

from __future__ import annotations

import fcntl
import marshal
import os
import zlib

TYPE_CHECKING = False  # typing's own costs an import
if TYPE_CHECKING:
    from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

    # mode (git's), SHA-256 (hex), then what its file looked like: ctime (ns), inode. The ctime changes with whatever else does, and nobody
    # can set it: a file that looks the same is the same.
    Entry = Tuple[str, str, int, int]

FORM = "parity copy 2"
FIRST_COUNT = 16


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


def digest_of_bucket(bucket: Dict[str, Entry]) -> str:
    """Of its files' paths, modes and digests: both sides reckon it in the same way."""
    ordered = sorted((os.fsencode(path), f"{entry[0]} {entry[1]} ".encode()) for path, entry in bucket.items())
    digest: str = new_digest(b"".join(state + path + b"\0" for path, state in ordered)).hexdigest()
    return digest[:16]


def new_digest(data: bytes = b"", large: bool = False) -> Any:
    """A SHA-256. OpenSSL's is several times as fast, and costs more to load than a small file takes."""
    if not large:
        try:
            from _sha2 import sha256  # type: ignore[import-not-found,unused-ignore]  # Python 3.12 and newer
        except ImportError:
            try:
                from _sha256 import sha256  # type: ignore[import-not-found,unused-ignore]
            except ImportError:
                from hashlib import sha256
    else:
        from hashlib import sha256
    return sha256(data)


class CopyIndex:
    """Read by `load`, written by `save`, whole or not at all. What can't be read holds nothing: then all is sent, or found to be there."""

    def __init__(self, folder: str) -> None:
        self.file = os.path.join(folder, "holdings")
        self.journal_file = os.path.join(folder, "journal")
        self.forget()

    def forget(self) -> None:
        self.buckets: List[Dict[str, Entry]] = [{} for _ in range(FIRST_COUNT)]
        self.digests: List[Optional[str]] = [None] * FIRST_COUNT  # None: to be reckoned
        self.repositories: Dict[str, Dict[str, Any]] = {}
        self.mount_points: Set[str] = set()
        self.unsettled = False  # a run went on from here, and nobody has asked yet what it has changed
        self.is_saved = False

    def load(self) -> None:
        self.forget()
        try:
            with open(self.file, "rb") as file:
                checksum, body = int.from_bytes(file.read(4), "big"), file.read()
            if zlib.crc32(body) != checksum:
                return
            form, buckets, digests, repositories, mount_points, unsettled = marshal.loads(body)
            if form == FORM:
                self.buckets, self.digests, self.repositories = buckets, digests, repositories
                self.mount_points, self.unsettled = set(mount_points), unsettled
                self.is_saved = True
        except (OSError, EOFError, ValueError, TypeError):
            return

    def save(self) -> None:
        """Writes what has changed since it was read or written."""
        if self.is_saved:
            return
        held = (FORM, self.buckets, self.digests, self.repositories, sorted(self.mount_points), self.unsettled)
        body = marshal.dumps(held)
        write_whole(self.file, zlib.crc32(body).to_bytes(4, "big") + body)
        self.is_saved = True

    def settle(self, unsettled: bool, mount_points: Set[str]) -> None:
        if (self.unsettled, self.mount_points) != (unsettled, mount_points):
            self.unsettled, self.mount_points, self.is_saved = unsettled, mount_points, False

    def paths(self) -> Iterator[str]:
        for bucket in self.buckets:
            yield from bucket

    def get(self, path: str) -> Optional[Entry]:
        return self.buckets[bucket_of(path, len(self.buckets))].get(path)

    def put(self, path: str, entry: Entry) -> None:
        number = bucket_of(path, len(self.buckets))
        known = self.buckets[number].get(path)
        if known is None or known[:2] != entry[:2]:
            self.digests[number] = None
        self.buckets[number][path] = entry
        self.is_saved = False

    def drop(self, path: str) -> None:
        number = bucket_of(path, len(self.buckets))
        if self.buckets[number].pop(path, None) is not None:
            self.digests[number] = None
            self.is_saved = False

    def bucket_digests(self, count: int) -> List[str]:
        """A digest for each of so many buckets of files; those of untouched buckets are known."""
        if len(self.buckets) != count:
            buckets: List[Dict[str, Entry]] = [{} for _ in range(count)]
            for bucket in self.buckets:
                for path, entry in bucket.items():
                    buckets[bucket_of(path, count)][path] = entry
            self.buckets, self.digests, self.is_saved = buckets, [None] * count, False
        return [self.bucket_digest(number) for number in range(count)]

    def bucket_digest(self, number: int) -> str:
        known = self.digests[number]
        if known is None:
            known = self.digests[number] = digest_of_bucket(self.buckets[number])
            self.is_saved = False
        return known

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
