import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from comparisons.engine import (
    METHODS,
    VIEWS,
    Options,
    Rectangle,
    Result,
    SizePolicy,
    compare,
    render_mask,
)

from .pictures import BLACK, Pixels, gradient, noise, plain, written

VERMILION, BLUE = (213, 94, 0), (0, 114, 178)
INFERNO_TOP = (252, 255, 164)


def read(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    assert image.format == "PNG"
    return image


def show(view: str, result: Result) -> Pixels:
    return np.asarray(read(VIEWS[view](result)).convert("RGB"))


def with_dot(width: int, height: int, *, x: int, y: int) -> Result:
    """Compare a plain picture to one with a single other pixel."""
    pixels = plain(width, height)
    pixels[y, x] = BLACK
    return compare(plain(width, height), pixels)


def colored(pixels: Pixels, color: tuple[int, int, int]) -> int:
    return int(np.count_nonzero((pixels == color).all(axis=2)))


def test_there_are_six_views() -> None:
    assert [*VIEWS] == ["mask", "overlay", "side-by-side", "heatmap", "image1", "image2"]


def test_rendering_a_view_changes_none() -> None:
    result = compare(noise(50, 40, seed=1), noise(50, 40, seed=2))

    first, second = ({name: show(name, result) for name in VIEWS} for _ in range(2))

    assert [name for name in VIEWS if not np.array_equal(first[name], second[name])] == []


def test_image1_and_image2_are_shown_as_they_were_compared() -> None:
    before, after = noise(50, 40, seed=1), noise(60, 30, seed=2)

    result = compare(before, after, Options(size_policy=SizePolicy.CROP))

    assert (show("image1", result) == before[:30]).all()
    assert (show("image2", result) == after[:, :50]).all()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (60, 40)], ids=str)
def test_every_view_shows_a_picture_of_any_size(
    view: str, method: str, size: tuple[int, int]
) -> None:
    options = Options(
        method=method,
        ignore_antialiasing=True,
        size_policy=SizePolicy.PAD,
        ignore_regions=(Rectangle(x=0, y=0, width=9, height=9),),
    )

    for pixels2 in (noise(*size, seed=2), noise(7, 5, seed=2), noise(*size, seed=1)):
        image = read(VIEWS[view](compare(noise(*size, seed=1), pixels2, options)))
        assert image.width >= size[0]
        assert image.height >= size[1]


def test_the_mask_is_of_one_bit_and_white_where_different() -> None:
    result = compare(noise(50, 40, seed=1), gradient(50, 40))

    image = read(render_mask(result))

    assert image.mode == "1"
    assert (np.asarray(image) == result.mask).all()


@pytest.mark.parametrize("width", [1, 7, 8, 9, 64])
def test_every_decoder_reads_the_mask_of_any_width(width: int) -> None:
    result = compare(noise(width, 30, seed=1), noise(width, 30, seed=2), Options(threshold=0.3))

    png = render_mask(result)

    by_opencv = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert (np.asarray(by_opencv) == 255 * result.mask).all()
    assert (np.asarray(read(png)) == result.mask).all()
    # Raises if a chunk is not what its checksum says.
    read(png).verify()


class TestOverlay:
    def test_it_is_of_the_compared_size(self) -> None:
        result = compare(plain(30, 40), plain(50, 20), Options(size_policy=SizePolicy.PAD))

        assert show("overlay", result).shape == (40, 50, 3)

    def test_differences_are_vermilion_and_excused_pixels_blue(self) -> None:
        result = compare(
            written("Quick fox"), written("Quick fix", x=4.5), Options(ignore_antialiasing=True)
        )

        overlay = show("overlay", result)

        assert result.antialiased is not None
        assert (overlay[result.mask] == VERMILION).all()
        assert (overlay[result.antialiased] == BLUE).all()

    def test_the_rest_is_a_pale_gray_image2(self) -> None:
        pixels = gradient(60, 40)

        overlay = show("overlay", compare(pixels, pixels))

        assert (overlay == overlay[..., :1]).all()
        assert overlay.min() >= 140
        luma = pixels @ [0.299, 0.587, 0.114]
        assert np.corrcoef(overlay[..., 0].ravel(), luma.ravel())[0, 1] > 0.99

    def test_regions_are_boxed_outside_of_themselves(self) -> None:
        overlay = show("overlay", with_dot(60, 40, x=30, y=20))

        dark = (overlay < 100).all(axis=2)
        rows, columns = np.nonzero(dark)
        assert rows.min() < 20 < rows.max()
        assert columns.min() < 30 < columns.max()
        assert tuple(overlay[20, 30]) == VERMILION

    def test_ignored_regions_are_hatched(self) -> None:
        options = Options(ignore_regions=(Rectangle(x=10, y=10, width=30, height=20),))
        result = compare(plain(60, 40), plain(60, 40, BLACK), options)

        overlay = show("overlay", result)

        inside = overlay[10:30, 10:40]
        hatched = (inside == 110).all(axis=2)
        assert 0.1 < hatched.mean() < 0.3
        assert hatched.any(axis=0).all()
        assert hatched.any(axis=1).all()

    @pytest.mark.parametrize(("width", "height"), [(400, 10_000), (10_000, 400)])
    def test_a_single_pixel_stays_visible_when_a_large_picture_is_shown_small(
        self, width: int, height: int
    ) -> None:
        result = with_dot(width, height, x=width // 2, y=height // 2)

        overlay = Image.fromarray(show("overlay", result))

        small = overlay.resize((width // 10, height // 10), Image.Resampling.BOX)
        colors = np.asarray(small).astype(int)
        redness = colors[..., 0] - colors[..., 2]
        assert redness.max() > 60


class TestSideBySide:
    def test_it_shows_both_pictures_and_the_overlay_in_full(self) -> None:
        pixels1, pixels2 = noise(300, 200, seed=1), noise(300, 200, seed=2)
        result = compare(pixels1, pixels2)

        sheet = show("side-by-side", result)

        bottom = sheet.shape[0] - 200 - 8
        panels = [sheet[bottom : bottom + 200, left : left + 300] for left in (8, 316, 624)]
        assert (panels[0] == pixels1).all()
        assert (panels[1] == pixels2).all()
        assert (panels[2] == show("overlay", result)).all()

    def test_a_caption_stands_over_each_picture(self) -> None:
        sheet = show("side-by-side", with_dot(300, 200, x=3, y=3))

        captions = sheet[: sheet.shape[0] - 208].min(axis=(0, 2)) < 100
        assert all(captions[left : left + 300].any() for left in (8, 316, 624))

    def test_large_pictures_are_shrunk(self) -> None:
        sheet = show("side-by-side", compare(plain(3000, 4000), plain(3000, 4000)))

        assert sheet.size < 3 * 3 * 5_000_000


class TestHeatmap:
    def test_the_largest_difference_is_at_the_end_of_the_scale(self) -> None:
        pixels = plain(300, 200)
        pixels[50:60] = 55
        pixels[100:110] = 155

        heat = show("heatmap", compare(plain(300, 200), pixels))[-200:]

        assert (heat[50:60] == INFERNO_TOP).all()
        assert (heat[0] < 10).all()
        assert (heat[100, 0] < INFERNO_TOP).any()
        assert heat[100, 0].sum() > 100

    def test_a_legend_stands_above(self) -> None:
        result = with_dot(300, 200, x=3, y=3)

        legend = show("heatmap", result)[:-200]

        assert len(legend) > 20
        assert colored(legend, INFERNO_TOP) > 0
        assert colored(legend, (0, 0, 4)) > 0

    def test_ignored_pixels_are_black(self) -> None:
        options = Options(ignore_regions=(Rectangle(x=0, y=0, width=300, height=100),))
        result = compare(plain(300, 200), plain(300, 200, BLACK), options)

        heat = show("heatmap", result)[-200:]

        assert (heat[:100] < 10).all()
        assert (heat[100:] == INFERNO_TOP).all()

    def test_pixels_that_one_picture_only_covers_are_at_the_end_of_the_scale(self) -> None:
        result = compare(plain(300, 100), plain(300, 200), Options(size_policy=SizePolicy.PAD))

        heat = show("heatmap", result)[-200:]

        assert (heat[100:] == INFERNO_TOP).all()

    def test_a_single_pixel_stays_visible_when_a_large_picture_is_shown_small(self) -> None:
        result = with_dot(400, 10_000, x=200, y=5000)

        heat = Image.fromarray(show("heatmap", result)[-10_000:])

        small = np.asarray(heat.resize((40, 1000), Image.Resampling.BOX))
        assert small.max() > 200


def test_views_of_other_options_differ_only_in_what_they_ask_for() -> None:
    pixels1, pixels2 = written("Quick fox"), written("Quick fix", x=4.5)
    strict = compare(pixels1, pixels2, Options(threshold=0.05))
    lenient = compare(pixels1, pixels2, replace(strict.options, ignore_antialiasing=True))

    overlays = [show("overlay", result) for result in (strict, lenient)]

    assert colored(overlays[0], BLUE) == 0
    assert colored(overlays[1], BLUE) == lenient.antialiased_pixels
