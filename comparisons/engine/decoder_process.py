"""A process that decodes images, seen from the one that asks."""

import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.reduction import send_handle
from pathlib import Path

from .composite import Color
from .errors import DecodeError, ImageCorrupt, ImageUnsupported
from .options import ColorProfiles, Limits
from .picture import Picture
from .shared_memory import BYTES_PER_PIXEL, Planes, SharedMemory

Check = Callable[[], object]

ROOT = Path(__file__).parents[2]
PROGRAM = "comparisons.engine.decoder_child"

# Of the memory that is kept.
MAX_KEPT_PIXELS = 40_000_000
KEPT_BYTES = BYTES_PER_PIXEL * MAX_KEPT_PIXELS

# How often it is checked whether anybody still waits.
CHECK_SECONDS = 0.2

# What no other process sends: the decoder has done what it may not.
CRASHES = {
    *(signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV),
    *(signal.SIGSYS, signal.SIGTRAP),
}


@dataclass(frozen=True)
class Request:
    """To decode the first bytes of shared memory, and write their picture there.

    ``pixels`` is what the file announces. The picture is laid on the background, if one is given.
    """

    size_bytes: int
    pixels: int
    limits: Limits
    background: Color | None = None
    uses_kept_memory: bool = False
    color_profiles: ColorProfiles = ColorProfiles.APPLY

    @property
    def memory_bytes(self) -> int:
        return max(self.size_bytes, BYTES_PER_PIXEL * self.pixels)

    @property
    def processor_seconds(self) -> int:
        """No honest picture has been seen to take a quarter of it."""
        return 5 + self.pixels // 2_000_000

    @property
    def wall_seconds(self) -> int:
        """The process may get a part of a core only."""
        return 4 * self.processor_seconds


Answer = Planes | DecodeError


class DecoderKilled(Exception):
    """The process has not ended by itself, or has not started."""


class DecoderProcess:
    """The process, as long as it lives."""

    def __init__(self) -> None:
        """:raises OSError: it can't be started."""
        self.is_ready = False
        with SharedMemory(KEPT_BYTES) as self.memory:
            self._connection, theirs = Pipe()
            with theirs:
                descriptors = theirs.fileno(), self.memory.descriptor
                self._process = subprocess.Popen(  # noqa: S603 - all of it is written here
                    [
                        *(sys.executable, "-m", PROGRAM),
                        *map(str, descriptors),
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    cwd=ROOT,
                    pass_fds=descriptors,
                )
        weakref.finalize(self, end_process, self._process, self._connection)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self, timeout_seconds: float = 0) -> bool:
        """:raises DecoderKilled: it has ended."""
        try:
            if not self.is_ready and self._connection.poll(timeout_seconds):
                self._connection.recv()
                self.is_ready = True
        except (EOFError, OSError) as error:
            raise DecoderKilled from error
        return self.is_ready

    def ask(self, request: Request, content: bytes, check: Check) -> Picture | DecodeError:
        """Send the request and get the answer; the picture's memory is its own.

        What ``check`` raises meanwhile ends the process.

        :raises DecodeError: the image is to blame for the process's end.
        :raises DecoderKilled: the process has ended, and the image is not to blame.
        """
        if request.uses_kept_memory:
            self.send(request, content, self.memory)
            answer = self.receive(request, check)
            return self.memory.copy_picture(answer) if isinstance(answer, Planes) else answer
        with SharedMemory(request.memory_bytes) as memory:
            self.send(request, content, memory)
        answer = self.receive(request, check)
        return memory.view_picture(answer)[0] if isinstance(answer, Planes) else answer

    def send(self, request: Request, content: bytes, memory: SharedMemory) -> None:
        """:raises DecoderKilled: the process has ended."""
        memory.map[: len(content)] = content
        try:
            self._connection.send(request)
            if not request.uses_kept_memory:
                send_handle(self._connection, memory.descriptor, self._process.pid)
        except OSError as error:
            raise DecoderKilled from error

    def receive(self, request: Request, check: Check) -> Answer:
        """Get the answer; if it does not come, the process has ended.

        What ``check`` raises meanwhile ends it too.

        :raises DecodeError: the image is to blame.
        :raises DecoderKilled: it is not.
        """
        try:
            self._wait(request, check)
        except BaseException:
            self._process.kill()
            raise
        try:
            answer: Answer = self._connection.recv()
        except (EOFError, OSError):
            raise explain_end(self._process.wait(), request) from None
        return answer

    def _wait(self, request: Request, check: Check) -> None:
        """:raises ImageUnsupported: there is no answer in time."""
        ends_at = time.monotonic() + request.wall_seconds
        while not self._connection.poll(CHECK_SECONDS):
            check()
            if time.monotonic() > ends_at:
                raise ImageUnsupported(
                    f"the image takes longer to decode than {request.wall_seconds} seconds"
                )


def explain_end(code: int, request: Request) -> DecodeError | DecoderKilled:
    if code == -signal.SIGXCPU:
        return ImageUnsupported(
            f"the image takes more than {request.processor_seconds} seconds of CPU time to decode"
        )
    # It ends by itself only if it can't go on.
    if code >= 0 or -code in CRASHES:
        return ImageCorrupt("the image is corrupt: it crashes its decoder")
    return DecoderKilled()


def end_process(process: subprocess.Popen[bytes], connection: Connection) -> None:
    connection.close()
    process.kill()
    process.wait()
