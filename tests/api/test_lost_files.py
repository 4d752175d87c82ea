"""Files that are lost or damaged behind the service's back, and how they come back."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db.models.fields.files import FieldFile
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from comparisons.models import Comparison, StoredImageQuerySet
from tests.comparing import find_files, read_body, record_comparison, upload
from tests.pictures import encode, encode_noise

pytestmark = pytest.mark.django_db

CONTENT1, CONTENT2 = encode_noise(1, (20, 10)), encode_noise(2, (20, 10))
MASK = encode(Image.new("L", (20, 10), "white"))
CONTENTS = {"image1": CONTENT1, "image2": CONTENT2, "mask_image": MASK}
VIEWS = ["mask", "overlay", "heatmap", "side-by-side", "image1"]
THUMBNAILS = ["image1", "image2", "mask"]


def remove(path: Path) -> None:
    path.unlink()


def remove_folder(path: Path) -> None:
    for each in path.parent.iterdir():
        each.unlink()
    path.parent.rmdir()


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def cut_down(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def extend(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def zero(path: Path) -> None:
    path.write_bytes(bytes(len(path.read_bytes())))


Damage = Callable[[Path], None]
LOSSES = [remove, remove_folder, truncate, cut_down, empty, extend]
DAMAGES = [*LOSSES, flip_a_bit, zero]

any_loss = pytest.mark.parametrize("damage", LOSSES)
any_damage = pytest.mark.parametrize("damage", DAMAGES)


def post(client: APIClient, **contents: bytes) -> Comparison:
    parts = {name: upload(content) for name, content in {**CONTENTS, **contents}.items()}
    response = client.post("/compare?format=json", parts)
    assert response.status_code == 201
    return Comparison.objects.get(pk=response.json()["id"])


def locate(file: FieldFile) -> Path:
    return Path(file.path)


def get(client: APIClient, comparison: Comparison, path: str) -> bytes:
    response = client.get(f"/compare/{comparison.pk}/{path}")
    body = read_body(response)
    assert response.status_code == 200
    return body


@pytest.fixture
def comparison(client: APIClient) -> Comparison:
    return post(client)


class TestALostInput:
    @any_damage
    @pytest.mark.parametrize("name", CONTENTS)
    def test_is_there_again_when_it_is_received_again(
        self, client: APIClient, comparison: Comparison, name: str, damage: Damage
    ) -> None:
        damage(locate(comparison.inputs[name][1].file))

        again = post(client)

        assert get(client, comparison, name) == get(client, again, name) == CONTENTS[name]

    @any_damage
    def test_is_there_again_though_it_has_been_found_whole_before(
        self, client: APIClient, comparison: Comparison, damage: Damage
    ) -> None:
        post(client)
        damage(locate(comparison.image1.file))

        post(client)

        assert get(client, comparison, "image1") == CONTENT1

    @any_damage
    def test_is_there_again_when_it_is_received_for_something_else(
        self, client: APIClient, comparison: Comparison, damage: Damage
    ) -> None:
        damage(locate(comparison.image1.file))

        record_comparison(CONTENT2, CONTENT1, threshold=0.7)

        assert get(client, comparison, "image1") == CONTENT1

    @any_damage
    def test_leaves_no_file_behind_when_it_is_there_again(
        self,
        client: APIClient,
        media_root: Path,
        comparison: Comparison,
        damage: Damage,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        files = len(find_files(media_root))
        damage(locate(comparison.image2.file))

        with django_capture_on_commit_callbacks(execute=True):
            again = post(client)
        with django_capture_on_commit_callbacks(execute=True):
            again.delete()

        assert len(find_files(media_root)) == files

    @any_damage
    def test_that_is_deleted_while_it_is_received_again_is_stored_anew(
        self,
        client: APIClient,
        media_root: Path,
        comparison: Comparison,
        damage: Damage,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        damage(locate(comparison.image1.file))
        restore = StoredImageQuerySet.restore_files

        def delete_and_restore(*arguments: Any) -> None:
            with django_capture_on_commit_callbacks(execute=True):
                comparison.delete()
            restore(*arguments)

        monkeypatch.setattr(StoredImageQuerySet, "restore_files", delete_and_restore)

        again = post(client)

        assert {name: get(client, again, name) for name in CONTENTS} == CONTENTS
        assert len(find_files(media_root)) == 3 + 1

    @any_damage
    @pytest.mark.parametrize("name", CONTENTS)
    def test_is_not_said_to_be_deleted(
        self, client: APIClient, comparison: Comparison, name: str, damage: Damage
    ) -> None:
        damage(locate(comparison.inputs[name][1].file))

        response = client.get(f"/compare/{comparison.pk}/{name}")

        assert (response.status_code, response.json()["code"]) == (500, "content_missing")
        assert name in response.json()["detail"]
        assert response["Content-Type"] == "application/problem+json"
        assert response["Cache-Control"] == "no-store"

    def test_is_an_error_in_the_log_with_the_comparison_and_the_file(
        self, client: APIClient, comparison: Comparison, caplog: pytest.LogCaptureFixture
    ) -> None:
        remove(locate(comparison.image1.file))
        caplog.clear()

        client.get(f"/compare/{comparison.pk}/image1")

        [record] = caplog.records
        assert record.levelname == "ERROR"
        assert str(comparison.pk) in record.getMessage()
        assert str(comparison.image1.file.name) in record.getMessage()

    @any_damage
    @pytest.mark.parametrize("name", CONTENTS)
    def test_is_not_compared_again(
        self, client: APIClient, comparison: Comparison, name: str, damage: Damage
    ) -> None:
        damage(locate(comparison.inputs[name][1].file))

        response = client.post(f"/compare/{comparison.pk}/rerun", {"threshold": 0.5}, format="json")

        assert (response.status_code, response.json()["code"]) == (500, "content_missing")
        assert Comparison.objects.count() == 1

    @any_damage
    @pytest.mark.parametrize("path", ["overlay.png", "thumbnails/image1.webp"])
    def test_is_not_rendered(
        self, client: APIClient, comparison: Comparison, path: str, damage: Damage
    ) -> None:
        damage(locate(comparison.image1.file))

        response = client.get(f"/compare/{comparison.pk}/{path}")

        assert (response.status_code, response.json()["code"]) == (500, "content_missing")

    @any_damage
    def test_leaves_the_page_of_the_comparison(
        self, client: APIClient, comparison: Comparison, damage: Damage
    ) -> None:
        damage(locate(comparison.image1.file))

        response = client.get(f"/compare/{comparison.pk}?format=html")

        assert response.status_code == 200

    def test_can_be_rendered_and_compared_once_it_is_there_again(
        self, client: APIClient, comparison: Comparison
    ) -> None:
        remove(locate(comparison.image1.file))
        client.get(f"/compare/{comparison.pk}/overlay.png")

        post(client)

        rerun = client.post(f"/compare/{comparison.pk}/rerun", {"threshold": 0.5}, format="json")
        assert get(client, comparison, "overlay.png")
        assert rerun.status_code == 201


class TestALostView:
    @any_loss
    @pytest.mark.parametrize("view", VIEWS)
    def test_is_rendered_again(
        self, client: APIClient, comparison: Comparison, view: str, damage: Damage
    ) -> None:
        before = get(client, comparison, f"{view}.png")
        found = comparison.find_view(view)
        assert found is not None
        damage(locate(found))

        again = get(client, comparison, f"{view}.png")

        assert again == before

    @any_loss
    @pytest.mark.parametrize("name", THUMBNAILS)
    def test_is_made_again_if_it_is_small(
        self, client: APIClient, comparison: Comparison, name: str, damage: Damage
    ) -> None:
        before = get(client, comparison, f"thumbnails/{name}.webp")
        found = Comparison.objects.get().find_thumbnail(name)
        assert found is not None
        damage(locate(found))

        again = get(client, comparison, f"thumbnails/{name}.webp")

        assert again == before

    @pytest.mark.parametrize("damage", [remove, truncate])
    @pytest.mark.parametrize("path", ["overlay.png", "mask.png", "thumbnails/image1.webp"])
    def test_is_kept_and_leaves_no_file_behind(
        self,
        client: APIClient,
        media_root: Path,
        comparison: Comparison,
        path: str,
        damage: Damage,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        before = find_files(media_root)
        get(client, comparison, path)
        [lost] = find_files(media_root) - before or [locate(comparison.result_image)]
        before = find_files(media_root)
        damage(lost)

        with django_capture_on_commit_callbacks(execute=True):
            get(client, comparison, path)
        [made_again] = find_files(media_root) - before
        get(client, comparison, path)

        assert find_files(media_root) == before - {lost} | {made_again}

    @any_loss
    def test_of_the_mask_is_rendered_again_for_its_small_picture(
        self, client: APIClient, comparison: Comparison, damage: Damage
    ) -> None:
        damage(locate(comparison.result_image))

        thumbnail = get(client, comparison, "thumbnails/mask.webp")

        with Image.open(io.BytesIO(thumbnail)) as image:
            assert image.size == (20, 10)

    @any_loss
    def test_of_the_mask_is_no_loss_to_an_equal_comparison(
        self, client: APIClient, comparison: Comparison, damage: Damage
    ) -> None:
        before = get(client, comparison, "mask.png")
        damage(locate(comparison.result_image))

        again = post(client)

        assert get(client, again, "mask.png") == get(client, comparison, "mask.png") == before


IN_MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}


@pytest.mark.parametrize(
    "damage",
    [pytest.param(None, id="gone"), pytest.param(b"half of it", id="truncated")],
)
def test_files_in_a_storage_without_paths_come_back_too(
    client: APIClient, settings: Settings, damage: bytes | None
) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": IN_MEMORY}
    comparison = post(client)
    for file in (comparison.image1.file, comparison.result_image):
        name, storage = str(file.name), file.storage
        storage.delete(name)
        if damage is not None:
            storage.save(name, io.BytesIO(damage))

    post(client)

    assert get(client, comparison, "image1") == CONTENT1
    with Image.open(io.BytesIO(get(client, comparison, "mask.png"))) as mask:
        assert mask.size == (20, 10)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are read as a whole from now on."""
    paths = []
    read_bytes = Path.read_bytes

    def read_and_note(path: Path) -> bytes:
        paths.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", read_and_note)
    return paths


def test_content_that_is_known_is_read_once_to_find_it_whole(
    client: APIClient, comparison: Comparison, read: list[Path]
) -> None:
    for _ in range(3):
        post(client)
        assert get(client, comparison, "image1") == CONTENT1

    assert {*read} == {locate(stored.file) for _, stored in comparison.inputs.values()}
    assert len(read) == len(CONTENTS)


def test_an_input_is_not_read_for_each_answer_that_says_it_is_unchanged(
    client: APIClient, comparison: Comparison, read: list[Path]
) -> None:
    url = f"/compare/{comparison.pk}/image1"
    first = client.get(url)
    read_body(first)

    answers = [client.get(url, headers={"if-none-match": first["ETag"]}) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {304}
    assert read == [locate(comparison.image1.file)]


def test_pictures_that_are_rendered_again_are_one_error_in_the_log(
    client: APIClient, comparison: Comparison, caplog: pytest.LogCaptureFixture
) -> None:
    remove(locate(comparison.result_image))
    caplog.clear()

    get(client, comparison, "mask.png")

    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert str(comparison.result_image.name) in record.getMessage()
