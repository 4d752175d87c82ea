import io

import pytest
from PIL import Image, features

from tests.pictures import encode, encode_noise, plain

from .processes import Server

FRAMES = [Image.new("RGB", (8, 6), color) for color in ("red", "blue")]


@pytest.mark.parametrize(
    ("image_format", "media_type"),
    [
        pytest.param("PNG", "image/png", id="PNG"),
        pytest.param("JPEG", "image/jpeg", id="JPEG"),
        pytest.param("WEBP", "image/webp", id="WebP"),
        pytest.param("GIF", "image/gif", id="GIF"),
        pytest.param("BMP", "image/bmp", id="BMP"),
        pytest.param("TIFF", "image/tiff", id="TIFF"),
        pytest.param(
            "AVIF",
            "image/avif",
            id="AVIF",
            marks=pytest.mark.skipif(not features.check("avif"), reason="Pillow lacks AVIF"),
        ),
    ],
)
def test_each_format_is_read(image_format: str, media_type: str, server: Server) -> None:
    uploads = {"image1": encode_noise(1, image_format=image_format), "image2": plain()}

    response = server.post(files=uploads, headers={"Accept": "application/json"})

    assert response.status_code == 201
    assert response.json()["image1"]["media_type"] == media_type


def test_a_jpeg_of_several_pictures_is_read(server: Server) -> None:
    several = encode(FRAMES[0], "MPO", save_all=True, append_images=FRAMES[1:])
    assert Image.open(io.BytesIO(several)).format == "MPO"

    response = server.post(files={"image1": several, "image2": plain()})

    assert response.status_code == 201


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<!doctype html><title>Not found</title>", id="HTML"),
        pytest.param(b"not a picture", id="text"),
        pytest.param(bytes(1000), id="zeros"),
    ],
)
def test_what_is_no_image_is_called_so(content: bytes, server: Server) -> None:
    response = server.post(files={"image1": plain(), "image2": content})

    assert (response.status_code, response.json()["code"]) == (422, "not_an_image")
