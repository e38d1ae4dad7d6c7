"""What /proc and the control groups tell about the container's processes."""

from __future__ import annotations

import os
import signal
from typing import Dict, Tuple

READ_BYTES = 1 << 16


def process_table() -> Dict[int, Tuple[int, int]]:
    """Living processes: their parent and session. Zombies are left out."""
    table: Dict[int, Tuple[int, int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and name != "1":
            # The name in brackets may hold anything, spaces and brackets included: fields count from the last bracket.
            fields = read_bytes(f"/proc/{name}/stat").rpartition(b")")[2].split()
            if len(fields) > 3 and fields[0] not in (b"Z", b"X"):
                table[int(name)] = (int(fields[1]), int(fields[3]))
    return table


def cpu_seconds(pid: int) -> float:
    fields = read_bytes(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    ticks = sum(int(field) for field in fields[11:15]) if len(fields) > 15 else 0
    return float(ticks) / os.sysconf("SC_CLK_TCK")


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def memory_kills() -> int:
    """How often the kernel has killed something in this container for memory (control groups version 2, then 1)."""
    for path in ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"):
        for line in read_text(path).splitlines():
            name, _, value = line.partition(" ")
            if name == "oom_kill":
                return int(value)
    return 0


def read_bytes(path: str) -> bytes:
    """A file's bytes; none for what is not there. By system calls alone: a step's start and end read several."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    pieces = []
    try:
        while piece := os.read(descriptor, READ_BYTES):
            pieces.append(piece)
    except OSError:
        pass  # its process has ended meanwhile
    finally:
        os.close(descriptor)
    return b"".join(pieces)


def read_text(path: str) -> str:
    return read_bytes(path).decode("utf-8", "replace")


def memory_use(pid: int) -> Tuple[int, int]:
    """Resident bytes of a process: its own, and those it may share with others."""
    fields = read_bytes(f"/proc/{pid}/statm").split()
    if len(fields) < 3:
        return 0, 0
    page = os.sysconf("SC_PAGE_SIZE")
    resident, shared = int(fields[1]) * page, int(fields[2]) * page
    return resident - shared, shared
