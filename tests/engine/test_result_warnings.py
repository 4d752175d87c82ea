"""What the figures leave out is said."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from comparisons.engine import (
    METHODS,
    WARNING_FACTS,
    Metric,
    Options,
    Picture,
    Rectangle,
    Result,
    SizePolicy,
    compare,
)

from .pictures import BLACK, Pixels, encode, lined, nearly, noise, plain

# BT.601: 0.299 x 196 = 58.6 and 0.587 x 100 = 58.7 round to the same gray.
RED, GREEN = (196, 0, 0), (0, 100, 0)
# The gray values of these are 1 apart: 0.114 x 12 = 1.4.
DULL, BLUER = (90, 90, 90), (90, 90, 102)

ANYTHING = Options(max_diff_ratio=1)


def warn(
    image1: Any, image2: Any, options: Options | None = None, **masks: Any
) -> dict[str, dict[str, Any]]:
    """Compare; return the facts of each warning by its code."""
    result = compare(image1, image2, options, **masks)
    return {warning.code: dict(warning.facts) for warning in result.warnings}


def count_color_only(image1: Pixels, image2: Pixels, **options: Any) -> int:
    warnings = warn(image1, image2, Options(**options))
    return int(warnings.get("color_only_differences", {"pixels": 0})["pixels"])


def find_changed_channels(pixels1: Pixels, pixels2: Pixels, threshold: float) -> NDArray[np.bool_]:
    """By the definition: where a channel differs by more than threshold x 255."""
    change = np.abs(pixels1.astype(int) - pixels2.astype(int))
    return np.asarray((change > threshold * 255).any(axis=2))


def test_equal_pictures_have_no_warning() -> None:
    pixels = noise(30, 20, seed=1)

    assert warn(pixels, pixels) == {}


class TestColorOnlyDifferences:
    @pytest.mark.parametrize("method", METHODS)
    def test_red_and_green_of_one_brightness_never_match_without_a_word(self, method: str) -> None:
        result = compare(plain(20, 10, RED), plain(20, 10, GREEN), Options(method=method))

        codes = [warning.code for warning in result.warnings]
        assert not result.match or codes == ["color_only_differences"]

    @pytest.mark.parametrize("method", ["grayscale", "ssim"])
    def test_all_pixels_are_counted(self, method: str) -> None:
        assert count_color_only(plain(20, 10, RED), plain(20, 10, GREEN), method=method) == 200

    @pytest.mark.parametrize("channel", [0, 1, 2], ids=["red", "green", "blue"])
    @pytest.mark.parametrize(
        ("threshold", "change", "pixels"),
        [
            pytest.param(0.1, 25, 0, id="25 of 25.5"),
            pytest.param(0.1, 26, 15, id="26 of 25.5"),
            pytest.param(0.2, 51, 0, id="51 of 51"),
            pytest.param(0.2, 52, 15, id="52 of 51"),
            pytest.param(1 / 255, 1, 0, id="1 of 1"),
            pytest.param(1 / 255, 2, 15, id="2 of 1"),
            pytest.param(1, 255, 0, id="255 of 255"),
        ],
    )
    def test_a_channel_has_to_differ_by_more_than_the_threshold(
        self, channel: int, threshold: float, change: int, pixels: int
    ) -> None:
        before, after = plain(10, 10, BLACK), plain(10, 10, BLACK)
        after.reshape(-1, 3)[:15, channel] = change

        assert count_color_only(before, after, threshold=threshold) == pixels

    def test_a_difference_is_no_match_and_needs_no_warning(self) -> None:
        after = plain(10, 10, GREEN)
        after[0, 0] = (255, 255, 255)

        assert warn(plain(10, 10, RED), after) == {}

    def test_a_method_that_compares_colours_is_not_doubted(self) -> None:
        # pixelmatch's measure gives blue little weight.
        after = plain(10, 10, (90, 90, 120))

        assert warn(plain(10, 10, DULL), after, Options(method="yiq")) == {}
        assert count_color_only(plain(10, 10, DULL), after) == 100

    def test_pixels_that_differ_anyhow_are_not_counted(self) -> None:
        after = plain(10, 10, GREEN)
        after[:3] = (255, 255, 255)

        assert count_color_only(plain(10, 10, RED), after, max_diff_pixels=30) == 70

    def test_ignored_regions_are_not_counted(self) -> None:
        region = Rectangle(x=2, y=3, width=5, height=4)

        pixels = count_color_only(
            plain(10, 10, RED), plain(10, 10, GREEN), ignore_regions=(region,)
        )

        assert pixels == 80

    def test_what_an_ignore_mask_covers_is_not_counted(self) -> None:
        mask = plain(10, 10)
        mask[:, :4] = BLACK

        facts = warn(plain(10, 10, RED), plain(10, 10, GREEN), ignore_mask=mask)

        assert facts == {"color_only_differences": {"pixels": 60}}

    def test_where_all_is_ignored_nothing_is_counted(self) -> None:
        region = Rectangle(x=-5, y=-5, width=100, height=100)

        assert not count_color_only(
            plain(10, 10, RED), plain(10, 10, GREEN), ignore_regions=(region,)
        )

    def test_pixels_excused_as_anti_aliasing_are_not_counted(self) -> None:
        before, after = lined(tilt=1), lined(tilt=1.3)
        options = Options(ignore_antialiasing=True, max_diff_ratio=1)

        result = compare(before, after, options)

        assert result.antialiased is not None
        changed = find_changed_channels(before, after, options.threshold)
        assert (changed & result.antialiased).any()
        assert (changed & result.mask).any()
        expected = np.count_nonzero(changed & ~result.mask & ~result.antialiased)
        assert expected > 0
        assert (
            count_color_only(before, after, ignore_antialiasing=True, max_diff_ratio=1) == expected
        )

    def test_transparent_pixels_count_as_they_look(self) -> None:
        # On white: (245, 230, 230) and (230, 237, 230), whose gray values are 3 apart.
        before, after = plain(10, 10, (*RED, 25)), plain(10, 10, (*GREEN, 25))

        assert count_color_only(before, after) == 0
        assert count_color_only(before, after, threshold=0.05) == 100

    @pytest.mark.parametrize("policy", [SizePolicy.RESIZE, SizePolicy.CROP])
    def test_pixels_are_those_of_the_canvas(self, policy: SizePolicy) -> None:
        pixels = count_color_only(plain(10, 10, RED), plain(20, 15, GREEN), size_policy=policy)

        assert pixels == 100

    def test_what_only_one_picture_covers_differs_and_is_not_counted(self) -> None:
        pixels = count_color_only(
            plain(10, 10, RED),
            plain(20, 10, GREEN),
            size_policy=SizePolicy.PAD,
            max_diff_pixels=100,
        )

        assert pixels == 100

    def test_every_band_of_a_large_picture_is_counted(self) -> None:
        before = noise(1000, 700, seed=1)
        after = nearly(before, seed=2)
        for row in (0, 300, 699):
            before[row], after[row] = RED, GREEN

        assert count_color_only(before, after) == 3000

    @pytest.mark.parametrize("metrics", [frozenset(Metric), Options().metrics])
    def test_differences_in_colour_are_counted_without_other_figures(
        self, metrics: frozenset[Metric]
    ) -> None:
        assert count_color_only(plain(9, 9, RED), plain(9, 9, GREEN), metrics=metrics) == 81

    @given(
        seed=st.integers(0, 2**32 - 1),
        most=st.integers(1, 120),
        method=st.sampled_from(["grayscale", "ssim"]),
        threshold=st.sampled_from([0, 1 / 255, 0.1, 0.2, 77 / 255, 0.5, 1]),
    )
    def test_the_count_is_that_of_the_definition(
        self, seed: int, most: int, method: str, threshold: float
    ) -> None:
        before = noise(40, 30, seed=seed)
        after = nearly(before, seed=seed, most=most)
        options = Options(method=method, threshold=threshold, max_diff_ratio=1)

        result = compare(before, after, options)

        # In whole numbers, as rounding may not matter: 77 / 255 x 255 is 77.
        change = np.abs(before.astype(int) - after.astype(int)).max(axis=2)
        expected = np.count_nonzero((change > int(round(threshold * 255, 6))) & ~result.mask)
        counted = [
            warning.facts["pixels"]
            for warning in result.warnings
            if warning.code == "color_only_differences"
        ]
        assert counted == ([expected] if expected else [])


class TestTransparencyDiffers:
    def test_a_difference_in_transparency_is_told_with_its_number_of_pixels(self) -> None:
        after = plain(10, 10, (255, 255, 255, 255))
        after[:3, :, 3] = 0

        assert warn(plain(10, 10), after) == {"transparency_differs": {"pixels": 30}}

    def test_a_difference_in_transparency_is_told_of_pictures_that_differ_too(self) -> None:
        after = plain(10, 10, (*BLACK, 254))

        assert warn(plain(10, 10), after) == {"transparency_differs": {"pixels": 100}}

    def test_equal_transparency_is_no_matter(self) -> None:
        assert warn(plain(10, 10, (*BLACK, 9)), plain(10, 10, (*BLACK, 9))) == {}


class TestFrames:
    @pytest.mark.parametrize("file_format", ["GIF", "WEBP", "TIFF", "PNG"])
    def test_files_of_several_frames_are_told_with_their_number(self, file_format: str) -> None:
        first, *others = (noise(20, 10, seed=seed) for seed in range(3))
        content = encode(
            first,
            file_format,
            save_all=True,
            append_images=[Image.fromarray(each) for each in others],
        )

        facts = warn(plain(20, 10), content, options=ANYTHING)

        assert facts["first_frame_only"] == {"image": "image2", "frames": 3}

    @pytest.mark.parametrize("file_format", ["GIF", "WEBP", "TIFF", "PNG", "JPEG", "BMP"])
    def test_files_of_one_frame_are_not_told(self, file_format: str) -> None:
        content = encode(noise(20, 10, seed=1), file_format)

        assert warn(content, content) == {}

    def test_every_input_of_several_frames_is_told(self) -> None:
        picture = Picture(plain(20, 10), frames=2)
        mask = replace(picture, frames=5)

        result = compare(picture, picture, ignore_mask=mask)

        assert [dict(warning.facts) for warning in result.warnings] == [
            {"image": "image1", "frames": 2},
            {"image": "image2", "frames": 2},
            {"image": "mask_image", "frames": 5},
        ]


class TestSizesDiffer:
    @pytest.mark.parametrize("policy", [SizePolicy.RESIZE, SizePolicy.PAD, SizePolicy.CROP])
    def test_both_sizes_and_what_was_done_are_told(self, policy: SizePolicy) -> None:
        facts = warn(plain(10, 10), plain(20, 5), options=Options(size_policy=policy))

        assert facts == {
            "sizes_differ": {
                "size_policy_applied": policy,
                "width1": 10,
                "height1": 10,
                "width2": 20,
                "height2": 5,
            }
        }


def test_regions_that_are_not_listed_are_told_with_their_number() -> None:
    after = plain(10 * 21, 10 * 5)
    after[::10, ::10] = BLACK

    assert warn(plain(10 * 21, 10 * 5), after) == {"regions_left_out": {"regions": 5}}


def test_hdr_is_told_with_its_input() -> None:
    picture = Picture(plain(20, 10), is_tone_mapped=True)

    assert warn(plain(20, 10), picture) == {"tone_mapped": {"image": "image2"}}


def make_everything() -> Result:
    before = Picture(plain(10 * 21, 51, RED), frames=2, is_tone_mapped=True)
    after = plain(10 * 21, 50, (*GREEN, 255))
    after[::10, ::10] = (*BLACK, 254)
    return compare(before, after, replace(ANYTHING, size_policy=SizePolicy.CROP))


def test_the_sentences_are_for_people() -> None:
    assert [warning.detail for warning in make_everything().warnings] == [
        "The method grayscale treats 10,395 pixels as equal, although a colour channel differs"
        " by more than 25.5 of 255.",
        "Transparency differs in 105 pixels; transparency itself is not compared, only the colours on the background.",
        "The sizes differ (210 x 51 and 210 x 50 pixels):"
        " only the top-left part that both have was compared.",
        "image1 has 2 frames or pages; only the first is compared.",
        "image1 is HDR; its brightness was mapped to SDR.",
        "Only the 100 largest of 105 regions are listed.",
    ]


def test_one_is_said_in_the_singular() -> None:
    after = plain(10, 10, (*RED, 255))
    after[0, 0] = (*GREEN, 254)

    details = [warning.detail for warning in compare(plain(10, 10, RED), after).warnings]

    assert [detail[: detail.index("pixel")] for detail in details] == [
        "The method grayscale treats 1 ",
        "Transparency differs in 1 ",
    ]
    assert not any("pixels" in detail for detail in details)


def test_an_ignore_mask_is_used_and_not_compared() -> None:
    picture = plain(10, 10)

    (warning,) = compare(picture, picture, ignore_mask=Picture(picture, frames=12)).warnings

    assert warning.detail == "mask_image has 12 frames or pages; only the first is used."


def test_every_warning_has_the_facts_that_the_table_promises() -> None:
    found = {
        warning.code: [(name, type(value)) for name, value in warning.facts.items()]
        for warning in make_everything().warnings
    }

    assert found.keys() == WARNING_FACTS.keys()
    for code, facts in WARNING_FACTS.items():
        assert [name for name, _ in found[code]] == [fact.name for fact in facts]
        assert all(
            issubclass(of_value, fact.type)
            for (_, of_value), fact in zip(found[code], facts, strict=True)
        )


def test_the_documentation_has_the_same_table() -> None:
    docs = Path(__file__).parents[2] / "docs" / "engine.md"
    _, _, section = docs.read_text().partition("## What the figures leave out")
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| ([^|]*) \|$", section.partition("\n## ")[0], re.MULTILINE
    )

    documented = {code: re.findall(r"`(\w+)`", facts) for code, facts in rows}

    assert documented == {
        code: [fact.name for fact in facts] for code, facts in WARNING_FACTS.items()
    }


def test_what_is_written_to_json_has_code_and_detail_before_the_facts() -> None:
    (warning,) = compare(
        plain(10, 10, DULL), plain(10, 10, BLUER), Options(threshold=0.04)
    ).warnings

    assert warning.to_json() == {
        "code": "color_only_differences",
        "detail": warning.detail,
        "pixels": 100,
    }
    assert list(warning.to_json()) == ["code", "detail", "pixels"]


def test_each_code_is_explained_with_its_facts() -> None:
    text = (Path(__file__).parents[2] / "docs" / "engine.md").read_text()

    names = {
        name for warning in make_everything().warnings for name in (warning.code, *warning.facts)
    }
    assert {name for name in names if f"`{name}`" not in text} == set()
