import io
import os
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from rest_framework.test import APIClient

from comparisons.models import find_needed_files
from tests.comparing import record_comparison
from tests.pictures import plain

pytestmark = pytest.mark.django_db


def prune(**options: object) -> str:
    output = io.StringIO()
    call_command("prune", stdout=output, **options)
    return output.getvalue()


def age(path: Path, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def list_files(media_root: Path) -> set[str]:
    return {str(path.relative_to(media_root)) for path in media_root.rglob("*") if path.is_file()}


def test_files_that_nothing_points_at_are_deleted(media_root: Path) -> None:
    orphans = {"images/ab/orphan", "thumbnails/ab/orphan.webp", "views/2026/orphan.png"}
    for name in orphans:
        age(media_root / default_storage.save(name, ContentFile(b"?")), hours=2)

    output = prune()

    assert list_files(media_root) == set()
    assert {*output.splitlines()} == {*orphans, "3 files deleted"}


def test_files_of_a_comparison_are_kept(client: APIClient, media_root: Path) -> None:
    location = client.post(
        "/compare",
        {
            "image1": SimpleUploadedFile("a", plain()),
            "image2": SimpleUploadedFile("b", plain("red")),
        },
    )["Location"]
    for picture in ("overlay.png", "thumbnails/image1.webp", "thumbnails/mask.webp"):
        client.get(f"{location}/{picture}").getvalue()
    files = list_files(media_root)
    for name in files:
        age(media_root / name, hours=2)

    prune()

    assert list_files(media_root) == files
    assert len(files) == 6


def test_young_files_are_kept_for_the_request_that_may_still_need_them(media_root: Path) -> None:
    name = default_storage.save("images/ab/young", ContentFile(b"?"))

    prune()

    assert list_files(media_root) == {name}


def test_a_dry_run_deletes_nothing(media_root: Path) -> None:
    name = default_storage.save("images/ab/orphan", ContentFile(b"?"))
    age(media_root / name, hours=2)

    output = prune(dry_run=True)

    assert list_files(media_root) == {name}
    assert output.splitlines() == [name, "1 files would be deleted"]


def test_an_empty_storage_has_nothing_to_prune() -> None:
    assert prune() == "0 files deleted\n"


def test_files_of_others_in_the_same_place_are_left_alone(media_root: Path) -> None:
    name = default_storage.save("elsewhere/theirs", ContentFile(b"?"))
    age(media_root / name, hours=2)

    prune()

    assert list_files(media_root) == {name}


def test_files_of_what_is_recorded_meanwhile_are_kept(
    media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_and_record() -> set[str]:
        needed = find_needed_files()
        record_comparison()
        return needed

    monkeypatch.setattr("comparisons.services.find_needed_files", find_and_record)

    prune(min_age_minutes=0)

    assert len(list_files(media_root)) == 3
