"""The ASGI application that receives requests and sends responses, with Django behind it.

Waiting for requests, for clients to read responses and for clients to disconnect takes no thread. Django runs
in threads, through WSGI: its own ASGI handler reads the files that it sends into memory, and asgiref's adapter
handles one request at a time and leaves the files open.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from http import HTTPStatus
from math import inf
from typing import Any
from urllib.parse import unquote_to_bytes

from django.db import close_old_connections

from comparisons.api.bodies import BODY_ERRORS, Body, BodyLimits, BytesInHand, Receive
from comparisons.api.environ import BODY_ERROR, CANCELLATION, RELEASE_BODY
from comparisons.cancellation import Cancellation, ServerStopping
from comparisons.gate import ServerBusy

from .clients import Client, Networks, find_client, group_address, parse_address
from .refusals import describe_refusal

Environ = dict[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

# Large responses are sent in parts, one at a time.
PART_BYTES = 64 * 1024
# How long a client has to send the rest of its request, or to read its answer, before the connection is closed.
LINGER_SECONDS = 5


class Front:
    """An ASGI application, only for HTTP, that runs a WSGI application in threads."""

    def __init__(
        self,
        application: Any,
        limits: BodyLimits,
        max_threads: int,
        trusted_proxies: Networks = (),
        *,
        max_posts_per_client: float = inf,
    ) -> None:
        self.application = application
        self.limits = limits
        self.trusted_proxies = trusted_proxies
        self.bytes_in_hand = BytesInHand(limits)
        self.posts_in_hand: Counter[Client] = Counter()
        self.max_posts_per_client = max_posts_per_client
        self.in_hand: set[Cancellation] = set()
        self.threads = ThreadPoolExecutor(max_threads, thread_name_prefix="django")

    def cancel(self) -> None:
        """Cancel the requests in progress, because the server is stopping."""
        for cancellation in self.in_hand:
            cancellation.cancel(ServerStopping())

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        environ = build_environ(scope, self.trusted_proxies)
        self.in_hand.add(environ[CANCELLATION])
        try:
            await self._serve(environ, receive, send)
        finally:
            self.in_hand.discard(environ[CANCELLATION])

    async def _serve(self, environ: Environ, receive: Receive, send: Send) -> None:
        with Body(self.limits, self.bytes_in_hand) as body:
            environ |= {"wsgi.input": body.file, RELEASE_BODY: body.release}
            try:
                await body.receive(receive, announced=environ.get("CONTENT_LENGTH", ""))
            except BODY_ERRORS as error:
                # Django sends the response, as for all errors.
                await self._answer(environ | {BODY_ERROR: error}, lingering(send, receive))
                return
            environ["CONTENT_LENGTH"] = str(body.size_bytes)
            # After the body, a client can only disconnect.
            hang_up = asyncio.ensure_future(receive())
            hang_up.add_done_callback(lambda _: environ[CANCELLATION].cancel())
            try:
                if environ["REQUEST_METHOD"] == "POST":
                    await self._answer_post(environ, send)
                else:
                    await self._answer(environ, send)
            finally:
                hang_up.cancel()

    async def _answer_post(self, environ: Environ, send: Send) -> None:
        """Answer. Close the connection if other comparisons run: the next connection may reach an idle worker."""

        async def send_and_part(message: Message) -> None:
            is_start = message["type"] == "http.response.start"
            is_busy = self.posts_in_hand.total() > 1
            await send(close_after(message) if is_start and is_busy else message)

        client = group_address(parse_address(environ["REMOTE_ADDR"]))
        # Whatever one client sends, there is room for others.
        if self.posts_in_hand[client] >= self.max_posts_per_client:
            environ[BODY_ERROR] = ServerBusy()
        self.posts_in_hand[client] += 1
        try:
            await self._answer(environ, send_and_part)
        finally:
            self.posts_in_hand[client] -= 1
            if not self.posts_in_hand[client]:
                del self.posts_in_hand[client]

    async def _answer(self, environ: Environ, send: Send) -> None:
        run = partial(asyncio.get_running_loop().run_in_executor, self.threads)
        batches = answer(self.application, environ)
        more = True
        try:
            while more and not environ[CANCELLATION].is_hung_up:
                messages = await run(next, batches)
                for message in messages:
                    await send(message)
                more = messages[-1].get("more_body", False)
        finally:
            if more:
                await run(batches.close)


def lingering(send: Send, receive: Receive) -> Send:
    """Close the connection after the response, once the client has sent its body or has had time to.

    Data that arrives at a closed connection resets it, and the client may never see the response.
    https://www.rfc-editor.org/rfc/rfc9112#section-9.6
    """

    async def send_and_linger(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(close_after(message))
        elif message.get("more_body"):
            await send(message)
        else:
            await send({**message, "more_body": True})
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_SECONDS):
                    while (await receive()).get("more_body"):
                        pass
            await send({"type": "http.response.body"})

    return send_and_linger


async def answer_fault(send: Send, receive: Receive) -> None:
    """Send a problem for an error in the server."""
    headers, body = describe_refusal(
        HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", "The server failed; this has been logged."
    )
    send = lingering(send, receive)
    await send(
        {
            "type": "http.response.start",
            "status": HTTPStatus.INTERNAL_SERVER_ERROR,
            "headers": headers,
        }
    )
    await send({"type": "http.response.body", "body": body})


def close_after(start: Message) -> Message:
    """Add the header that closes the connection after the response."""
    return {**start, "headers": [*start["headers"], (b"connection", b"close")]}


def build_environ(scope: Message, trusted_proxies: Networks = ()) -> Environ:
    """Describe a request as WSGI does: https://peps.python.org/pep-3333/#environ-variables"""
    server_name, server_port = scope["server"]
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server_name,
        "SERVER_PORT": str(server_port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        CANCELLATION: Cancellation(),
    }
    for name, value in scope["headers"]:
        # X_Forwarded_Proto would become the same variable as a proxy's X-Forwarded-Proto.
        if b"_" in name:
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        if key not in {"CONTENT_LENGTH", "CONTENT_TYPE"}:
            key = f"HTTP_{key}"
        text = value.decode("latin-1")
        separator = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{separator}{text}" if key in environ else text
    if trusted_proxies:
        forwarded_for = environ.get("HTTP_X_FORWARDED_FOR", "")
        environ["REMOTE_ADDR"] = find_client(environ["REMOTE_ADDR"], forwarded_for, trusted_proxies)
    return environ


def answer(application: Any, environ: Environ) -> Generator[list[Message]]:
    """Yield the ASGI messages of a WSGI application's response in batches.

    Each step may run in another thread. If ``more_body`` of the last message is set, another batch follows.
    """
    messages: list[Message] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
        messages.append(
            {
                "type": "http.response.start",
                "status": int(status.partition(" ")[0]),
                "headers": [
                    (name.lower().encode("latin-1"), value.encode("latin-1"))
                    for name, value in headers
                ],
            }
        )

    body = b""
    with closing(application(environ, start_response)) as parts:
        for part in parts:
            body += part
            if len(body) >= PART_BYTES:
                # Database connections belong to a thread; the next part may run in another.
                close_old_connections()
                for start in range(0, len(body), PART_BYTES):
                    part_body = body[start : start + PART_BYTES]
                    yield [
                        *messages,
                        {"type": "http.response.body", "body": part_body, "more_body": True},
                    ]
                    messages = []
                body = b""
    yield [*messages, {"type": "http.response.body", "body": body}]
