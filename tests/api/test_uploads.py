"""Where the bytes of an image wait: in no memory if they are many, and in no file with a name."""

import os
import tempfile
from pathlib import Path
from typing import Any, Never

import pytest
from rest_framework.test import APIClient

from comparisons.api import views
from comparisons.gate import ServerBusy
from tests.comparing import WHITE, upload

pytestmark = pytest.mark.django_db

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def as_upload(client: APIClient, size: int) -> None:
    client.post("/compare", {"image1": upload(bytes(size)), "image2": upload(WHITE)})


def as_data_url_in_json(client: APIClient, size: int) -> None:
    client.post("/compare", b'{"image_url1": "data:,%b"}' % (b"x" * size), content_type=JSON)


def as_data_url_in_a_form(client: APIClient, size: int) -> None:
    client.post("/compare", b"image_url1=data:,%b" % (b"x" * size), content_type=FORM)


def as_data_url_in_multipart(client: APIClient, size: int) -> None:
    client.post("/compare", {"image_url1": "data:," + "x" * size})


@pytest.mark.parametrize(
    ("size_bytes", "on_disk"),
    [
        pytest.param(100_000, False, id="100 kB"),
        pytest.param(1_000_000, True, id="1 MB"),
        pytest.param(20_000_000, True, id="at the limit of an image"),
    ],
)
@pytest.mark.parametrize(
    "send", [as_upload, as_data_url_in_json, as_data_url_in_a_form, as_data_url_in_multipart]
)
def test_a_large_image_waits_neither_in_memory_nor_under_a_name(
    client: APIClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    send: Any,
    size_bytes: int,
    on_disk: bool,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen = []

    def receive(*, data: Any) -> Never:
        image = data["image1"].file if "image1" in data else data["image_url1"]
        # To ask for its descriptor would put it on the disk.
        is_on_disk = vars(image)["_rolled"]
        seen.append((is_on_disk, os.fstat(image.fileno()).st_nlink, [*tmp_path.iterdir()]))
        raise ServerBusy

    monkeypatch.setattr(views, "CompareSerializer", receive)

    send(client, size_bytes)

    assert seen == [(on_disk, 0, [])]
