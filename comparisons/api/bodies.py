"""Request bodies, taken from clients that may be slow, before any thread works for them."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from django.core.exceptions import RequestDataTooBig

from comparisons.gate import ServerBusy
from comparisons.spool import Spool

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

MAX_LENGTH_DIGITS = 18

logger = logging.getLogger("comparisons.bodies")


class BodyTimedOut(Exception):
    """The client sends its body too slowly."""

    def __init__(self) -> None:
        super().__init__("the request's body takes too long to arrive")


class BodyBrokenOff(Exception):
    """The client has hung up in the middle of its body, or sends invalid chunks: the server tells no difference."""

    def __init__(self) -> None:
        super().__init__("the request's body is incomplete, or its chunked encoding is invalid")


BODY_ERRORS = (RequestDataTooBig, BodyTimedOut, BodyBrokenOff, ServerBusy)


@dataclass(frozen=True, kw_only=True)
class BodyLimits:
    """What bodies may take: each of them, and all of one process that are in hand.

    A body is given up when nothing of it has come for ``patience_seconds``. Each byte that comes buys
    time, at ``min_bytes_per_second``, but never more than that ahead: a fast beginning excuses no
    silence. All of it may take ``timeout_seconds``. Bodies of up to ``small_bytes`` don't share their
    room with larger ones.
    """

    max_bytes: int
    max_bytes_in_hand: int
    timeout_seconds: float
    patience_seconds: float = 10
    min_bytes_per_second: int = 16_000
    small_bytes: int = 2_000_000
    max_small_bytes_in_hand: int = 128_000_000

    def extend_deadline(self, deadline: float, received_bytes: int, now: float) -> float:
        """Tell until when a body must go on of which so many more bytes have come."""
        bought_seconds = received_bytes / self.min_bytes_per_second
        return min(deadline + bought_seconds, now + self.patience_seconds)


def parse_length(content_length: str) -> int:
    """Read a ``Content-Length``; 0 for none, and for one beyond any size, which Python refuses to read."""
    is_length = content_length.isdecimal() and len(content_length) <= MAX_LENGTH_DIGITS
    return int(content_length) if is_length else 0


class Room:
    """Counts the bytes that some bodies of one event loop take, which are being received or have been.

    Where there are too many, it is those that are still arriving that give way: first the one that has
    let the most bytes lie for the longest.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.arriving: set[Body] = set()
        self._count = 0
        # Threads let go of what they have read.
        self._lock = threading.Lock()

    def take(self, body: "Body", size: int) -> None:
        """:raises ServerBusy: there is no room, and nobody who can give way."""
        while self._count + size > self.max_bytes:
            others = [other for other in self.arriving if other is not body and other.size_bytes]
            if not others:
                raise ServerBusy
            max(others, key=Body.measure_idleness).give_way()
        self._add(size)

    def give_back(self, size: int) -> None:
        self._add(-size)

    def _add(self, size: int) -> None:
        with self._lock:
            self._count += size


class BytesInHand:
    """The room for all bodies of one event loop: one for small ones, one for others."""

    def __init__(self, limits: BodyLimits) -> None:
        self.small = Room(limits.max_small_bytes_in_hand)
        self.large = Room(limits.max_bytes_in_hand)


class Body:
    """A request body; use it as a context manager, which keeps it for the block."""

    def __init__(self, limits: BodyLimits, in_hand: BytesInHand) -> None:
        self.size_bytes = 0
        self.file = Spool()
        self._limits = limits
        self._in_hand = in_hand
        self._room = in_hand.small
        self._held_bytes = 0
        self._has_given_way = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def release(self) -> None:
        """Let go of what was received. More than once does no harm."""
        self.file.close()
        self._room.give_back(self._held_bytes)
        self._held_bytes = 0

    async def receive(self, receive: Receive, *, announced: str = "") -> None:
        """Receive it all; then ``file`` is at its start. ``announced`` is its ``Content-Length``.

        :raises RequestDataTooBig: it is larger than the limit.
        :raises BodyTimedOut: it comes too slowly.
        :raises ServerBusy: there are too many bytes in hand.
        :raises BodyBrokenOff: it comes to no end.
        """
        announced_bytes = parse_length(announced)
        self._check_size(announced_bytes)
        loop = asyncio.get_running_loop()
        self._latest_at = loop.time()
        ends_at = self._latest_at + self._limits.timeout_seconds
        deadline = self._latest_at + self._limits.patience_seconds
        self._room.arriving.add(self)
        self._choose_room(announced_bytes)
        try:
            async with asyncio.timeout_at(min(deadline, ends_at)) as self._timeout:
                while message := await receive():
                    part = self._keep(message)
                    if not message.get("more_body"):
                        break
                    self._latest_at = loop.time()
                    deadline = self._limits.extend_deadline(deadline, len(part), self._latest_at)
                    self._timeout.reschedule(min(deadline, ends_at))
        except TimeoutError as error:
            if self._has_given_way:
                raise ServerBusy from error
            raise BodyTimedOut from error
        finally:
            self._room.arriving.discard(self)
        self.file.seek(0)

    def measure_idleness(self) -> float:
        """Tell how many bytes lie here for how long, in byte seconds."""
        return self.size_bytes * (asyncio.get_running_loop().time() - self._latest_at)

    def give_way(self) -> None:
        """Receive no more, and let go of what has come."""
        self._has_given_way = True
        self._room.arriving.discard(self)
        self.release()
        # It may have run out in the same moment.
        if not self._timeout.expired():
            self._timeout.reschedule(asyncio.get_running_loop().time())

    def _keep(self, message: MutableMapping[str, Any]) -> bytes:
        """Keep what has come, and return it."""
        if self._has_given_way:
            raise ServerBusy
        if message["type"] == "http.disconnect":
            raise BodyBrokenOff
        part: bytes = message.get("body", b"")
        size_bytes = self.size_bytes + len(part)
        self._check_size(size_bytes)
        self._choose_room(size_bytes)
        self._take(len(part))
        self.size_bytes = size_bytes
        try:
            self.file.write(part)
        except OSError as error:
            logger.exception("A request's body can't be kept on the disk")
            raise ServerBusy from error
        return part

    def _take(self, size_bytes: int) -> None:
        self._room.take(self, size_bytes)
        self._held_bytes += size_bytes

    def _choose_room(self, size_bytes: int) -> None:
        """Move to the room for large bodies once this is one."""
        if size_bytes > self._limits.small_bytes and self._room is self._in_hand.small:
            self._room.give_back(self._held_bytes)
            self._room.arriving.discard(self)
            self._room, moved_bytes, self._held_bytes = self._in_hand.large, self._held_bytes, 0
            self._room.arriving.add(self)
            self._take(moved_bytes)

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self._limits.max_bytes:
            raise RequestDataTooBig(f"The request has more than {self._limits.max_bytes} bytes.")
