"""`GET /compare/<id>/thumbnails/<name>.webp`: small pictures, made once."""

import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from comparisons import services
from comparisons.engine import THUMBNAILS, Picture
from comparisons.models import Comparison
from tests.comparing import (
    BLACK,
    WHITE,
    find_files,
    is_nothing_stored,
    read_body,
    record_comparison,
)
from tests.pictures import encode, plain

pytestmark = pytest.mark.django_db

NAMES = ["image1", "image2", "mask"]


def path_of(comparison: Comparison, name: str) -> str:
    return f"/compare/{comparison.pk}/thumbnails/{name}.webp"


def get(client: APIClient, comparison: Comparison, name: str) -> NDArray[Any]:
    response = client.get(path_of(comparison, name))
    assert response.status_code == 200
    assert response["Content-Type"] == "image/webp"
    with Image.open(io.BytesIO(read_body(response))) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("name", NAMES)
def test_is_a_small_picture_of_each(client: APIClient, name: str) -> None:
    comparison = record_comparison(plain("red", (640, 400)), plain("blue", (640, 400)))

    thumbnail = get(client, comparison, name)

    red, green, blue = thumbnail.mean(axis=(0, 1))
    assert thumbnail.shape == (200, 320, 3)
    assert {
        "image1": red > 240 > 10 > blue,
        "image2": blue > 240 > 10 > red,
        "mask": red == green == blue == 255,
    }[name]


def test_of_a_photo_is_upright(client: APIClient) -> None:
    half = Image.new("RGB", (8, 4))
    half.paste("white", (0, 0, 4, 4))
    exif = Image.Exif()
    exif[0x0112] = 6  # To be turned clockwise: its left side is up.
    comparison = record_comparison(encode(half, "JPEG", exif=exif, quality=95), BLACK)

    thumbnail = get(client, comparison, "image1")

    assert thumbnail.shape == (8, 4, 3)
    assert thumbnail[:3].min() > 200 > 50 > thumbnail[5:].max()


@pytest.mark.parametrize("name", NAMES)
def test_is_made_once(
    client: APIClient, media_root: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    comparison = record_comparison()
    made: list[Picture] = []

    def render(picture: Picture) -> bytes:
        made.append(picture)
        return THUMBNAILS[name](picture)

    monkeypatch.setattr(services, "THUMBNAILS", {name: render})
    before = len(find_files(media_root))

    bodies = {read_body(client.get(path_of(comparison, name))) for _ in range(3)}

    assert len(bodies) == len(made) == 1
    assert len(find_files(media_root)) == before + 1


def test_of_an_input_is_made_once_for_all_comparisons_of_it(
    client: APIClient, media_root: Path
) -> None:
    get(client, record_comparison(WHITE, BLACK), "image1")
    other = record_comparison(BLACK, WHITE)
    before = find_files(media_root)

    get(client, other, "image2")

    assert find_files(media_root) == before


@pytest.mark.parametrize("name", NAMES)
def test_is_kept_by_clients_and_not_sent_again(client: APIClient, name: str) -> None:
    path = path_of(record_comparison(), name)
    first = client.get(path)
    read_body(first)

    second = client.get(path, headers={"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == "private, max-age=31536000, immutable"
    assert first["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert second.status_code == 304


def test_differ_in_their_entity_tags(client: APIClient) -> None:
    comparison = record_comparison()
    pictures = [f"/compare/{comparison.pk}/{name}" for name in ("image1", "image2", "mask.png")]

    answers = [
        client.get(path) for path in [*pictures, *(path_of(comparison, name) for name in NAMES)]
    ]

    assert all(read_body(answer) for answer in answers)
    assert len({answer["ETag"] for answer in answers}) == 6


def test_is_served_with_a_trailing_slash_too(client: APIClient) -> None:
    response = client.get(f"{path_of(record_comparison(), 'mask')}/")

    assert response.status_code == 200
    read_body(response)


@pytest.mark.parametrize("name", ["mask_image", "overlay", "nothing"])
def test_of_anything_else_is_not_found(client: APIClient, name: str) -> None:
    assert client.get(path_of(record_comparison(), name)).status_code == 404


def test_of_an_unknown_comparison_is_not_found(client: APIClient) -> None:
    assert client.get(f"/compare/{uuid4()}/thumbnails/mask.webp").status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_of_what_is_deleted_while_it_is_made_is_not_found(
    client: APIClient,
    media_root: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    name: str,
) -> None:
    comparison = record_comparison()

    def render_slowly(picture: Picture) -> bytes:
        with django_capture_on_commit_callbacks(execute=True):
            comparison.delete()
        return THUMBNAILS[name](picture)

    monkeypatch.setattr(services, "THUMBNAILS", {name: render_slowly})

    response = client.get(path_of(comparison, name))

    assert response.status_code == 404
    assert is_nothing_stored(media_root)


def test_of_a_picture_that_is_over_a_new_limit_is_refused(
    client: APIClient, settings: Settings
) -> None:
    comparison = record_comparison()
    settings.MAX_PIXELS = 10

    response = client.get(path_of(comparison, "image1"))

    assert (response.status_code, response.json()["code"]) == (413, "too_many_pixels")


def test_are_deleted_with_what_they_show(
    client: APIClient,
    media_root: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    comparison = record_comparison()
    for name in NAMES:
        get(client, comparison, name)

    with django_capture_on_commit_callbacks(execute=True):
        comparison.delete()

    assert is_nothing_stored(media_root)
