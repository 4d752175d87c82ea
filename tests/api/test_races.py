"""What is deleted while somebody asks for it."""

from pathlib import Path
from uuid import UUID

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from comparisons import services
from comparisons.api import views
from comparisons.engine import VIEWS, Result
from comparisons.models import Comparison
from tests.comparing import find_files, is_nothing_stored, record_comparison

pytestmark = pytest.mark.django_db


def test_a_view_of_what_is_deleted_while_it_is_rendered_is_not_found(
    client: APIClient, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison = record_comparison()

    def render_slowly(result: Result) -> bytes:
        Comparison.objects.get_queryset().delete()
        return VIEWS["overlay"](result)

    monkeypatch.setattr(services, "VIEWS", {**VIEWS, "overlay": render_slowly})

    response = client.get(f"/compare/{comparison.pk}/overlay.png")

    assert response.status_code == 404
    assert not any("overlay" in path.name for path in find_files(media_root))


@pytest.mark.parametrize(
    "path", ["mask.png", "image1", "image2", "overlay.png", "thumbnails/image1.webp"]
)
def test_a_picture_that_is_deleted_while_it_is_looked_for_is_not_found(
    client: APIClient,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    comparison = record_comparison()
    find = views.find_comparison

    def find_and_delete(pk: UUID) -> Comparison:
        found = find(pk)
        with django_capture_on_commit_callbacks(execute=True):
            comparison.delete()
        return found

    monkeypatch.setattr(views, "find_comparison", find_and_delete)

    response = client.get(f"/compare/{comparison.pk}/{path}")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_a_rerun_of_what_is_deleted_meanwhile_is_not_found(
    client: APIClient,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    comparison = record_comparison()
    find = views.find_comparison

    def find_and_delete(pk: UUID) -> Comparison:
        found = find(pk)
        with django_capture_on_commit_callbacks(execute=True):
            comparison.delete()
        return found

    monkeypatch.setattr(views, "find_comparison", find_and_delete)

    response = client.post(f"/compare/{comparison.pk}/rerun", {}, format="json")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_many_that_are_deleted_at_once(
    client: APIClient, media_root: Path
) -> None:
    for _ in range(3):
        comparison = record_comparison()
        client.get(f"/compare/{comparison.pk}/heatmap.png").getvalue()

    Comparison.objects.get_queryset().delete()

    assert is_nothing_stored(media_root)
