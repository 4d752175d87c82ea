"""Where the bytes of an upload are while it is looked at."""

from typing import Any, Never

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from rest_framework.test import APIClient

from comparisons.api import views
from comparisons.gate import ServerBusy
from tests.comparing import WHITE, upload

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("size_bytes", "on_disk"),
    [
        pytest.param(100_000, False, id="100 kB"),
        pytest.param(1_000_000, True, id="1 MB"),
        pytest.param(20_000_000, True, id="at the limit of an image"),
    ],
)
def test_a_large_upload_is_on_disk_and_not_in_memory(
    client: APIClient, monkeypatch: pytest.MonkeyPatch, size_bytes: int, on_disk: bool
) -> None:
    received = []

    def receive(*, data: Any) -> Never:
        received.append(data["image1"])
        raise ServerBusy

    monkeypatch.setattr(views, "CompareSerializer", receive)

    client.post("/compare", {"image1": upload(bytes(size_bytes)), "image2": upload(WHITE)})

    [image] = received
    assert image.size == size_bytes
    assert isinstance(image, TemporaryUploadedFile) is on_disk
