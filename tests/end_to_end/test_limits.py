"""The limits of an image are the same however it is sent: URL, upload, or data: URL."""

import zlib
from collections.abc import Callable

import pytest
import requests

from tests.comparing import data_url
from tests.picture_server import PictureServer
from tests.pictures import plain

from .processes import Server

# As the server's fixture sets them.
MAX_BYTES = 100_000
MAX_PIXELS = 1_000_000
AT_THE_LIMIT = (1000, 1000)
# 101 x 9901 = 1 000 001
ONE_PIXEL_MORE = (101, 9901)


def make_picture(
    color: str, size: tuple[int, int] = AT_THE_LIMIT, size_bytes: int = MAX_BYTES
) -> bytes:
    """Encode a picture as a PNG of exactly so many bytes, by a comment in it."""
    png = plain(color, size, mode="L")
    # A chunk is its length, its type, its data and their CRC: https://www.w3.org/TR/png-3/#5Chunk-layout
    padding = size_bytes - len(png) - 12
    body = b"tEXtComment\0" + bytes([ord("x")]) * (padding - len(b"Comment\0"))
    chunk = padding.to_bytes(4) + body + zlib.crc32(body).to_bytes(4)
    end = png.rindex(b"IEND") - 4
    return png[:end] + chunk + png[end:]


Send = Callable[[Server, PictureServer, bytes, bytes], requests.Response]


def send_urls(
    server: Server, pictures: PictureServer, content1: bytes, content2: bytes
) -> requests.Response:
    return server.compare(pictures.serve("/1", content1), pictures.serve("/2", content2))


def send_uploads(
    server: Server, _pictures: PictureServer, content1: bytes, content2: bytes
) -> requests.Response:
    return server.post(files={"image1": content1, "image2": content2})


def send_data_urls_in_json(
    server: Server, _pictures: PictureServer, content1: bytes, content2: bytes
) -> requests.Response:
    return server.compare(data_url(content1), data_url(content2))


def send_data_urls_in_a_form(
    server: Server, _pictures: PictureServer, content1: bytes, content2: bytes
) -> requests.Response:
    fields = {"image_url1": data_url(content1), "image_url2": data_url(content2)}
    return server.post(data=fields)


def send_percent_encoded_data_urls(
    server: Server, _pictures: PictureServer, content1: bytes, content2: bytes
) -> requests.Response:
    urls = ["data:," + "".join(f"%{byte:02x}" for byte in c) for c in (content1, content2)]
    return server.compare(*urls)


def send_data_urls_in_multipart(
    server: Server, _pictures: PictureServer, content1: bytes, content2: bytes
) -> requests.Response:
    fields = {"image_url1": data_url(content1), "image_url2": data_url(content2)}
    return server.post(files={name: (None, url) for name, url in fields.items()})


WAYS = [
    pytest.param(send_urls, "image_url", id="URLs"),
    pytest.param(send_uploads, "image", id="uploads"),
    pytest.param(send_data_urls_in_json, "image_url", id="data: URLs in JSON"),
    pytest.param(send_data_urls_in_a_form, "image_url", id="data: URLs in a form"),
    pytest.param(send_data_urls_in_multipart, "image_url", id="data: URLs in a multipart form"),
    pytest.param(send_percent_encoded_data_urls, "image_url", id="percent-encoded data: URLs"),
]


def test_the_pictures_are_exactly_at_the_limits() -> None:
    assert AT_THE_LIMIT[0] * AT_THE_LIMIT[1] == MAX_PIXELS
    assert ONE_PIXEL_MORE[0] * ONE_PIXEL_MORE[1] == MAX_PIXELS + 1
    assert len(make_picture("white")) == MAX_BYTES


@pytest.mark.parametrize(("send", "field"), WAYS)
def test_two_pictures_at_the_limits_are_compared(
    send: Send,
    field: str,  # noqa: ARG001 - of the table
    server: Server,
    pictures: PictureServer,
) -> None:
    response = send(server, pictures, make_picture("black"), make_picture("white"))

    assert (response.status_code, response.headers["X-Diff-Pixels"]) == (201, str(MAX_PIXELS))


@pytest.mark.parametrize(("send", "field"), WAYS)
@pytest.mark.parametrize(
    ("too_large", "code"),
    [
        pytest.param(make_picture("black", size_bytes=MAX_BYTES + 1), "too_many_bytes", id="byte"),
        pytest.param(make_picture("black", ONE_PIXEL_MORE), "too_many_pixels", id="pixel"),
    ],
)
@pytest.mark.parametrize("number", [1, 2])
def test_one_more_is_too_large_and_its_image_is_named(
    send: Send,
    field: str,
    too_large: bytes,
    code: str,
    number: int,
    server: Server,
    pictures: PictureServer,
) -> None:
    contents = [make_picture("white"), make_picture("white")]
    contents[number - 1] = too_large

    response = send(server, pictures, *contents)

    assert (response.status_code, response.json()["code"]) == (413, code)
    assert [(error["field"], error["code"]) for error in response.json()["errors"]] == [
        (f"{field}{number}", code)
    ]


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_body_one_byte_over_the_limit_of_requests_is_refused(
    content_type: str, server: Server
) -> None:
    body = bytes(6 * MAX_BYTES + 100_001)

    response = server.post(data=body, headers={"Content-Type": content_type})

    assert (response.status_code, response.json()["code"]) == (413, "request_too_large")


def test_a_body_at_the_limit_of_requests_is_read(server: Server) -> None:
    body = bytes(6 * MAX_BYTES + 100_000)

    response = server.post(data=body, headers={"Content-Type": "application/json"})

    assert (response.status_code, response.json()["code"]) == (400, "parse_error")
