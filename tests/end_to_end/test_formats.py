"""In a fresh process: Pillow, once it has written or listed formats, reads more than before."""

import io

import pytest
from PIL import Image

from tests.pictures import encode, encode_noise, plain

from .processes import Server

FRAMES = [Image.new("RGB", (8, 6), color) for color in ("red", "blue")]


@pytest.mark.parametrize(
    ("image_format", "media_type"),
    [
        pytest.param("PNG", "image/png", id="PNG"),
        pytest.param("JPEG", "image/jpeg", id="JPEG"),
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
