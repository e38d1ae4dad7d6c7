"""Git's own folders in a copy: the host's repository, its linked worktrees and submodules flattened, each a plain .git folder."""

from __future__ import annotations

import os
import re
import stat as kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from typing import Any, Callable, Dict, List, Optional, Tuple

    from copy_index import CopyIndex
    from tree import Tree

    Frame = Dict[str, Any]

NAMES = re.compile(r"HEAD|config|index|packed-refs|shallow|sharedindex\.[0-9a-f]+|info/(?:attributes|exclude|sparse-checkout)")
MANY_PACKS = 40


class Repositories:
    """All of a copy, by the folders that hold them; the copy's root is ""."""

    packing: Optional[subprocess.Popen[bytes]] = None

    def __init__(self, tree: Tree, copy_index: CopyIndex, borrowed: Dict[str, Optional[str]]) -> None:
        self.tree = tree
        self.copy_index = copy_index
        self.known: Dict[str, Dict[str, Any]] = copy_index.repositories
        self.borrowed = borrowed

    def differing(self, wanted: List[Frame], alone: bool) -> List[Frame]:
        """Those that have to be sent, with the commits that are there; what the host has no more is removed."""
        paths = {each["path"] for each in wanted}
        for path in [path for path in self.known if path not in paths]:
            if self.tree.has_plain_parents(below(path, ".git")):
                self.tree.remove_at(self.folder(path))
            del self.known[path]
            self.copy_index.is_saved = False
        due = []
        for each in wanted:
            path = each["path"]
            held = self.known.get(path)
            if held is not None and held.get("objects") != each.get("objects"):
                held = None  # it has objects of its own now, or none any more
            there = held is not None and self.is_folder(path, "objects")
            if held is not None and there and held["key"] == each["key"] and not (alone and self.drifted(path, held)):
                continue
            self.borrowed[path] = each.get("objects")
            due.append({"path": path, "known": held["tips"] if held is not None and there else [], "git": has_git()})
        return due

    def drifted(self, path: str, held: Dict[str, Any]) -> bool:
        """True when a step has changed what git would say. Its stat data in the index are its own affair."""
        for name, looks in held["files"].items():
            now = self.looks(path, name)
            if now == tuple(looks):
                continue
            if name != "index" or now is None or self.index_digest(path) != held["index"]:
                return True
            held["files"][name] = now
            self.copy_index.is_saved = False
        return any(files for _, _, files in os.walk(self.folder(path, "refs")))

    def begin(self, frame: Frame) -> None:
        from base64 import b64decode

        path = frame["path"]
        folder = self.folder(path)
        self.tree.make_folders(below(path, ".git"))
        if not self.is_folder(path):
            self.tree.remove_at(folder)
            os.mkdir(folder)
        for name in ("objects", "objects/pack", "objects/info", "refs", "info"):
            if not self.is_folder(path, name):
                self.tree.remove_at(self.folder(path, name))
                os.mkdir(self.folder(path, name))
        self.borrow(path, self.borrowed.get(path))
        self.put(path, "config", b64decode(frame["config"]))
        if self.looks(path, "HEAD") is None:
            self.put(path, "HEAD", b"ref: refs/heads/none\n")

    def borrow(self, path: str, objects: Optional[str]) -> None:
        """Says where git finds the objects that are not here; what a step makes is here."""
        place = self.folder(path, "objects/info/alternates")
        self.tree.remove_at(place)
        if objects is not None:
            with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb") as file:
                file.write(os.fsencode(objects) + b"\n")

    def take_pack(self, frame: Frame, body: Callable[[int], Any]) -> None:
        """A piece of a pack; git checks the whole before it is one."""
        if self.packing is None:
            command = ["git", "index-pack", "--stdin", "--threads=1"]
            Repositories.packing = self.run(frame["path"], command, stdin=True)
        assert self.packing is not None and self.packing.stdin is not None
        for piece in body(frame["bytes"]):
            self.packing.stdin.write(piece)

    def end(self, frame: Frame) -> None:
        from base64 import b64decode

        path = frame["path"]
        packing, Repositories.packing = self.packing, None
        if packing is not None:
            said = packing.communicate()[1]
            if packing.returncode != 0:
                raise OSError(f"git index-pack: {said.decode('utf-8', 'replace').strip()}")
        files: Dict[str, bytes] = {name: b64decode(data) for name, data in frame["files"].items()}
        for name in self.names_there(path):
            if name not in files and name != "config":
                os.unlink(self.folder(path, name))
        self.tree.remove_at(self.folder(path, "refs"))
        for name in ("refs", "refs/heads", "refs/tags"):
            os.mkdir(self.folder(path, name))
        for name, data in files.items():
            self.put(path, name, data)
        self.copy_index.is_saved = False
        self.known[path] = {
            "key": frame["key"],
            "index": frame["index"],
            "tips": frame["tips"],
            "objects": self.borrowed.get(path),
            "files": {name: self.looks(path, name) for name in [*files, "config"]},
        }
        packs = os.listdir(self.folder(path, "objects/pack"))
        if len([name for name in packs if name.endswith(".pack")]) > MANY_PACKS:
            # One pack for each time that something was committed: git looks into them one by one.
            self.run(path, ["git", "repack", "-a", "-d", "-q", "-k"]).communicate()

    # -- files of a repository --------------------------------------------------------------------------------------

    def folder(self, path: str, name: str = "") -> str:
        return os.path.join(self.tree.root, path, ".git", name).rstrip("/")

    def is_folder(self, path: str, name: str = "") -> bool:
        try:
            return kinds.S_ISDIR(os.lstat(self.folder(path, name)).st_mode)
        except OSError:
            return False

    def looks(self, path: str, name: str) -> Optional[Tuple[int, ...]]:
        try:
            now = os.lstat(self.folder(path, name))
        except OSError:
            return None
        return (now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino)

    def names_there(self, path: str) -> List[str]:
        names = os.listdir(self.folder(path)) + [f"info/{name}" for name in os.listdir(self.folder(path, "info"))]
        return [name for name in names if NAMES.fullmatch(name)]

    def put(self, path: str, name: str, data: bytes) -> None:
        if not NAMES.fullmatch(name):
            raise ValueError(f"{name!r} is no file of a repository that is sent")
        place = self.folder(path, name)
        part = f"{place}.parity-part"
        self.tree.remove_at(part)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb") as file:
            file.write(data)
        if self.is_folder(path, name):
            self.tree.remove_at(place)
        # A git that was killed while it wrote would be waited for.
        for left in (f"{place}.lock", self.folder(path, "gc.pid")):
            self.tree.remove_at(left)
        os.rename(part, place)
        self.tree.newest = max(self.tree.newest, os.lstat(place).st_ctime_ns)

    def index_digest(self, path: str) -> str:
        from hashlib import sha256

        said = self.run(path, ["git", "ls-files", "--stage", "-v", "-z"]).communicate()[0]
        return sha256(said).hexdigest()

    def run(self, path: str, command: List[str], stdin: bool = False) -> subprocess.Popen[bytes]:
        import subprocess

        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        folder = self.folder(path)
        settings = {"GIT_DIR": folder, "GIT_WORK_TREE": os.path.dirname(folder), "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        quiet = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", *command[1:]]
        cwd = os.path.dirname(folder)
        pipe = subprocess.PIPE
        source = pipe if stdin else subprocess.DEVNULL
        return subprocess.Popen(quiet, cwd=cwd, env={**env, **settings}, stdin=source, stdout=pipe, stderr=pipe)


def below(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def has_git() -> bool:
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return any(os.access(os.path.join(folder, "git"), os.X_OK) for folder in folders if folder)
