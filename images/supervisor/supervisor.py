"""PID 1 of parity's containers: starts the steps, streams their output, reaps, and ends when nobody needs it any more.

    supervisor.py --lease SECONDS [--direct SOCKET] [--forwarding FROM=TO]... [--clock shared]

It listens on SOCKET_PATH (relay.py leads there) and, for clients that share the kernel with it, on SOCKET. A shared clock is one of the work
tree's file system and of this container's.

A connection is a session: it lives as long as its client does, and its commands with it. Both sides send frames: one line of
JSON, followed by `bytes` raw bytes when the frame says so. src/environment/protocol.ts is the other side and documents them.
Flow is by credit: neither side sends more of a command's stream than the other has said it can take, so a slow reader stops
only its own command and nothing piles up. Python 3.9 or newer, standard library only.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any, Dict, List, Optional, Set, Tuple

from command import MARK, Command, cannot_start
from loop import Loop
from machine import Machine
from processes import cpu_seconds, kill, memory_use, process_table, read_bytes, read_text
from session import Frame, Session

SOCKET_PATH = "/parity/private/supervisor.sock"
RELAY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "relay.py")
ISOLATED = ["-E", "-s", "-S", "-B"]  # no settings, packages or .pyc files of the environment
TERM_GRACE_SECONDS = 2.0  # from SIGTERM to SIGKILL for the commands of a client that went away
SILENCE_SECONDS = 8.0  # a relayed client beats every 2 s; this long without one and it counts as gone
FIRST_CLIENT_SECONDS = 30.0  # however short the lease, whoever started the container gets this long to connect
SAMPLE_SECONDS = 0.5
DRAIN_SECONDS = 1.0  # how long a pipe that something escaped with is listened to after the command's end
SIGNALS = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGKILL": signal.SIGKILL}


class Supervisor:
    """The loop that PID 1 is."""

    def __init__(self, lease: float, machine: Machine) -> None:
        self.lease = lease
        self.machine = machine
        self.deadline = time.monotonic() + max(lease, FIRST_CLIENT_SECONDS)
        self.loop = Loop()
        self.sessions: List[Session] = []
        self.commands: List[Command] = []
        self.left: List[Command] = []  # ended commands of jobs, whose processes may go on
        self.notes: Dict[str, str] = {}
        self.retiring = False
        self.counter = 0
        self.next_sample = 0.0
        self.cgroup = read_text("/proc/self/cgroup")
        self.helpers: Set[int] = set()  # processes of its own
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # A handler, not SIG_IGN: what is ignored stays ignored in the steps, and Ctrl-C would not reach them.
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGUSR1, self.retire)

    def run(self) -> None:
        while self.sessions or not (self.retiring or time.monotonic() >= self.deadline):
            self.loop.turn(0.25 if self.commands else 1.0)
            self.reap()
            for command in [command for command in self.commands if command.exit is not None]:
                self.finish(command)
            self.look_at_clock()

    def retire(self, *_: object) -> None:
        """A newer generation of this environment exists: end as soon as nobody uses this one."""
        self.retiring = True

    def renew(self) -> None:
        self.deadline = time.monotonic() + self.lease

    def listen(self, path: str) -> None:
        listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(path):
            os.unlink(path)
        listener.bind(path)
        os.chmod(path, 0o600)
        listener.listen(64)
        listener.setblocking(False)
        self.loop.watch(listener, lambda: self.accept(listener))

    def accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        self.sessions.append(Session(self.loop, connection, self.obey, self.session_over))

    def look_at_clock(self) -> None:
        now = time.monotonic()
        for session in list(self.sessions):
            if (session.beats or not session.greeted) and now - session.last_heard > SILENCE_SECONDS:
                session.end()
        for command in self.commands:
            if command.kill_at is not None and now >= command.kill_at:
                command.kill_at = None
                self.signal(command, signal.SIGKILL)
        if self.commands and now >= self.next_sample:
            self.next_sample = now + SAMPLE_SECONDS
            self.sample_memory()

    def obey(self, session: Session, frame: Frame, body: bytes) -> None:
        kind = frame["type"]
        if kind == "hello":
            self.greet(session, frame)
        elif kind == "start":
            self.counter += 1
            try:
                command = Command(self.loop, session, frame, self.counter)
            except (OSError, ValueError) as error:
                cannot_start(session, frame, error)
                return
            if not self.commands:
                self.next_sample = command.started + SAMPLE_SECONDS
            session.commands[command.name] = command
            self.commands.append(command)
        elif kind == "end-job":
            self.end_left([one for one in self.left if one.session is session and one.job == frame["job"]])
        elif kind == "note":
            self.notes[frame["key"]] = frame["value"]
        elif kind != "beat":
            known = session.commands.get(frame["id"])
            if known is None:
                return  # it ended while this frame was on its way
            if kind == "signal":
                self.signal(known, SIGNALS[frame["signal"]])
            elif kind == "credit":
                known.add_credit(frame["bytes"])
            elif kind in ("stdin", "stdin-end"):
                known.feed(body, last=kind == "stdin-end")

    def greet(self, session: Session, frame: Frame) -> None:
        session.greeted = True
        session.beats = bool(frame.get("beats"))
        session.looks = bool(frame.get("look"))
        users = [other for other in self.sessions if other.greeted and not other.looks and other is not session]
        if frame.get("fresh") and not users:
            self.restore_machine()
        session.send(
            {
                "type": "ready",
                "notes": self.notes,
                "leaseLeft": max(0.0, self.deadline - time.monotonic()),
                "sessions": len(users),
                "commands": [command.name for command in self.commands if not command.own],
            }
        )
        if not session.looks:
            self.lease = float(frame.get("lease", self.lease))
            self.renew()

    def restore_machine(self) -> None:
        """For a run that nobody shares the machine with. What the last client's commands still do, nobody wants to know any more."""
        for command in self.commands:
            self.signal(command, signal.SIGKILL)
        self.end_left(list(self.left))
        removing = self.machine.restore()
        if removing is not None:
            removing.returncode = 0  # reaped with all others
            self.helpers.add(removing.pid)

    def session_over(self, session: Session) -> None:
        self.sessions.remove(session)
        if session.greeted and not session.looks:
            self.renew()
        self.end_left([one for one in self.left if one.session is session])
        for command in list(session.commands.values()):
            command.add_credit(1 << 60)  # goes nowhere, but a broken pipe would keep the command from cleaning up
            command.close_stdin()
            if command.exit is None:
                command.signal_group(signal.SIGTERM)
                command.kill_at = time.monotonic() + TERM_GRACE_SECONDS

    def signal(self, command: Command, number: signal.Signals) -> None:
        """To the command's process group; SIGKILL also to all that it left elsewhere."""
        if command.exit is None:
            command.signal_group(number)
            if number == signal.SIGKILL:
                for pid, owner in self.owners().items():
                    if owner is command:
                        kill(pid)

    # -- ends of processes ------------------------------------------------------------------------------------------

    def reap(self) -> None:
        """Takes every ended child: commands, and orphans that the kernel gave to PID 1."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.helpers.discard(pid)
            command = next((one for one in self.commands if one.pid == pid and one.exit is None), None)
            if command is not None:
                self.main_ended(command, status, usage)

    def main_ended(self, command: Command, status: int, usage: Any) -> None:
        command.process.returncode = 0  # reaped here: nothing is left for Popen to wait for
        if command.job is None or not command.session.open:
            self.end_leftovers(command)
        else:
            self.left = [one for one in self.left if one.pid != command.pid] + [command]
        command.ended(status, usage)
        command.drain_until = time.monotonic() + DRAIN_SECONDS
        self.finish(command)

    def end_leftovers(self, command: Command) -> None:
        """A command's end is the end of everything it started, daemons included: the next step meets none of it."""
        alone = self.only_command() is command and not self.left
        self.end_processes([command], command if alone else None)

    def end_left(self, commands: List[Command]) -> None:
        """The end of a job is the end of all that its commands left running."""
        if commands:
            alone = len(commands) == len(self.left) and all(command.own for command in self.commands)
            self.end_processes(commands, commands[0] if alone else None)
            self.left = [one for one in self.left if one not in commands]

    def end_processes(self, commands: List[Command], orphans_of: Optional[Command]) -> None:
        for _ in range(50):
            owners = self.owners(orphans_of)
            left = {pid: owner for pid, owner in owners.items() if owner is not None and owner in commands}
            if not left:
                return
            for pid, owner in left.items():
                owner.extra_cpu += cpu_seconds(pid)
                kill(pid)
            time.sleep(0.002)
            for pid in left:
                try:
                    os.waitpid(pid, os.WNOHANG)
                except ChildProcessError:
                    pass  # not ours yet: its own parent was killed as well, the next round has it

    def finish(self, command: Command) -> None:
        """Tells the client of the end once the output is through."""
        if command.exit is None or command not in self.commands:
            return
        patient = command.credit <= 0 or time.monotonic() < command.drain_until
        if command in self.left:
            command.leave_outputs(patient)
        elif command.outputs and not patient:
            command.close_outputs()
        if not command.outputs:
            self.commands.remove(command)
            command.session.commands.pop(command.name, None)
            command.session.send(command.exit)

    def only_command(self) -> Optional[Command]:
        """The one command of a client's that runs, parity's own aside; None when there are more."""
        steps = [command for command in self.commands if not command.own]
        return steps[0] if len(steps) == 1 else None

    def owners(self, orphans_of: Optional[Command] = None) -> Dict[int, Optional[Command]]:
        """
        Which living process belongs to which command: by descent; for orphans by session or by the mark in their
        environment; and all other orphans of this container to the command that is given.
        """
        table = process_table()
        by_pid = {command.pid: command for command in self.left + self.commands}
        marks = {f"{MARK}={command.number}".encode(): command for command in self.left + self.commands}
        found: Dict[int, Optional[Command]] = {}
        for pid in table:
            top, length = pid, 0
            while table.get(top, (0, 0))[0] not in (0, 1) and length < 1000:
                top, length = table[top][0], length + 1
            if top not in table or table[top][0] == 0 or top in self.helpers:
                continue  # an engine's exec, a service's process, one of its own, or vanished meanwhile
            owner = by_pid.get(top) or by_pid.get(table[top][1])
            # A service's orphans come to PID 1 as well when it shares its processes: they are in another control group.
            if owner is None and read_text(f"/proc/{top}/cgroup") == self.cgroup:
                variables = read_bytes(f"/proc/{top}/environ").split(b"\0")
                owner = next((marks[entry] for entry in variables if entry in marks), orphans_of)
            found[pid] = owner
        return found

    def sample_memory(self) -> None:
        totals: Dict[int, Tuple[Command, int, int]] = {}
        for pid, owner in self.owners().items():
            if owner is not None:
                own, shared = memory_use(pid)
                _, own_before, shared_before = totals.get(owner.number, (owner, 0, 0))
                totals[owner.number] = (owner, own_before + own, max(shared_before, shared))
        for owner, own, shared in totals.values():
            owner.peak_bytes = max(owner.peak_bytes, own + shared)


def main(arguments: List[str]) -> int:
    # A signal's default action does not reach PID 1: without this one an engine's stop would wait for its time-out.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    options: Dict[str, List[str]] = {"--lease": [], "--direct": [], "--forwarding": [], "--clock": []}
    for option, value in zip(arguments[::2], arguments[1::2]):
        options[option].append(value)
    supervisor = Supervisor(float(options["--lease"][0]), Machine(shares_clock="shared" in options["--clock"]))
    supervisor.listen(SOCKET_PATH)
    for path in options["--direct"]:
        try:
            supervisor.listen(path)
        except OSError:
            pass  # a shared folder that can't hold sockets (a virtual machine's): clients come through relay.py
    for pair in options["--forwarding"]:
        source, _, target = pair.partition("=")
        forward = [sys.executable, *ISOLATED, RELAY, "--forward", source, target]
        child = subprocess.Popen(forward, stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()  # it says so when it listens: a step's first connection must not be refused
        child.stdout.close()
        child.returncode = 0  # reaped by the supervisor
        supervisor.helpers.add(child.pid)
    print(json.dumps({"type": "listening"}), flush=True)
    supervisor.run()
    for path in [SOCKET_PATH, *options["--direct"]]:
        if os.path.exists(path):
            os.unlink(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
