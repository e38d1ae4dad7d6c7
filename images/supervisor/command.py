"""One running command: its process group and its streams."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from functools import partial
from typing import Any, Dict, List, Optional

from loop import Loop
from passing_on import PassingOn
from processes import memory_kills
from session import Frame, Session

READ_BYTES = 1 << 17
MARK = "PARITY_COMMAND"  # in a command's environment: finds what it left running in other sessions


class Command:
    """Started by its constructor, which raises what Popen raises when that can't be."""

    def __init__(self, loop: Loop, session: Session, frame: Frame, number: int) -> None:
        self.loop = loop
        self.session = session
        self.name: str = frame["id"]
        self.own = bool(frame.get("own"))  # parity's: no step's leftovers are its, and nobody is told of it
        self.job: Optional[str] = frame.get("job")  # what it leaves running goes on until that ends
        self.passing_on = None if self.job is None else PassingOn(number)
        self.number = number
        self.started = time.monotonic()
        self.kills_before = memory_kills()
        self.credit: int = frame["window"]  # bytes of output that the client can still take
        self.watched = False
        self.outputs: Dict[int, str] = {}  # file descriptor → stdout | stderr
        self.stdin: Optional[int] = None
        self.pending = bytearray()
        self.stdin_ended = False
        self.peak_bytes = 0
        self.extra_cpu = 0.0
        self.kill_at: Optional[float] = None
        self.exit: Optional[Frame] = None  # held back until the output is through
        self.drain_until = 0.0
        self.process = start(frame, self.environment(frame))
        self.pid = self.process.pid
        for pipe, stream in ((self.process.stdout, "stdout"), (self.process.stderr, "stderr")):
            self.outputs[take_over(pipe)] = stream
        if self.process.stdin is not None:
            self.stdin = take_over(self.process.stdin)
        session.send({"type": "started", "id": self.name, "pid": self.pid})
        self.watch_outputs()

    def environment(self, frame: Frame) -> Dict[str, str]:
        env = {**os.environ, **frame["env"], MARK: str(self.number)}
        if self.passing_on is not None:
            env.update(self.passing_on.variables())
        if "path" in frame:
            env["PATH"] = ":".join([*frame["path"], *([env["PATH"]] if env.get("PATH") else [])])
        return env

    def add_credit(self, count: int) -> None:
        self.credit += count
        self.watch_outputs()

    def watch_outputs(self) -> None:
        """Listens to the pipes exactly while the client can take more."""
        wanted = self.credit > 0
        if wanted == self.watched:
            return
        self.watched = wanted
        for descriptor in self.outputs:
            self.loop.watch(descriptor, partial(self.read, descriptor) if wanted else None)

    def read(self, descriptor: int) -> None:
        if descriptor not in self.outputs or self.credit <= 0:
            return
        try:
            data = os.read(descriptor, min(READ_BYTES, self.credit))
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close_output(descriptor)
            return
        self.credit -= len(data)
        stream = self.outputs[descriptor]
        self.session.send({"type": "output", "id": self.name, "stream": stream, "bytes": len(data)}, data)
        if self.credit <= 0:
            self.watch_outputs()

    def close_output(self, descriptor: int) -> None:
        self.loop.watch(descriptor, None)
        os.close(descriptor)
        del self.outputs[descriptor]

    def close_outputs(self) -> None:
        for descriptor in list(self.outputs):
            self.close_output(descriptor)

    def leave_outputs(self, patient: bool) -> None:
        """Lets go of a pipe once all is read that came before the command's end: what the job's processes still write goes nowhere."""
        for descriptor in list(self.outputs):
            if not (patient and bytes_waiting(descriptor)):
                del self.outputs[descriptor]
                self.loop.watch(descriptor, partial(self.discard, descriptor))

    def discard(self, descriptor: int) -> None:
        try:
            if os.read(descriptor, READ_BYTES):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.loop.watch(descriptor, None)
        os.close(descriptor)

    def feed(self, data: bytes = b"", last: bool = False) -> None:
        """Writes what the client sent to the command's stdin, and says how much room that made."""
        self.pending += data
        self.stdin_ended = self.stdin_ended or last
        if self.stdin is None:
            self.pending.clear()
            return
        written = 0
        try:
            while self.pending:
                count = os.write(self.stdin, self.pending[:65536])
                written += count
                del self.pending[:count]
        except BlockingIOError:
            pass
        except OSError:  # the command closed its stdin: the rest is dropped, as by a pipe
            written += len(self.pending)
            self.close_stdin()
        if written:
            self.session.send({"type": "stdin-credit", "id": self.name, "bytes": written})
        if self.stdin is not None:
            if not self.pending and self.stdin_ended:
                self.close_stdin()
            else:
                self.loop.watch(self.stdin, None, self.feed if self.pending else None)

    def close_stdin(self) -> None:
        if self.stdin is not None:
            self.loop.watch(self.stdin, None)
            os.close(self.stdin)
            self.stdin = None
        self.pending.clear()

    def signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass

    def ended(self, status: int, usage: Any) -> None:
        """The main process was reaped: what is to be told once the output is through."""
        code, number = (None, os.WTERMSIG(status)) if os.WIFSIGNALED(status) else (os.WEXITSTATUS(status), None)
        self.close_stdin()
        self.exit = {
            "type": "exit",
            "id": self.name,
            "exitCode": code,
            "signal": None if number is None else signal_name(number),
            "durationMs": round((time.monotonic() - self.started) * 1000, 3),
            "cpuMs": round((usage.ru_utime + usage.ru_stime + self.extra_cpu) * 1000, 3),
            "peakMemoryBytes": max(self.peak_bytes, usage.ru_maxrss * 1024),
            "outOfMemory": memory_kills() > self.kills_before,
        }
        if self.passing_on is not None:
            self.exit["passedOn"] = self.passing_on.take()


def start(frame: Frame, env: Dict[str, str]) -> subprocess.Popen[bytes]:
    """The frame's program, or the one in its place when there is no such program."""
    try:
        return spawn(frame["argv"], frame, env)
    except FileNotFoundError:
        if "orElse" not in frame:
            raise
    return spawn(frame["orElse"], frame, env)


def spawn(argv: List[str], frame: Frame, env: Dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        cwd=frame["cwd"],
        env=env,
        stdin=subprocess.PIPE if frame.get("stdin") else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        close_fds=False,  # everything of ours is close-on-exec already
        start_new_session=True,
    )


def cannot_start(session: Session, frame: Frame, error: Exception) -> None:
    """Tells of a command that can't be started, by the shell's numbers: 127 = not found, 126 = found and not startable."""
    what = frame["argv"][0]
    if isinstance(error, OSError):
        text = f"parity: {error.filename or what}: {error.strerror}\n".encode()
    else:
        text = f"parity: {what}: {error}\n".encode()
    code = 127 if isinstance(error, FileNotFoundError) else 126
    name = frame["id"]
    session.send({"type": "output", "id": name, "stream": "stderr", "bytes": len(text)}, text)
    nothing = {"durationMs": 0, "cpuMs": 0, "peakMemoryBytes": 0, "outOfMemory": False}
    session.send({"type": "exit", "id": name, "exitCode": code, "signal": None, **nothing})


def bytes_waiting(descriptor: int) -> int:
    return int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)


def take_over(pipe: Any) -> int:
    """A pipe's own descriptor, non-blocking, out of the hands of the object that would close it."""
    descriptor = os.dup(pipe.fileno())
    pipe.close()
    os.set_blocking(descriptor, False)
    return descriptor


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"
