"""PID 1 of parity's containers: starts the steps, streams their output, reaps, and ends when nobody needs it any more.

    supervisor.py --lease SECONDS [--direct SOCKET] [--forwarding FROM=TO]...

It listens on SOCKET_PATH (relay.py leads there) and, for clients that share the kernel with it, on SOCKET.

A connection is a session: it lives as long as its client does, and its commands with it. Both sides send frames: one line of
JSON, followed by `bytes` raw bytes when the frame says so. src/environment/protocol.ts is the other side and documents them.
Flow is by credit: neither side sends more of a command's stream than the other has said it can take, so a slow reader stops
only its own command and nothing piles up. Python 3.9 or newer, standard library only.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from typing import Any, Callable, Dict, List, Optional, Tuple

from processes import cpu_seconds, kill, memory_kills, process_table, read_bytes, read_text

SOCKET_PATH = "/parity/private/supervisor.sock"
RELAY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "relay.py")
READ_BYTES = 1 << 17
TERM_GRACE_SECONDS = 2.0  # from SIGTERM to SIGKILL for the commands of a client that went away
SILENCE_SECONDS = 8.0  # a relayed client beats every 2 s; this long without one and it counts as gone
FIRST_CLIENT_SECONDS = 30.0  # however short the lease, whoever started the container gets this long to connect
SAMPLE_SECONDS = 0.5
ISOLATED = ["-E", "-s", "-S", "-B"]  # no settings, packages or .pyc files of the environment
MARK = "PARITY_COMMAND"  # in a command's environment: finds what it left running in other sessions
SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGKILL": signal.SIGKILL, "SIGHUP": signal.SIGHUP}

Frame = Dict[str, Any]


class Command:
    """One running command and what is known of it."""

    def __init__(self, session: Session, name: str, number: int, window: int) -> None:
        self.session = session
        self.name = name
        self.number = number
        self.process: Optional[subprocess.Popen[bytes]] = None
        self.pid = 0
        self.outputs: Dict[int, str] = {}  # file descriptor → stdout | stderr
        self.watched = False
        self.credit = window  # bytes of output that the client can still take
        self.stdin: Optional[int] = None
        self.pending = bytearray()
        self.stdin_ended = False
        self.started = time.monotonic()
        self.kills_before = memory_kills()
        self.peak_bytes = 0
        self.extra_cpu = 0.0
        self.kill_at: Optional[float] = None
        self.ended: Optional[Frame] = None  # the exit frame, held back until the output is through
        self.drain_until = 0.0


class Session:
    """One connected client."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.greeted = False
        self.looks = False  # asks for the state only: holds no lease
        self.beats = False
        self.last_heard = time.monotonic()
        self.inbox = bytearray()
        self.outbox: List[memoryview] = []
        self.commands: Dict[str, Command] = {}
        self.open = True


class Supervisor:
    """The loop that PID 1 is."""

    def __init__(self, lease: float) -> None:
        self.lease = lease
        self.selector = selectors.DefaultSelector()
        self.sessions: List[Session] = []
        self.commands: List[Command] = []
        self.notes: Dict[str, str] = {}
        self.retiring = False
        self.counter = 0
        self.deadline = time.monotonic() + max(lease, FIRST_CLIENT_SECONDS)
        self.next_sample = 0.0
        self.cgroup = read_text("/proc/self/cgroup")
        self.own_children: List[int] = []  # forwarders: never swept

    # -- the loop ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        wake_reader, wake_writer = socket.socketpair()
        wake_reader.setblocking(False)
        wake_writer.setblocking(False)
        signal.set_wakeup_fd(wake_writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, self.retire)
        self.watch(wake_reader, lambda: self.drain_wakeups(wake_reader))
        while not self.finished():
            for key, events in self.selector.select(0.25 if self.commands else 1.0):
                if events & selectors.EVENT_WRITE:
                    key.data[1]()
                if events & selectors.EVENT_READ and key.data[0] is not None:
                    key.data[0]()
            self.reap()
            self.look_at_clock()

    def finished(self) -> bool:
        if self.sessions:
            return False
        return self.retiring or time.monotonic() >= self.deadline

    def retire(self, *_: object) -> None:
        """A newer generation of this environment exists: end as soon as nobody uses this one."""
        self.retiring = True

    def listen(self, path: str) -> None:
        listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(path):
            os.unlink(path)
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen(64)
        listener.setblocking(False)
        self.watch(listener, lambda: self.accept(listener))

    def accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        session = Session(connection)
        self.sessions.append(session)
        self.watch(connection, lambda: self.receive(session))

    def watch(
        self, what: Any, reader: Optional[Callable[[], None]], writer: Optional[Callable[[], None]] = None
    ) -> None:
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

    def drain_wakeups(self, reader: socket.socket) -> None:
        try:
            while reader.recv(4096):
                pass
        except OSError:
            pass

    def look_at_clock(self) -> None:
        now = time.monotonic()
        for session in list(self.sessions):
            if (session.beats or not session.greeted) and now - session.last_heard > SILENCE_SECONDS:
                self.end_session(session)
        for command in list(self.commands):
            if command.kill_at is not None and now >= command.kill_at and command.ended is None:
                command.kill_at = None
                self.signal(command, signal.SIGKILL)
            if command.ended is not None and now >= command.drain_until and command.credit > 0:
                self.close_outputs(command)  # something that escaped holds the pipe; its output is not the command's
                self.finish(command)
        if self.commands and now >= self.next_sample:
            self.next_sample = now + SAMPLE_SECONDS
            self.sample_memory()

    # -- sessions ---------------------------------------------------------------------------------------------------

    def receive(self, session: Session) -> None:
        try:
            data = session.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.end_session(session)
            return
        session.last_heard = time.monotonic()
        session.inbox += data
        while session.open:
            end = session.inbox.find(b"\n")
            if end < 0:
                return
            try:
                frame = json.loads(session.inbox[:end])
                size = frame.get("bytes", 0) if frame["type"] == "stdin" else 0
                if len(session.inbox) < end + 1 + size:
                    return
                body = bytes(session.inbox[end + 1 : end + 1 + size])
                del session.inbox[: end + 1 + size]
                self.obey(session, frame, body)
            except (ValueError, KeyError, TypeError) as error:
                print(f"supervisor: a client sent what is no frame: {error!r}", file=sys.stderr, flush=True)
                self.end_session(session)

    def obey(self, session: Session, frame: Frame, body: bytes) -> None:
        kind = frame["type"]
        if kind == "hello":
            session.greeted = True
            session.beats = bool(frame.get("beats"))
            left = max(0.0, self.deadline - time.monotonic())
            busy = [command.name for command in self.commands]
            others = sum(1 for other in self.sessions if other.greeted and not other.looks and other is not session)
            self.send(
                session,
                {"type": "ready", "notes": self.notes, "leaseLeft": left, "sessions": others, "commands": busy},
            )
            session.looks = bool(frame.get("look"))
            if not session.looks:
                self.lease = float(frame.get("lease", self.lease))
                self.renew()
            return
        if kind == "start":
            self.start(session, frame)
            return
        if kind == "note":
            self.notes[frame["key"]] = frame["value"]
            return
        if kind == "beat":
            return
        command = session.commands.get(frame["id"])
        if command is None:
            return  # it ended while this frame was on its way
        if kind == "signal":
            self.signal(command, SIGNALS[frame["signal"]])
        elif kind == "credit":
            command.credit += frame["bytes"]
            self.watch_outputs(command)
        elif kind == "stdin":
            command.pending += body
            self.feed(command)
        elif kind == "stdin-end":
            command.stdin_ended = True
            self.feed(command)

    def renew(self) -> None:
        self.deadline = time.monotonic() + self.lease

    def send(self, session: Session, frame: Frame, body: bytes = b"") -> None:
        if not session.open:
            return
        line = json.dumps(frame, separators=(",", ":")).encode() + b"\n"
        was_idle = not session.outbox
        session.outbox.append(memoryview(line))
        if body:
            session.outbox.append(memoryview(body))
        if was_idle:
            self.flush(session)

    def flush(self, session: Session) -> None:
        if not session.open:
            return
        try:
            while session.outbox:
                sent = session.socket.sendmsg(session.outbox[:64])
                while session.outbox and sent >= len(session.outbox[0]):
                    sent -= len(session.outbox.pop(0))
                if sent:
                    session.outbox[0] = session.outbox[0][sent:]
        except BlockingIOError:
            pass
        except OSError:
            self.end_session(session)
            return
        self.watch(
            session.socket,
            lambda: self.receive(session),
            (lambda: self.flush(session)) if session.outbox else None,
        )

    def end_session(self, session: Session) -> None:
        if not session.open:
            return
        session.open = False
        self.sessions.remove(session)
        self.watch(session.socket, None)
        session.socket.close()
        session.outbox.clear()
        if session.greeted and not session.looks:
            self.renew()
        for command in list(session.commands.values()):
            self.close_outputs(command)
            self.close_stdin(command)
            command.drain_until = 0.0
            command.credit = max(command.credit, 1)
            if command.ended is None:
                self.signal(command, signal.SIGTERM)
                command.kill_at = time.monotonic() + TERM_GRACE_SECONDS
            else:
                self.finish(command)

    # -- commands ---------------------------------------------------------------------------------------------------

    def start(self, session: Session, frame: Frame) -> None:
        self.counter += 1
        command = Command(session, frame["id"], self.counter, frame["window"])
        environment = {**os.environ, **frame["env"], MARK: str(self.counter)}
        try:
            process = subprocess.Popen(
                frame["argv"],
                cwd=frame["cwd"],
                env=environment,
                stdin=subprocess.PIPE if frame.get("stdin") else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                close_fds=False,  # everything of ours is close-on-exec already
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            # The shell's own numbers: 127 = not found, 126 = found and not startable.
            missing = isinstance(error, FileNotFoundError)
            text = f"parity: {error.filename or frame['argv'][0]}: {error.strerror}" if isinstance(error, OSError) else f"parity: {error}"
            body = (text + "\n").encode()
            self.send(session, {"type": "output", "id": command.name, "stream": "stderr", "bytes": len(body)}, body)
            self.send(session, exit_frame(command, 127 if missing else 126, None, 0.0, 0))
            return
        command.process, command.pid = process, process.pid
        session.commands[command.name] = command
        self.commands.append(command)
        for pipe, stream in ((process.stdout, "stdout"), (process.stderr, "stderr")):
            assert pipe is not None
            descriptor = os.dup(pipe.fileno())
            pipe.close()
            os.set_blocking(descriptor, False)
            command.outputs[descriptor] = stream
        if process.stdin is not None:
            command.stdin = os.dup(process.stdin.fileno())
            process.stdin.close()
            os.set_blocking(command.stdin, False)
        self.send(session, {"type": "started", "id": command.name, "pid": process.pid})
        self.watch_outputs(command)

    def watch_outputs(self, command: Command) -> None:
        """Listens to the command's pipes exactly while the client can take more."""
        wanted = command.credit > 0
        if wanted == command.watched:
            return
        command.watched = wanted
        for descriptor in list(command.outputs):
            self.watch(descriptor, (lambda fd=descriptor: self.read_output(command, fd)) if wanted else None)

    def read_output(self, command: Command, descriptor: int) -> None:
        if descriptor not in command.outputs or command.credit <= 0:
            return
        try:
            data = os.read(descriptor, min(READ_BYTES, command.credit))
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            command.credit -= len(data)
            stream = command.outputs[descriptor]
            self.send(
                command.session, {"type": "output", "id": command.name, "stream": stream, "bytes": len(data)}, data
            )
            if command.credit <= 0:
                self.watch_outputs(command)
            return
        self.watch(descriptor, None)
        os.close(descriptor)
        del command.outputs[descriptor]
        self.finish(command)

    def close_outputs(self, command: Command) -> None:
        for descriptor in list(command.outputs):
            self.watch(descriptor, None)
            os.close(descriptor)
        command.outputs.clear()

    def feed(self, command: Command) -> None:
        """Writes what the client sent to the command's stdin, and says how much room that made."""
        if command.stdin is None:
            command.pending.clear()
            return
        written = 0
        try:
            while command.pending:
                count = os.write(command.stdin, command.pending[:65536])
                written += count
                del command.pending[:count]
        except BlockingIOError:
            pass
        except OSError:  # the command closed its stdin: the rest is dropped, as by a pipe
            written += len(command.pending)
            self.close_stdin(command)
        if written:
            self.send(command.session, {"type": "stdin-credit", "id": command.name, "bytes": written})
        if command.stdin is not None:
            if command.pending:
                self.watch(command.stdin, None)
                self.watch(command.stdin, None, lambda: self.feed(command))
            elif command.stdin_ended:
                self.close_stdin(command)
            else:
                self.watch(command.stdin, None)

    def close_stdin(self, command: Command) -> None:
        if command.stdin is not None:
            self.watch(command.stdin, None)
            os.close(command.stdin)
            command.stdin = None
        command.pending.clear()

    def signal(self, command: Command, number: signal.Signals) -> None:
        """To the command's process group; SIGKILL also to all that it left elsewhere."""
        if command.ended is not None:
            return
        try:
            os.killpg(command.pid, number)
        except ProcessLookupError:
            pass
        if number == signal.SIGKILL:
            for pid, owner in self.owners().items():
                if owner is command:
                    kill(pid)

    def reap(self) -> None:
        """Takes every ended child: commands, and orphans that the kernel gave to PID 1."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for command in self.commands:
                if command.pid == pid and command.ended is None:
                    self.main_ended(command, status, usage)
                    break

    def main_ended(self, command: Command, status: int, usage: Any) -> None:
        seconds = time.monotonic() - command.started
        assert command.process is not None
        command.process.returncode = 0  # reaped here, not by subprocess
        # A command's end is the end of everything it started, daemons included: nothing is left for the next step to meet.
        alone = len(self.commands) == 1
        for _ in range(50):
            left = [pid for pid, owner in self.owners(everything=alone).items() if owner is command]
            if not left:
                break
            for pid in left:
                command.extra_cpu += cpu_seconds(pid)
                kill(pid)
            time.sleep(0.002)
            self.reap_others(left)
        code, number = (None, os.WTERMSIG(status)) if os.WIFSIGNALED(status) else (os.WEXITSTATUS(status), None)
        cpu = usage.ru_utime + usage.ru_stime + command.extra_cpu
        command.peak_bytes = max(command.peak_bytes, usage.ru_maxrss * 1024)
        command.ended = exit_frame(command, code, number, seconds, cpu)
        command.drain_until = time.monotonic() + 1.0
        self.close_stdin(command)
        self.finish(command)

    def reap_others(self, pids: List[int]) -> None:
        for pid in pids:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass  # not ours yet: its own parent was killed as well, the next round has it

    def finish(self, command: Command) -> None:
        """Tells the client of the end once the output is through."""
        if command.ended is None or command.outputs or command not in self.commands:
            return
        self.commands.remove(command)
        command.session.commands.pop(command.name, None)
        self.send(command.session, command.ended)

    # -- processes --------------------------------------------------------------------------------------------------

    def owners(self, everything: bool = False) -> Dict[int, Optional[Command]]:
        """
        Which living process belongs to which command: by descent; for orphans by session or by the mark in their
        environment; and with `everything`, for when one command alone is there, all orphans of this container.
        """
        table = process_table()
        mains = {command.pid: command for command in self.commands}
        sessions = {command.pid: command for command in self.commands}
        marks = {f"{MARK}={command.number}".encode(): command for command in self.commands}
        found: Dict[int, Optional[Command]] = {}
        only = self.commands[0] if everything and len(self.commands) == 1 else None
        for pid in table:
            top, chain = pid, 0
            while table.get(top, (0, 0))[0] not in (0, 1) and chain < 1000:
                top, chain = table[top][0], chain + 1
            if top not in table or table[top][0] == 0 or top in self.own_children:
                continue  # an engine's exec, a service's process, or vanished meanwhile
            owner = mains.get(top) or sessions.get(table[top][1])
            if owner is None and read_text(f"/proc/{top}/cgroup") == self.cgroup:
                variables = read_bytes(f"/proc/{top}/environ").split(b"\0")
                owner = next((marks[entry] for entry in variables if entry in marks), only)
            found[pid] = owner
        return found

    def sample_memory(self) -> None:
        totals: Dict[int, Tuple[Command, int, int]] = {}
        page = os.sysconf("SC_PAGE_SIZE")
        for pid, owner in self.owners().items():
            if owner is None:
                continue
            fields = read_bytes(f"/proc/{pid}/statm").split()
            if len(fields) < 3:
                continue
            resident, shared = int(fields[1]) * page, int(fields[2]) * page
            _, own, common = totals.get(owner.number, (owner, 0, 0))
            totals[owner.number] = (owner, own + resident - shared, max(common, shared))
        for owner, own, common in totals.values():
            owner.peak_bytes = max(owner.peak_bytes, own + common)


def exit_frame(command: Command, code: Optional[int], number: Optional[int], seconds: float, cpu: float) -> Frame:
    return {
        "type": "exit",
        "id": command.name,
        "exitCode": code,
        "signal": None if number is None else signal_name(number),
        "durationMs": round(seconds * 1000, 3),
        "cpuMs": round(cpu * 1000, 3),
        "peakMemoryBytes": command.peak_bytes,
        "outOfMemory": memory_kills() > command.kills_before,
    }


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def main(arguments: List[str]) -> int:
    # A signal's default action does not reach PID 1: without this one an engine's stop would wait for its time-out.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    options: Dict[str, List[str]] = {"--lease": [], "--direct": [], "--forwarding": []}
    for option, value in zip(arguments[::2], arguments[1::2]):
        options[option].append(value)
    supervisor = Supervisor(float(options["--lease"][0]))
    supervisor.listen(SOCKET_PATH)
    direct = False
    for path in options["--direct"]:
        try:
            supervisor.listen(path)
            direct = True
        except OSError:
            pass  # a shared folder that can't hold sockets (a VM's): clients come through --connect
    for pair in options["--forwarding"]:
        source, _, target = pair.partition("=")
        child = subprocess.Popen([sys.executable, *ISOLATED, RELAY, "--forward", source, target])
        supervisor.own_children.append(child.pid)
        child.returncode = 0
    print(json.dumps({"type": "listening", "direct": direct}), flush=True)
    supervisor.run()
    for path in [SOCKET_PATH, *options["--direct"]]:
        if os.path.exists(path):
            os.unlink(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
