import hashlib
from typing import Any

import pytest
import requests

from tests.picture_server import PictureServer
from tests.pictures import encode_noise

from .processes import DEADLINE_SECONDS, Server

JPEG, PNG = encode_noise(11, image_format="JPEG"), encode_noise(12)
PICTURES = ["mask.png", "image1", "image2"]


@pytest.fixture
def comparison(server: Server, pictures: PictureServer) -> requests.Response:
    """The answer to a new comparison."""
    return server.compare(pictures.serve("/1.jpg", JPEG), pictures.serve("/2.png", PNG))


@pytest.fixture
def location(comparison: requests.Response) -> str:
    return comparison.headers["Location"]


def get(url: str, **headers: str) -> requests.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.get(url, headers=names, timeout=DEADLINE_SECONDS)


def test_the_location_leads_to_the_figures(comparison: requests.Response) -> None:
    figures: dict[str, Any] = get(comparison.headers["Location"]).json()

    assert figures["id"] == comparison.headers["X-Comparison-Id"]


def test_the_location_leads_to_the_same_picture_for_who_accepts_only_pictures(
    comparison: requests.Response,
) -> None:
    picture = get(comparison.headers["Location"], Accept="image/*")

    assert picture.content == comparison.content


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        pytest.param("image1", JPEG, "image/jpeg", id="image1"),
        pytest.param("image2", PNG, "image/png", id="image2"),
    ],
)
def test_an_input_comes_back_byte_for_byte(
    name: str, content: bytes, media_type: str, location: str
) -> None:
    response = get(f"{location}/{name}")

    assert (response.content, response.headers["Content-Type"]) == (content, media_type)


def test_every_url_in_the_figures_can_be_fetched(location: str) -> None:
    figures = get(location).json()
    urls = [
        figures["url"],
        figures["result_image"],
        figures["image1"]["url"],
        figures["image2"]["url"],
        *figures["views"].values(),
    ]

    statuses = {url: get(url).status_code for url in urls}

    assert statuses == dict.fromkeys(urls, 200)


def test_the_figures_name_the_hashes_of_the_inputs(location: str) -> None:
    figures = get(location).json()

    hashes = [figures[name]["sha256"] for name in ("image1", "image2")]
    assert hashes == [hashlib.sha256(content).hexdigest() for content in (JPEG, PNG)]


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_may_be_kept_for_ever_by_whoever_asked(name: str, location: str) -> None:
    response = get(f"{location}/{name}")

    assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_inert(name: str, location: str) -> None:
    headers = get(f"{location}/{name}").headers

    assert (headers["X-Content-Type-Options"], headers["Content-Security-Policy"]) == (
        "nosniff",
        "default-src 'none'; sandbox",
    )


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_has_a_strong_etag(name: str, location: str) -> None:
    response = get(f"{location}/{name}")

    assert response.headers["ETag"].startswith('"')


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_the_client_has_is_not_sent_again(name: str, location: str) -> None:
    etag = get(f"{location}/{name}").headers["ETag"]

    response = get(f"{location}/{name}", If_None_Match=etag)

    assert (response.status_code, response.content) == (304, b"")


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        pytest.param("bytes=0-9", slice(0, 10), id="first bytes"),
        pytest.param("bytes=10-", slice(10, None), id="from a byte on"),
        pytest.param("bytes=-10", slice(-10, None), id="last bytes"),
    ],
)
def test_a_part_of_a_picture_can_be_asked_for(wanted: str, part: slice, location: str) -> None:
    response = get(f"{location}/image1", Range=wanted)

    assert (response.status_code, response.content) == (206, JPEG[part])


def test_a_part_says_where_it_belongs(location: str) -> None:
    response = get(f"{location}/image1", Range="bytes=10-19")

    assert response.headers["Content-Range"] == f"bytes 10-19/{len(JPEG)}"


def test_a_part_beyond_the_end_is_refused(location: str) -> None:
    response = get(f"{location}/image1", Range=f"bytes={len(JPEG)}-")

    assert (response.status_code, response.headers["Content-Range"]) == (
        416,
        f"bytes */{len(JPEG)}",
    )


@pytest.mark.parametrize("name", PICTURES)
def test_head_gives_the_headers_without_the_picture(name: str, location: str) -> None:
    content = get(f"{location}/{name}").content

    response = requests.head(f"{location}/{name}", timeout=DEADLINE_SECONDS)

    assert (response.headers["Content-Length"], response.content) == (str(len(content)), b"")
