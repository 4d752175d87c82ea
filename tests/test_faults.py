"""Errors in the code before Django: clients get a problem, and the log a traceback."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from comparisons.api.bodies import BodyLimits
from config.connections import Connection, ConnectionLimits, Places
from config.front import Front

pytestmark = pytest.mark.django_db

LIMITS = BodyLimits(max_bytes=1_000_000, max_bytes_in_hand=1_000_000, timeout_seconds=10)
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n"
BODY = bytes(500_000)


def respond(_environ: dict[str, Any], start_response: Callable[..., None]) -> list[bytes]:
    start_response("200 OK", [])
    return [b"answer"]


def fail(*_arguments: Any, **_options: Any) -> Any:
    raise RuntimeError("a bug")


async def exchange(*parts: bytes, application: Any = respond) -> bytes:
    """Send parts to a server of this process, one after the other; return all that it answers."""
    front = Front(application, LIMITS, max_threads=1)
    config = uvicorn.Config(front, interface="asgi3", lifespan="off", log_config=None)
    limits = ConnectionLimits(max_connections=9, max_per_address=9, send_timeout_seconds=9)
    places, state = Places(limits), ServerState()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: Connection(config, state, {}, places), "127.0.0.1", 0
    )
    async with listening, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.1)
        received = await reader.read()
        writer.close()
    return received


@pytest.mark.parametrize(
    "broken",
    [
        "config.front.build_environ",
        "config.front.answer",
        "config.front.Body",
        "comparisons.api.bodies.Body.receive",
        "comparisons.api.bodies.parse_length",
        "comparisons.api.bodies.Room.take",
    ],
)
@pytest.mark.parametrize(
    "parts", [pytest.param([GET], id="GET"), pytest.param([POST, BODY], id="POST")]
)
def test_a_bug_is_a_problem_and_a_traceback(
    broken: str,
    parts: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(broken, fail)

    head, _, body = asyncio.run(exchange(*parts)).partition(b"\r\n\r\n")

    status_line, *headers = head.decode().lower().split("\r\n")
    assert status_line == "http/1.1 500 internal server error"
    assert {"content-type: application/problem+json", "connection: close"} <= set(headers)
    assert json.loads(body)["code"] == "server_error"
    assert "a bug" not in body.decode()
    assert caplog.text.count("RuntimeError: a bug") == 1


def test_an_answer_that_breaks_off_closes_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    def break_off(_environ: dict[str, Any], start_response: Callable[..., None]) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Length", "1000000")])
        yield bytes(100_000)
        raise RuntimeError("a bug")

    received = asyncio.run(exchange(GET, application=break_off))

    assert received.count(b"HTTP/1.1") == 1
    assert received.endswith(bytes(1000))
    assert caplog.text.count("RuntimeError: a bug") == 1
