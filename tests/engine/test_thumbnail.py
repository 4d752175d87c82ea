import io

import numpy as np
import pytest
from PIL import Image

from comparisons.engine import THUMBNAILS, Limits, Picture, decode_image
from comparisons.engine.thumbnail import render_mask_thumbnail, render_thumbnail

from .pictures import BLACK, Pixels, gradient, plain


def read(webp: bytes) -> Pixels:
    with Image.open(io.BytesIO(webp)) as image:
        assert image.format == "WEBP"
        return np.asarray(image.convert("RGB"))


def black_with(width: int, height: int, *points: tuple[int, int]) -> Picture:
    pixels = plain(width, height, BLACK)
    for x, y in points:
        pixels[y, x] = 255
    return Picture(pixels)


@pytest.mark.parametrize("name", THUMBNAILS)
@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param((1280, 640), (320, 160), id="wide"),
        pytest.param((640, 1280), (160, 320), id="tall"),
        pytest.param((321, 321), (320, 320), id="a little too large"),
        pytest.param((320, 320), (320, 320), id="just right"),
        pytest.param((3, 2), (3, 2), id="small ones are not enlarged"),
        pytest.param((70_000, 1), (320, 1), id="a line"),
        pytest.param((1, 70_000), (1, 320), id="a column"),
    ],
)
def test_longer_side_has_at_most_320_pixels(
    name: str, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    height, width, _ = read(THUMBNAILS[name](Picture(plain(*size)))).shape

    assert (width, height) == expected


class TestOfAnInput:
    def test_is_averaged_over_areas(self) -> None:
        picture = gradient(960, 640)

        thumbnail = read(render_thumbnail(Picture(picture))).astype(int)

        # The mean of each 3 x 3 pixels; WebP loses a little.
        means = picture[:639].reshape(213, 3, 320, 3, 3).mean(axis=(1, 3))
        assert thumbnail.shape == (213, 320, 3)
        assert np.abs(thumbnail - means).mean() < 3

    def test_is_shown_on_white(self) -> None:
        picture = Picture(plain(8, 8, BLACK), alpha=np.zeros((8, 8), np.uint8))

        assert read(render_thumbnail(picture)).min() > 250


class TestOfAMask:
    @pytest.mark.parametrize("point", [(0, 0), (1, 0), (2047, 1079), (4095, 2159)])
    def test_shows_a_single_pixel_of_a_large_one(self, point: tuple[int, int]) -> None:
        x, y = point

        thumbnail = read(render_mask_thumbnail(black_with(4096, 2160, point)))

        height, width, _ = thumbnail.shape
        assert thumbnail[y * height // 2160, x * width // 4096].tolist() == [255, 255, 255]
        # And its neighbours, so that it survives being shrunk by a page.
        assert 4 <= np.count_nonzero(thumbnail[..., 0]) <= 9

    def test_is_black_where_nothing_differs(self) -> None:
        assert read(render_mask_thumbnail(black_with(1000, 1000))).max() == 0

    def test_keeps_a_small_one_as_it_is(self) -> None:
        thumbnail = read(render_mask_thumbnail(black_with(40, 30, (7, 9))))

        assert np.argwhere(thumbnail[..., 0]).tolist() == [[9, 7]]

    def test_is_read_from_what_is_stored(self) -> None:
        buffer = io.BytesIO()
        bits = np.zeros((640, 640), np.bool_)
        bits[639, 0] = True
        Image.fromarray(bits).save(buffer, "PNG")

        thumbnail = read(render_mask_thumbnail(decode_image(buffer.getvalue(), Limits())))

        assert thumbnail[319, 0, 0] == 255
