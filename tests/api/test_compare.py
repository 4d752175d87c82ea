import hashlib
import io
import math
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pytest_django import Settings
from rest_framework.test import APIClient
from skimage.metrics import mean_squared_error

from comparisons.models import Comparison
from tests.comparing import BLACK, WHITE, data_url, find_files, read_body, upload, url_pair
from tests.picture_server import PictureServer
from tests.pictures import encode, plain

pytestmark = pytest.mark.django_db


def post_json(client: APIClient, fields: dict[str, Any]) -> dict[str, Any]:
    """Compare, and return the figures."""
    response = client.post("/compare?format=json", fields, format="json")
    assert response.status_code == 201, response.content
    figures: dict[str, Any] = response.json()
    return figures


def gray(value: int, size: tuple[int, int] = (8, 6)) -> bytes:
    return plain((value,), size, "L")


def read_png(content: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(content)).convert("L"))


@pytest.fixture
def spots() -> tuple[bytes, bytes]:
    """10 x 10 pixels of black, without and with 3 white ones at x 2 to 4 and y 5."""
    pixels = np.zeros((10, 10), np.uint8)
    spotted = pixels.copy()
    spotted[5, 2:5] = 255
    return encode(Image.fromarray(pixels)), encode(Image.fromarray(spotted))


class TestWaysToGiveImages:
    def test_two_urls_as_json(self, client: APIClient, pictures: PictureServer) -> None:
        fields = {
            "image_url1": pictures.serve("/a.png", WHITE),
            "image_url2": pictures.serve("/b.png", BLACK),
        }

        response = client.post("/compare", fields, format="json")

        assert response.status_code == 201
        assert sorted(pictures.requested_paths) == ["/a.png", "/b.png"]

    def test_two_urls_as_a_form(self, client: APIClient, pictures: PictureServer) -> None:
        fields = f"image_url1={pictures.serve('/a.png', WHITE)}&image_url2={data_url(BLACK)}"

        response = client.post(
            "/compare", fields.replace("+", "%2B"), content_type="application/x-www-form-urlencoded"
        )

        assert response.status_code == 201

    def test_two_urls_as_multipart(self, client: APIClient) -> None:
        response = client.post("/compare", url_pair(), format="multipart")

        assert response.status_code == 201

    def test_two_uploads(self, client: APIClient) -> None:
        fields = {"image1": upload(WHITE), "image2": upload(BLACK)}

        response = client.post("/compare", fields, format="multipart")

        assert response.status_code == 201

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            pytest.param("image1", "image_url2", id="upload and URL"),
            pytest.param("image_url1", "image2", id="URL and upload"),
        ],
    )
    def test_one_each_way(
        self, client: APIClient, pictures: PictureServer, first: str, second: str
    ) -> None:
        url = pictures.serve("/a.png", WHITE)
        fields = {
            name: url if "url" in name else upload(WHITE, "b.png") for name in (first, second)
        }

        response = client.post("/compare?format=json", fields, format="multipart")

        sources = [response.json()["image1"]["source"], response.json()["image2"]["source"]]
        assert sorted(sources) == ["b.png", url]
        assert response.json()["match"] is True

    def test_two_data_urls(self, client: APIClient) -> None:
        figures = post_json(client, url_pair(WHITE, BLACK))

        assert figures["image1"]["source"] == "data:image/png;base64"
        assert figures["image1"]["sha256"] == hashlib.sha256(WHITE).hexdigest()

    def test_the_same_url_twice(self, client: APIClient, pictures: PictureServer) -> None:
        url = pictures.serve("/a.png", WHITE)

        figures = post_json(client, {"image_url1": url, "image_url2": url})

        assert figures["match"] is True

    def test_large_uploads_that_go_through_a_temporary_file(
        self, client: APIClient, settings: Settings
    ) -> None:
        settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10

        response = client.post(
            "/compare", {"image1": upload(WHITE), "image2": upload(WHITE)}, format="multipart"
        )

        assert response.status_code == 201
        assert response["X-Match"] == "true"

    def test_a_browsers_form_with_blank_fields(self, client: APIClient) -> None:
        # Literally what Firefox sends for a form with one file chosen and all the rest left blank.
        parts = [
            b'name="image_url1"\r\n\r\n',
            b'name="image1"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n' + WHITE,
            b'name="image_url2"\r\n\r\n' + data_url(BLACK).encode(),
            b'name="image2"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n',
            b'name="method"\r\n\r\ngrayscale',
            b'name="threshold"\r\n\r\n',
            b'name="size_policy"\r\n\r\n',
            b'name="background"\r\n\r\n',
            b'name="max_mse"\r\n\r\n',
            b'name="max_diff_pixels"\r\n\r\n',
            b'name="max_diff_ratio"\r\n\r\n',
        ]
        body = b"".join(
            b"--limit\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts
        )

        response = client.post(
            "/compare?format=json",
            body + b"--limit--\r\n",
            content_type="multipart/form-data; boundary=limit",
        )

        assert response.status_code == 201, response.content
        options = response.json()["options"]
        assert options["threshold"] == 0.1
        assert options["size_policy"] == "resize"
        assert options["background"] == "#ffffff"
        assert options["max_mse"] is None

    def test_a_trailing_slash(self, client: APIClient) -> None:
        response = client.post("/compare/", url_pair(), format="json")

        assert response.status_code == 201

    def test_the_name_of_an_upload_is_never_a_path(self, client: APIClient) -> None:
        fields = {"image1": upload(WHITE, "../../etc/passwd"), "image2": upload(BLACK, "b.png")}

        response = client.post("/compare?format=json", fields, format="multipart")

        assert response.json()["image1"]["source"] == "passwd"


class TestAnswer:
    def test_is_the_mask_white_where_the_images_differ(
        self, client: APIClient, spots: tuple[bytes, bytes]
    ) -> None:
        expected = np.zeros((10, 10), np.uint8)
        expected[5, 2:5] = 255

        response = client.post("/compare", url_pair(*spots), format="json")

        assert response["Content-Type"] == "image/png"
        np.testing.assert_array_equal(read_png(response.content), expected)

    def test_carries_the_figures_in_headers(
        self, client: APIClient, spots: tuple[bytes, bytes]
    ) -> None:
        response = client.post("/compare", url_pair(*spots), format="json")

        assert uuid.UUID(response["X-Comparison-Id"]).version in {4, 7}
        assert float(response["X-MSE"]) == 3 * 255**2 / 100
        assert response["X-Diff-Pixels"] == "3"
        assert float(response["X-Diff-Ratio"]) == 0.03
        assert response["X-Match"] == "false"

    def test_says_where_the_comparison_can_be_had_again(self, client: APIClient) -> None:
        response = client.post("/compare", url_pair(), format="json")

        assert response["Location"] == f"http://testserver/compare/{response['X-Comparison-Id']}"
        assert client.get(response["Location"]).json()["id"] == response["X-Comparison-Id"]

    def test_as_json_is_the_same_when_fetched_again(self, client: APIClient) -> None:
        figures = post_json(client, url_pair())

        assert client.get(figures["url"]).json() == figures

    def test_as_json_has_exactly_the_members_of_the_contract(self, client: APIClient) -> None:
        figures = post_json(client, url_pair())

        assert set(figures) == {
            "id", "url", "created_at", "image1", "image2", "options", "width", "height",
            "size_differs", "size_policy_applied", "mse", "psnr", "ssim", "diff_pixels",
            "total_pixels", "diff_ratio", "antialiased_pixels", "ignored_pixels",
            "alpha_diff_pixels", "mask_image", "regions", "regions_left_out", "match", "warnings", "result_image", "views", "engine", "duration_ms",
        }  # fmt: skip

    def test_as_json_describes_each_image(self, client: APIClient, pictures: PictureServer) -> None:
        content = plain("red", (5, 7))
        url = pictures.serve("/a.png", content)

        figures = post_json(client, {"image_url1": url, "image_url2": data_url(WHITE)})

        assert figures["image1"] == {
            "source": url,
            "sha256": hashlib.sha256(content).hexdigest(),
            "media_type": "image/png",
            "width": 5,
            "height": 7,
            "bytes": len(content),
            "url": f"{figures['url']}/image1",
        }

    def test_as_json_states_the_options_as_applied(self, client: APIClient) -> None:
        figures = post_json(
            client, url_pair(threshold=0.25, background="rebeccapurple", max_diff_pixels=7)
        )

        expected = {
            "method": "grayscale",
            "threshold": 0.25,
            "size_policy": "resize",
            "background": "#663399",
            "color_profiles": "apply",
            "max_diff_pixels": 7,
            "max_diff_ratio": None,
            "max_mse": None,
        }
        assert {name: figures["options"][name] for name in expected} == expected

    def test_as_json_links_to_pictures_that_are_there(self, client: APIClient) -> None:
        figures = post_json(client, url_pair())

        links = [figures["result_image"], *figures["views"].values()]
        links += [figures["image1"]["url"], figures["image2"]["url"]]

        assert figures["result_image"] == figures["views"]["mask"] == f"{figures['url']}/mask.png"
        for link in links:
            response = client.get(link)
            assert response.status_code == 200
            read_body(response)

    def test_as_json_tells_the_time_with_its_zone(self, client: APIClient) -> None:
        figures = post_json(client, url_pair())

        created_at = datetime.fromisoformat(figures["created_at"])
        assert timedelta(0) <= datetime.now(UTC) - created_at < timedelta(minutes=1)

    def test_as_json_names_the_engine_and_the_duration(self, client: APIClient) -> None:
        figures = post_json(client, url_pair())

        assert "opencv" in figures["engine"]
        assert 0 < figures["duration_ms"] < 60_000

    def test_as_a_page_shows_figures_and_pictures(
        self, client: APIClient, spots: tuple[bytes, bytes]
    ) -> None:
        response = client.post("/compare?format=html", url_pair(*spots), format="json")

        page = response.content.decode()
        path = f"/compare/{response['X-Comparison-Id']}"
        assert "No match" in page
        for picture in (f"{path}/image1", f"{path}/image2", f"{path}/mask.png"):
            assert f'src="{picture}"' in page

    def test_as_a_page_says_how_different_sizes_were_treated(self, client: APIClient) -> None:
        fields = url_pair(plain(size=(8, 6)), plain(size=(4, 5)), size_policy="crop")

        response = client.post("/compare?format=html", fields, format="json")

        page = " ".join(response.content.decode().split())
        assert "8 x 6 and 4 x 5 pixels): only the top-left part that both have was compared" in page

    def test_as_a_page_shows_names_as_text(self, client: APIClient) -> None:
        fields = {"image1": upload(WHITE, "<img src=x onerror=y>.png"), "image2": upload(BLACK)}

        response = client.post("/compare?format=html", fields, format="multipart")

        page = response.content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x onerror=y&gt;.png" in page

    def test_leaves_two_rows_of_content_and_three_files(
        self, client: APIClient, media_root: Path
    ) -> None:
        client.post("/compare", url_pair(), format="json")

        assert Comparison.objects.count() == 1
        assert len(find_files(media_root)) == 3


class TestFigures:
    def test_of_equal_images_are_a_match_of_infinite_psnr(self, client: APIClient) -> None:
        figures = post_json(client, url_pair(WHITE, WHITE))

        assert (figures["mse"], figures["psnr"], figures["match"]) == (0, None, True)
        assert (figures["diff_pixels"], figures["diff_ratio"], figures["regions"]) == (0, 0, [])

    def test_do_not_wrap_around_at_8_bits(self, client: APIClient) -> None:
        figures = post_json(client, url_pair(gray(10), gray(250)))

        assert figures["mse"] == 57600
        assert figures["psnr"] == pytest.approx(10 * math.log10(255**2 / 57600), abs=1e-9)

    def test_agree_with_scikit_image(self, client: APIClient) -> None:
        random = np.random.default_rng(1)
        gray1, gray2 = random.integers(0, 256, (2, 30, 40), dtype=np.uint8)
        distance = np.abs(gray1.astype(int) - gray2)

        figures = post_json(
            client, url_pair(*(encode(Image.fromarray(pixels)) for pixels in (gray1, gray2)))
        )

        assert figures["mse"] == pytest.approx(mean_squared_error(gray1, gray2), abs=1e-9)
        assert figures["diff_pixels"] == np.count_nonzero(distance > 25.5)
        assert figures["diff_ratio"] == np.count_nonzero(distance > 25.5) / 1200

    def test_tell_where_the_images_differ(
        self, client: APIClient, spots: tuple[bytes, bytes]
    ) -> None:
        figures = post_json(client, url_pair(*spots))

        assert figures["regions"] == [{"x": 2, "y": 5, "width": 3, "height": 1, "diff_pixels": 3}]
        assert figures["regions_left_out"] == 0

    @pytest.mark.parametrize(
        ("threshold", "distance", "differs"),
        [
            pytest.param(0, 0, False, id="0, equal"),
            pytest.param(0, 1, True, id="0, least difference"),
            pytest.param(0.1, 25, False, id="0.1, below 25.5"),
            pytest.param(0.1, 26, True, id="0.1, above 25.5"),
            pytest.param(0.2, 51, False, id="0.2, just at 51"),
            pytest.param(1, 255, False, id="1, greatest difference"),
        ],
    )
    def test_count_pixels_beyond_the_threshold(
        self,
        client: APIClient,
        threshold: float,
        distance: int,
        differs: bool,
    ) -> None:
        figures = post_json(client, url_pair(gray(0), gray(distance), threshold=threshold))

        assert figures["diff_pixels"] == (48 if differs else 0)


class TestSizePolicy:
    """Image 1 is 8 x 6 pixels, image 2 is 4 x 6, both white."""

    @pytest.fixture
    def fields(self) -> dict[str, Any]:
        return url_pair(plain(size=(8, 6)), plain(size=(4, 6)))

    def test_resize_brings_the_second_to_the_size_of_the_first(
        self, client: APIClient, fields: dict[str, Any]
    ) -> None:
        figures = post_json(client, fields)

        assert (figures["width"], figures["height"]) == (8, 6)
        assert (figures["size_differs"], figures["size_policy_applied"]) == (True, "resize")
        assert figures["match"] is True

    def test_resize_averages_areas_where_it_shrinks(self, client: APIClient) -> None:
        board = np.indices((12, 16)).sum(axis=0) % 2 * 255

        figures = post_json(
            client, url_pair(gray(128), encode(Image.fromarray(board.astype(np.uint8))))
        )

        assert figures["mse"] <= 1

    def test_pad_counts_what_only_one_covers(
        self, client: APIClient, fields: dict[str, Any]
    ) -> None:
        figures = post_json(client, {**fields, "size_policy": "pad"})

        assert (figures["width"], figures["height"]) == (8, 6)
        assert figures["size_policy_applied"] == "pad"
        assert figures["diff_pixels"] == 4 * 6
        assert figures["regions"] == [{"x": 4, "y": 0, "width": 4, "height": 6, "diff_pixels": 24}]
        assert figures["match"] is False

    def test_pad_takes_the_larger_of_each_side(self, client: APIClient) -> None:
        figures = post_json(
            client, url_pair(plain(size=(8, 2)), plain(size=(3, 6)), size_policy="pad")
        )

        assert (figures["width"], figures["height"]) == (8, 6)
        # 16 + 18 pixels, less twice the 6 that both cover, and the 20 that neither covers are alike.
        assert figures["diff_pixels"] == 16 + 18 - 2 * 6

    def test_crop_compares_the_common_part(self, client: APIClient, fields: dict[str, Any]) -> None:
        figures = post_json(client, {**fields, "size_policy": "crop"})

        assert (figures["width"], figures["height"], figures["total_pixels"]) == (4, 6, 24)
        assert figures["size_policy_applied"] == "crop"
        assert figures["match"] is True

    @pytest.mark.parametrize("policy", ["resize", "pad", "crop", "error"])
    def test_is_not_applied_to_equal_sizes(self, client: APIClient, policy: str) -> None:
        figures = post_json(client, url_pair(size_policy=policy))

        assert (figures["size_differs"], figures["size_policy_applied"]) == (False, None)


class TestBackground:
    CLEAR = plain((255, 0, 0, 0), mode="RGBA")

    @pytest.mark.parametrize(
        ("background", "opaque"),
        [
            pytest.param("white", "white", id="default"),
            pytest.param("black", "black", id="name"),
            pytest.param("#0f0", "#00ff00", id="short hexadecimal"),
            pytest.param("#336699", "#336699", id="hexadecimal"),
            pytest.param("rgb(51, 102, 153)", "#336699", id="rgb with commas"),
            pytest.param("rgb(20% 40% 60%)", "#336699", id="rgb in percent"),
            pytest.param("hsl(240 100% 50%)", "#0000ff", id="hsl"),
            pytest.param("ReD", "#ff0000", id="name in mixed case"),
        ],
    )
    def test_shows_through_transparent_pixels(
        self, client: APIClient, background: str, opaque: str
    ) -> None:
        fields = url_pair(self.CLEAR, plain(opaque), background=background, threshold=0)

        figures = post_json(client, fields)

        assert figures["mse"] == 0

    def test_is_white_by_default(self, client: APIClient) -> None:
        figures = post_json(client, url_pair(self.CLEAR, BLACK))

        assert figures["mse"] == 255**2


class TestVerdict:
    """3 of 100 pixels are white instead of black: a diff ratio of 0.03 and an MSE of 1950.75."""

    @pytest.mark.parametrize(
        ("limits", "match"),
        [
            pytest.param({}, False, id="no limit, some pixels differ"),
            pytest.param({"max_diff_pixels": 3}, True, id="pixels, just at the limit"),
            pytest.param({"max_diff_pixels": 2}, False, id="pixels, beyond"),
            pytest.param({"max_diff_pixels": 0}, False, id="pixels, 0 is a limit"),
            pytest.param({"max_diff_ratio": 0.03}, True, id="ratio, just at the limit"),
            pytest.param({"max_diff_ratio": 0.029}, False, id="ratio, beyond"),
            pytest.param({"max_diff_ratio": 0}, False, id="ratio, 0 is a limit"),
            pytest.param({"max_mse": 1950.75}, True, id="MSE, just at the limit"),
            pytest.param({"max_mse": 1950.7}, False, id="MSE, beyond"),
            pytest.param({"max_mse": 0}, False, id="MSE, 0 is a limit"),
            pytest.param({"max_diff_pixels": 3, "max_mse": 2000}, True, id="both hold"),
            pytest.param({"max_diff_pixels": 3, "max_mse": 1}, False, id="only one holds"),
            pytest.param({"max_diff_pixels": None, "max_mse": 2000}, True, id="null is no limit"),
        ],
    )
    def test_holds_if_every_limit_given_holds(
        self,
        client: APIClient,
        spots: tuple[bytes, bytes],
        limits: dict[str, Any],
        match: bool,
    ) -> None:
        figures = post_json(client, url_pair(*spots, **limits))

        assert figures["match"] is match


class TestLimits:
    def test_allow_exactly_so_many_pixels(self, client: APIClient, settings: Settings) -> None:
        settings.MAX_PIXELS = 48

        response = client.post("/compare", url_pair(), format="json")

        assert response.status_code == 201

    def test_allow_exactly_so_many_bytes(self, client: APIClient, settings: Settings) -> None:
        settings.FETCH_MAX_BYTES = max(len(WHITE), len(BLACK))

        response = client.post(
            "/compare", {"image1": upload(WHITE), "image_url2": data_url(BLACK)}, format="multipart"
        )

        assert response.status_code == 201
