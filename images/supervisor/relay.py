"""Ways into a container that lead through a process of its own.

relay.py --connect            a client's stdin and stdout, relayed to the supervisor (run by an engine's exec)
relay.py --forward FROM TO    hands each connection on; addresses are tcp:PORT (loopback) or unix:PATH
"""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from typing import Any, List

SOCKET_PATH = "/parity/private/supervisor.sock"


def connect() -> int:
    """A client that can't reach the socket itself: copies both ways until either side ends."""
    channel = socket.socket(socket.AF_UNIX)
    patience = time.monotonic() + 10.0  # PID 1 may only just have been started
    while True:
        try:
            channel.connect(SOCKET_PATH)
            break
        except OSError as error:
            if time.monotonic() > patience:
                print(f"supervisor: {SOCKET_PATH}: {error.strerror}", file=sys.stderr)
                return 1
            time.sleep(0.02)

    def send() -> None:
        while True:
            data = os.read(0, 1 << 16)
            if not data:
                os._exit(0)
            channel.sendall(data)

    threading.Thread(target=send, daemon=True).start()
    while True:
        data = channel.recv(1 << 16)
        if not data:
            os._exit(0)
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]


def connect_to(address: str) -> socket.socket:
    kind, _, where = address.partition(":")
    end = socket.socket(socket.AF_UNIX if kind == "unix" else socket.AF_INET)
    target: Any = where if kind == "unix" else ("127.0.0.1", int(where))
    end.connect(target)
    return end


def listen_on(address: str) -> List[socket.socket]:
    """A port is one of both loopback addresses, as localhost is; of the other only where the kernel has it."""
    kind, _, where = address.partition(":")
    if kind == "unix":
        if os.path.exists(where):
            os.unlink(where)
        return [listener(socket.AF_UNIX, where)]
    listeners = [listener(socket.AF_INET, ("127.0.0.1", int(where)))]
    try:
        listeners.append(listener(socket.AF_INET6, ("::1", int(where))))
    except OSError:
        pass
    return listeners


def listener(family: int, target: Any) -> socket.socket:
    end = socket.socket(family)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    end.bind(target)
    end.listen(64)
    return end


def forward(source: str, target: str) -> None:
    """Makes a service's port reachable from a container that does not share its network."""

    def copy(reader: socket.socket, writer: socket.socket) -> None:
        try:
            while True:
                data = reader.recv(1 << 16)
                if not data:
                    break
                writer.sendall(data)
            writer.shutdown(socket.SHUT_WR)
        except OSError:
            for end in (reader, writer):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def serve(client: socket.socket) -> None:
        try:
            server = connect_to(target)
        except OSError:
            client.close()
            return
        back = threading.Thread(target=copy, args=(server, client), daemon=True)
        back.start()
        copy(client, server)
        back.join()
        client.close()
        server.close()

    def accept(end: socket.socket) -> None:
        while True:
            client, _ = end.accept()
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    first, *others = listen_on(source)
    print("listening", flush=True)
    for other in others:
        threading.Thread(target=accept, args=(other,), daemon=True).start()
    accept(first)


if __name__ == "__main__":
    if sys.argv[1] == "--connect":
        sys.exit(connect())
    forward(sys.argv[2], sys.argv[3])
