"""Files of every kind are decoded to what Chromium shows on white, or the documentation says why not."""

from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.browser.chromium import Shown, run_chromium
from comparisons.engine import Limits, decode_image, decode_on
from tests.chromium import find_chromium

from .bitmaps import describe
from .pictures import Pixels
from .profiles import Floats
from .variants import VARIANTS
from .variants.definitions import COMPRESSED, EXACT

DOCS = Path(__file__).parents[2] / "docs" / "engine.md"
HEADING = "### Where browsers show something else"
WHITE = (255, 255, 255)
# Chromium rounds colours and opacity in its own way.
TOLERANCE = 2
# How far the most extreme colours may be off that both bring into the range of sRGB.
TONE_MAPPED = {"png-rgb-8-coding-pq": 5}


def read_exceptions() -> list[str]:
    """Read the table of the documentation: names of variants, with * for any."""
    _, _, section = DOCS.read_text().partition(HEADING)
    rows = [
        line.split("|") for line in section.split("\n#")[0].splitlines() if line.startswith("|")
    ]
    return [pattern.strip(" `") for row in rows[2:] for pattern in row[1].split(",")]


@pytest.fixture(scope="module")
def shown() -> dict[str, Pixels]:
    """What Chromium shows of all variants."""
    contents = [make() for make in VARIANTS.values()]
    with run_chromium(find_chromium()) as chromium:
        answers = chromium.show_all(contents)
    return {
        name: answer.rgb
        for name, answer in zip(VARIANTS, answers, strict=True)
        if isinstance(answer, Shown)
    }


def test_chromium_shows_all_variants(shown: dict[str, Pixels]) -> None:
    assert VARIANTS.keys() - shown == set()


@pytest.mark.parametrize("name", [name for name in VARIANTS if name not in {*EXACT, *COMPRESSED}])
def test_a_file_is_decoded_to_what_chromium_shows(name: str, shown: dict[str, Pixels]) -> None:
    decoded = decode_on(VARIANTS[name](), WHITE, Limits()).rgb

    assert decoded.shape == shown[name].shape
    difference = np.abs(decoded.astype(int) - shown[name])
    if name in TONE_MAPPED:
        assert (difference > TOLERANCE).mean() <= 0.001
    assert difference.max() <= TONE_MAPPED.get(name, TOLERANCE)


@pytest.mark.parametrize("name", EXACT)
def test_a_file_about_which_browsers_differ_is_decoded_to_what_it_is_made_of(name: str) -> None:
    rgba = describe(decode_image(VARIANTS[name](), Limits())).astype(int)
    expected = EXACT[name]()

    assert rgba.shape == expected.shape
    assert np.abs(rgba - expected).max() <= TOLERANCE


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_file_about_which_browsers_differ_is_decoded_to_what_was_compressed(name: str) -> None:
    """Compression keeps opacity, and the colours of squares of 8 x 8 pixels, not of each."""
    rgba = describe(decode_image(VARIANTS[name](), Limits())).astype(int)
    expected = COMPRESSED[name]()

    assert rgba.shape == expected.shape
    assert np.abs(rgba - expected)[..., 3].max() <= TOLERANCE
    difference = average_squares(show_on_white(rgba)) - average_squares(show_on_white(expected))
    assert np.abs(difference).max() <= 3


def show_on_white(rgba: NDArray[Any]) -> Floats:
    opacity = rgba[..., 3:] / 255
    return np.asarray(rgba[..., :3] * opacity + 255 * (1 - opacity))


def average_squares(rgb: Floats) -> Floats:
    height, width = rgb.shape[:2]
    return np.asarray(rgb.reshape(height // 8, 8, width // 8, 8, 3).mean(axis=(1, 3)))


def test_the_documentation_lists_the_files_about_which_browsers_differ() -> None:
    patterns = read_exceptions()
    listed = {pattern: {*filter(partial(fnmatch, pat=pattern), VARIANTS)} for pattern in patterns}

    assert set().union(*listed.values()) == {*EXACT, *COMPRESSED, *TONE_MAPPED}
    assert all(listed.values())


def test_there_are_variants_of_every_format_that_browsers_show() -> None:
    assert len(VARIANTS) >= 300
    assert {name.split("-")[0] for name in VARIANTS} == {
        "png",
        "apng",
        "jpeg",
        "webp",
        "gif",
        "bmp",
        "avif",
    }
