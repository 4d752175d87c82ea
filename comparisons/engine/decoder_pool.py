"""Processes that decode images beside this one.

**In limits** (``decode``): what Pillow and its libraries are needed for. Those allocate and loop
by what they find in the file. An image gets as much memory and time as its pixels allow for; where its
decoder takes more, or crashes, the image is refused and the process replaced.

**To save time** (``begin``): the second of two large PNGs, whose decoder holds the interpreter lock. The pixels
come back in memory that is written again and again: new memory would cost as much time as is won.
"""

import struct
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial

from .composite import Color
from .containers import read_container
from .containers.png_chunks import SIGNATURE
from .decode import decode_image, decode_on
from .decoder_process import (
    CHECK_SECONDS,
    KEPT_BYTES,
    MAX_KEPT_PIXELS,
    Check,
    DecoderKilled,
    DecoderProcess,
    Request,
)
from .errors import DecodeError
from .options import ColorProfiles, Limits
from .picture import Picture

# For an idle process, and for a new one to be ready.
MAX_WAIT_SECONDS = 10
# A process may be ended by hand, or for want of memory.
ATTEMPTS = 2
# To copy a picture out of memory that has been written before takes less time than memory that is new.
MAX_COPIED_BYTES = 32_000_000
# Where they are ended before they are ready, again and again, none is started to save time.
MAX_FAILED_STARTS = 3

# Of fewer, asking takes as long as decoding.
MIN_PIXELS = 500_000

# https://www.w3.org/TR/png-3/#11IHDR
HEADER = struct.Struct(">16x II BB")
PALETTE = 3

# Elsewhere, images are decoded here.
IS_AVAILABLE = sys.platform == "linux"


class NoDecoder(Exception):
    """All processes are busy, or none can be started."""


def go_on() -> None:
    """Let a caller wait whatever happens."""


class DecoderPool:
    """Up to ``size`` processes, started as they are needed. They end with this one.

    While a caller waits, ``check`` is called again and again: what it raises ends the waiting and the work.
    """

    def __init__(self, size: int = 2) -> None:
        self._places = threading.BoundedSemaphore(size)
        # A picture may keep its process for as long as anybody has it: not all of them.
        self._leases = threading.BoundedSemaphore(size - 1)
        self._starts_left = MAX_FAILED_STARTS if IS_AVAILABLE else 0
        # Some may have ended meanwhile.
        self._idle: list[DecoderProcess] = []

    def decode(
        self,
        content: bytes,
        background: Color | None,
        limits: Limits,
        check: Check = go_on,
        color_profiles: ColorProfiles = ColorProfiles.APPLY,
    ) -> Picture:
        """Decode an image in limits, and lay it on the background, if one is given.

        :raises DecodeError: the leaf that says what is wrong with ``content``.
        :raises NoDecoder: no process is idle in time.
        """
        if not IS_AVAILABLE:
            return decode_here(content, background, limits, color_profiles)
        request = make_request(content, limits)
        picture = self._ask(
            replace(request, background=background, color_profiles=color_profiles), content, check
        )
        return name_background(picture, background)

    def begin(
        self,
        content: bytes,
        background: Color,
        limits: Limits,
        check: Check = go_on,
        color_profiles: ColorProfiles = ColorProfiles.APPLY,
    ) -> Callable[[], Picture] | None:
        """Begin to decode; return what does the rest of ``decode_on``. None if no process is ready for it.

        What is to be decoded here meanwhile has to begin later: it may not let go of the interpreter lock.
        """
        request = Request(
            len(content),
            MAX_KEPT_PIXELS,
            limits,
            background,
            uses_kept_memory=True,
            color_profiles=color_profiles,
        )
        with ExitStack() as lease:
            for places in (self._leases, self._places):
                if not places.acquire(blocking=False):
                    return None
                lease.callback(places.release)
            process = self._find_ready()
            if process is None:
                return None
            with suppress(DecoderKilled):
                process.send(request, content, process.memory)
                return partial(self._finish, process, request, lease.pop_all(), content, check)
        return None

    def make_room(self) -> None:
        """Give back the memory that is kept for the next picture."""
        for _ in range(len(self._idle)):
            if not self._places.acquire(blocking=False):
                return
            process = self._take_idle()
            if process:
                process.memory.forget()
                self._idle.insert(0, process)
            self._places.release()

    def _ask(self, request: Request, content: bytes, check: Check) -> Picture:
        request = replace(request, uses_kept_memory=request.memory_bytes <= MAX_COPIED_BYTES)
        for _ in range(ATTEMPTS):
            with suppress(DecoderKilled), self._hold_process(check) as process:
                answer = process.ask(request, content, check)
                self._idle.append(process)
                if isinstance(answer, DecodeError):
                    raise answer
                return answer
        raise NoDecoder

    @contextmanager
    def _hold_process(self, check: Check) -> Iterator[DecoderProcess]:
        """Hold one that is ready, for the block, which puts it back if it can go on.

        :raises NoDecoder: none is idle in time, or can be started.
        """
        ends_at = time.monotonic() + MAX_WAIT_SECONDS
        while not self._places.acquire(timeout=min(CHECK_SECONDS, MAX_WAIT_SECONDS)):
            check()
            if time.monotonic() > ends_at:
                raise NoDecoder
        try:
            process = self._take_idle() or start_process()
            if not process.wait_until_ready(MAX_WAIT_SECONDS):
                raise NoDecoder
            yield process
        finally:
            self._places.release()

    def _take_idle(self) -> DecoderProcess | None:
        """Take one that has not ended."""
        with suppress(IndexError):
            while True:
                process = self._idle.pop()
                if process.is_alive():
                    return process
                self._starts_left -= not process.is_ready
        return None

    def _find_ready(self) -> DecoderProcess | None:
        """Take one that is ready; else start one, for later."""
        try:
            process = self._take_idle()
            if process is None and self._starts_left > 0:
                process = start_process()
            if process and process.wait_until_ready():
                return process
            if process:
                self._idle.append(process)
        except (DecoderKilled, NoDecoder):
            self._starts_left -= 1
        return None

    def _finish(
        self,
        process: DecoderProcess,
        request: Request,
        lease: ExitStack,
        content: bytes,
        check: Check,
    ) -> Picture:
        with lease:
            try:
                answer = process.receive(request, check)
            except DecoderKilled:
                return self.decode(
                    content, request.background, request.limits, check, request.color_profiles
                )
            lease.callback(self._idle.append, process)
            if isinstance(answer, DecodeError):
                raise answer
            picture, owner = process.memory.view_picture(answer)
            weakref.finalize(owner, lease.pop_all().close)
            return name_background(picture, request.background)


def make_request(content: bytes, limits: Limits) -> Request:
    """:raises DecodeError: what the file announces is too much, or can't be read."""
    return Request(len(content), read_container(content, limits).pixels, limits)


def decode_here(
    content: bytes, background: Color | None, limits: Limits, color_profiles: ColorProfiles
) -> Picture:
    if background is None:
        return decode_image(content, limits, color_profiles)
    return decode_on(content, background, limits, color_profiles)


def name_background(picture: Picture, background: Color | None) -> Picture:
    """Say what the picture lies on, if there is anything to see of it."""
    return replace(picture, background=background) if picture.alpha is not None else picture


def start_process() -> DecoderProcess:
    """:raises NoDecoder: it can't be started."""
    try:
        return DecoderProcess()
    except OSError as error:
        raise NoDecoder from error


def gains_from_process(content: bytes) -> bool:
    """Tell whether a file is a large PNG of a kind that only the decoder with the lock is quick at."""
    if not content.startswith(SIGNATURE) or not HEADER.size <= len(content) <= KEPT_BYTES:
        return False
    width, height, depth, color_type = HEADER.unpack_from(content)
    is_large = bool(MIN_PIXELS <= width * height <= MAX_KEPT_PIXELS)
    return is_large and depth >= 8 and color_type != PALETTE
