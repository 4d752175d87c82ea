import numpy as np
import pytest

from comparisons.engine import Options, Picture, Rectangle, SizePolicy, compare
from comparisons.engine.composite import lay_on

from .pictures import WHITE, Pixels, noise, plain

BLUE = (10, 20, 200)


def rgba(alpha: int, *, width: int = 10, height: int = 10, color: int = 255) -> Pixels:
    return plain(width, height, (color, color, color, alpha))


def test_transparent_against_white_is_equal_but_for_its_alpha() -> None:
    result = compare(rgba(0), rgba(255))

    assert result.match
    assert result.diff_pixels == 0
    assert result.alpha_diff_pixels == 100


def test_a_picture_without_alpha_is_opaque() -> None:
    half = rgba(255)
    half[:5, :, 3] = 254

    result = compare(plain(10, 10), half)

    assert result.alpha_diff_pixels == 50


def test_opaque_pictures_have_no_alpha_to_differ() -> None:
    result = compare(plain(10, 10), rgba(255))

    assert result.alpha_diff_pixels == 0


def test_the_colour_under_full_transparency_never_counts() -> None:
    result = compare(rgba(0, color=0), rgba(0, color=200))

    assert result.mse == 0
    assert result.diff_pixels == 0
    assert result.alpha_diff_pixels == 0


def test_transparent_pixels_take_the_background() -> None:
    options = Options(background=(10, 20, 30))

    result = compare(rgba(0), plain(10, 10, (10, 20, 30)), options)

    assert (result.canvas.rgb1 == (10, 20, 30)).all()
    assert result.match


def test_compositing_rounds_to_the_nearest() -> None:
    pixels = noise(64, 64, seed=1, channels=4)
    background = np.array((12, 200, 99))

    result = compare(pixels, pixels, Options(background=(12, 200, 99)))

    opacity = pixels[..., 3:] / 255
    exact = pixels[..., :3] * opacity + background * (1 - opacity)
    assert np.abs(result.canvas.rgb1 - exact).max() <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("policy", "alpha_diff_pixels"),
    [
        pytest.param(SizePolicy.RESIZE, 100, id="resize: all of the canvas"),
        pytest.param(SizePolicy.PAD, 50, id="pad: what both cover"),
        pytest.param(SizePolicy.CROP, 50, id="crop: what both cover"),
    ],
)
def test_alpha_is_compared_after_fitting(policy: SizePolicy, alpha_diff_pixels: int) -> None:
    result = compare(rgba(0), rgba(9, height=5), Options(size_policy=policy))

    assert result.alpha_diff_pixels == alpha_diff_pixels


def test_alpha_is_resized_as_colour_is() -> None:
    striped = rgba(0, width=20)
    striped[:, ::2, 3] = 100

    result = compare(rgba(50), striped)

    assert result.alpha_diff_pixels == 0


def test_ignored_alpha_does_not_count() -> None:
    options = Options(ignore_regions=(Rectangle(x=0, y=0, width=10, height=4),))

    result = compare(rgba(0), rgba(255), options)

    assert result.alpha_diff_pixels == 60


class TestPictureThatLiesOnItsBackground:
    def test_is_compared_as_one_that_does_not_yet(self) -> None:
        picture1, picture2 = transparent_picture(seed=1), transparent_picture(seed=2)
        options = Options(background=BLUE)
        expected = compare(picture1, picture2, options)

        result = compare(lay_on(picture1, BLUE), lay_on(picture2, BLUE), options)

        assert (result.mse, result.regions) == (expected.mse, expected.regions)
        assert result.alpha_diff_pixels == expected.alpha_diff_pixels > 0

    def test_takes_no_more_memory(self) -> None:
        picture = transparent_picture(seed=1)

        laid = lay_on(picture, BLUE)

        assert laid.rgb is picture.rgb

    def test_cannot_be_put_on_another(self) -> None:
        laid = lay_on(transparent_picture(seed=1), BLUE)

        with pytest.raises(ValueError, match="already"):
            compare(laid, laid, Options(background=WHITE))


def test_comparing_leaves_a_picture_as_it_was() -> None:
    picture = transparent_picture(seed=1)
    before = picture.rgb.copy()

    compare(picture, transparent_picture(seed=2))

    assert (picture.rgb == before).all()


def transparent_picture(seed: int) -> Picture:
    pixels = noise(30, 20, seed=seed, channels=4)
    return Picture(pixels[..., :3].copy(), pixels[..., 3].copy())
