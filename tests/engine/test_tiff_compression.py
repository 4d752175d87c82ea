"""How the samples of a TIFF are compressed, and where they are."""

import io
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from comparisons.engine import (
    ImageCorrupt,
    ImageTruncated,
    ImageUnsupported,
    Limits,
    Picture,
    decode_image,
)
from comparisons.engine.color import ColorModel, Raster
from comparisons.engine.containers import read_container
from comparisons.engine.decoders import tiff

from .pictures import encode, gradient
from .tiff_files import (
    BLACK_IS_ZERO,
    DEFLATE,
    LAYOUTS,
    LONG,
    LZW,
    NONE,
    PLAIN,
    RATIONAL,
    RGB,
    SHORT,
    YCBCR,
    Layout,
    Samples,
    encode_tiff,
    join_file,
    make_samples,
)


def decode(content: bytes) -> Picture:
    return decode_image(content, Limits())


def read_raster(content: bytes) -> Raster:
    return tiff.read_raster(read_container(content, Limits()))


@pytest.mark.parametrize(
    "compression",
    ["raw", "packbits", "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "lzma", "zstd"],
)
@pytest.mark.parametrize("predictor", [1, 2])
def test_what_pillow_writes_is_read(compression: str, predictor: int) -> None:
    pixels = make_samples(8, 3).astype(np.uint8)

    content = encode(pixels, "TIFF", compression=compression, tiffinfo={317: predictor})

    assert np.array_equal(decode(content).rgb, pixels)


class TestBilevel:
    """CCITT's codes say black and white; the file says which of them is which."""

    @pytest.mark.parametrize("compression", ["tiff_ccitt", "group3", "group4"])
    @pytest.mark.parametrize("fill_order", [1, 2], ids=["in order", "reversed"])
    @pytest.mark.parametrize("white", [0, 1])
    def test_pictures_are_shown(self, compression: str, fill_order: int, white: int) -> None:
        pixels = make_samples(1, 1)[..., 0].astype(bool)

        content = encode(
            pixels, "TIFF", compression=compression, tiffinfo={266: fill_order, 262: 1 - white}
        )

        assert np.array_equal(decode(content).rgb[..., 0], pixels * 255)

    def test_without_a_photometric_interpretation_faxes_are_black_on_white(self) -> None:
        pixels = make_samples(1, 1)[..., 0].astype(bool)
        content = encode(pixels, "TIFF", compression="group4", tiffinfo={262: 0})
        entry = struct.pack("<HHI", 262, SHORT, 1)

        without = content.replace(entry, struct.pack("<HHI", 65000, SHORT, 1))

        assert without != content
        assert np.array_equal(decode(without).rgb[..., 0], pixels * 255)

    @pytest.mark.parametrize("compression", ["tiff_ccitt", "group3", "group4"])
    def test_that_are_cut_off_are_refused(self, compression: str) -> None:
        """libtiff would show the rows that are there."""
        pixels = np.random.default_rng(1).random((200, 100)) > 0.5
        content = encode(pixels, "TIFF", compression=compression)
        place = content.index(struct.pack("<HHI", 279, LONG, 1)) + 8

        (size,) = struct.unpack_from("<I", content, place)
        content = content[:place] + struct.pack("<I", size + len(content)) + content[place + 4 :]

        with pytest.raises(ImageTruncated):
            decode(content)


class TestJpeg:
    @pytest.mark.parametrize(
        ("mode", "saving"),
        [
            pytest.param("L", {}, id="gray"),
            pytest.param("RGB", {}, id="YCbCr"),
            pytest.param("RGB", {"tiffinfo": {262: 2}}, id="RGB"),
            pytest.param("RGB", {"tiffinfo": {322: 32, 323: 32}}, id="tiles"),
        ],
    )
    def test_is_shown_nearly_as_it_was(self, mode: str, saving: dict[str, Any]) -> None:
        image = Image.fromarray(gradient(70, 50)).convert(mode)

        content = encode(np.asarray(image), "TIFF", compression="jpeg", quality=95, **saving)

        expected = np.asarray(image.convert("RGB"))
        assert np.abs(decode(content).rgb - expected.astype(int)).max() <= 12

    @pytest.mark.parametrize("subsampling", [0, 1, 2], ids=["4:4:4", "4:2:2", "4:2:0"])
    @pytest.mark.parametrize(
        "tags",
        [
            pytest.param({262: (SHORT, [YCBCR])}, id="without sampling"),
            pytest.param({262: (SHORT, [YCBCR]), 530: (SHORT, [4, 4])}, id="another sampling"),
            pytest.param({}, id="without photometric interpretation"),
        ],
    )
    def test_is_sampled_as_its_own_header_says(
        self, tags: dict[int, Any], subsampling: int
    ) -> None:
        pixels = gradient(64, 48)
        jpeg = encode(pixels, "JPEG", quality=95, subsampling=subsampling)
        entries = {
            256: (SHORT, [64]),
            257: (SHORT, [48]),
            258: (SHORT, [8, 8, 8]),
            259: (SHORT, [7]),
            277: (SHORT, [3]),
        }

        shown = decode(join_file([jpeg], entries | tags)).rgb

        assert np.abs(shown - pixels.astype(int)).max() <= 12

    def test_of_inks_keeps_them(self) -> None:
        image = Image.fromarray(gradient(70, 50)).convert("CMYK")
        buffer = io.BytesIO()
        image.save(buffer, "TIFF", compression="jpeg", quality=95)

        raster = read_raster(buffer.getvalue())

        assert raster.model is ColorModel.CMYK
        assert np.abs(raster.pixels - np.asarray(image).astype(int)).max() <= 12

    def test_of_the_old_style_is_shown(self) -> None:
        pixels = gradient(64, 48)
        jpeg = encode(pixels, "JPEG", quality=95, subsampling=2)
        tags = {
            256: (SHORT, [64]),
            257: (SHORT, [48]),
            258: (SHORT, [8, 8, 8]),
            259: (SHORT, [6]),
            262: (SHORT, [YCBCR]),
            277: (SHORT, [3]),
            278: (SHORT, [48]),
            512: (SHORT, [1]),
            513: (LONG, [8]),
            514: (LONG, [len(jpeg)]),
            530: (SHORT, [2, 2]),
        }

        shown = decode(join_file([jpeg], tags)).rgb

        assert np.abs(shown - pixels.astype(int)).max() <= 12


class TestYCbCr:
    """Uncompressed: section 21 of the specification has the formulas."""

    COLORS = (200, 90, 150), (40, 170, 110)

    @pytest.mark.parametrize("columns", [1, 2, 4])
    @pytest.mark.parametrize("rows", [1, 2, 4])
    @pytest.mark.parametrize("compression", [NONE, DEFLATE], ids=["plain", "deflate"])
    @pytest.mark.parametrize("tile", [None, (16, 16)], ids=["strips", "tiles"])
    def test_shares_colors_among_pixels(
        self, columns: int, rows: int, compression: int, tile: tuple[int, int] | None
    ) -> None:
        layout = Layout(compression=compression, tile=tile)
        luma = np.random.default_rng(1).integers(16, 236, (24, 40))
        blues, reds = np.random.default_rng(2).integers(90, 166, (2, 24 // rows, 40 // columns))

        content = self.encode(luma, blues, reds, layout)

        y = luma.astype(float)
        cb, cr = (
            chroma.repeat(rows, axis=0).repeat(columns, axis=1) - 128.0 for chroma in (blues, reds)
        )
        red, blue = y + 1.402 * cr, y + 1.772 * cb
        green = (y - 0.299 * red - 0.114 * blue) / 0.587
        rgb = np.dstack([red, green, blue]).clip(0, 255)
        # The conversion goes to 127 where the range of colors goes to 128.
        assert np.abs(decode(content).rgb - rgb).max() <= 1.5

    def test_that_two_strips_would_share_is_corrupt(self) -> None:
        samples = np.full((4, 4, 6), 128)
        tags = {
            256: (LONG, [8]),
            257: (LONG, [8]),
            258: (SHORT, [8] * 3),
            277: (SHORT, [3]),
            278: (SHORT, [3]),
            530: (SHORT, [2, 2]),
        }

        content = encode_tiff(
            samples, bits=8, photometric=YCBCR, layout=Layout(rows_per_strip=2), tags=tags
        )

        with pytest.raises(ImageCorrupt):
            decode(content)

    @pytest.mark.parametrize(
        "ranges",
        [
            pytest.param(
                (RATIONAL, [16, 1, 235, 1, 128, 1, 240, 1, 128, 1, 240, 1]), id="fractions"
            ),
            pytest.param((LONG, [16, 235, 128, 240, 128, 240]), id="whole numbers"),
        ],
    )
    def test_may_have_black_and_white_of_video(self, ranges: tuple[int, list[int]]) -> None:
        samples = np.array([[[16, 128, 128], [235, 128, 128]]])
        tags = {530: (SHORT, [1, 1]), 532: ranges}

        content = encode_tiff(samples, bits=8, photometric=YCBCR, tags=tags)

        assert decode(content).rgb.tolist() == [[[0, 0, 0], [255, 255, 255]]]

    @staticmethod
    def encode(luma: Samples, blues: Samples, reds: Samples, layout: Layout) -> bytes:
        """Encode blocks: their lumas row by row, then a blue and a red."""
        height, width = luma.shape
        rows, columns = height // blues.shape[0], width // blues.shape[1]
        blocks = luma.reshape(height // rows, rows, width // columns, columns)
        blocks = blocks.transpose(0, 2, 1, 3).reshape(*blues.shape, rows * columns)
        stored = np.dstack([blocks, blues, reds])
        # In rows and columns of blocks, that is how such a picture is laid out.
        tile = layout.tile and (layout.tile[0] // columns, layout.tile[1] // rows)
        strip = 4 // rows
        in_blocks = replace(layout, tile=tile, rows_per_strip=strip)
        tags = {256: (LONG, [width]), 257: (LONG, [height]), 258: (SHORT, [8] * 3)}
        tags |= {277: (SHORT, [3]), 530: (SHORT, [columns, rows])}
        if layout.tile:
            tags |= {322: (SHORT, [layout.tile[0]]), 323: (SHORT, [layout.tile[1]])}
        else:
            tags[278] = (SHORT, [4])
        return encode_tiff(stored, bits=8, photometric=YCBCR, layout=in_blocks, tags=tags)


class TestSegments:
    def test_may_be_in_the_same_place(self) -> None:
        """Empty tiles are written once."""
        tile = encode_tiff(
            np.full((16, 16, 1), 7), bits=8, photometric=BLACK_IS_ZERO, layout=Layout(tile=(16, 16))
        )
        tags = self.describe(160, 160, tile=16) | {324: (LONG, [8] * 100), 325: (LONG, [256] * 100)}

        content = join_file([tile[8 : 8 + 256]], tags, Layout(tile=(16, 16)))

        assert (decode(content).rgb == 7).all()

    def test_that_are_all_the_same_large_one_are_refused(self) -> None:
        """Each of 10,000 strips would have to be turned around, all 10 MB of it."""
        tags = self.describe(1, 10_000) | {
            259: (SHORT, [LZW]),
            266: (SHORT, [2]),
            273: (LONG, [8] * 10_000),
            279: (LONG, [10_000_000] * 10_000),
        }
        content = join_file([bytes(10_000_000)], tags)

        with pytest.raises(ImageCorrupt, match="overlap"):
            decode(content)

    @pytest.mark.parametrize("layout", [PLAIN, LAYOUTS["LZW"], LAYOUTS["deflate"]])
    def test_may_say_nothing_of_their_sizes(self, layout: Layout) -> None:
        samples = make_samples(8, 3)
        content = encode_tiff(samples, bits=8, photometric=RGB, layout=layout)
        entry = struct.pack("<HHI", 279, LONG, 3)

        content = content.replace(entry, struct.pack("<HHI", 65000, LONG, 3))

        assert np.array_equal(decode(content).rgb, samples)

    def test_that_are_not_compressed_have_the_size_of_their_rows(self) -> None:
        samples = make_samples(8, 3)
        tags = {279: (LONG, [0, 1, 0xFFFFFFFF])}

        content = encode_tiff(samples, bits=8, photometric=RGB, tags=tags)

        assert np.array_equal(decode(content).rgb, samples)

    @pytest.mark.parametrize("compression", [NONE, LZW])
    def test_that_are_left_out_are_refused_by_name(self, compression: int) -> None:
        tags = self.describe(16, 16) | {
            259: (SHORT, [compression]),
            273: (LONG, [0]),
            279: (LONG, [0]),
        }

        with pytest.raises(ImageUnsupported, match="empty"):
            decode(join_file([b""], tags))

    @staticmethod
    def describe(width: int, height: int, tile: int = 0) -> dict[int, Any]:
        tags = {
            256: (LONG, [width]),
            257: (LONG, [height]),
            258: (SHORT, [8]),
            262: (SHORT, [BLACK_IS_ZERO]),
            277: (SHORT, [1]),
        }
        if tile:
            return tags | {322: (LONG, [tile]), 323: (LONG, [tile])}
        return tags | {278: (LONG, [1])}
