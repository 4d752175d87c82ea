"""Connections with limits: clients that stop sending or reading, or open too many, are disconnected.

uvicorn has a timeout for idle connections only and no size limit, and it waits forever for a client that doesn't
read its response.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, cast

import httptools
from uvicorn._types import (
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    Scope,
)
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from comparisons.api.bodies import Receive

from . import refusals
from .clients import Networks, group_address, is_within, parse_address
from .front import LINGER_SECONDS, Send, answer_fault

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 100
HEAD_TIMEOUT_SECONDS = 10
IDLE_TIMEOUT_SECONDS = 20
# Pipelined requests wait in memory for the responses to earlier ones.
MAX_PIPELINED = 16
MAX_LINGERING = 32
# A socket, a file for the request body, and the file that is sent.
DESCRIPTORS_PER_CONNECTION = 3

logger = logging.getLogger("config.connections")


@dataclass(frozen=True, kw_only=True)
class ConnectionLimits:
    """The limits of one process. Those per address don't apply to trusted proxies."""

    max_connections: int
    max_per_address: int
    send_timeout_seconds: float
    trusted_proxies: Networks = ()


class Places:
    """The connections of one process, counted by client."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.refused = 0
        self._clients: dict[Connection, Hashable] = {}
        self._counts: Counter[Hashable] = Counter()
        self._lingering: dict[Connection, None] = {}

    def take(self, connection: "Connection", peer: str) -> bytes | None:
        """Admit a connection, closing an idle one if necessary, or return the response to refuse it with."""
        address = parse_address(peer)
        client = group_address(address)
        if (
            self._counts[client] >= self.limits.max_per_address
            and not is_within(address, self.limits.trusted_proxies)
            and not self._close_idle(client)
        ):
            return refusals.TOO_MANY_FROM_ADDRESS
        if len(self._clients) >= self.limits.max_connections and not self._close_idle():
            return refusals.TOO_MANY_CONNECTIONS
        self._clients[connection] = client
        self._counts[client] += 1
        return None

    def linger(self, connection: "Connection") -> None:
        """Keep a refused connection open for a while, or until too many others are refused."""
        self.refused += 1
        self._lingering[connection] = None
        if len(self._lingering) > MAX_LINGERING:
            oldest = next(iter(self._lingering))
            del self._lingering[oldest]
            oldest.transport.close()

    def leave(self, connection: "Connection") -> None:
        self._lingering.pop(connection, None)
        if connection not in self._clients:
            return
        client = self._clients.pop(connection)
        self._counts[client] -= 1
        if not self._counts[client]:
            del self._counts[client]

    def _close_idle(self, client: Hashable = None) -> bool:
        """Close the oldest idle connection, of one client or of any. Return whether there was one."""
        for connection, its_client in self._clients.items():
            if connection.is_idle and client in {None, its_client}:
                connection.transport.abort()
                self.leave(connection)
                return True
        return False


class HeadTooLarge(Exception):
    """The request line or headers are too long, or there are too many headers."""


class TooManyPipelined(Exception):
    """The client sends too many requests without waiting for the responses."""


REFUSALS: dict[type[BaseException | None], bytes] = {
    HeadTooLarge: refusals.HEAD_TOO_LARGE,
    TooManyPipelined: refusals.TOO_MANY_PIPELINED,
}


def complete_path(url: bytes) -> bytes:
    """Return the request target, with the path ``/`` if an absolute URL has none.

    https://www.rfc-editor.org/rfc/rfc9110#section-4.2.3
    """
    parsed = httptools.parse_url(url)
    if parsed.path:
        return url
    return b"/?" + parsed.query if parsed.query else b"/"


class Connection(HttpToolsProtocol):
    """A connection that was admitted or is being refused. Call ``look_after`` about once a second."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], places: Places
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.places = places
        self._application, self.app = self.app, self._serve
        # The request whose body is incomplete or malformed.
        self._broken_off: Scope | None = None
        # The last response, sent after those to the requests in progress.
        self._refusal: bytes | None = None
        # The server is stopping: close the connection after the requests that have been sent.
        self._is_last = False
        # When the client began to owe request headers, and when it last stopped reading.
        self._waiting_since: float | None = None
        self._unsent_since: float | None = None
        # Ignore what the client sends from now on, then close the connection.
        self._is_deaf = False
        self._closes_at: float | None = None
        # The headers of a request are complete, its body is not.
        self._is_in_body = False
        self._is_replaying = False
        # The size of the current headers, and the bytes since the last complete headers or body part,
        # which includes trailers and blank lines between requests.
        self._head_bytes = 0
        self._useless_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.client is None:
            # The client has already disconnected.
            transport.abort()
        elif refusal := self.places.take(self, self.client[0]):
            self.places.linger(self)
            self._end_with(refusal)
        else:
            self._waiting_since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.places.leave(self)

    @property
    def is_idle(self) -> bool:
        """Return whether all requests are answered and no other has begun to arrive."""
        return (
            self._in_hand is None
            and self._waiting_since is None
            and not self._is_in_body
            and not self.transport.get_write_buffer_size()
        )

    @property
    def _in_hand(self) -> RequestResponseCycle | None:
        """The latest request, if it has not been answered."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return None if cycle is None or cycle.response_complete else cycle

    def shutdown(self) -> None:
        """Answer the requests that are in progress or arriving, then close the connection."""
        self._is_last = True
        self._close_after_last()

    def close_if_unused(self) -> None:
        """Close the connection if no request is in progress or has begun to arrive."""
        if self.is_idle or (self._in_hand is None and not self._useless_bytes):
            self.transport.close()

    def _close_after_last(self) -> None:
        if self._is_last and self._in_hand:
            self._in_hand.keep_alive = False

    def look_after(self, now: float) -> None:
        """Close the connection if the client takes too long."""
        if self._closes_at is not None and now >= self._closes_at:
            self.transport.abort()
        elif self._waiting_since is not None and now >= self._waiting_since + HEAD_TIMEOUT_SECONDS:
            if self._useless_bytes:
                self._refuse(refusals.HEAD_TIMED_OUT)
            else:
                self.transport.close()
        if not self.transport.get_write_buffer_size():
            self._unsent_since = None
        elif self._unsent_since is None:
            self._unsent_since = now
        elif now >= self._unsent_since + self.places.limits.send_timeout_seconds:
            # close() would wait until the client has read the rest.
            self.transport.abort()

    def resume_writing(self) -> None:
        """Note that the client has read what the transport had buffered, down to its low-water mark."""
        super().resume_writing()
        self._unsent_since = None

    def give_up(self) -> None:
        """Refuse the request in progress if its response has not begun."""
        if self._in_hand and not self._in_hand.response_started and not self.pipeline:
            self._in_hand.disconnected = True
            self.transport.write(refusals.STOPPING)
        self.transport.close()

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        self._unset_keepalive_if_required()
        if self._waiting_since is None and not self._is_in_body:
            self._waiting_since = self.loop.time()
        self._useless_bytes += len(data)
        try:
            self._feed(data)
            self._check_size(self._useless_bytes)
        except (httptools.HttpParserError, HeadTooLarge) as error:
            # The parser wraps what its callbacks raise.
            cause = error if isinstance(error, HeadTooLarge) else error.__context__
            self._refuse(REFUSALS.get(type(cause), refusals.NOT_HTTP))
        self._close_after_last()

    def eof_received(self) -> bool:  # type: ignore[override]
        """Keep the connection open only to report that the request body is incomplete."""
        is_broken_off = self._is_in_body and not self.cycle.response_started
        if is_broken_off:
            self._refuse(refusals.NOT_HTTP)
        return is_broken_off

    def _refuse(self, refusal: bytes) -> None:
        """Ignore what the client sends from now on. Answer the requests in progress, then send the refusal."""
        self._is_deaf = True
        self._waiting_since = None
        if self._in_hand is None:
            self._end_with(refusal)
        elif self._is_in_body:
            self._in_hand.keep_alive = False
            self._broken_off = self._in_hand.scope
            self._in_hand.message_event.set()
        else:
            self._refusal = refusal

    def on_response_complete(self) -> None:
        is_last = not self.pipeline and not self.transport.is_closing()
        super().on_response_complete()
        if self._refusal and is_last:
            self._end_with(self._refusal)

    async def _serve(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Run the application, and let it answer a request with an incomplete body.

        Answer exceptions here: uvicorn would send plain text.
        """
        has_begun = False

        async def receive_until_it_breaks_off() -> ASGIReceiveEvent:
            while scope is not self._broken_off:
                event = await receive()
                if event.get("body") or not event.get("more_body"):
                    return event
            return {"type": "http.disconnect"}

        async def send_and_note(event: ASGISendEvent) -> None:
            nonlocal has_begun
            has_begun = True
            await send(event)

        async def receive_rest() -> ASGIReceiveEvent:
            is_complete = scope is not self.scope or not self._is_in_body
            return {"type": "http.disconnect"} if is_complete else await receive()

        try:
            await self._application(scope, receive_until_it_breaks_off, send_and_note)
        except Exception:
            if has_begun:
                # It is too late for another response. uvicorn closes the connection.
                raise
            logger.exception("A request could not be answered")
            await answer_fault(cast("Send", send), cast("Receive", receive_rest))

    def _end_with(self, refusal: bytes) -> None:
        """Send a last response, and close the connection when the client has had time to read it.

        Data that arrives at a closed connection resets it: https://www.rfc-editor.org/rfc/rfc9112#section-9.6
        """
        self._is_deaf = True
        self.flow.resume_reading()
        self.transport.write(refusal)
        self._closes_at = self.loop.time() + LINGER_SECONDS

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay_with_http(data[upgrade.args[0] :])

    def _stay_with_http(self, rest: bytes) -> None:
        """Keep reading a request that asks for another protocol. The parser skips its body.

        https://www.rfc-editor.org/rfc/rfc9110#section-7.8
        """
        framing = b"".join(
            name + b": " + value + b"\r\n"
            for name, value in self.headers
            if name in {b"content-length", b"transfer-encoding"}
        )
        self.parser = httptools.HttpRequestParser(self)
        self._is_replaying = True
        self.parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n")
        self._is_replaying = False
        if rest:
            self._feed(rest)

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > MAX_HEAD_BYTES:
            raise HeadTooLarge

    def on_message_begin(self) -> None:
        if not self._is_replaying:
            super().on_message_begin()
            self._head_bytes = 0
            self._waiting_since = self._waiting_since or self.loop.time()

    def on_url(self, url: bytes) -> None:
        if not self._is_replaying:
            super().on_url(url)
            self._count(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        # Trailers could override headers that a proxy has set.
        if not self._is_replaying and not self._is_in_body:
            super().on_header(name, value)
            self._count(name + value)

    def _count(self, part: bytes) -> None:
        self._head_bytes += len(part)
        self._check_size(self._head_bytes)
        if len(self.headers) > MAX_HEADERS:
            raise HeadTooLarge

    def on_headers_complete(self) -> None:
        if self._is_replaying:
            return
        if len(self.pipeline) >= MAX_PIPELINED:
            raise TooManyPipelined
        if not self.url.startswith(b"/"):
            self.url = complete_path(self.url)
        super().on_headers_complete()
        self._waiting_since = None
        self._useless_bytes = 0
        self._is_in_body = True

    def on_body(self, body: bytes) -> None:
        self._useless_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        # If the request asks for another protocol, its body is still to come.
        if self.parser.should_upgrade():
            return
        self._useless_bytes = 0
        self._is_in_body = False
        super().on_message_complete()
