"""The files of a copy. Nothing here follows a symbolic link, and no path leads out of the root."""

from __future__ import annotations

import os
import stat as kinds
import time

from copy_index import new_digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import AbstractSet, Any, Dict, Iterator, List, Optional, Set, Tuple

    from copy_index import Entry, CopyIndex

PART = ".parity-part"  # a file on its way, in the folder where it will be
CHUNK = 1 << 20
LARGE = 1 << 18


class Tree:
    """One copy, by its root."""

    def __init__(self, root: str) -> None:
        self.root = os.path.join(root, "")
        self.spared: AbstractSet[str] = frozenset()  # folders of other volumes, which are no part of the copy
        self.newest = 0  # the latest time at which anything was written, as the file system has it (ns)
        self.known_folders: Set[str] = set()

    def at(self, path: str) -> str:
        """The absolute path of a file of the copy; ValueError for one that would be elsewhere."""
        parts = path.split("/")
        if "" in parts or "." in parts or ".." in parts or "\0" in path:
            raise ValueError(f"{path!r} is no path of a workspace")
        return self.root + path

    # -- looking ----------------------------------------------------------------------------------------------------

    def drifted(self, copy_index: CopyIndex) -> Dict[str, bool]:
        """The files that were put here and do not look as they did then; True for those that are still there, in whatever form."""
        drifted: Dict[str, bool] = {}
        folders: Dict[str, bool] = {"": True}  # whether it is one, and no link to one
        look = os.lstat
        root = self.root
        for bucket in copy_index.buckets:
            for path, entry in bucket.items():
                end = path.rfind("/")
                folder = path[:end] if end > 0 else ""
                plain = folders.get(folder)
                if plain is None:
                    plain = folders[folder] = self.has_plain_parents(path)
                try:
                    now = look(root + path) if plain else None
                except OSError:
                    now = None
                if now is None:
                    drifted[path] = False
                elif now.st_ctime_ns != entry[2] or now.st_ino != entry[3]:
                    drifted[path] = True
        return drifted

    def unknown(self, copy_index: CopyIndex) -> List[str]:
        """What is here and nobody put: files, and folders of nothing else, which end in "/". Git's own folders and other volumes aside."""
        known = set(copy_index.paths())
        folders: Set[str] = set()
        for path in known:
            end = path.rfind("/")
            while end > 0 and path[:end] not in folders:
                folders.add(path[:end])
                end = path.rfind("/", 0, end)
        unknown: List[str] = []
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            try:
                listing = os.scandir(self.root + folder)
            except OSError:
                continue
            with listing:
                for found in listing:
                    name = found.name
                    path = folder + name
                    if name == ".git" or path in self.spared:
                        continue
                    if found.is_dir(follow_symlinks=False):
                        if path in folders:
                            waiting.append(f"{path}/")
                        else:
                            unknown.append(f"{path}/")
                    elif path not in known:
                        unknown.append(path)
        return sorted(unknown)

    def files_below(self, path: str, skipped: List[str]) -> Iterator[str]:
        """A file, or all files of a folder; a repository that a step has made in there is named in `skipped`."""
        if not path.endswith("/"):
            yield path
            return
        if path[:-1] in self.spared:
            return
        try:
            listing = sorted(os.scandir(self.at(path[:-1])), key=lambda found: found.name)
        except OSError:
            return
        if any(found.name == ".git" for found in listing):
            skipped.append(path)
            return
        for found in listing:
            if found.is_dir(follow_symlinks=False):
                yield from self.files_below(f"{path}{found.name}/", skipped)
            else:
                yield path + found.name

    def look(self, path: str) -> Optional[Tuple[Entry, int]]:
        """A file as it is now, and its size; None for what git could not keep (a folder, a socket) or what may not be read."""
        if not self.has_plain_parents(path):
            return None
        try:
            now = os.lstat(self.at(path))
            mode = mode_of(now)
            if mode is None:
                return None
            digest = new_digest(large=now.st_size > LARGE)
            for piece in self.read(path, mode):
                digest.update(piece)
            return (mode, digest.hexdigest(), now.st_ctime_ns, now.st_ino), now.st_size
        except OSError:
            return None

    def is_as(self, path: str, mode: str, digest: str) -> bool:
        """True when the file is there with these very bytes; its mode is put right then."""
        found = self.look(path)
        if found is None or found[0][1] != digest or (found[0][0] == "120000") != (mode == "120000"):
            return False
        if mode != "120000":
            os.chmod(self.at(path), 0o755 if mode == "100755" else 0o644)
        return True

    def looks_as(self, path: str, size: int, mtime_ns: int) -> bool:
        """Whether a plain file is there of this size and time, to what a float of milliseconds can hold."""
        if not self.has_plain_parents(path):
            return False
        try:
            now = os.lstat(self.at(path))
        except OSError:
            return False
        return kinds.S_ISREG(now.st_mode) and now.st_size == size and abs(now.st_mtime_ns - mtime_ns) < 10_000

    def entry(self, path: str, mode: str, digest: str) -> Entry:
        now = os.lstat(self.at(path))
        self.newest = max(self.newest, now.st_ctime_ns)
        return (mode, digest, now.st_ctime_ns, now.st_ino)

    def read(self, path: str, mode: str) -> Iterator[bytes]:
        if mode == "120000":
            yield os.readlink(os.fsencode(self.at(path)))
            return
        with open(os.open(self.at(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            while True:
                piece = file.read(CHUNK)
                if not piece:
                    return
                yield piece

    def has_plain_parents(self, path: str) -> bool:
        end = path.rfind("/")
        while end > 0:
            try:
                if not kinds.S_ISDIR(os.lstat(self.at(path[:end])).st_mode):
                    return False
            except OSError:
                return False
            end = path.rfind("/", 0, end)
        return True

    # -- changing ---------------------------------------------------------------------------------------------------

    def write(self, path: str, mode: str, mtime: float, pieces: Any, large: bool) -> str:
        """Puts a file, whole or not at all, in the place of whatever was there; gives its SHA-256."""
        target = self.at(path)
        self.make_folders(path)
        digest = new_digest(large=large)
        if mode == "120000":
            link = b"".join(pieces)
            digest.update(link)
            part = os.path.join(os.path.dirname(target), PART)
            self.remove_at(part)
            os.symlink(link, os.fsencode(part))
        else:
            part = os.path.join(os.path.dirname(target), PART)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            try:
                descriptor = os.open(part, flags, 0o600)
            except FileExistsError:
                self.remove_at(part)
                descriptor = os.open(part, flags, 0o600)
            with open(descriptor, "wb", buffering=0) as file:
                for piece in pieces:
                    digest.update(piece)
                    view = memoryview(piece)
                    while view:
                        view = view[file.write(view) :]
                os.fchmod(descriptor, 0o755 if mode == "100755" else 0o644)
                at = min(mtime / 1000, time.time())
                os.utime(descriptor, (at, at))
        try:
            os.rename(part, target)
        except IsADirectoryError:
            self.remove_at(target)
            os.rename(part, target)
        return str(digest.hexdigest())

    def make_folders(self, path: str) -> None:
        """The folders of a file, each a folder and no link to one."""
        end = path.find("/")
        while end > 0:
            folder = path[:end]
            if folder not in self.known_folders:
                place = self.at(folder)
                try:
                    os.mkdir(place, 0o755)
                except FileExistsError:
                    mode = os.lstat(place).st_mode
                    if not kinds.S_ISDIR(mode):
                        os.unlink(place)
                        os.mkdir(place, 0o755)
                    elif mode & 0o700 != 0o700:
                        os.chmod(place, 0o755)
                self.known_folders.add(folder)
            end = path.find("/", end + 1)

    def remove(self, path: str, kept: AbstractSet[str] = frozenset()) -> None:
        """A file or a whole folder, and the folders above that are empty then."""
        if not self.has_plain_parents(path):
            return
        self.remove_at(self.at(path))
        end = path.rfind("/")
        while end > 0 and path[:end] not in kept:
            try:
                os.rmdir(self.at(path[:end]))
            except OSError:
                return
            self.known_folders.discard(path[:end])
            end = path.rfind("/", 0, end)

    def remove_partial(self, path: str) -> None:
        if self.has_plain_parents(path):
            self.remove_at(os.path.join(os.path.dirname(self.at(path)), PART))

    def remove_at(self, place: str) -> None:
        """Whatever is there, links as links; OSError when it holds the folder of another volume."""
        try:
            if not kinds.S_ISDIR(os.lstat(place).st_mode):
                os.unlink(place)
                return
        except FileNotFoundError:
            return
        self.known_folders.clear()
        if place[len(self.root) :] in self.spared:
            raise OSError(f"{place} is the folder of a volume")
        if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            os.chmod(place, 0o700)
        for found in list(os.scandir(place)):
            if found.is_dir(follow_symlinks=False):
                self.remove_at(found.path)
            else:
                os.unlink(found.path)
        os.rmdir(place)

    def remove_old_mount_points(self, paths: Set[str]) -> None:
        """What a volume was mounted on belongs to root, who made it: empty, it would be in everybody's way."""
        for path in paths:
            if self.has_plain_parents(path):
                try:
                    os.rmdir(self.at(path))
                except OSError:
                    pass

    def wait_for_next_tick(self, probe: str) -> None:
        """Until the clock that files get their times from has gone on: what a step writes from now on looks different, were it as long."""
        for _ in range(200 if self.newest else 0):
            with open(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as file:
                file.write(b"\0")
            if os.lstat(probe).st_ctime_ns > self.newest:
                return
            time.sleep(0.001)


def mode_of(now: os.stat_result) -> Optional[str]:
    """How git would keep it."""
    if kinds.S_ISLNK(now.st_mode):
        return "120000"
    if not kinds.S_ISREG(now.st_mode):
        return None
    return "100755" if now.st_mode & 0o100 else "100644"
