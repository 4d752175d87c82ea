"""Serve until SIGTERM or Ctrl-C, whatever happens to the workers: ``python -m config.serve``.

granian was chosen by trial: it cuts off clients that drip their headers, which uvicorn keeps for ever; it
replaces workers that die; and by ASGI it tells when a client hangs up. Through the front, a GET takes half
a millisecond longer than by WSGI, and a POST two, where each body is awaited in a thread.
"""

import logging
import os
import signal
import sys
import time
from typing import Any

from environs import Env, validate
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.common import AbstractServer

MAX_PORT = 65535
PAUSE_SECONDS = 1
# glibc keeps what each of a hundred threads has had, and up to 32 MB of what each freed; thus a worker gives
# back what large pictures took, and small ones are still worked on in memory that is there. What comes anew
# for large ones comes in large pages, where the system gives such to those who ask (MADV_HUGEPAGE): it
# takes a WebP of 4K a tenth less time. https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Tunables.html
MEMORY = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "16777216",
    "MALLOC_TRIM_THRESHOLD_": "33554432",
}
# The system hides some of them from programs with privileges: this shows that they have been set.
MEMORY_IS_SET = "IMAGE_COMPARE_MEMORY_IS_SET"
SIGNALS = {signal.SIGINT, signal.SIGTERM}

logger = logging.getLogger("granian")


def serve(host: str, port: int) -> None:
    """Serve, and start anew when granian gives up, as it does where a worker dies twice in 5.5 seconds.

    :raises RuntimeError, ValueError: there is no listening at this address.
    """
    while has_given_up(make_server(host, port)):
        logger.error("Starting anew")
        time.sleep(PAUSE_SECONDS)


def has_given_up(server: AbstractServer[Any]) -> bool:
    """Run a server to its end, and tell whether nobody has asked for that.

    Signals wait from its end to the start of the next, which would not hear of them otherwise.
    """
    server.on_startup(lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS))
    try:
        server.serve()
    except SystemExit:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        return not server.interrupt_signal
    return False


def make_server(host: str, port: int) -> AbstractServer[Any]:
    return Granian(
        "config.asgi:application",
        address=host,
        port=port,
        # Without lifespan events.
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        workers=2,
        # Connections of each worker. They are cheap, also those of slow clients; the work in hand is
        # bounded by the service itself.
        backlog=2048,
        backpressure=1024,
        http1_settings=HTTP1Settings(
            header_read_timeout=3000,
            # A client that does not read its answer keeps several of these filled.
            max_buffer_size=65536,
        ),
        respawn_failed_workers=True,
        # Ctrl-C reaches the workers twice, from the terminal and from granian, after which they don't
        # end by themselves.
        workers_kill_timeout=3,
        log_level=LogLevels.error,
    )


def main() -> None:
    if MEMORY_IS_SET not in os.environ:
        # glibc reads them when a program starts: this one does again.
        environment = MEMORY | os.environ | {MEMORY_IS_SET: "true"}
        os.execve(sys.executable, sys.orig_argv, environment)  # noqa: S606
    env = Env()
    host = env.str("HOST", "127.0.0.1")
    port = env.int("PORT", 8000, validate=validate.Range(min=1, max=MAX_PORT))
    try:
        serve(host, port)
    except (RuntimeError, ValueError) as error:
        # What follows is a trace of the interpreter's insides.
        sys.exit(f"HOST={host} PORT={port}: {str(error).splitlines()[0]}")


if __name__ == "__main__":
    main()
