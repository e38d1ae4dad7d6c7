"""The copy of a workspace in its volume: takes what the host shows, tells what steps have made of it.

    workspace.py ROOT STATE

ROOT is where the copy lies, STATE the folder of another volume that remembers what it holds. Started by a client as a command of
its own for each run, it lives as long as the run does. Frames on stdin and stdout are the supervisor's: a line of JSON, then
`bytes` raw bytes where the frame says so. src/workspace/copy/protocol.ts is the other side and documents them.

It runs as the steps' user, so it can harm nothing that they can't; it follows no symbolic link all the same, for a link that a step has
put in a folder's place must not make it write, or tell the host, what lies elsewhere. Python 3.9 or newer, standard library only.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from typing import Any, BinaryIO, Dict, List, Optional, Set

from holdings import Entry, Holdings, bucket_of, locked
from tree import Tree

Frame = Dict[str, Any]
CHUNK = 1 << 20


class Receiver:
    """One client's conversation."""

    def __init__(self, root: str, state: str) -> None:
        self.input: BinaryIO = sys.stdin.buffer
        self.output: BinaryIO = sys.stdout.buffer
        self.tree = Tree(root)
        self.state = state
        self.users = locked(os.path.join(state, "users"))
        self.holdings = Holdings(state)
        self.kept: Set[str] = set()  # folders that stay though they are empty
        self.deleted = 0

    def serve(self) -> None:
        while True:
            frame = self.receive()
            if frame is None:
                return
            # One transfer at a time, whoever's: its end of the conversation is short.
            with locked(os.path.join(self.state, "transfer")) as lock:
                lock.take(wait=True)
                self.holdings.load()
                if frame["type"] == "tree":
                    self.take_tree(frame)
                elif frame["type"] == "collect":
                    self.give_changes()

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

    def take_tree(self, frame: Frame) -> None:
        holdings, tree = self.holdings, self.tree
        tree.spared = frozenset(frame["volumes"])
        self.kept = {folder for path in [*tree.spared, frame["project"]] for folder in folders_above(path)}
        tree.remove_old_mount_points(holdings.mount_points - tree.spared)
        holdings.mount_points = set(tree.spared)
        cut = holdings.journal()
        for path in cut:
            tree.remove_partial(path)
        # Nobody else runs anything here: what differs from the host is left over, not at work.
        alone = self.users.take(wait=False)
        seen = tree.examine(holdings.entries)
        wanted: List[str] = frame["buckets"]
        differing = [
            number for number, digest in enumerate(holdings.bucket_digests(len(wanted))) if digest != wanted[number]
        ]
        strangers = seen.unknown if alone and holdings.unsettled else []
        repositories = self.differing_repositories(frame["repositories"], alone)
        self.send({"type": "differ", "buckets": differing, "strangers": strangers})
        answer = self.expect("entries")
        for path in [*answer["strangers"], *(path for path in cut if path not in holdings.entries)]:
            self.remove_stranger(path, {entry[0] for entry in answer["entries"]})
        need = self.plan(answer["entries"], set(differing), len(wanted), seen.drifted, alone)
        self.send({"type": "need", "paths": need, "repositories": repositories})
        count, size = self.take_files(set(need))
        tree.wait_for_next_tick(os.path.join(self.state, "tick"))
        holdings.unsettled = True
        holdings.save()
        holdings.end_journal()
        self.users.share()
        self.send({"type": "done", "files": count, "bytes": size, "deleted": self.deleted})

    def remove_stranger(self, path: str, wanted: Set[str]) -> None:
        """What nobody asked for: of a run that was killed, or of a transfer that was cut. A file that is wanted now may be right."""
        if path.rstrip("/") in self.kept:
            for each in list(self.tree.files_below(path, [])):
                self.tree.remove(each, self.kept)
        elif path not in wanted:
            self.tree.remove(path.rstrip("/"), self.kept)

    def plan(
        self,
        entries: List[List[str]],
        differing: Set[int],
        buckets: int,
        drifted: Dict[str, Any],
        alone: bool,
    ) -> List[str]:
        """Removes what the host has no more, and says what has to be sent."""
        holdings, tree = self.holdings, self.tree
        wanted = {path: (mode, digest) for path, mode, digest in entries}
        gone = {
            path: None
            for path in holdings.entries
            if differing and path not in wanted and bucket_of(path, buckets) in differing
        }
        changed = [
            path
            for path, state in wanted.items()
            if path not in holdings.entries or holdings.entries[path][:2] != state
        ]
        # As with a mount, what another run's step is at work on stays as it is, unless the host has it otherwise by now.
        left = list(drifted) if alone else []
        need: List[str] = []
        mended: List[str] = []
        # Each once, in the order given.
        for path in dict.fromkeys([*changed, *left]):
            if path in gone:
                continue
            mode, digest = wanted.get(path) or holdings.entries[path][:2]
            if tree.is_as(path, mode, digest):
                mended.append(path)
            else:
                need.append(path)
        holdings.begin_journal(need)
        for path in gone:
            tree.remove(path, self.kept)
            holdings.drop(path)
        self.deleted = len(gone)
        for path in mended:
            mode, digest = wanted.get(path) or holdings.entries[path][:2]
            holdings.put(path, tree.entry(path, mode, digest))
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
                self.holdings.drop(path)
                continue
            digest = self.tree.write(path, frame["mode"], frame["mtime"], self.body(frame["bytes"]))
            self.holdings.put(path, self.tree.entry(path, frame["mode"], digest))
            count += 1
            size += frame["bytes"]

    # -- git --------------------------------------------------------------------------------------------------------

    def differing_repositories(self, wanted: List[Frame], alone: bool) -> List[Frame]:
        known = self.holdings.repositories
        if not wanted and not known:
            return []
        from repositories import Repositories  # costs what a run without changes need not pay

        return Repositories(self.tree, self.holdings).differing(wanted, alone)

    def take_git(self, frame: Frame) -> None:
        from repositories import Repositories

        store = Repositories(self.tree, self.holdings)
        if frame["type"] == "repository":
            store.begin(frame)
        elif frame["type"] == "pack":
            store.take_pack(frame, self.body)
        else:
            store.end(frame)

    # -- to the host ------------------------------------------------------------------------------------------------

    def give_changes(self) -> None:
        holdings, tree = self.holdings, self.tree
        seen = tree.examine(holdings.entries)
        changed: List[Any] = []
        deleted: List[Any] = []
        fresh: Dict[str, Entry] = {}
        for path, stat in seen.drifted.items():
            mode, digest, *_ = holdings.entries[path]
            now = tree.look(path) if stat is not None else None
            if now is None:
                deleted.append([path, mode, digest])
            elif now[:2] == (mode, digest):
                holdings.put(path, now)  # touched, or written with the same bytes
            else:
                fresh[path] = now
                changed.append([path, now[0], now[1], now[2], mode, digest])
        self.send({"type": "changes", "changed": changed, "deleted": deleted, "unknown": seen.unknown})
        made: List[Any] = []
        skipped: List[str] = []
        for path in self.expect("look")["paths"]:
            for each in tree.files_below(path, skipped):
                now = tree.look(each)
                if now is not None:
                    fresh[each] = now
                    made.append([each, now[0], now[1], now[2]])
        self.send({"type": "made", "files": made, "skipped": skipped})
        for path in self.expect("want")["paths"]:
            if path in fresh:
                self.give_file(path, fresh[path])
        self.send({"type": "given"})
        taken = self.expect("taken")
        for path, digest in taken["files"]:
            now = fresh.get(path)
            # Only what the host has exactly so; what a step has written meanwhile is found the next time.
            if now is not None and now[1] == digest:
                holdings.put(path, now)
        for path in taken["deleted"]:
            holdings.drop(path)
        # What the host has not taken is no part of what it shows: the next transfer removes it.
        holdings.unsettled = taken["left"]
        holdings.save()
        self.send({"type": "settled"})

    def give_file(self, path: str, entry: Entry) -> None:
        """Exactly as many bytes as announced, whatever a step does to the file meanwhile: the digest tells the host."""
        mode, _, size, *_ = entry
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


def folders_above(path: str) -> List[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1) if path not in ("", ".")]


if __name__ == "__main__":
    receiver = Receiver(sys.argv[1], sys.argv[2])
    try:
        receiver.serve()
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "")
        receiver.send({"type": "failed", "code": name, "message": str(error)})
        sys.exit(1)
