"""A process beside this one that decodes PNGs: their decoder holds the interpreter lock.

Two PNGs in two threads take turns. With one of them decoded beside, a pair takes as long as one. The pixels
come back in memory that both processes share and that is written again and again: new memory would
cost as much time as is won.
"""

import mmap
import os
import struct
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .composite import Color
from .decode import decode_on
from .errors import DecodeError
from .options import Limits
from .parts import PNG_SIGNATURE
from .picture import Picture

ROOT = Path(__file__).parents[2]

# Of fewer, asking takes as long as decoding.
MIN_PIXELS = 500_000
MAX_PIXELS = 40_000_000
# Three for the colour of each pixel, one for its opacity. What is never written takes no memory.
MEMORY_BYTES = 4 * MAX_PIXELS
# It may be killed before it is ready, for want of memory say; where that goes on, it can't be had.
MAX_FAILED_STARTS = 3

# https://www.w3.org/TR/png-3/#11IHDR
HEADER = struct.Struct(">16x II BB")
PALETTE = 3


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
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._starts_left = MAX_FAILED_STARTS if hasattr(os, "memfd_create") else 0

    def begin(
        self, content: bytes, background: Color, limits: Limits
    ) -> Callable[[], Picture] | None:
        """Begin to decode; return what does the rest of ``decode_on``. None if it is busy or not there.

        What is to be decoded here meanwhile has to begin later: it may not let go of the interpreter lock.
        """
        with ExitStack() as lease:
            if not self._lock.acquire(blocking=False):
                return None
            lease.callback(self._lock.release)
            child = self._find_child()
            if child is None:
                return None
            try:
                child.send(content, background, limits)
            except OSError:
                self._child = None
                return None
            return partial(self._finish, child, lease.pop_all(), content, background, limits)

    def make_room(self) -> None:
        """Give back the memory that is kept for the next picture."""
        if self._lock.acquire(blocking=False):
            if self._child:
                self._child.forget_pixels()
            self._lock.release()

    def _find_child(self) -> "_Child | None":
        """Get the process if it is ready; else start it, for later."""
        try:
            if self._child is None and self._starts_left:
                self._child = _Child()
            return self._child if self._child and self._child.is_ready() else None
        except (EOFError, OSError):
            self._child = None
            self._starts_left -= 1
            return None

    def _finish(
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
                # If it has ended because of this picture, so be it: without it, this one would have.
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
        """:raises OSError: it can't be started."""
        self._is_ready = False
        with ExitStack() as passed_on:
            descriptor = os.memfd_create("pixels")
            passed_on.callback(os.close, descriptor)
            os.ftruncate(descriptor, MEMORY_BYTES)
            self.memory = mmap.mmap(descriptor, MEMORY_BYTES)
            self._connection, theirs = Pipe()
            passed_on.enter_context(theirs)
            process = subprocess.Popen(  # noqa: S603 - all of it is written here
                [
                    *(sys.executable, "-m", "comparisons.engine.decoder_child"),
                    *(str(theirs.fileno()), str(descriptor)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
                pass_fds=(theirs.fileno(), descriptor),
            )
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
        # Not every system can: https://github.com/google/gvisor/blob/master/pkg/sentry/syscalls/linux/sys_mmap.go
        with suppress(OSError):
            self.memory.madvise(mmap.MADV_REMOVE)


def gains_from_process(content: bytes) -> bool:
    """Tell whether a file is a large PNG of a kind that only the decoder with the lock is quick at."""
    if not content.startswith(PNG_SIGNATURE) or not HEADER.size <= len(content) <= MEMORY_BYTES:
        return False
    width, height, depth, color_type = HEADER.unpack_from(content)
    is_large = bool(MIN_PIXELS <= width * height <= MAX_PIXELS)
    return is_large and depth >= 8 and color_type != PALETTE


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
