import json
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw
from rest_framework.test import APIClient
from skimage.metrics import structural_similarity

from comparisons.engine import METHODS
from tests.comparing import data_url
from tests.pictures import encode, noise, plain

pytestmark = pytest.mark.django_db


def part(content: bytes, name: str = "a.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def compare(client: APIClient, image1: bytes, image2: bytes, **fields: Any) -> dict[str, Any]:
    """Compare two uploads and return the figures."""
    response = client.post(
        "/compare?format=json", {"image1": part(image1), "image2": part(image2), **fields}
    )
    assert response.status_code == 201, response.content
    return dict(response.json())


def with_square(side: int) -> bytes:
    """Draw a black square of that side at 2, 1 on white, 10 x 8."""
    picture = Image.new("RGB", (10, 8), "white")
    if side:
        ImageDraw.Draw(picture).rectangle((2, 1, 1 + side, side), fill="black")
    return encode(picture)


class TestMethods:
    @pytest.mark.parametrize("method", METHODS)
    def test_every_method_finds_no_difference_in_equal_images(
        self, client: APIClient, method: str
    ) -> None:
        content = encode(Image.fromarray(noise(1)))

        figures = compare(client, content, content, method=method)

        assert (figures["diff_pixels"], figures["match"]) == (0, True)
        assert figures["options"]["method"] == method

    def test_only_yiq_sees_a_change_of_hue_between_colours_of_equal_luma(
        self, client: APIClient
    ) -> None:
        # BT.601: 0.299 x 196 = 58.6 and 0.587 x 100 = 58.7 round to the same gray.
        red, green = plain((196, 0, 0)), plain((0, 100, 0))

        by_gray = compare(client, red, green, method="grayscale")
        by_yiq = compare(client, red, green, method="yiq")

        assert (by_gray["diff_pixels"], by_gray["mse"]) == (0, 0)
        assert by_yiq["diff_pixels"] == 48

    def test_anti_aliased_pixels_are_counted_apart_when_they_are_to_be_ignored(
        self, client: APIClient
    ) -> None:
        # A step whose corner is smoothed in one picture only: white above, black below.
        sharp = np.full((8, 8, 3), 255, np.uint8)
        sharp[4:] = 0
        sharp[3, 4:] = 0
        smooth = sharp.copy()
        smooth[3, 3] = 128

        counted = compare(client, *map(encode_array, (sharp, smooth)), method="yiq")
        ignored = compare(
            client, *map(encode_array, (sharp, smooth)), method="yiq", ignore_antialiasing="true"
        )

        assert (counted["diff_pixels"], counted["antialiased_pixels"]) == (1, 0)
        assert (ignored["diff_pixels"], ignored["antialiased_pixels"]) == (0, 1)
        assert ignored["match"] is True


class TestMetrics:
    def test_ssim_is_null_unless_asked_for(self, client: APIClient) -> None:
        figures = compare(client, plain(), plain())

        assert figures["ssim"] is None

    @pytest.mark.parametrize(
        "asked",
        [
            pytest.param({"metrics": "mse,ssim"}, id="named"),
            pytest.param({"metrics": " ssim "}, id="alone"),
            pytest.param({"method": "ssim"}, id="implied by the method"),
            pytest.param({"min_ssim": "0.5"}, id="implied by the limit"),
        ],
    )
    def test_ssim_is_that_of_scikit_image(self, client: APIClient, asked: dict[str, str]) -> None:
        # Grays stay as they are, so that the reference needs no conversion.
        gray1, gray2 = noise(1)[..., 0], noise(2)[..., 0]
        blend = (gray1 // 2 + gray2 // 2).astype(np.uint8)
        expected = structural_similarity(gray1, blend, data_range=255)

        figures = compare(client, encode_array(gray1), encode_array(blend), **asked)

        assert figures["ssim"] == pytest.approx(expected, abs=1e-6)

    def test_json_takes_the_metrics_as_a_list(self, client: APIClient) -> None:
        url = data_url(plain())

        response = client.post(
            "/compare?format=json",
            {"image_url1": url, "image_url2": url, "metrics": ["ssim"]},
            format="json",
        )

        assert response.json()["options"]["metrics"] == ["ssim"]
        assert response.json()["ssim"] == 1

    @pytest.mark.parametrize(
        ("min_ssim", "match"), [("0.999", False), ("-1", True)], ids=["missed", "met"]
    )
    def test_a_match_needs_the_least_ssim(
        self, client: APIClient, min_ssim: str, match: bool
    ) -> None:
        figures = compare(client, encode_array(noise(1)), encode_array(noise(2)), min_ssim=min_ssim)

        assert figures["match"] is match


class TestIgnoreRegions:
    REGION = {"x": 2, "y": 1, "width": 3, "height": 3}

    def test_pixels_in_a_region_do_not_count(self, client: APIClient) -> None:
        figures = compare(
            client, with_square(0), with_square(3), ignore_regions=json.dumps([self.REGION])
        )

        assert (figures["diff_pixels"], figures["ignored_pixels"]) == (0, 9)
        assert (figures["mse"], figures["match"]) == (0, True)
        assert figures["options"]["ignore_regions"] == [self.REGION]

    def test_a_region_is_cut_off_at_the_edge_of_the_canvas(self, client: APIClient) -> None:
        region = {"x": 8, "y": -5, "width": 100, "height": 6}

        figures = compare(
            client, with_square(0), with_square(3), ignore_regions=json.dumps([region])
        )

        assert (figures["diff_pixels"], figures["ignored_pixels"]) == (9, 2)
        assert figures["diff_ratio"] == 9 / 78

    @pytest.mark.parametrize(
        ("regions", "field", "code"),
        [
            pytest.param("{", "ignore_regions", "not_json", id="broken JSON"),
            pytest.param("[" * 100_000, "ignore_regions", "not_json", id="deep JSON"),
            pytest.param('{"x": 1}', "ignore_regions", "not_a_list", id="no list"),
            pytest.param("[1]", "ignore_regions.0", "invalid", id="no rectangle"),
            pytest.param(
                '[{"x": 0, "y": 0, "width": 1}]',
                "ignore_regions.0.height",
                "required",
                id="missing side",
            ),
            pytest.param(
                '[{"x": 0, "y": 0, "width": 1, "height": 0}]',
                "ignore_regions.0.height",
                "min_value",
                id="no height",
            ),
            pytest.param(
                '[{"x": 0, "y": 0, "width": 1, "height": 1, "z": 1}]',
                "ignore_regions.0.z",
                "unknown",
                id="unknown side",
            ),
            pytest.param(json.dumps([REGION] * 101), "ignore_regions", "max_length", id="too many"),
        ],
    )
    def test_a_bad_region_is_named(
        self, client: APIClient, regions: str, field: str, code: str
    ) -> None:
        response = client.post(
            "/compare",
            {"image1": part(plain()), "image2": part(plain()), "ignore_regions": regions},
        )

        assert response.status_code == 400
        errors = [(error["field"], error["code"]) for error in response.json()["errors"]]
        assert errors == [(field, code)]


class TestMaskImage:
    def test_pixels_under_black_do_not_count(self, client: APIClient) -> None:
        figures = compare(client, with_square(0), with_square(3), mask_image=part(with_square(2)))

        assert (figures["diff_pixels"], figures["ignored_pixels"]) == (5, 4)

    def test_it_is_kept_and_served_like_the_other_inputs(self, client: APIClient) -> None:
        mask = with_square(2)

        figures = compare(client, with_square(0), with_square(3), mask_image=part(mask, "m.png"))
        served = client.get(figures["mask_image"]["url"])

        assert figures["mask_image"]["source"] == "m.png"
        assert served.getvalue() == mask

    def test_a_comparison_without_one_says_so(self, client: APIClient) -> None:
        figures = compare(client, plain(), plain())

        assert figures["mask_image"] is None
        assert client.get(f"{figures['url']}/mask_image").status_code == 404

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            pytest.param(plain(size=(3, 3)), "mask_size_differs", id="of another size"),
            pytest.param(b"GIF", "not_an_image", id="not an image"),
        ],
    )
    def test_one_that_does_not_fit_is_refused_by_its_name(
        self, client: APIClient, content: bytes, code: str
    ) -> None:
        response = client.post(
            "/compare",
            {"image1": part(plain()), "image2": part(plain()), "mask_image": part(content)},
        )

        assert response.status_code == 422
        errors = [(error["field"], error["code"]) for error in response.json()["errors"]]
        assert errors == [("mask_image", code)]


class TestAlpha:
    def test_transparent_against_white_is_told_though_it_looks_the_same(
        self, client: APIClient
    ) -> None:
        figures = compare(client, plain((0, 0, 0, 0), mode="RGBA"), plain("white"))

        assert (figures["diff_pixels"], figures["alpha_diff_pixels"]) == (0, 48)


def encode_array(pixels: Any) -> bytes:
    return encode(Image.fromarray(pixels))
