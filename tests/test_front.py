"""How requests reach Django, and answers the server; the rest is tested on the real server."""

import asyncio
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from comparisons.api.bodies import BodyLimits
from comparisons.api.environ import CANCELLATION
from comparisons.cancellation import ServerStopping
from config.front import PART_BYTES, Front, answer, build_environ

# Connections to the database are looked at between parts.
pytestmark = pytest.mark.django_db

LIMITS = BodyLimits(max_bytes=1000, max_bytes_in_hand=1000, timeout_seconds=10)
SCOPE = {
    "type": "http",
    "method": "GET",
    "raw_path": b"/caf%C3%A9%2F%ff",
    "query_string": b"a=%20&b",
    "http_version": "1.1",
    "scheme": "http",
    "server": ("127.0.0.1", "8000"),
    "client": ("127.0.0.1", 50000),
    "headers": [],
}


def test_a_path_reaches_django_as_its_bytes() -> None:
    environ = build_environ(SCOPE)

    assert environ["PATH_INFO"].encode("latin-1") == b"/caf\xc3\xa9/\xff"
    assert environ["QUERY_STRING"] == "a=%20&b"


@pytest.mark.parametrize(
    ("headers", "name", "value"),
    [
        pytest.param([(b"accept", b"a/b")], "HTTP_ACCEPT", "a/b", id="any"),
        pytest.param([(b"content-type", b"a/b")], "CONTENT_TYPE", "a/b", id="of the body"),
        pytest.param([(b"accept", b"a"), (b"accept", b"b")], "HTTP_ACCEPT", "a,b", id="twice"),
        pytest.param([(b"cookie", b"a"), (b"cookie", b"b")], "HTTP_COOKIE", "a; b", id="cookies"),
        pytest.param(
            [(b"x-forwarded-proto", b"http"), (b"x_forwarded_proto", b"https")],
            "HTTP_X_FORWARDED_PROTO",
            "http",
            id="forged with an underscore",
        ),
    ],
)
def test_headers_reach_django_under_their_names(
    headers: list[tuple[bytes, bytes]], name: str, value: str
) -> None:
    assert build_environ({**SCOPE, "headers": headers})[name] == value


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        pytest.param("10.0.0.1", [], "10.0.0.1", id="the proxy itself"),
        pytest.param("10.0.0.1", [b"192.0.2.7"], "192.0.2.7", id="a client of the proxy"),
        pytest.param("10.0.0.1", [b"1.1.1.1, 192.0.2.7"], "192.0.2.7", id="who forges the header"),
        pytest.param("10.0.0.1", [b"1.1.1.1", b"192.0.2.7"], "192.0.2.7", id="in two headers"),
        pytest.param("10.0.0.1", [b"192.0.2.7, 10.0.0.2"], "192.0.2.7", id="two proxies"),
        pytest.param("10.0.0.1", [b"2001:db8::7"], "2001:db8::7", id="IPv6"),
        pytest.param("10.0.0.1", [b"unknown"], "10.0.0.1", id="no address"),
        pytest.param("10.0.0.1", [b"192.0.2.7, "], "10.0.0.1", id="an empty one at the end"),
        pytest.param("::ffff:10.0.0.1", [b"192.0.2.7"], "192.0.2.7", id="IPv4 in IPv6"),
        pytest.param("192.0.2.9", [b"192.0.2.7"], "192.0.2.9", id="somebody else"),
        pytest.param("2001:db8::1", [b"192.0.2.7"], "2001:db8::1", id="somebody else in IPv6"),
    ],
)
def test_the_address_of_a_client_is_what_a_trusted_proxy_says(
    peer: str, forwarded_for: list[bytes], client: str
) -> None:
    headers = [(b"x-forwarded-for", value) for value in forwarded_for]
    scope = {**SCOPE, "client": (peer, 50000), "headers": headers}

    environ = build_environ(scope, trusted_proxies=[ip_network("10.0.0.0/8")])

    assert environ["REMOTE_ADDR"] == client


def test_without_trusted_proxies_nobody_is_believed() -> None:
    headers = [(b"x-forwarded-for", b"192.0.2.7")]

    assert build_environ({**SCOPE, "headers": headers})["REMOTE_ADDR"] == "127.0.0.1"


class Parts:
    """The body of a WSGI answer, which notes that it has been closed."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def close(self) -> None:
        self.is_closed = True


def respond_with(parts: Parts) -> Any:
    def application(_environ: dict[str, Any], start_response: Any) -> Parts:
        start_response("200 OK", [("X-A", "b")])
        return parts

    return application


def test_a_small_answer_is_one_batch_and_closed_with_it() -> None:
    parts = Parts(b"a", b"b")

    batches = answer(respond_with(parts), {})

    assert next(batches) == [
        {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"b")]},
        {"type": "http.response.body", "body": b"ab"},
    ]
    assert parts.is_closed


def test_a_large_answer_goes_out_part_by_part() -> None:
    parts = Parts(bytes(PART_BYTES), bytes(2 * PART_BYTES + 1))

    sizes = [len(batch[-1]["body"]) for batch in answer(respond_with(parts), {})]

    assert sizes == [PART_BYTES] * 3 + [1, 0]


def test_an_answer_that_is_given_up_is_closed() -> None:
    parts = Parts(*[bytes(PART_BYTES)] * 3)
    batches = answer(respond_with(parts), {})
    next(batches)

    thread = threading.Thread(target=batches.close)
    thread.start()
    thread.join()

    assert parts.is_closed


def test_a_time_out_of_the_application_is_not_taken_for_the_clients() -> None:
    def application(_environ: dict[str, Any], _start_response: Any) -> Parts:
        # As when a file of a network's disk is read.
        raise TimeoutError("the disk does not answer")

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        raise AssertionError(message)

    front = Front(application, LIMITS, max_threads=1)

    with pytest.raises(TimeoutError, match="disk"):
        asyncio.run(front({**SCOPE}, receive, send))


def test_a_worker_with_other_comparisons_in_hand_closes_the_connection_after_an_answer() -> None:
    both_in_hand = threading.Barrier(2, timeout=5)
    first_is_answered = threading.Event()

    def application(environ: dict[str, Any], start_response: Any) -> Parts:
        both_in_hand.wait()
        if environ["PATH_INFO"] == "/second":
            first_is_answered.wait(5)
        start_response("201 Created", [])
        return Parts(b"")

    front = Front(application, LIMITS, max_threads=2)
    headers: dict[str, list[tuple[bytes, bytes]]] = {}

    async def post(path: str) -> None:
        messages = [{"type": "http.request"}]

        async def receive() -> dict[str, Any]:
            if not messages:
                # It stays connected.
                await asyncio.Event().wait()
            return messages.pop()

        async def send(message: Any) -> None:
            headers.setdefault(path, message.get("headers"))

        await front({**SCOPE, "method": "POST", "raw_path": path.encode()}, receive, send)
        first_is_answered.set()

    async def post_both() -> None:
        await asyncio.gather(post("/first"), post("/second"))

    asyncio.run(post_both())

    assert headers == {"/first": [(b"connection", b"close")], "/second": []}


def test_a_connection_is_not_closed_before_a_refused_body_has_been_taken() -> None:
    """What is still on its way would reset it, and the client never see why."""
    parts = [b"a" * LIMITS.max_bytes, b"b", b"c", b"d"]
    sent: list[Any] = []
    left_when_it_ends: list[int] = []

    def application(_environ: dict[str, Any], start_response: Any) -> Parts:
        start_response("413 Content Too Large", [])
        return Parts(b"too large")

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            left_when_it_ends.append(len(parts))

    front = Front(application, LIMITS, max_threads=1)
    asyncio.run(front({**SCOPE, "method": "POST"}, receive, send))

    assert (b"connection", b"close") in sent[0]["headers"]
    assert b"".join(message.get("body", b"") for message in sent) == b"too large"
    assert left_when_it_ends == [0]


def test_a_client_that_sends_no_more_of_a_refused_body_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("config.front.LINGER_SECONDS", 0.1)
    sent: list[Any] = []

    def application(_environ: dict[str, Any], start_response: Any) -> Parts:
        start_response("413 Content Too Large", [])
        return Parts(b"")

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    front = Front(application, LIMITS, max_threads=1)
    headers = [(b"content-length", b"%d" % (LIMITS.max_bytes + 1))]

    async def answer_in_time() -> None:
        async with asyncio.timeout(10):
            await front({**SCOPE, "method": "POST", "headers": headers}, receive, send)

    asyncio.run(answer_in_time())

    assert sent[-1] == {"type": "http.response.body"}


def test_work_in_hand_is_cancelled_when_the_server_stops_and_still_answered() -> None:
    begun = threading.Event()
    sent: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> Parts:
        begun.set()
        while not environ[CANCELLATION].is_cancelled:
            time.sleep(0.01)
        with pytest.raises(ServerStopping):
            environ[CANCELLATION].check()
        start_response("503 Service Unavailable", [])
        return Parts(b"stopping")

    front = Front(application, LIMITS, max_threads=1)
    messages = [{"type": "http.request"}]

    async def receive() -> dict[str, Any]:
        if not messages:
            # It stays connected.
            await asyncio.Event().wait()
        return messages.pop()

    async def send(message: Any) -> None:
        sent.append(message)

    async def serve_and_stop() -> None:
        serving = asyncio.ensure_future(front({**SCOPE}, receive, send))
        await asyncio.to_thread(begun.wait, 5)
        front.cancel()
        await serving

    asyncio.run(serve_and_stop())

    assert [message.get("status") for message in sent] == [503, None]
    assert sent[-1]["body"] == b"stopping"
