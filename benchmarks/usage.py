"""What processes have used, read from Linux: https://docs.kernel.org/filesystems/proc.html."""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

OWN_MEMORY = ("Pss_Anon:", "Pss_Shmem:")


def read_cpu_seconds(pid: int) -> float:
    """Read user and system time of all threads of another process, to the microsecond.

    The clock's number is what clock_getcpuclockid(3) computes; /proc/<pid>/stat counts by 10 ms.
    """
    return time.clock_gettime((~pid << 3) | 2)


def read_memory_bytes(pid: int) -> int:
    """Read the memory in use, files that it maps left out; 0 once the process has ended.

    Of what several processes share, each has its part.
    """
    with suppress(FileNotFoundError, ProcessLookupError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(1024 * int(line.split()[1]) for line in lines if line.startswith(OWN_MEMORY))
    return 0


def list_family(pid: int) -> list[int]:
    """List a process and those that it has started."""
    family = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        # Threads come and go.
        with suppress(FileNotFoundError, ProcessLookupError):
            family += [int(child) for child in task.read_text().split()]
    return family


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
