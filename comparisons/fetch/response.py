"""An answer, read within bounds that neither http.client nor urllib3 sets."""

import io
from http.client import HTTPException, HTTPResponse
from typing import Any

from .deadline import Deadline
from .errors import TooManyBytes

# As Node.js has it. Python takes the square of a header's length to read it: with 64 KiB of one, a host
# kept it busy for seconds. https://nodejs.org/api/cli.html#--max-http-header-sizesize
MAX_HEAD_BYTES = 16 * 1024
# What comes with a body: status line, headers, the frames of chunks.
MAX_EXTRA_BYTES = 1_000_000


class BoundedResponse(HTTPResponse):
    def __init__(
        self, sock: Any, *args: Any, max_bytes: int, deadline: Deadline, **kwargs: Any
    ) -> None:
        super().__init__(sock, *args, **kwargs)
        received = self.fp.detach()
        self.fp = BoundedReader(ReceivedBytes(received, max_bytes, deadline))

    def begin(self) -> None:
        try:
            super().begin()
        # Python reads numbers that hosts put into a Content-Type.
        except ValueError as error:
            raise HTTPException("the headers can't be read") from error
        # Nothing is kept that a host could know us by, nor parsed, at which Python prints its failures.
        del self.headers["Set-Cookie"]


class ReceivedBytes(io.RawIOBase):
    """All bytes of one answer as they come from the connection, counted, and none after the deadline.

    What has arrived before a connection is shut down can still be read from it, and be much.
    """

    def __init__(self, received: io.RawIOBase, max_bytes: int, deadline: Deadline) -> None:
        self._received = received
        self._max_bytes = max_bytes
        self._bytes_left = max_bytes + MAX_EXTRA_BYTES
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._deadline.check()
        count = self._received.readinto(buffer)
        self._bytes_left -= count or 0
        if self._bytes_left < 0:
            raise TooManyBytes(f"the image has more than {self._max_bytes} bytes")
        return count

    def close(self) -> None:
        self._received.close()
        super().close()


class BoundedReader(io.BufferedReader):
    """Tells headers from bodies by how they are read: line by line."""

    _head_bytes = 0

    def readline(self, _size: int | None = -1, /) -> bytes:
        line = super().readline(MAX_HEAD_BYTES + 1 - self._head_bytes)
        self._head_bytes += len(line)
        if self._head_bytes > MAX_HEAD_BYTES:
            raise HTTPException("the headers are too long")
        return line

    def read(self, size: int | None = -1, /) -> bytes:
        # As much as a chunk says that it has; if that is a negative number, all that ever comes.
        if size is None or size < 0:
            raise HTTPException("a length is negative")
        self._head_bytes = 0
        return super().read(size)
