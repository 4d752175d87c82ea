"""What samples of TIFF mean, by its specification: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from comparisons.engine import (
    Limits,
    Picture,
    decode_image,
)
from comparisons.engine.color import ColorModel, Raster
from comparisons.engine.containers import read_container
from comparisons.engine.decoders import tiff

from .tiff_files import (
    ASSOCIATED,
    BLACK_IS_ZERO,
    COLOR_MAP,
    EXTRA_SAMPLES,
    LAYOUTS,
    PALETTE,
    PLAIN,
    RGB,
    SEPARATED,
    SHORT,
    UNASSOCIATED,
    UNSPECIFIED,
    WHITE_IS_ZERO,
    Layout,
    Samples,
    encode_tiff,
    make_samples,
)

DEPTHS = (1, 2, 3, 4, 6, 8, 10, 12, 14, 16)


def decode(content: bytes) -> Picture:
    return decode_image(content, Limits())


def read_raster(content: bytes) -> Raster:
    return tiff.read_raster(read_container(content, Limits()))


def assert_shows(content: bytes, expected: NDArray[Any]) -> None:
    """Hold the picture to fractions of 255, rounded once or twice."""
    picture = decode(content)

    assert picture.rgb.shape == (*expected.shape[:2], 3)
    assert np.abs(picture.rgb - expected).max() <= 0.5 + 1 / 257


@pytest.mark.parametrize("layout", [pytest.param(LAYOUTS[name], id=name) for name in LAYOUTS])
@pytest.mark.parametrize("bits", DEPTHS)
class TestSamples:
    def test_of_gray_are_shown_at_their_brightness(self, bits: int, layout: Layout) -> None:
        samples = make_samples(bits, 1)

        content = encode_tiff(samples, bits=bits, photometric=BLACK_IS_ZERO, layout=layout)

        assert_shows(content, samples * 255 / (2**bits - 1))

    def test_of_colors_are_shown_at_their_brightness(self, bits: int, layout: Layout) -> None:
        samples = make_samples(bits, 3)

        content = encode_tiff(samples, bits=bits, photometric=RGB, layout=layout)

        assert_shows(content, samples * 255 / (2**bits - 1))


@pytest.mark.parametrize("bits", DEPTHS)
class TestDepths:
    def test_white_may_be_zero(self, bits: int) -> None:
        samples = make_samples(bits, 1)

        content = encode_tiff(samples, bits=bits, photometric=WHITE_IS_ZERO)

        assert_shows(content, 255 - samples * 255 / (2**bits - 1))

    def test_more_than_8_bits_are_kept_for_color_profiles(self, bits: int) -> None:
        samples = make_samples(bits, 3)

        raster = read_raster(encode_tiff(samples, bits=bits, photometric=RGB))

        highest = 65535 if bits > 8 else 255
        assert raster.pixels.dtype == (np.uint16 if bits > 8 else np.uint8)
        assert np.abs(raster.pixels - samples * highest / (2**bits - 1)).max() <= 0.5

    def test_a_palette_has_16_bits(self, bits: int) -> None:
        indexes = make_samples(bits, 1)
        palette = np.random.default_rng(1).integers(0, 65536, (1 << bits, 3))
        tags = {COLOR_MAP: (SHORT, palette.T.ravel().tolist())}

        content = encode_tiff(indexes, bits=bits, photometric=PALETTE, tags=tags)

        assert_shows(content, palette[indexes[..., 0]] / 257)

    def test_a_palette_may_have_bytes_that_are_repeated(self, bits: int) -> None:
        indexes = make_samples(bits, 1)
        palette = np.random.default_rng(1).integers(0, 256, (1 << bits, 3))
        palette[0] = 255
        tags = {COLOR_MAP: (SHORT, (palette * 257).T.ravel().tolist())}

        content = encode_tiff(indexes, bits=bits, photometric=PALETTE, tags=tags)

        assert_shows(content, palette[indexes[..., 0]])

    def test_a_palette_of_bytes_is_not_black(self, bits: int) -> None:
        """As libtiff, take values that are all below 256 for bytes."""
        indexes = make_samples(bits, 1)
        palette = np.random.default_rng(1).integers(0, 256, (1 << bits, 3))
        tags = {COLOR_MAP: (SHORT, palette.T.ravel().tolist())}

        content = encode_tiff(indexes, bits=bits, photometric=PALETTE, tags=tags)

        assert_shows(content, palette[indexes[..., 0]])

    @pytest.mark.parametrize("layout", [PLAIN, LAYOUTS["planes"]], ids=["pixels", "planes"])
    def test_inks_are_kept_as_they_are(self, bits: int, layout: Layout) -> None:
        samples = make_samples(bits, 4)

        content = encode_tiff(samples, bits=bits, photometric=SEPARATED, layout=layout)

        raster = read_raster(content)
        highest = 65535 if bits > 8 else 255
        assert raster.model is ColorModel.CMYK
        assert np.abs(raster.pixels - samples * highest / (2**bits - 1)).max() <= 0.5


def test_no_ink_is_white_and_all_black_ink_is_black() -> None:
    samples = np.array([[[0, 0, 0, 0], [0, 0, 0, 255]]])

    picture = decode(encode_tiff(samples, bits=8, photometric=SEPARATED))

    assert picture.rgb[0, 0].tolist() == [255, 255, 255]
    assert picture.rgb[0, 1].max() < 60


def test_16_bits_of_gray_are_not_sixteen_times_as_dark_as_12() -> None:
    samples = make_samples(12, 1)

    deep = encode_tiff(samples, bits=12, photometric=BLACK_IS_ZERO)
    deeper = encode_tiff(samples * 65535 // 4095, bits=16, photometric=BLACK_IS_ZERO)

    difference = decode(deep).rgb.astype(int) - decode(deeper).rgb
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("layout", [PLAIN, LAYOUTS["planes"]], ids=["pixels", "planes"])
@pytest.mark.parametrize("bits", [4, 8, 12, 16])
@pytest.mark.parametrize(
    ("photometric", "colors"),
    [
        pytest.param(BLACK_IS_ZERO, 1, id="gray"),
        pytest.param(WHITE_IS_ZERO, 1, id="inverted gray"),
        pytest.param(RGB, 3, id="RGB"),
    ],
)
class TestExtraSamples:
    def test_are_opacity(self, photometric: int, colors: int, bits: int, layout: Layout) -> None:
        samples = make_samples(bits, colors + 1)

        picture = decode(self.encode(samples, photometric, bits, layout, [UNASSOCIATED]))

        self.assert_has_alpha(picture, samples[..., -1], bits)
        expected = self.show(samples, photometric, bits)
        assert np.abs(picture.rgb - expected).max() <= 0.51

    def test_are_opacity_if_nothing_is_said(
        self, photometric: int, colors: int, bits: int, layout: Layout
    ) -> None:
        samples = make_samples(bits, colors + 1)

        picture = decode(self.encode(samples, photometric, bits, layout, []))

        self.assert_has_alpha(picture, samples[..., -1], bits)

    def test_are_ignored_if_they_are_unspecified(
        self, photometric: int, colors: int, bits: int, layout: Layout
    ) -> None:
        samples = make_samples(bits, colors + 2)

        picture = decode(
            self.encode(samples, photometric, bits, layout, [UNSPECIFIED, UNSPECIFIED])
        )

        assert picture.alpha is None
        assert np.abs(picture.rgb - self.show(samples[..., :-1], photometric, bits)).max() <= 0.51

    def test_may_come_before_opacity(
        self, photometric: int, colors: int, bits: int, layout: Layout
    ) -> None:
        samples = make_samples(bits, colors + 2)

        picture = decode(
            self.encode(samples, photometric, bits, layout, [UNSPECIFIED, UNASSOCIATED])
        )

        self.assert_has_alpha(picture, samples[..., -1], bits)

    def test_may_be_what_colors_are_multiplied_by(
        self, photometric: int, colors: int, bits: int, layout: Layout
    ) -> None:
        """A color of full strength at half opacity is stored at half its strength."""
        highest = (1 << bits) - 1
        full, alpha = make_samples(bits, colors), make_samples(bits, 1)
        shown = highest - full if photometric == WHITE_IS_ZERO else full
        premultiplied = (shown * alpha / highest).round().astype(int)
        stored = highest - premultiplied if photometric == WHITE_IS_ZERO else premultiplied

        content = self.encode(np.dstack([stored, alpha]), photometric, bits, layout, [ASSOCIATED])

        picture = decode(content)
        self.assert_has_alpha(picture, alpha[..., 0], bits)
        opaque = alpha[..., 0] == highest
        assert np.abs(picture.rgb - shown * 255 / highest)[opaque].max() <= 0.51
        # However few levels there are, what lies on black is what is stored.
        assert picture.alpha is not None
        on_black = picture.rgb * (picture.alpha[..., np.newaxis] / 255)
        assert np.abs(on_black - premultiplied * 255 / highest).max() <= 1.5

    @staticmethod
    def encode(
        samples: Samples, photometric: int, bits: int, layout: Layout, kinds: list[int]
    ) -> bytes:
        tags = {EXTRA_SAMPLES: (SHORT, kinds)} if kinds else {}
        return encode_tiff(samples, bits=bits, photometric=photometric, layout=layout, tags=tags)

    @staticmethod
    def show(samples: Samples, photometric: int, bits: int) -> NDArray[Any]:
        """Show all samples but the last."""
        shares = samples[..., :-1] / (2**bits - 1)
        return np.asarray(255 * (1 - shares if photometric == WHITE_IS_ZERO else shares))

    @staticmethod
    def assert_has_alpha(picture: Picture, samples: Samples, bits: int) -> None:
        assert picture.alpha is not None
        assert np.abs(picture.alpha - samples * 255 / (2**bits - 1)).max() <= 0.51


def test_a_color_that_was_multiplied_by_its_opacity_is_rounded() -> None:
    samples = np.array([[[90, 200], [100, 128]]])
    tags = {EXTRA_SAMPLES: (SHORT, [ASSOCIATED])}

    picture = decode(encode_tiff(samples, bits=8, photometric=BLACK_IS_ZERO, tags=tags))

    # 90 / 200 and 100 / 128 of 255.
    assert picture.rgb[0, :, 0].tolist() == [115, 199]
