import base64
import io
from collections.abc import Callable

import numpy as np
import pytest
import requests
from PIL import Image

from tests.picture_server import PictureServer
from tests.pictures import plain

from .processes import Server

DARK, LIGHT = plain((10, 10, 10)), plain((250, 250, 250))
# (250 - 10)²; in 8 bits it would wrap around to 0.
MSE = 57600.0


def as_data_url(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def send_json(server: Server, pictures: PictureServer) -> requests.Response:
    urls = {
        "image_url1": pictures.serve("/1.png", DARK),
        "image_url2": pictures.serve("/2.png", LIGHT),
    }
    return server.post(json=urls)


def send_form(server: Server, pictures: PictureServer) -> requests.Response:
    urls = {
        "image_url1": pictures.serve("/1.png", DARK),
        "image_url2": pictures.serve("/2.png", LIGHT),
    }
    return server.post(data=urls)


def send_uploads(server: Server, _pictures: PictureServer) -> requests.Response:
    return server.post(files={"image1": ("1.png", DARK), "image2": ("2.png", LIGHT)})


def send_one_each_way(server: Server, pictures: PictureServer) -> requests.Response:
    url = pictures.serve("/2.png", LIGHT)
    return server.post(files={"image1": ("1.png", DARK)}, data={"image_url2": url})


def send_data_urls(server: Server, _pictures: PictureServer) -> requests.Response:
    return server.post(json={"image_url1": as_data_url(DARK), "image_url2": as_data_url(LIGHT)})


@pytest.mark.parametrize(
    "send",
    [
        pytest.param(send_json, id="JSON"),
        pytest.param(send_form, id="form"),
        pytest.param(send_uploads, id="uploads"),
        pytest.param(send_one_each_way, id="an upload and a URL"),
        pytest.param(send_data_urls, id="data: URLs"),
    ],
)
def test_two_pictures_are_compared_however_they_are_sent(
    send: Callable[[Server, PictureServer], requests.Response],
    server: Server,
    pictures: PictureServer,
) -> None:
    response = send(server, pictures)

    assert (response.status_code, float(response.headers["X-MSE"])) == (201, MSE)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        pytest.param("*/*", "image/png", id="curl, fetch, requests"),
        pytest.param("application/json, text/plain, */*", "image/png", id="axios"),
        pytest.param("application/json", "application/json", id="JSON alone"),
        pytest.param("application/json, */*;q=0.5", "application/json", id="HTTPie"),
        pytest.param(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html; charset=utf-8",
            id="browser",
        ),
    ],
)
def test_each_client_gets_the_form_it_prefers(accept: str, media_type: str, server: Server) -> None:
    response = server.compare(as_data_url(DARK), as_data_url(LIGHT), Accept=accept)

    assert (response.status_code, response.headers["Content-Type"]) == (201, media_type)


def test_the_picture_is_white_where_the_two_differ(server: Server) -> None:
    response = server.compare(as_data_url(DARK), as_data_url(LIGHT))

    mask = np.asarray(Image.open(io.BytesIO(response.content)).convert("L"))
    assert np.array_equal(mask, np.full((6, 8), 255))


def test_the_figures_are_those_of_the_two_pictures(server: Server) -> None:
    response = server.compare(as_data_url(DARK), as_data_url(LIGHT), Accept="application/json")

    figures = response.json()
    names = ("mse", "diff_pixels", "total_pixels", "diff_ratio", "match")
    assert [figures[name] for name in names] == [MSE, 48, 48, 1.0, False]


def test_a_trailing_slash_makes_no_difference(server: Server) -> None:
    body = {"image_url1": as_data_url(DARK), "image_url2": as_data_url(LIGHT)}

    response = server.post("/compare/", json=body, allow_redirects=False)

    assert (response.status_code, response.headers["Content-Type"]) == (201, "image/png")


def test_the_sample_pictures_are_served_and_compared_by_their_own_urls(server: Server) -> None:
    response = server.compare(
        f"{server.url}/static/samples/before.png", f"{server.url}/static/samples/after.png"
    )

    assert (response.status_code, response.headers["X-Match"]) == (201, "false")
