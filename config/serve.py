"""Serve until SIGTERM or Ctrl-C, and restart crashed workers: ``python -m config.serve``.

This process listens, and starts the workers. The process managers of gunicorn and uvicorn kill workers that
don't respond for a while, which can happen while a decoder holds the GIL, and ignore a second SIGTERM.
"""

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

from environs import Env, validate

MAX_PORT = 65535
WORKERS = 2
BACKLOG = 2048
# The part of a response that the system buffers for a connection, beyond what is in transit.
MAX_UNSENT_BYTES = 128 * 1024
# The delay before a worker is restarted that crashed sooner than this.
PAUSE_SECONDS = 1
# For workers that don't exit by themselves.
KILL_AFTER_SECONDS = 2
# By default, glibc keeps freed memory for each of a hundred threads, up to 32 MB at a time. With these settings
# a worker returns the memory of large pictures and reuses that of small ones. Memory for large pictures uses
# huge pages if the system offers them (MADV_HUGEPAGE), which makes a 4K WebP 10 % faster.
# https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Tunables.html
MEMORY = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "16777216",
    "MALLOC_TRIM_THRESHOLD_": "33554432",
}
# OpenCV writes a line to standard error about each damaged picture, and raises the error too.
QUIET = {"OPENCV_LOG_LEVEL": "OFF"}

SIGNALS = {signal.SIGINT, signal.SIGTERM}

logger = logging.getLogger("config.serve")


@dataclass(frozen=True)
class Worker:
    """When it started, and this process's end of its lifeline. The system closes it if this process dies."""

    started_at: float
    lifeline: int


class Workers:
    """The processes that accept connections and answer requests. A worker that ends is replaced."""

    def __init__(self, listeners: Sequence[socket.socket], shutdown_timeout_seconds: float) -> None:
        self._listeners = listeners
        self._shutdown_timeout_seconds = shutdown_timeout_seconds
        self._workers: dict[int, Worker] = {}
        self._is_ending = False

    def run(self) -> None:
        """Run them until SIGTERM or Ctrl-C. A second signal or the shutdown timeout kills them."""
        for _ in range(WORKERS):
            self._start()
        for signal_number in SIGNALS:
            signal.signal(signal_number, self._end)
        signal.signal(signal.SIGALRM, self._end)
        while self._workers:
            pid, status = os.wait()
            # As PID 1 of a container, this process also adopts orphans.
            if worker := self._workers.pop(pid, None):
                os.close(worker.lifeline)
                if not self._is_ending:
                    logger.error("A worker has ended (%s)", os.waitstatus_to_exitcode(status))
                    self._replace(worker)

    def _replace(self, worker: Worker) -> None:
        if time.monotonic() < worker.started_at + PAUSE_SECONDS:
            time.sleep(PAUSE_SECONDS)
        # A signal in between would miss the new worker.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        if not self._is_ending:
            self._start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def _start(self) -> None:
        # One pipe for each worker: the system signals the end of a pipe to only one process.
        theirs, ours = os.pipe()
        passed_on = [theirs, *(one.fileno() for one in self._listeners)]
        for descriptor in passed_on:
            os.set_inheritable(descriptor, True)  # noqa: FBT003 - it takes no names
        arguments = [self._shutdown_timeout_seconds, *passed_on]
        # Ctrl-C in a terminal also reaches the workers, but this process stops them.
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "config.worker", *map(str, arguments)],
            MEMORY | QUIET | os.environ,
            setsigmask=[signal.SIGINT],
        )
        os.close(theirs)
        self._workers[pid] = Worker(time.monotonic(), ours)

    def _end(self, _signal_number: int, _frame: FrameType | None) -> None:
        if self._is_ending:
            self._send(signal.SIGKILL)
            return
        self._is_ending = True
        for listener in self._listeners:
            listener.close()
        self._send(signal.SIGTERM)
        signal.setitimer(signal.ITIMER_REAL, self._shutdown_timeout_seconds + KILL_AFTER_SECONDS)

    def _send(self, signal_number: signal.Signals) -> None:
        for pid in self._workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal_number)


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on all addresses of a host. Workers inherit the sockets.

    :raises OSError: the host is unknown or the port is in use.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listeners = []
    for family, _, protocol, _, address in dict.fromkeys(found):
        listener = socket.socket(family, socket.SOCK_STREAM, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections inherit this option. Without it, the system buffers megabytes and reports progress
        # only after the client has read a third of them: https://lwn.net/Articles/560082/
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES)
        if family == socket.AF_INET6 and len(found) > 1:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listeners.append(listener)
    return listeners


def main() -> None:
    logging.basicConfig(format="{asctime} {levelname} {name}: {message}", style="{")
    env = Env()
    host = env.str("HOST", "127.0.0.1")
    port = env.int("PORT", 8000, validate=validate.Range(min=1, max=MAX_PORT))
    shutdown_timeout_seconds = env.float(
        "SHUTDOWN_TIMEOUT_SECONDS", 30, validate=validate.Range(min=0, min_inclusive=False)
    )
    try:
        listeners = listen(host, port)
    except OSError as error:
        sys.exit(f"HOST={host} PORT={port}: {error.strerror}")
    Workers(listeners, shutdown_timeout_seconds).run()


if __name__ == "__main__":
    main()
