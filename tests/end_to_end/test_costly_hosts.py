"""Image hosts that make work, on the real server."""

import gzip
from contextlib import suppress
from http.server import BaseHTTPRequestHandler

import pytest

from tests.picture_server import Answer, PictureServer
from tests.pictures import plain

from .processes import Server

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def keep_saying(first: bytes, repeated: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        with suppress(OSError):
            handler.wfile.write(first)
            while True:
                handler.wfile.write(repeated)

    return answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(
            keep_saying(CHUNKED, b"1\r\nx\r\n" * 1000),
            "the image comes in too many small pieces",
            id="a byte per chunk",
        ),
        pytest.param(
            keep_saying(OK + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"") * 1000),
            "the image is larger compressed than as it is",
            id="nothing, compressed",
        ),
    ],
)
def test_a_host_that_makes_work_of_nothing_is_named(
    answer: Answer, reason: str, server: Server, pictures: PictureServer
) -> None:
    url = pictures.answer_with("/work", answer)

    response = server.compare(url, pictures.serve("/2.png", plain("white")))

    problem = response.json()
    assert (response.status_code, problem["code"]) == (413, "too_many_bytes")
    assert [(error["field"], error["detail"]) for error in problem["errors"]] == [
        ("image_url1", reason)
    ]


def test_early_hints_come_before_the_image(server: Server, pictures: PictureServer) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(hints + OK + b"\r\n" + plain("white"))

    url = pictures.answer_with("/1.png", answer)

    response = server.compare(url, pictures.serve("/2.png", plain("white")))

    assert response.status_code == 201
