"""One client's conversation about the copy of its workspace; see workspace.py."""

from __future__ import annotations

import json
import os
import sys

from copy_index import CopyIndex, locked
from tree import CHUNK, LARGE, Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, Dict, List, Optional, Set, Tuple

    from copy_index import Entry
    from repositories import Repositories

    Frame = Dict[str, Any]


class Receiver:
    """One client's conversation."""

    def __init__(self, root: str, state: str) -> None:
        self.input: BinaryIO = sys.stdin.buffer
        self.output: BinaryIO = sys.stdout.buffer
        self.tree = Tree(root)
        self.state = state
        self.users = locked(os.path.join(state, "users"))
        self.copy_index = CopyIndex(state)
        self.kept: Set[str] = set()  # folders that stay though they are empty
        self.deleted = 0
        self.borrowed: Dict[str, Optional[str]] = {}  # repositories on their way, and where their objects are

    def serve(self) -> None:
        # One transfer at a time, whoever's: its end of the conversation is short. The first look is taken while the client still thinks.
        frame: Optional[Frame] = None
        first = True
        while first or frame is not None:
            if not first:
                frame = self.receive()
                if frame is None:
                    return
            with locked(os.path.join(self.state, "transfer")) as lock:
                lock.take(wait=True)
                self.copy_index.load()
                if first:
                    first = False
                    drifted = self.tree.drifted(self.copy_index)
                    frame = self.receive()
                else:
                    drifted = self.tree.drifted(self.copy_index)
                if frame is None:
                    return
                if frame["type"] == "tree":
                    self.take_tree(frame, drifted)
                elif frame["type"] == "collect":
                    self.give_changes(drifted)

    # -- frames -----------------------------------------------------------------------------------------------------

    def receive(self) -> Optional[Frame]:
        line = self.input.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def expect(self, *kinds: str) -> Frame:
        frame = self.receive()
        if frame is None:
            sys.exit(0)  # the client is gone; what was begun is in the journal
        if frame["type"] not in kinds:
            raise ValueError(f"a frame {frame['type']} where {' or '.join(kinds)} was due")
        return frame

    def send(self, frame: Frame) -> None:
        self.output.write(json.dumps(frame, separators=(",", ":")).encode() + b"\n")
        self.output.flush()

    def body(self, count: int) -> Any:
        """The raw bytes after a frame, in pieces."""
        while count > 0:
            piece = self.input.read(min(CHUNK, count))
            if not piece:
                sys.exit(0)
            count -= len(piece)
            yield piece

    # -- from the host ----------------------------------------------------------------------------------------------

    def take_tree(self, frame: Frame, drifted: Dict[str, bool]) -> None:
        copy_index, tree = self.copy_index, self.tree
        volumes = set(frame["volumes"])
        tree.spared = volumes
        self.kept = {folder for path in [*volumes, frame["project"]] for folder in folders_above(path)}
        tree.remove_old_mount_points(copy_index.mount_points - volumes)
        cut = copy_index.journal()
        for path in cut:
            tree.remove_partial(path)
        # Nobody else runs anything here: what differs from the host is left over, not at work.
        alone = self.users.take(wait=False)
        wanted: List[str] = frame["buckets"]
        differing = [number for number, digest in enumerate(copy_index.bucket_digests(len(wanted))) if digest != wanted[number]]
        clean = frame.get("clean") if alone else None
        strangers = tree.unknown(copy_index) if alone and (copy_index.unsettled or clean is not None) else []
        repositories = self.store().differing(frame["repositories"], alone)
        # Of what does not stay anyway, the host need not know.
        self.send({"type": "differ", "buckets": differing, "strangers": [] if clean is not None else strangers})
        answer = self.expect("entries")
        entries: Dict[str, Tuple[str, str]] = {path: (mode, digest) for path, mode, digest in answer["entries"]}
        for path in [*answer["strangers"], *(path for path in cut if copy_index.get(path) is None)]:
            self.remove_stranger(path, entries)
        left = left_by_build(clean, tree.root)
        if clean is not None:
            for path in strangers:
                self.remove_unless(path, left)
        need = self.plan(entries, differing, drifted if alone else {})
        self.send({"type": "need", "paths": need, "repositories": repositories})
        count, size = self.take_files(set(need))
        self.restore(left)
        tree.wait_for_next_tick(os.path.join(self.state, "tick"))
        copy_index.settle(True, volumes)
        copy_index.save()
        copy_index.end_journal()
        self.users.share()
        self.send({"type": "done", "files": count, "bytes": size, "deleted": self.deleted})

    def remove_stranger(self, path: str, wanted: Dict[str, Tuple[str, str]]) -> None:
        """What nobody asked for: of a run that was killed, or of a transfer that was cut. A file that is wanted now may be right."""
        if path.rstrip("/") in self.kept:
            for each in list(self.tree.files_below(path, [])):
                self.tree.remove(each, self.kept)
        elif path not in wanted:
            self.tree.remove(path.rstrip("/"), self.kept)

    def remove_unless(self, path: str, left: Dict[str, str]) -> None:
        """All of what was not sent, but for what a build has left."""
        if path not in left and not any(path.endswith("/") and each.startswith(path) for each in left) and path.rstrip("/") not in self.kept:
            self.tree.remove(path.rstrip("/"), self.kept)
            return
        for each in list(self.tree.files_below(path, [])):
            if each not in left:
                self.tree.remove(each, self.kept)

    def restore(self, left: Dict[str, str]) -> None:
        """Has in the tree what a build has left there, as it was kept."""
        for path, source in left.items():
            try:
                with open(source, "rb") as file:
                    kept = os.fstat(file.fileno())
                    if not self.tree.looks_as(path, kept.st_size, kept.st_mtime_ns):
                        mode = "100755" if kept.st_mode & 0o100 else "100644"
                        pieces = iter(lambda: file.read(CHUNK), b"")
                        self.tree.write(path, mode, kept.st_mtime_ns / 1e6, pieces, kept.st_size > LARGE)
            except OSError:
                continue  # it is being built anew

    def plan(self, wanted: Dict[str, Tuple[str, str]], differing: List[int], drifted: Dict[str, bool]) -> List[str]:
        """Removes what the host has no more, and says what has to be sent. Of what steps have changed only what is told in `drifted`."""
        copy_index, tree = self.copy_index, self.tree
        gone = {path: None for number in differing for path in copy_index.buckets[number] if path not in wanted}
        changed: Dict[str, Tuple[str, str]] = {}
        for path, state in wanted.items():
            entry = copy_index.get(path)
            if entry is None or entry[:2] != state:
                changed[path] = state
        for path in drifted:
            entry = copy_index.get(path)
            if entry is not None and path not in gone and path not in changed:
                changed[path] = entry[:2]
        need: List[str] = []
        mended: List[str] = []
        for path, (mode, digest) in changed.items():
            (mended if tree.is_as(path, mode, digest) else need).append(path)
        copy_index.begin_journal(need)
        for path in gone:
            tree.remove(path, self.kept)
            copy_index.drop(path)
        self.deleted = len(gone)
        for path in mended:
            copy_index.put(path, tree.entry(path, *changed[path]))
        return need

    def take_files(self, due: Set[str]) -> Any:
        count, size = 0, 0
        while True:
            frame = self.expect("file", "gone", "repository", "pack", "repository-end", "end")
            kind = frame["type"]
            if kind == "end":
                return count, size
            if kind in ("repository", "pack", "repository-end"):
                self.take_git(frame)
                continue
            path = frame["path"]
            if path not in due:
                raise ValueError(f"{path} was not asked for")
            if kind == "gone":
                self.tree.remove(path, self.kept)
                self.copy_index.drop(path)
                continue
            pieces = self.body(frame["bytes"])
            digest = self.tree.write(path, frame["mode"], frame["mtime"], pieces, frame["bytes"] > LARGE)
            self.copy_index.put(path, self.tree.entry(path, frame["mode"], digest))
            count += 1
            size += frame["bytes"]

    def store(self) -> Repositories:
        from repositories import Repositories

        return Repositories(self.tree, self.copy_index, self.borrowed)

    def take_git(self, frame: Frame) -> None:
        store = self.store()
        if frame["type"] == "repository":
            store.begin(frame)
        elif frame["type"] == "pack":
            store.take_pack(frame, self.body)
        else:
            store.end(frame)

    # -- to the host ------------------------------------------------------------------------------------------------

    def give_changes(self, drifted: Dict[str, bool]) -> None:
        copy_index, tree = self.copy_index, self.tree
        changed: List[Any] = []
        deleted: List[Any] = []
        fresh: Dict[str, Tuple[Entry, int]] = {}
        for path, there in drifted.items():
            mode, digest, *_ = copy_index.get(path) or ("", "")
            now = tree.look(path) if there else None
            if now is None:
                deleted.append([path, mode, digest])
            elif now[0][:2] == (mode, digest):
                copy_index.put(path, now[0])  # touched, or written with the same bytes
            else:
                fresh[path] = now
                changed.append([path, now[0][0], now[0][1], now[1], mode, digest])
        unknown = tree.unknown(copy_index)
        self.send({"type": "changes", "changed": changed, "deleted": deleted, "unknown": unknown})
        made: List[Any] = []
        skipped: List[str] = []
        for path in self.expect("look")["paths"]:
            for each in tree.files_below(path, skipped):
                now = tree.look(each)
                if now is not None:
                    fresh[each] = now
                    made.append([each, now[0][0], now[0][1], now[1]])
        self.send({"type": "made", "files": made, "skipped": skipped})
        for path in self.expect("want")["paths"]:
            if path in fresh:
                entry, size = fresh[path]
                self.give_file(path, entry[0], size)
        self.send({"type": "given"})
        taken = self.expect("taken")
        for path, digest in taken["files"]:
            now = fresh.get(path)
            # Only what the host has exactly so; what a step has written meanwhile is found the next time.
            if now is not None and now[0][1] == digest:
                copy_index.put(path, now[0])
        for path in taken["deleted"]:
            copy_index.drop(path)
        # What the host has not taken is no part of what it shows: the next transfer removes it.
        copy_index.settle(taken["left"], copy_index.mount_points)
        copy_index.save()
        self.send({"type": "settled"})

    def give_file(self, path: str, mode: str, size: int) -> None:
        """Exactly as many bytes as announced, whatever a step does to the file meanwhile: the digest tells the host."""
        self.send({"type": "file", "path": path, "mode": mode, "bytes": size})
        left = size
        for piece in self.tree.read(path, mode):
            piece = piece[:left]
            self.output.write(piece)
            left -= len(piece)
        while left > 0:
            self.output.write(bytes(min(CHUNK, left)))
            left -= min(CHUNK, left)
        self.output.flush()


def left_by_build(clean: Optional[Frame], root: str) -> Dict[str, str]:
    """The files that a build has left in a tree, by path, and where each is kept; see images/build/install_projects.py."""
    asked = None if clean is None else clean.get("left")
    if asked is None:
        return {}
    try:
        with open(os.path.join(asked["folder"], ".installed.json"), encoding="utf-8") as file:
            mark = json.load(file)
        if mark["key"] != asked["key"]:
            return {}
        inside = {os.path.normpath(path): kept for path, kept in mark["left"]}
        return {path[len(root) :]: os.path.join(asked["folder"], kept) for path, kept in inside.items() if path.startswith(root)}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def folders_above(path: str) -> List[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1) if path not in ("", ".")]
