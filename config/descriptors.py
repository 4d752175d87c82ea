"""How many connections and threads a process may have, so that it never runs out of file descriptors.

Without descriptors, Python can't import modules either, and it caches some of these failures for good.
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
    """The most connections and threads of one process."""

    connections: int
    threads: int


def raise_limit() -> int:
    """Raise the limit of open descriptors as far as the system allows, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # macOS has a lower limit of its own that it doesn't report.
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
    """Divide descriptors between connections and threads: as many as requested, or as many as fit.

    If there are too few for both, each gets half. Each of the ``lingering`` connections, which have been
    refused and are about to be closed, takes one more.
    """
    free = max(descriptors - BASE - lingering, per_connection + per_thread)
    for_threads = min(threads * per_thread, max(free // 2, free - connections * per_connection))
    for_connections = free - for_threads
    return Budget(
        connections=max(1, min(connections, for_connections // per_connection)),
        threads=max(1, for_threads // per_thread),
    )
