"""An answer, read within bounds that neither http.client nor urllib3 sets."""

import io
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import Any

from .deadline import Deadline
from .errors import TooManyBytes

# As Node.js has it: https://nodejs.org/api/cli.html#--max-http-header-sizesize
MAX_HEAD_BYTES = 16 * 1024
# Of the headers before a body http.client takes fewer, but any number of them behind it.
MAX_HEAD_LINES = 200
# What comes with a body: status line, headers, the frames of chunks.
MAX_EXTRA_BYTES = 1_000_000
# Before the final one, such as 103 Early Hints: https://www.rfc-editor.org/rfc/rfc9110#section-15.2
MAX_INTERIM_ANSWERS = 100
# A read from the connection or a line around a chunk takes microseconds, in which no other thread works,
# however little it brings. It has to bring so many bytes on average, but for the first thousand.
BYTES_PER_STEP = 256
FREE_STEPS = 1000


class BoundedResponse(HTTPResponse):
    def __init__(
        self, sock: Any, *args: Any, max_bytes: int, deadline: Deadline, **kwargs: Any
    ) -> None:
        super().__init__(sock, *args, **kwargs)
        received = self.fp.detach()
        self.fp: BoundedReader = BoundedReader(ReceivedBytes(received, max_bytes, deadline))
        self._interim_answers = 0

    def _read_status(self) -> tuple[str, int, str]:
        self.fp.begin_head()
        # typeshed knows only what is public.
        version, status, reason = super()._read_status()  # type: ignore[misc]
        if not is_interim(status):
            return version, status, reason
        self._interim_answers += 1
        if self._interim_answers > MAX_INTERIM_ANSWERS:
            raise HTTPException("too many interim answers")
        # The only one that http.client passes over.
        return version, HTTPStatus.CONTINUE, reason

    def begin(self) -> None:
        super().begin()
        # Nothing is kept that a host could know us by, nor parsed, at which Python prints its failures.
        del self.headers["Set-Cookie"]


def is_interim(status: int) -> bool:
    """Tell whether another answer follows; not after a switch to a protocol that nobody asked for."""
    return status // 100 == 1 and status != HTTPStatus.SWITCHING_PROTOCOLS


class ReceivedBytes(io.RawIOBase):
    """All bytes of one answer as they come from the connection, counted, and none after the deadline.

    What has arrived before a connection is shut down can still be read from it, and be much.
    """

    def __init__(self, received: io.RawIOBase, max_bytes: int, deadline: Deadline) -> None:
        self._received = received
        self._max_bytes = max_bytes
        self._bytes_left = max_bytes + MAX_EXTRA_BYTES
        self._credit_bytes = FREE_STEPS * BYTES_PER_STEP
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        self._deadline.check()
        count = self._received.readinto(buffer) or 0
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise TooManyBytes(f"the image has more than {self._max_bytes} bytes")
        self.count_step(count)
        return count

    def count_step(self, brought_bytes: int) -> None:
        """:raises TooManyBytes: the host has us take too many steps for what they bring."""
        self._credit_bytes += brought_bytes - BYTES_PER_STEP
        if self._credit_bytes < 0:
            raise TooManyBytes("the image comes in too many small pieces")

    def close(self) -> None:
        self._received.close()
        super().close()


class BoundedReader(io.BufferedReader):
    """Tells headers and the lines around chunks from bodies by how they are read."""

    def __init__(self, received: ReceivedBytes) -> None:
        super().__init__(received)
        self._count_step = received.count_step
        self.begin_head()

    def begin_head(self) -> None:
        """Begin to count lines anew."""
        self._head_bytes = self._head_lines = 0

    def readline(self, _size: int | None = -1, /) -> bytes:
        line = super().readline(MAX_HEAD_BYTES + 1 - self._head_bytes)
        self._head_bytes += len(line)
        self._head_lines += 1
        if self._head_bytes > MAX_HEAD_BYTES or self._head_lines > MAX_HEAD_LINES:
            raise HTTPException("the headers are too long")
        # What was received counts as the body's, but for this.
        self._count_step(-len(line))
        # Python takes a Content-Type apart, in the square of its length, and nobody asks what it is.
        return b"X-" + line if line[:12].lower() == b"content-type" else line

    def read(self, size: int | None = -1, /) -> bytes:
        # As much as a chunk says that it has; if that is a negative number, all that ever comes.
        if size is None or size < 0:
            raise HTTPException("a length is negative")
        self._head_bytes = self._head_lines = 0
        return super().read(size)
