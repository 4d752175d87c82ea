"""A process beside this one that decodes PNGs: their decoder holds the interpreter lock.

Two PNGs in two threads take turns. With one of them decoded beside, a pair takes as long as one. The pixels
come back in memory that both processes share and that is written again and again: new memory would
cost as much time as is won.
"""

import mmap
import os
import subprocess
import sys
import threading
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .composite import Color
from .decode import decode_on
from .errors import DecodeError
from .header import MEDIA_TYPES, Header
from .options import Limits
from .picture import Picture

ROOT = Path(__file__).parents[2]

# Of fewer, asking takes as long as decoding.
MIN_PIXELS = 500_000
MAX_PIXELS = 40_000_000
# Three for the colour of each pixel, one for its opacity. What is never written takes no memory.
MEMORY_BYTES = 4 * MAX_PIXELS
# Whoever decodes so many elsewhere needs the memory more.
LARGE_PIXELS = 20_000_000


@dataclass(frozen=True)
class Request:
    """To decode the first bytes of the shared memory, and lay them on a background."""

    size_bytes: int
    background: Color
    limits: Limits


@dataclass(frozen=True)
class Reply:
    """The picture's size; its pixels are in the shared memory."""

    width: int
    height: int
    has_alpha: bool


class DecoderProcess:
    """Decodes a picture at a time, and no other as long as anybody has it.

    It is started when it is first asked, and ends with this one. Where there is none, yet or any more,
    pictures are decoded as ever.
    """

    def __init__(self) -> None:
        self._lease = threading.Lock()
        self._receiver = ThreadPoolExecutor(max_workers=1, thread_name_prefix="decoder-process")
        self._child: _Child | None = None
        self._is_possible = hasattr(os, "memfd_create")

    def submit(
        self, content: bytes, header: Header, background: Color, limits: Limits
    ) -> Future[Picture] | None:
        """Begin to decode as ``decode_on`` does; None if it is better done in this process.

        What is to be decoded here meanwhile has to begin later: it may not let go of the interpreter lock.
        """
        pixels = header.width * header.height
        with ExitStack() as lease:
            if not self._lease.acquire(blocking=False):
                return None
            lease.callback(self._lease.release)
            if not is_worth_it(content, header):
                if self._child and pixels > LARGE_PIXELS:
                    self._child.forget_pixels()
                return None
            child = self._find_child()
            if child is None:
                return None
            try:
                child.send(content, background, limits)
            except OSError:
                self._child = None
                return None
            return self._receiver.submit(
                self._receive, child, lease.pop_all(), content, background, limits
            )

    def _find_child(self) -> "_Child | None":
        """Get the process if it is ready; else start it, for later."""
        if self._child is None and self._is_possible:
            self._child = _Child()
        try:
            return self._child if self._child and self._child.is_ready() else None
        except (EOFError, OSError):
            # It can't even start.
            self._child, self._is_possible = None, False
            return None

    def _receive(
        self,
        child: "_Child",
        lease: ExitStack,
        content: bytes,
        background: Color,
        limits: Limits,
    ) -> Picture:
        with lease:
            try:
                reply = child.receive()
            except (EOFError, OSError):
                # If it has ended because of this picture, so be it: a worker would have, too.
                self._child = None
                return decode_on(content, background, limits)
            if isinstance(reply, DecodeError):
                raise reply
            rgb, alpha, owner = view_planes(child.memory, reply)
            weakref.finalize(owner, lease.pop_all().close)
            return Picture(rgb, alpha, background if reply.has_alpha else None)


class _Child:
    """The process, as long as it lives."""

    def __init__(self) -> None:
        descriptor = os.memfd_create("pixels")
        os.ftruncate(descriptor, MEMORY_BYTES)
        self.memory = mmap.mmap(descriptor, MEMORY_BYTES)
        self._connection, theirs = Pipe()
        self._is_ready = False
        process = subprocess.Popen(  # noqa: S603 - all of it is written here
            [
                *(sys.executable, "-m", "comparisons.engine.decoder_child"),
                *(str(theirs.fileno()), str(descriptor)),
            ],
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            pass_fds=(theirs.fileno(), descriptor),
        )
        theirs.close()
        os.close(descriptor)
        weakref.finalize(self, end_process, process, self._connection)

    def is_ready(self) -> bool:
        """:raises EOFError, OSError: the process has ended."""
        if not self._is_ready and self._connection.poll():
            self._connection.recv()
            self._is_ready = True
        return self._is_ready

    def send(self, content: bytes, background: Color, limits: Limits) -> None:
        """:raises OSError: the process has ended."""
        self.memory[: len(content)] = content
        self._connection.send(Request(len(content), background, limits))

    def receive(self) -> Reply | DecodeError:
        """:raises EOFError, OSError: the process has ended."""
        reply: Reply | DecodeError = self._connection.recv()
        return reply

    def forget_pixels(self) -> None:
        self.memory.madvise(mmap.MADV_REMOVE)


def is_worth_it(content: bytes, header: Header) -> bool:
    return (
        header.media_type == MEDIA_TYPES["PNG"]
        and MIN_PIXELS <= header.width * header.height <= MAX_PIXELS
        and len(content) <= MEMORY_BYTES
    )


def view_planes(
    memory: mmap.mmap, reply: Reply
) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None, NDArray[np.uint8]]:
    """View the shared memory as a picture's ``rgb`` and ``alpha``, and as what both are views of."""
    pixels = reply.width * reply.height
    owner = np.ndarray((MEMORY_BYTES,), np.uint8, buffer=memory)
    rgb = owner[: 3 * pixels].reshape(reply.height, reply.width, 3)
    if not reply.has_alpha:
        return rgb, None, owner
    return rgb, owner[3 * pixels : 4 * pixels].reshape(reply.height, reply.width), owner


def end_process(process: subprocess.Popen[bytes], connection: Connection) -> None:
    connection.close()
    process.kill()
    process.wait()
