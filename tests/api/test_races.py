"""What is deleted while somebody asks for it."""

from pathlib import Path

import pytest
from rest_framework.test import APIClient

from comparisons import services
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


@pytest.mark.parametrize("picture", ["mask.png", "image1", "overlay.png"])
def test_a_picture_whose_file_has_just_gone_is_not_found(
    client: APIClient, media_root: Path, picture: str
) -> None:
    comparison = record_comparison()
    for path in find_files(media_root):
        path.unlink()

    response = client.get(f"/compare/{comparison.pk}/{picture}")

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_many_that_are_deleted_at_once(
    client: APIClient, media_root: Path
) -> None:
    for _ in range(3):
        comparison = record_comparison()
        client.get(f"/compare/{comparison.pk}/heatmap.png").getvalue()

    Comparison.objects.get_queryset().delete()

    assert is_nothing_stored(media_root)
