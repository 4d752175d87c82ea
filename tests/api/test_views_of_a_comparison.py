import io
from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from numpy.typing import NDArray
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from comparisons.engine import VIEWS
from comparisons.models import Comparison
from tests.pictures import encode_noise

pytestmark = pytest.mark.django_db

OTHER_VIEWS = [view for view in VIEWS if view != "mask"]


def post(client: APIClient, query: str = "", **fields: str) -> HttpResponse:
    """Compare two pictures of 40 x 30."""
    response = client.post(
        f"/compare{query}",
        {
            "image1": SimpleUploadedFile("a.png", encode_noise(1)),
            "image2": SimpleUploadedFile("b.png", encode_noise(2)),
            **fields,
        },
    )
    assert response.status_code == 201, response.content
    return response


def stored_files(media_root: Path) -> list[Path]:
    return [path for path in media_root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_served_as_a_png(client: APIClient, view: str) -> None:
    location = post(client)["Location"]

    response = client.get(f"{location}/{view}.png")

    assert response["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(response.getvalue())).width >= 40


@pytest.mark.parametrize("view", VIEWS)
def test_a_posted_view_is_the_one_that_is_served_later(client: APIClient, view: str) -> None:
    answer = post(client, "?format=png", view=view)

    response = client.get(f"{answer['Location']}/{view}.png")

    assert response.getvalue() == answer.content


@pytest.mark.parametrize("view", OTHER_VIEWS)
def test_a_view_is_rendered_once_and_kept(client: APIClient, media_root: Path, view: str) -> None:
    location = post(client)["Location"]
    before = len(stored_files(media_root))

    bodies = {client.get(f"{location}/{view}.png").getvalue() for _ in range(3)}

    assert len(bodies) == 1
    assert len(stored_files(media_root)) == before + 1


def test_a_view_rendered_later_shows_the_options_of_the_comparison(client: APIClient) -> None:
    plain = post(client)["Location"]
    ignoring = post(
        client, ignore_regions='[{"x": 0, "y": 0, "width": 40, "height": 30}]', background="#123456"
    )["Location"]

    shown, hidden = (client.get(f"{at}/heatmap.png").getvalue() for at in (plain, ignoring))

    # What is ignored stays as dark as the scale begins. The picture's rows are below the legend.
    assert read(shown)[-30:, :40].max() > 200
    assert read(hidden)[-30:, :40].max() < 10


def test_an_unknown_view_is_not_found(client: APIClient) -> None:
    location = post(client)["Location"]

    assert client.get(f"{location}/thermal.png").status_code == 404


def test_deleting_a_comparison_removes_its_views(
    client: APIClient,
    media_root: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    location = post(client)["Location"]
    for view in OTHER_VIEWS:
        client.get(f"{location}/{view}.png").getvalue()

    with django_capture_on_commit_callbacks(execute=True):
        Comparison.objects.get().delete()

    assert stored_files(media_root) == []


def read(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)))
