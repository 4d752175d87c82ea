from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from .picture_server import PictureServer, run_picture_server


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> Path:
    """Keep each test's files apart."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def pictures() -> Iterator[PictureServer]:
    with run_picture_server() as server:
        yield server


@pytest.fixture
def client() -> APIClient:
    return APIClient()
