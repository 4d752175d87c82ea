"""How many files and connections a process may have open, so that it never runs out of them.

Where a file can't be opened, Python can't load modules either, and remembers some failures for good.
"""

import resource
from contextlib import suppress
from dataclasses import dataclass

# More is never needed, and some programs close every descriptor up to the limit.
MOST_DESCRIPTORS = 65_536
# A worker without requests has about 22 open: for the event loop, listeners, the log, decoding processes
# and their memory. The rest is for decoding processes that start, modules that load, and connections
# that have just been accepted or closed.
BASE = 48


@dataclass(frozen=True)
class Budget:
    """What one process may have at a time."""

    connections: int
    threads: int


def raise_limit() -> int:
    """Have as many descriptors as the system allows; return how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # macOS has a limit of its own that it doesn't tell.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return wanted
    return min(soft, MOST_DESCRIPTORS) if soft != resource.RLIM_INFINITY else MOST_DESCRIPTORS


def share_out(
    descriptors: int,
    *,
    connections: int,
    threads: int,
    per_connection: int,
    per_thread: int,
    lingering: int = 0,
) -> Budget:
    """Share them out among connections and threads: as many as are wanted, or what there is room for.

    Where there are few, each of the two gets a half. ``lingering`` connections have been refused, and
    have one descriptor each beside those.
    """
    free = max(descriptors - BASE - lingering, per_connection + per_thread)
    for_threads = min(threads * per_thread, max(free // 2, free - connections * per_connection))
    for_connections = free - for_threads
    return Budget(
        connections=max(1, min(connections, for_connections // per_connection)),
        threads=max(1, for_threads // per_thread),
    )
