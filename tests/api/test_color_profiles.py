"""The option `color_profiles`: convert to sRGB, or compare the stored values."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rest_framework.test import APIClient

from comparisons.engine import ColorProfiles, Options
from comparisons.models import Comparison
from tests.comparing import read_body, record_comparison, upload, url_pair
from tests.engine.profiles import SRGB, build_matrix_profile, gamma_curve
from tests.pictures import encode

pytestmark = pytest.mark.django_db

# Linear light: 64 of 255 is a quarter, for which sRGB has 137.
LINEAR = build_matrix_profile(SRGB, gamma_curve(1))
STORED, CONVERTED = 64, 137


def gray(value: int, image_format: str = "PNG", **settings: Any) -> bytes:
    return encode(Image.new("RGB", (16, 16), (value,) * 3), image_format, **settings)


def make_large(**settings: Any) -> bytes:
    """Make a PNG of which a pair is decoded in two processes."""
    return encode(Image.new("RGB", (1000, 800), (STORED,) * 3), **settings)


PLAIN, TAGGED = gray(STORED), gray(STORED, icc_profile=LINEAR)


def post(client: APIClient, image1: bytes, image2: bytes, **fields: Any) -> dict[str, Any]:
    response = client.post(
        "/compare?format=json", url_pair(image1, image2, **fields), format="json"
    )
    assert response.status_code == 201, response.content
    return dict(response.json())


class TestOption:
    @pytest.mark.parametrize(
        ("fields", "difference"),
        [
            ({}, CONVERTED - STORED),
            ({"color_profiles": "apply"}, CONVERTED - STORED),
            ({"color_profiles": "ignore"}, 0),
        ],
        ids=["default", "apply", "ignore"],
    )
    @pytest.mark.parametrize(
        "tagged",
        [
            pytest.param(TAGGED, id="PNG"),
            pytest.param(gray(STORED, "JPEG", icc_profile=LINEAR), id="JPEG"),
            pytest.param(gray(STORED, "WEBP", lossless=True, icc_profile=LINEAR), id="WebP"),
            pytest.param(gray(STORED, "TIFF", icc_profile=LINEAR), id="TIFF"),
        ],
    )
    def test_decides_whether_the_stored_values_are_compared(
        self, client: APIClient, tagged: bytes, fields: dict[str, str], difference: int
    ) -> None:
        figures = post(client, PLAIN, tagged, **fields)

        assert figures["mse"] == pytest.approx(difference**2, abs=2 * difference)
        assert figures["options"]["color_profiles"] == fields.get("color_profiles", "apply")

    @pytest.mark.parametrize(("color_profiles", "match"), [("apply", False), ("ignore", True)])
    def test_is_for_large_pictures_too(
        self, client: APIClient, color_profiles: str, *, match: bool
    ) -> None:
        pair = make_large(), make_large(icc_profile=LINEAR)

        # Once more, when the process beside this one is ready.
        figures = [
            post(client, *images, color_profiles=color_profiles, method="yiq")
            for images in (pair, pair[::-1])
        ]

        assert [each["match"] for each in figures] == [match, match]

    @pytest.mark.parametrize(("color_profiles", "ignored"), [("apply", 256), ("ignore", 0)])
    def test_is_for_the_ignore_mask_too(
        self, client: APIClient, color_profiles: str, ignored: int
    ) -> None:
        # A cube of 3 / 255 is nearer to black than to any other of 256 levels.
        mask = gray(3, icc_profile=build_matrix_profile(SRGB, gamma_curve(3)))

        response = client.post(
            "/compare?format=json",
            {
                "image1": upload(PLAIN),
                "image2": upload(TAGGED),
                "mask_image": upload(mask),
                "color_profiles": color_profiles,
            },
        )

        assert response.json()["ignored_pixels"] == ignored

    @pytest.mark.parametrize(
        ("color_profiles", "value"), [("apply", CONVERTED), ("ignore", STORED)]
    )
    def test_decides_what_the_views_show(
        self, client: APIClient, color_profiles: str, value: int
    ) -> None:
        figures = post(client, PLAIN, TAGGED, color_profiles=color_profiles)

        shown = Image.open(io.BytesIO(read_body(client.get(figures["views"]["image2"]))))

        assert np.asarray(shown).mean() == pytest.approx(value, abs=1)

    def test_is_refused_if_it_is_neither(self, client: APIClient) -> None:
        response = client.post("/compare", url_pair(color_profiles="convert"), format="json")

        assert response.status_code == 400
        assert [error["field"] for error in response.json()["errors"]] == ["color_profiles"]


class TestRerun:
    def test_takes_another_one(self, client: APIClient) -> None:
        url = post(client, PLAIN, TAGGED)["url"]

        rerun = client.post(f"{url}/rerun?format=json", {"color_profiles": "ignore"})

        assert rerun.json()["match"]

    def test_leaves_it_as_it_was(self, client: APIClient) -> None:
        url = post(client, PLAIN, TAGGED, color_profiles="ignore")["url"]

        rerun = client.post(f"{url}/rerun?format=json", {"threshold": 0.2})

        assert (rerun.json()["match"], rerun.json()["options"]["color_profiles"]) == (
            True,
            "ignore",
        )


class TestEarlierComparison:
    def test_is_not_taken_for_one_with_the_other_option(self, client: APIClient) -> None:
        values = ("apply", "ignore", "apply", "ignore")

        matches = [post(client, PLAIN, TAGGED, color_profiles=value)["match"] for value in values]

        assert matches == [False, True, False, True]

    def test_is_found_by_the_default_and_by_its_value(self) -> None:
        first = record_comparison(PLAIN, TAGGED)
        Comparison.objects.update(diff_pixels=1)

        again = record_comparison(PLAIN, TAGGED, color_profiles=ColorProfiles("apply"))

        assert (first.diff_pixels, again.diff_pixels) == (256, 1)


@pytest.fixture
def old() -> Comparison:
    """Record a comparison as it was before there was the option."""
    comparison = record_comparison(PLAIN, TAGGED)
    comparison.options.pop("color_profiles")
    comparison.save()
    return comparison


class TestComparisonFromBeforeTheOption:
    def test_has_the_default(self, client: APIClient, old: Comparison) -> None:
        assert client.get(f"/compare/{old.pk}").json()["options"]["color_profiles"] == "apply"
        assert old.load_options() == Options()

    def test_has_a_page(self, client: APIClient, old: Comparison) -> None:
        response = client.get(f"/compare/{old.pk}?format=html")

        assert response.status_code == 200
        assert '<option value="apply"' in response.content.decode()

    def test_can_be_compared_again(self, client: APIClient, old: Comparison) -> None:
        rerun = client.post(f"/compare/{old.pk}/rerun?format=json", {"threshold": 0.3})

        assert rerun.status_code == 201
        assert rerun.json()["options"]["color_profiles"] == "apply"
