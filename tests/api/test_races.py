"""What is deleted while somebody asks for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db.models.fields.files import FieldFile
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from comparisons import services
from comparisons.api import views
from comparisons.api.pictures import respond_with_picture
from comparisons.engine import VIEWS, Result
from comparisons.models import Comparison
from tests.comparing import (
    BLACK,
    WHITE,
    find_files,
    is_nothing_stored,
    read_body,
    record_comparison,
    upload,
)

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


PICTURES = ["mask.png", "image1", "image2", "overlay.png", "thumbnails/image1.webp", "?format=png"]

before_a_picture_is_opened = pytest.mark.parametrize("path", PICTURES)


def address(comparison: Comparison, path: str) -> str:
    return f"/compare/{comparison.pk}{'' if path[0] == '?' else '/'}{path}"


@pytest.fixture
def before_opening(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Have something done once between the moment a picture's file is found and that it is opened."""

    def have_done(act: Callable[[], object]) -> None:
        left = [act]
        respond = respond_with_picture

        def act_and_respond(*args: Any, **kwargs: Any) -> Any:
            if left:
                left.pop()()
            return respond(*args, **kwargs)

        monkeypatch.setattr(views, "respond_with_picture", act_and_respond)

    return have_done


def lose(file: FieldFile) -> None:
    file.storage.delete(str(file.name))


class TestAPictureThatIsFoundAndNotYetOpen:
    @before_a_picture_is_opened
    @pytest.mark.parametrize("part", [None, "bytes=0-3", "bytes=-3"])
    def test_is_not_found_if_it_is_deleted(
        self,
        client: APIClient,
        path: str,
        part: str | None,
        before_opening: Callable[[Callable[[], object]], None],
        caplog: pytest.LogCaptureFixture,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        comparison = record_comparison()
        url = address(comparison, path)
        read_body(client.get(url))

        def delete() -> None:
            with django_capture_on_commit_callbacks(execute=True):
                comparison.delete()

        before_opening(delete)

        response = client.get(url, headers={"range": part} if part else {})

        assert (response.status_code, response.json()["code"]) == (404, "not_found")
        assert not [each for each in caplog.records if each.levelname == "ERROR"]

    @before_a_picture_is_opened
    def test_is_taken_from_the_file_that_has_replaced_it(
        self,
        client: APIClient,
        path: str,
        before_opening: Callable[[Callable[[], object]], None],
    ) -> None:
        comparison = record_comparison()
        url = address(comparison, path)
        content = read_body(client.get(url))

        def replace() -> None:
            row = Comparison.objects.get(pk=comparison.pk)
            files = [
                *((stored, "file") for _, stored in row.inputs.values()),
                *((stored, "thumbnail") for _, stored in row.inputs.values()),
                *((view, "file") for view in row.rendered_views.all()),
                (row, "result_image"),
            ]
            for instance, name in files:
                file = getattr(instance, name)
                if file:
                    old = str(file.name)
                    with file.open() as opened:
                        file.name = file.storage.save(f"{old}-again", opened)
                    file.storage.delete(old)
                    instance.save(update_fields=[name])

        before_opening(replace)

        response = client.get(url)

        assert response.status_code == 200
        assert read_body(response) == content

    def test_is_missing_if_it_is_an_input_whose_file_alone_is_lost(
        self, client: APIClient, before_opening: Callable[[Callable[[], object]], None]
    ) -> None:
        comparison = record_comparison()
        before_opening(lambda: lose(comparison.image1.file))

        response = client.get(f"/compare/{comparison.pk}/image1")

        assert (response.status_code, response.json()["code"]) == (500, "content_missing")

    def test_is_rendered_again_if_the_file_of_a_view_alone_is_lost(
        self, client: APIClient, before_opening: Callable[[Callable[[], object]], None]
    ) -> None:
        comparison = record_comparison()
        before = read_body(client.get(f"/compare/{comparison.pk}/mask.png"))
        before_opening(lambda: lose(comparison.result_image))

        response = client.get(f"/compare/{comparison.pk}/mask.png")

        assert response.status_code == 200
        assert read_body(response) == before


@pytest.mark.parametrize("moment", ["remember_comparison", "read_file"])
def test_a_mask_that_is_deleted_before_it_is_sent_to_who_compares_is_not_found(
    client: APIClient,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    do = getattr(views, moment)

    def delete_and_do(*args: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            Comparison.objects.get_queryset().delete()
        return do(*args)

    monkeypatch.setattr(views, moment, delete_and_do)
    parts = {"image1": upload(WHITE), "image2": upload(BLACK)}

    response = client.post("/compare?format=png", parts)

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
