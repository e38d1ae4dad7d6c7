"""One connected client: its frames in and out."""

from __future__ import annotations

import json
import socket
import sys
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, List

from loop import Loop

if TYPE_CHECKING:
    from command import Command

Frame = Dict[str, Any]


class Session:
    """A client's connection; `obey` gets each of its frames, `over` is called once when it is gone."""

    def __init__(
        self,
        loop: Loop,
        connection: socket.socket,
        obey: Callable[[Session, Frame, bytes], None],
        over: Callable[[Session], None],
    ) -> None:
        self.loop = loop
        self.socket = connection
        self.obey = obey
        self.over = over
        self.open = True
        self.greeted = False
        self.looks = False  # asks for the state only: holds no lease
        self.beats = False
        self.last_heard = time.monotonic()
        self.inbox = bytearray()
        self.outbox: List[memoryview] = []
        self.commands: Dict[str, Command] = {}
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        loop.watch(connection, self.receive)

    def receive(self) -> None:
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.end()
            return
        self.last_heard = time.monotonic()
        self.inbox += data
        while self.open:
            line = self.inbox.find(b"\n")
            if line < 0:
                return
            try:
                frame = json.loads(self.inbox[:line])
                end = line + 1 + (frame["bytes"] if frame["type"] == "stdin" else 0)
                if len(self.inbox) < end:
                    return
                body = bytes(self.inbox[line + 1 : end])
                del self.inbox[:end]
                self.obey(self, frame, body)
            except (ValueError, KeyError, TypeError) as error:
                print(f"supervisor: a client sent what is no frame: {error!r}", file=sys.stderr, flush=True)
                self.end()

    def send(self, frame: Frame, body: bytes = b"") -> None:
        if not self.open:
            return
        idle = not self.outbox
        self.outbox.append(memoryview(json.dumps(frame, separators=(",", ":")).encode() + b"\n"))
        if body:
            self.outbox.append(memoryview(body))
        if idle:
            self.flush()

    def flush(self) -> None:
        if not self.open:
            return
        try:
            while self.outbox:
                sent = self.socket.sendmsg(self.outbox[:64])
                while self.outbox and sent >= len(self.outbox[0]):
                    sent -= len(self.outbox.pop(0))
                if sent:
                    self.outbox[0] = self.outbox[0][sent:]
        except BlockingIOError:
            pass
        except OSError:
            self.end()
            return
        self.loop.watch(self.socket, self.receive, self.flush if self.outbox else None)

    def end(self) -> None:
        if self.open:
            self.open = False
            self.loop.watch(self.socket, None)
            self.socket.close()
            self.outbox.clear()
            self.over(self)
