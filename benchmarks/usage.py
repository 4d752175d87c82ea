"""What processes have used, read from Linux: https://docs.kernel.org/filesystems/proc.html."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def read_cpu_seconds(pid: int) -> float:
    """Read user and system time of all threads of another process, to the microsecond.

    The clock's number is what clock_getcpuclockid(3) computes; /proc/<pid>/stat counts by 10 ms.
    """
    return time.clock_gettime((~pid << 3) | 2)


def read_memory_bytes(pid: int, name: str) -> int:
    """Read ``VmRSS``, the memory in use, or ``VmHWM``, its peak."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        label, _, value = line.partition(":")
        if label == name:
            return int(value.split()[0]) * 1024
    raise LookupError(name)


def list_family(pid: int) -> list[int]:
    """List a process and those that it has started."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(int(child) for task in tasks for child in task.read_text().split())]


def list_session(leader: int) -> list[int]:
    """List the processes of a session, which a process started with ``start_new_session`` leads."""
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal())
    return [pid for pid in pids if read_session(pid) == leader]


def read_session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def sum_cpu_seconds(pids: Iterable[int]) -> float:
    return sum(read_cpu_seconds(pid) for pid in pids)
