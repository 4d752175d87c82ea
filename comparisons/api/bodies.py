"""Request bodies, taken from clients that may be slow, before any thread works for them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any, Self

from django.core.exceptions import RequestDataTooBig

from comparisons.gate import ServerBusy

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

logger = logging.getLogger("comparisons.bodies")


class BodyTimedOut(Exception):
    """The client sends its body too slowly."""

    def __init__(self) -> None:
        super().__init__("the request's body takes too long to arrive")


class BodyBrokenOff(Exception):
    """The client has hung up amid its body, or sends chunks that are none: the server says the same of both."""

    def __init__(self) -> None:
        super().__init__("the request's body breaks off, or its chunks can't be read")


BODY_ERRORS = (RequestDataTooBig, BodyTimedOut, BodyBrokenOff, ServerBusy)


@dataclass(frozen=True, kw_only=True)
class BodyLimits:
    """What bodies may take: each of them, and with ``max_bytes_in_hand`` all of one process.

    A body has ``grace_seconds``, and another second for each ``min_bytes_per_second`` that have come,
    but ``timeout_seconds`` at most. Beyond ``max_bytes_in_memory`` it is kept on the disk.
    """

    max_bytes: int
    max_bytes_in_hand: int
    timeout_seconds: float
    grace_seconds: float = 20
    min_bytes_per_second: int = 16_000
    max_bytes_in_memory: int = 256 * 1024

    def allow_seconds(self, received_bytes: int) -> float:
        """Tell how long a body may have taken that is not complete yet."""
        return min(
            self.timeout_seconds, self.grace_seconds + received_bytes / self.min_bytes_per_second
        )


class BytesInHand:
    """Counts the bytes of the bodies that one event loop receives or has received."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._count = 0

    def add(self, size: int) -> None:
        """:raises ServerBusy: there would be too many."""
        if self._count + size > self.max_bytes:
            raise ServerBusy
        self._count += size

    def remove(self, size: int) -> None:
        self._count -= size


class Body:
    """A request body; use it as a context manager, which keeps it for the block."""

    def __init__(self, limits: BodyLimits, in_hand: BytesInHand) -> None:
        self.size_bytes = 0
        self.file: IO[bytes] = SpooledTemporaryFile(limits.max_bytes_in_memory)  # noqa: SIM115
        self._limits = limits
        self._in_hand = in_hand

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.file.close()
        self._in_hand.remove(self.size_bytes)

    async def receive(self, receive: Receive, *, announced: str = "") -> None:
        """Receive it all; then ``file`` is at its start. ``announced`` is its ``Content-Length``.

        :raises RequestDataTooBig: it is larger than the limit.
        :raises BodyTimedOut: it comes too slowly.
        :raises ServerBusy: there are too many bytes in hand.
        :raises BodyBrokenOff: it comes to no end.
        """
        if announced.isdecimal():
            self._check_size(int(announced))
        started_at = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(started_at + self._limits.allow_seconds(0)) as timeout:
                while await self._receive_part(receive):
                    timeout.reschedule(started_at + self._limits.allow_seconds(self.size_bytes))
        except TimeoutError as error:
            raise BodyTimedOut from error
        self.file.seek(0)

    async def _receive_part(self, receive: Receive) -> bool:
        """Tell whether there is more to come."""
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BodyBrokenOff
        part = message.get("body", b"")
        self._check_size(self.size_bytes + len(part))
        self._in_hand.add(len(part))
        self.size_bytes += len(part)
        try:
            self.file.write(part)
        except OSError as error:
            logger.exception("A request's body can't be kept on the disk")
            raise ServerBusy from error
        return bool(message.get("more_body"))

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self._limits.max_bytes:
            raise RequestDataTooBig(f"The request has more than {self._limits.max_bytes} bytes.")
