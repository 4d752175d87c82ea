from itertools import product
from typing import Any

import numpy as np
import pytest
import skimage
from numpy.typing import NDArray

from comparisons.engine import Region
from comparisons.engine.regions import find_regions

# Without type information.
scikit_image: Any = skimage


def blank(width: int = 60, height: int = 40) -> NDArray[np.bool_]:
    return np.zeros((height, width), np.bool_)


def scattered(
    density: float, *, seed: int, width: int = 200, height: int = 150
) -> NDArray[np.bool_]:
    return np.asarray(np.random.default_rng(seed).random((height, width)) < density)


def find_by_scikit_image(mask: NDArray[np.bool_]) -> set[Region]:
    """Label with scikit-image: dots whose squares of 7 x 7 meet, corners included, belong together."""
    wide = scikit_image.morphology.dilation(np.pad(mask, 3), np.ones((7, 7)))
    labels = scikit_image.measure.label(wide, connectivity=2)[3:-3, 3:-3] * mask
    return {
        Region(
            x=int(group.bbox[1]),
            y=int(group.bbox[0]),
            width=int(group.bbox[3] - group.bbox[1]),
            height=int(group.bbox[2] - group.bbox[0]),
            diff_pixels=int(group.num_pixels),
        )
        for group in scikit_image.measure.regionprops(labels)
    }


def test_no_difference_makes_no_region() -> None:
    assert find_regions(blank()) == ((), 0)


def test_a_region_is_the_exact_box_and_count_of_its_pixels() -> None:
    mask = blank()
    mask[10:20, 30] = True
    mask[10, 30:36] = True

    regions, left_out = find_regions(mask)

    assert regions == (Region(x=30, y=10, width=6, height=10, diff_pixels=15),)
    assert left_out == 0


@pytest.mark.parametrize(("x", "y"), [(0, 0), (59, 39), (0, 39), (1, 2), (57, 38)], ids=str)
def test_boxes_are_exact_at_the_border(x: int, y: int) -> None:
    mask = blank()
    mask[y, x] = True

    regions, _ = find_regions(mask)

    assert regions == (Region(x=x, y=y, width=1, height=1, diff_pixels=1),)


def test_a_picture_that_differs_everywhere_is_one_region() -> None:
    regions, left_out = find_regions(~blank())

    assert regions == (Region(x=0, y=0, width=60, height=40, diff_pixels=2400),)
    assert left_out == 0


@pytest.mark.parametrize(("gap", "count"), [(6, 1), (7, 2)], ids=["near", "far"])
def test_pixels_with_a_small_gap_between_them_belong_together(gap: int, count: int) -> None:
    mask = blank()
    mask[10, 10] = mask[10 + gap + 1, 10 + gap + 1] = True

    regions, _ = find_regions(mask)

    assert len(regions) == count


def test_two_pixels_belong_together_in_every_direction_up_to_the_same_distance() -> None:
    counts = {}
    for right, down in product(range(-10, 11), range(11)):
        mask = blank()
        mask[13, 29] = mask[13 + down, 29 + right] = True
        counts[right, down] = len(find_regions(mask)[0])

    assert counts == {offset: 1 if max(map(abs, offset)) <= 7 else 2 for offset in counts}


def test_a_line_that_winds_through_the_whole_picture_is_one_region() -> None:
    mask = blank(400, 300)
    mask[:, ::10] = True
    for x in range(0, 390, 10):
        mask[-1 if x % 20 else 0, x : x + 10] = True

    regions, left_out = find_regions(mask)

    assert [(region.width, region.height) for region in regions] == [(391, 300)]
    assert left_out == 0


def test_the_region_with_most_different_pixels_comes_first_then_the_upper_then_the_left() -> None:
    mask = blank()
    mask[30, 5:9] = True
    for y, x in ((0, 50), (20, 40), (20, 20)):
        mask[y, x] = True

    regions, _ = find_regions(mask)

    assert [(region.x, region.y) for region in regions] == [(5, 30), (50, 0), (20, 20), (40, 20)]


def test_at_most_100_regions_are_told_and_the_others_counted() -> None:
    mask = blank(200, 200)
    mask[5::15, 5::15] = True

    regions, left_out = find_regions(mask)

    assert len(regions) == 100
    assert left_out == 13 * 13 - 100


@pytest.mark.parametrize("density", [0.0002, 0.002, 0.005, 0.01, 0.02, 0.5])
def test_regions_are_those_that_scikit_image_finds(density: float) -> None:
    mask = scattered(density, seed=1)

    regions, left_out = find_regions(mask)

    expected = find_by_scikit_image(mask)
    assert len(regions) + left_out == len(expected)
    assert set(regions) <= expected
    assert [region.diff_pixels for region in regions] == sorted(
        (region.diff_pixels for region in expected), reverse=True
    )[:100]
