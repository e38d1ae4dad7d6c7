"""Who is called when a file descriptor can be read or written."""

from __future__ import annotations

import selectors
import signal
import socket
from typing import Any, Callable, Optional, Tuple

Callback = Optional[Callable[[], None]]


class Loop:
    """A selector that holds a reader and a writer for each thing watched; signals wake it."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        wake_reader, self.wake_writer = socket.socketpair()
        wake_reader.setblocking(False)
        self.wake_writer.setblocking(False)
        signal.set_wakeup_fd(self.wake_writer.fileno(), warn_on_full_buffer=False)
        self.watch(wake_reader, lambda: drain(wake_reader))

    def watch(self, what: Any, reader: Callback, writer: Callback = None) -> None:
        """Replaces what was called for it before; with neither, it is watched no more."""
        events = (selectors.EVENT_READ if reader else 0) | (selectors.EVENT_WRITE if writer else 0)
        try:
            known = self.selector.get_key(what)
        except KeyError:
            known = None
        if events == 0:
            if known:
                self.selector.unregister(what)
        elif known:
            self.selector.modify(what, events, (reader, writer))
        else:
            self.selector.register(what, events, (reader, writer))

    def turn(self, timeout: float) -> None:
        """Waits until something can be done or the time is over, and does it."""
        for key, events in self.selector.select(timeout):
            callbacks: Tuple[Callback, Callback] = key.data
            reader, writer = callbacks
            if events & selectors.EVENT_WRITE and writer is not None:
                writer()
            if events & selectors.EVENT_READ and reader is not None:
                reader()


def drain(reader: socket.socket) -> None:
    try:
        while reader.recv(4096):
            pass
    except OSError:
        pass
