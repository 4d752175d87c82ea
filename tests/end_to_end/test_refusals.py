import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.picture_server import PictureServer
from tests.pictures import encode_noise, plain

from .processes import Server, find_free_port
from .records import read_stored

MakeUrl = Callable[[PictureServer], str]


def never_answer(handler: BaseHTTPRequestHandler) -> None:
    # Nothing more comes: this ends when the client closes the connection.
    handler.rfile.read(1)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send a byte now and then, so that the connection never looks idle."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(ConnectionError):
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.2)


def huge_png() -> bytes:
    """Announce more pixels than the server's limit; few bytes, for they are all black."""
    return plain("black", size=(1001, 1000), mode="L")


REFUSALS: dict[str, tuple[int, str, MakeUrl]] = {
    "unreachable host": (
        502,
        "host_unreachable",
        lambda _pictures: f"http://127.0.0.1:{find_free_port()}/",
    ),
    "404 at the host": (502, "host_answered_error", lambda pictures: f"{pictures.url}/missing"),
    "500 at the host": (
        502,
        "host_answered_error",
        lambda pictures: pictures.serve("/broken", plain(), status=500),
    ),
    "too many bytes": (413, "too_many_bytes", lambda p: p.serve("/large", b"\0" * 100_001)),
    "too many pixels": (413, "too_many_pixels", lambda p: p.serve("/huge.png", huge_png())),
    "empty": (422, "image_empty", lambda p: p.serve("/empty.png", b"")),
    "truncated PNG": (422, "image_truncated", lambda p: p.serve("/cut.png", encode_noise(1)[:-99])),
    "truncated JPEG": (
        422,
        "image_truncated",
        lambda p: p.serve("/cut.jpg", encode_noise(1, image_format="JPEG")[:-99]),
    ),
    "metadata address": (
        422,
        "address_not_allowed",
        lambda _pictures: "http://169.254.169.254/latest/meta-data/",
    ),
    "other loopback address": (
        422,
        "address_not_allowed",
        lambda p: p.url.replace("127.0.0.1", "127.0.0.2"),
    ),
    "redirect to a private address": (
        422,
        "address_not_allowed",
        lambda p: p.redirect("/inwards", "http://10.0.0.1/"),
    ),
    "redirect loop": (502, "too_many_redirects", lambda p: p.redirect("/loop", "/loop")),
    "redirect to a file": (
        502,
        "redirect_invalid",
        lambda p: p.redirect("/file", "file:///etc/passwd"),
    ),
    "file: URL": (400, "url_invalid", lambda _pictures: "file:///etc/passwd"),
    "ftp: URL": (400, "url_invalid", lambda _pictures: "ftp://127.0.0.1/1.png"),
    "broken data: URL": (400, "url_invalid", lambda _pictures: "data:image/png;base64,&"),
}
# Each takes as long as the server's patience.
TIMEOUTS: dict[str, tuple[int, str, MakeUrl]] = {
    "silent host": (504, "fetch_timed_out", lambda p: p.answer_with("/silent", never_answer)),
    "dripping host": (504, "fetch_timed_out", lambda p: p.answer_with("/drip", drip)),
}


def cases(*tables: dict[str, tuple[int, str, MakeUrl]]) -> Any:
    return [pytest.param(*case, id=name) for table in tables for name, case in table.items()]


@pytest.mark.parametrize(("status", "code", "make_url"), cases(REFUSALS, TIMEOUTS))
def test_an_image_that_cannot_be_had_is_named_with_the_reason(
    status: int, code: str, make_url: MakeUrl, server: Server, pictures: PictureServer
) -> None:
    good = pictures.serve("/good.png", plain())

    response = server.compare(good, make_url(pictures))

    problem = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [
        ("image_url2", code)
    ]


@pytest.mark.parametrize(("status", "code", "make_url"), cases(REFUSALS))
def test_a_refused_request_leaves_nothing_stored(
    status: int,  # noqa: ARG001 - of the table
    code: str,  # noqa: ARG001
    make_url: MakeUrl,
    server: Server,
    pictures: PictureServer,
) -> None:
    new_picture = pictures.serve("/new.png", encode_noise(99))
    before = read_stored(server)

    server.compare(new_picture, make_url(pictures))

    assert read_stored(server) == before
