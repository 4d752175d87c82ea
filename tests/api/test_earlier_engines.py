"""What an earlier engine has recorded: its figures stay, and what it read of a file is not believed."""

import zlib
from typing import Any

import pytest
from PIL import Image
from rest_framework.test import APIClient

from comparisons.engine import Limits, Options, compare, read_header, render_mask
from comparisons.engine.errors import DecodeError
from comparisons.models import Comparison, ReceivedImage, StoredImage
from tests.comparing import BLACK, WHITE, read_body, record_comparison, url_pair
from tests.malformed import png
from tests.pictures import encode, plain

pytestmark = pytest.mark.django_db

EARLIER = "1.1 (opencv 5.0.0, pillow 13.0.0)"

ORIENTATION = 0x0112


def make_turned_webp() -> bytes:
    """Make a WebP of 16 x 8 whose Exif asks for a quarter turn, which browsers don't do."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return encode(Image.new("RGB", (16, 8), "red"), "WEBP", exif=exif)


TURNED = make_turned_webp()
# The pixels end after 3 of 6 rows.
CUT = png(pixels=zlib.compress((b"\0" + bytes(3 * 8)) * 3))


def describe_as(content: bytes, **read: Any) -> None:
    """Let the row of a content have what an earlier engine has read in it."""
    images = StoredImage.objects.filter(sha256=ReceivedImage("", content, "", 1, 1).sha256)
    assert images.update(**read) == 1
    Comparison.objects.update(engine=EARLIER)


def post(client: APIClient, image1: bytes, image2: bytes, **fields: Any) -> Any:
    return client.post("/compare?format=json", url_pair(image1, image2, **fields), format="json")


def read_page(client: APIClient, comparison: dict[str, Any]) -> str:
    page = client.get(f"{comparison['url']}?format=html")
    return " ".join(page.content.decode().split())


class TestAnImageThatWasReadOtherwise:
    @pytest.mark.parametrize(
        ("content", "earlier", "size"),
        [
            pytest.param(TURNED, {"width": 8, "height": 16}, (16, 8), id="turned WebP"),
            pytest.param(
                encode(Image.new("P", (12, 10)), "GIF"),
                {"width": 9, "height": 7},
                (12, 10),
                id="GIF of a smaller screen",
            ),
            pytest.param(
                encode(Image.new("L", (12, 10)), "TIFF"),
                {"media_type": "application/octet-stream"},
                (12, 10),
                id="of another type",
            ),
        ],
    )
    def test_is_described_as_it_is_read_now(
        self, client: APIClient, content: bytes, earlier: dict[str, Any], size: tuple[int, int]
    ) -> None:
        record_comparison(content, WHITE)
        describe_as(content, **earlier)

        made = post(client, content, BLACK).json()

        image1 = made["image1"]
        assert (image1["width"], image1["height"]) == size
        assert image1["media_type"] == read_header(content, Limits()).media_type
        assert client.get(made["url"]).json() == made
        page = read_page(client, made)
        assert f"{size[0]} × {size[1]}, " in page
        assert f", {image1['media_type']}</span>" in page

    def test_is_described_so_wherever_it_stands(self, client: APIClient) -> None:
        record_comparison(TURNED, WHITE)
        describe_as(TURNED, width=8, height=16)

        made = post(client, BLACK, TURNED).json()

        assert (made["image2"]["width"], made["image2"]["height"]) == (16, 8)
        assert made["warnings"][-1]["width2"] == 16

    def test_gets_another_thumbnail(self, client: APIClient) -> None:
        earlier = record_comparison(plain("red", (8, 16)), TURNED)
        turned = read_body(client.get(f"/compare/{earlier.pk}/thumbnails/image1.webp"))
        earlier.image2.keep_thumbnail(turned)
        describe_as(TURNED, width=8, height=16)

        made = post(client, TURNED, BLACK).json()

        thumbnail = read_body(client.get(f"{made['url']}/thumbnails/image1.webp"))
        assert thumbnail != turned

    def test_is_not_said_to_differ_in_size_from_one_of_the_same(self, client: APIClient) -> None:
        earlier = record_comparison(TURNED, plain("red", (16, 8)))
        describe_as(TURNED, width=8, height=16)
        Comparison.objects.update(warnings=None, size_policy_applied="resize")
        path = f"/compare/{earlier.pk}"
        assert "The sizes differ (8 x 16 and 16 x 8 pixels)" in read_page(client, {"url": path})

        post(client, TURNED, BLACK)

        assert "The sizes differ" not in read_page(client, {"url": path})

    def test_keeps_its_row_and_its_file(self, client: APIClient) -> None:
        before = record_comparison(TURNED, WHITE).image1
        describe_as(TURNED, width=8, height=16)

        post(client, TURNED, BLACK)

        after = StoredImage.objects.get(sha256=before.sha256)
        assert (after.pk, after.file.name) == (before.pk, before.file.name)
        assert StoredImage.objects.count() == 3


def record_refused(content: bytes, **changes: Any) -> Comparison:
    """Record a picture as compared with itself by an engine that took it."""
    result = compare(BLACK, BLACK)
    image = ReceivedImage("a.png", content, "image/png", 8, 6)
    comparison = Comparison.objects.record(
        images={"image1": image, "image2": image},
        known=(),
        options=Options(),
        result=result,
        views={"mask": render_mask(result)},
        duration_ms=1,
    )
    Comparison.objects.update(engine=EARLIER, **changes)
    return comparison


class TestAnImageThatIsRefusedNow:
    def test_is_refused_beside_itself_too(self, client: APIClient) -> None:
        with pytest.raises(DecodeError):
            compare(CUT, CUT)
        record_refused(CUT)

        response = post(client, CUT, CUT)

        assert (response.status_code, response.json()["code"]) == (422, "image_truncated")
        assert Comparison.objects.count() == 1

    def test_is_refused_when_it_is_compared_again(self, client: APIClient) -> None:
        comparison = record_refused(CUT)

        response = client.post(f"/compare/{comparison.pk}/rerun?format=json", {"threshold": 0.2})

        assert response.status_code == 422

    def test_can_still_be_looked_at(self, client: APIClient) -> None:
        comparison = record_refused(CUT)

        assert client.get(f"/compare/{comparison.pk}").json()["match"]
        assert client.get(f"/compare/{comparison.pk}?format=html").status_code == 200
        assert read_body(client.get(f"/compare/{comparison.pk}/image1")) == CUT
