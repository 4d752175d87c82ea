"""GIF as browsers show it: the first frame, and nothing around it."""

import struct
from collections.abc import Iterator

import numpy as np
import pytest

from comparisons.engine import (
    ImageCorrupt,
    ImageTruncated,
    ImageUnsupported,
    Limits,
    TooManyPixels,
    decode_image,
    read_header,
)
from comparisons.engine.containers.gif import MAX_BLOCKS
from comparisons.engine.decoders.lzw import MAX_CLEARS, expand_codes

from .bitmaps import describe
from .gifs import (
    COLORS,
    compress,
    make_control,
    make_extension,
    make_frame,
    make_gif,
    pack_codes,
    split_blocks,
)
from .pictures import decode

WIDTH, HEIGHT = 8, 6
INDICES = np.random.default_rng(1).integers(0, 16, (HEIGHT, WIDTH))
PIXELS = np.dstack([np.array(COLORS)[INDICES], np.full((HEIGHT, WIDTH), 255)])
FRAME = make_frame(INDICES)
EMPTY_FRAME = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\0"
TRANSPARENT = [0, 0, 0, 0]

COMMENT, TEXT, APPLICATION, CONTROL = 0xFE, 0x01, 0xFF, 0xF9


class TestTheScreen:
    @pytest.mark.parametrize(
        ("screen", "place", "expected"),
        [
            pytest.param((8, 6), (0, 0), (8, 6), id="as large as the frame"),
            pytest.param((14, 10), (2, 3), (14, 10), id="larger"),
            pytest.param((14, 6), (6, 0), (14, 6), id="wider"),
            pytest.param((3, 2), (0, 0), (8, 6), id="smaller"),
            pytest.param((8, 6), (5, 0), (13, 6), id="left of the frame's end"),
            pytest.param((8, 6), (0, 5), (8, 11), id="above the frame's end"),
            pytest.param((8, 6), (100, 50), (108, 56), id="far from the frame"),
            pytest.param((0, 0), (0, 0), (8, 6), id="empty"),
            pytest.param((0, 9), (0, 0), (8, 9), id="without width"),
            pytest.param((0, 0), (2, 3), (10, 9), id="empty, and the frame elsewhere"),
        ],
    )
    def test_the_screen_holds_the_frame_and_is_transparent_around_it(
        self, screen: tuple[int, int], place: tuple[int, int], expected: tuple[int, int]
    ) -> None:
        (width, height), (left, top) = screen, place
        content = make_gif(make_frame(INDICES, left=left, top=top), width=width, height=height)

        canvas = np.zeros((expected[1], expected[0], 4), int)
        canvas[top : top + HEIGHT, left : left + WIDTH] = PIXELS
        assert np.array_equal(describe(decode(content)), canvas)
        header = read_header(content, Limits())
        assert (header.width, header.height) == expected

    @pytest.mark.parametrize("background", [0, 5, 200])
    def test_the_screen_has_no_background(self, background: int) -> None:
        content = make_gif(FRAME, width=9, height=7, background=background)

        assert describe(decode(content))[6, 8].tolist() == TRANSPARENT

    def test_the_screen_does_not_grow_to_later_frames(self) -> None:
        content = make_gif(FRAME, make_frame(np.zeros((50, 50), int)))

        assert np.array_equal(describe(decode(content)), PIXELS)

    def test_the_screen_counts_as_pixels_together_with_the_frame(self) -> None:
        content = make_gif(make_frame(INDICES, left=92, top=44))

        assert decode_image(content, Limits(max_pixels=5000)).rgb.shape == (50, 100, 3)
        with pytest.raises(TooManyPixels):
            decode_image(content, Limits(max_pixels=4999))

    @pytest.mark.parametrize("disposal", range(8))
    def test_the_screen_keeps_the_first_frame_however_it_is_disposed_of(
        self, disposal: int
    ) -> None:
        control = make_control(disposal=disposal)

        picture = decode(make_gif(control, FRAME, make_frame(INDICES[:2, :2])))

        assert np.array_equal(describe(picture), PIXELS)


class TestColors:
    @pytest.mark.parametrize("index", range(16))
    def test_a_color_may_be_transparent(self, index: int) -> None:
        picture = decode(make_gif(make_control(transparent=index), FRAME))

        expected = np.where(INDICES[..., np.newaxis] == index, 0, PIXELS)
        assert np.array_equal(describe(picture), expected)

    def test_colors_stay_if_the_transparent_one_is_not_among_them(self) -> None:
        picture = decode(make_gif(make_control(transparent=200), FRAME))

        assert picture.alpha is None
        assert np.array_equal(describe(picture), PIXELS)

    @pytest.mark.parametrize("palette", [None, COLORS[16:32]], ids=["alone", "instead of others"])
    def test_a_frame_may_have_colors_of_its_own(
        self, palette: list[tuple[int, int, int]] | None
    ) -> None:
        own = COLORS[32:48]

        picture = decode(make_gif(make_frame(INDICES, palette=own), palette=palette))

        assert np.array_equal(picture.rgb, np.array(own)[INDICES])

    def test_colors_that_the_palette_lacks_are_black(self) -> None:
        picture = decode(make_gif(FRAME, palette=COLORS[:4]))

        expected = np.where((INDICES < 4)[..., np.newaxis], PIXELS[..., :3], 0)
        assert np.array_equal(picture.rgb, expected)
        assert picture.alpha is None

    def test_colors_without_any_palette_are_black(self) -> None:
        picture = decode(make_gif(make_control(transparent=3), FRAME, palette=None))

        assert not picture.rgb.any()
        assert picture.alpha is not None
        assert np.array_equal(picture.alpha, np.where(INDICES == 3, 0, 255))

    def test_grays_are_looked_up_like_any_colors(self) -> None:
        grays = [(value, value, value) for value in range(240, 0, -16)] + [(0, 0, 0)]

        picture = decode(make_gif(FRAME, palette=grays))

        assert np.array_equal(picture.rgb, np.array(grays)[INDICES])

    @pytest.mark.parametrize(
        ("before", "transparent"),
        [
            pytest.param([make_control(transparent=3), make_control()], None, id="taken back"),
            pytest.param([make_control(), make_control(transparent=3)], 3, id="given late"),
            pytest.param(
                [make_control(transparent=3), make_extension(COMMENT, b"a")], 3, id="before"
            ),
            pytest.param([make_extension(CONTROL)], None, id="an empty control"),
            pytest.param([make_extension(CONTROL, b"\1\0\0")], None, id="a short control"),
        ],
    )
    def test_colors_are_transparent_as_the_last_control_says(
        self, before: list[bytes], transparent: int | None
    ) -> None:
        picture = decode(make_gif(*before, FRAME))

        expected = np.where(INDICES[..., np.newaxis] == transparent, 0, PIXELS)
        assert np.array_equal(describe(picture), expected)


class TestPixels:
    @pytest.mark.parametrize("is_interlaced", [False, True], ids=["in order", "interlaced"])
    @pytest.mark.parametrize("code_bits", range(1, 9))
    @pytest.mark.parametrize("height", [1, 2, 3, 4, 5, 8, 9, 200])
    def test_pixels_are_read(self, height: int, code_bits: int, is_interlaced: bool) -> None:
        indices = np.random.default_rng(height).integers(0, 1 << code_bits, (height, 70))
        frame = make_frame(indices, code_bits=code_bits, is_interlaced=is_interlaced)

        picture = decode(make_gif(frame, width=70, height=height, palette=COLORS))

        assert np.array_equal(picture.rgb, np.array(COLORS)[indices])

    @pytest.mark.parametrize("code_bits", [1, 8])
    def test_pixels_are_read_where_codes_are_not_cleared_when_they_are_full(
        self, code_bits: int
    ) -> None:
        indices = np.random.default_rng(1).integers(0, 1 << code_bits, (300, 300))
        data = compress(indices.ravel().tolist(), code_bits, is_cleared_when_full=False)
        frame = make_frame(indices, code_bits=code_bits, data=data)

        picture = decode(make_gif(frame, width=300, height=300, palette=COLORS))

        assert np.array_equal(picture.rgb, np.array(COLORS)[indices])

    @pytest.mark.parametrize("count", [1, 2, 9, 5000])
    def test_pixels_of_one_color_may_have_codes_that_begin_without_bits(self, count: int) -> None:
        frame = make_frame(np.zeros((1, count), int), code_bits=0)

        picture = decode(make_gif(frame, width=count, height=1))

        assert picture.rgb.tolist() == [[list(COLORS[0])] * count]

    @pytest.mark.parametrize("block_bytes", [1, 7])
    def test_pixels_may_be_in_short_blocks(self, block_bytes: int) -> None:
        picture = decode(make_gif(make_frame(INDICES, block_bytes=block_bytes)))

        assert np.array_equal(describe(picture), PIXELS)

    @pytest.mark.parametrize("missing_bytes", [1, 2, 3])
    def test_pixels_may_lack_what_comes_behind_them(self, missing_bytes: int) -> None:
        """The end of the file, that of the blocks, and that of the codes."""
        picture = decode(make_gif(FRAME)[:-missing_bytes])

        assert np.array_equal(describe(picture), PIXELS)

    @pytest.mark.parametrize(
        "data",
        [
            pytest.param(compress(INDICES.ravel().tolist(), 4) + b"junk", id="junk"),
            pytest.param(compress([*INDICES.ravel().tolist(), *range(16)], 4), id="other pixels"),
        ],
    )
    def test_pixels_may_have_something_behind_them(self, data: bytes) -> None:
        picture = decode(make_gif(make_frame(INDICES, data=data)))

        assert np.array_equal(describe(picture), PIXELS)

    @pytest.mark.parametrize("code_bits", [1, 4])
    @pytest.mark.parametrize("count", [0, 1, 30, 47])
    def test_pixels_are_truncated_if_some_are_missing(self, code_bits: int, count: int) -> None:
        data = compress([0, 1] * (count // 2) + [0] * (count % 2), code_bits) if count else b""
        frame = make_frame(INDICES, code_bits=code_bits, data=data)

        with pytest.raises(ImageTruncated):
            decode(make_gif(frame, make_frame(INDICES)))

    @pytest.mark.parametrize("length", range(13 + 3 * 16, len(make_gif(FRAME)) - 4))
    def test_pixels_are_truncated_with_the_file(self, length: int) -> None:
        with pytest.raises(ImageTruncated):
            decode(make_gif(FRAME)[:length])

    @pytest.mark.parametrize("code_bits", [1, 4])
    def test_codes_that_stand_for_nothing_are_corrupt(self, code_bits: int) -> None:
        bits = code_bits + 1
        data = pack_codes([(1 << code_bits, bits), (0, bits), ((4 << code_bits) - 1, bits + 1)])

        with pytest.raises(ImageCorrupt):
            decode(make_gif(make_frame(INDICES, code_bits=code_bits, data=data * 9)))

    @pytest.mark.parametrize("code_bits", [9, 12, 200])
    def test_codes_of_other_sizes_are_corrupt(self, code_bits: int) -> None:
        frame = FRAME[:10] + bytes([code_bits]) + FRAME[11:]

        with pytest.raises(ImageCorrupt, match=f"{code_bits} bits"):
            decode(make_gif(frame))

    @pytest.mark.parametrize(("columns", "rows"), [(0, 6), (8, 0), (0, 0)])
    def test_an_empty_frame_leaves_the_screen_transparent(self, columns: int, rows: int) -> None:
        picture = decode(make_gif(make_frame(INDICES[:rows, :columns], data=b"\x44\1"), FRAME))

        assert np.array_equal(describe(picture), np.zeros((HEIGHT, WIDTH, 4)))
        assert picture.frames == 2

    def test_an_empty_frame_on_an_empty_screen_is_corrupt(self) -> None:
        with pytest.raises(ImageCorrupt, match="no width"):
            decode(make_gif(make_frame(INDICES[:, :0], data=b"\x44\1"), width=0))


class TestWhatElseThereIs:
    @pytest.mark.parametrize(
        "extension",
        [
            pytest.param(make_extension(COMMENT, b"one", b"two"), id="comment"),
            pytest.param(make_extension(COMMENT), id="empty comment"),
            pytest.param(make_extension(APPLICATION, b"NETSCAPE2.0", b"\1\0\0"), id="loops"),
            pytest.param(make_extension(APPLICATION, b"NETSCAPE2.0"), id="loops without a number"),
            pytest.param(make_extension(APPLICATION), id="empty application"),
            pytest.param(
                b"!\xff\x0bXMP DataXMP<x/>\1" + bytes(range(255, -1, -1)) + b"\0",
                id="XMP, whose text is no blocks",
            ),
            pytest.param(make_extension(TEXT, bytes(12), b"text"), id="text"),
            pytest.param(make_extension(0x77, b"abc"), id="unknown"),
            pytest.param(make_extension(COMMENT, *[bytes(255)] * 50_000), id="12 MB"),
        ],
    )
    def test_extensions_before_the_frame_are_skipped(self, extension: bytes) -> None:
        picture = decode(make_gif(extension, FRAME))

        assert np.array_equal(describe(picture), PIXELS)

    @pytest.mark.parametrize("junk", [b"\0", b"abc", b"\1" * 1_000_000])
    def test_what_is_no_block_before_the_frame_is_corrupt(self, junk: bytes) -> None:
        with pytest.raises(ImageCorrupt, match="block"):
            decode(make_gif(junk, FRAME))

    def test_a_file_without_a_frame_is_truncated(self) -> None:
        with pytest.raises(ImageTruncated, match="no frame"):
            decode(make_gif(make_extension(TEXT, bytes(12), b"text")))

    def test_a_file_of_the_older_version_may_have_extensions(self) -> None:
        content = make_gif(make_control(transparent=3), FRAME, version=b"87a")

        assert decode(content).alpha is not None

    def test_too_many_extensions_are_refused(self) -> None:
        extension = make_extension(COMMENT, *[b"a"] * 100_000)

        with pytest.raises(ImageUnsupported, match="parts"):
            decode(make_gif(extension, FRAME))


class TestFrames:
    @pytest.mark.parametrize(
        ("behind", "frames"),
        [
            pytest.param([], 1, id="one"),
            pytest.param([FRAME, FRAME], 3, id="three"),
            pytest.param([make_extension(COMMENT, b"a"), FRAME], 2, id="a comment between"),
            pytest.param([make_control(), make_frame(INDICES, palette=COLORS)], 2, id="a palette"),
            pytest.param([b"junk", FRAME], 1, id="junk between"),
            pytest.param([b";", FRAME], 1, id="one behind the end"),
            pytest.param([FRAME[:5]], 1, id="half a frame"),
        ],
    )
    def test_frames_are_counted(self, behind: list[bytes], frames: int) -> None:
        content = make_gif(FRAME, *behind)

        assert decode(content).frames == frames
        assert read_header(content, Limits()).frames == frames

    @pytest.mark.parametrize(
        ("behind", "parts", "frames"),
        [
            pytest.param(EMPTY_FRAME, 1, 1, id="empty frames"),
            pytest.param(make_extension(COMMENT, *[b"a"] * 999), 1000, 0, id="short blocks"),
            pytest.param(make_extension(COMMENT), 1, 0, id="empty comments"),
        ],
    )
    def test_frames_are_counted_up_to_the_limit_of_parts(
        self, behind: bytes, parts: int, frames: int
    ) -> None:
        """A frame and a comment are a part each, and so is each of their blocks."""
        most = MAX_BLOCKS // parts
        whole = make_gif(FRAME, behind * (most - 1), EMPTY_FRAME)
        cut = make_gif(FRAME, behind * most, EMPTY_FRAME)

        assert read_header(whole, Limits()).frames == 1 + frames * (most - 1) + 1
        assert read_header(cut, Limits()).frames == 1 + frames * most

    def test_frames_with_pixels_byte_by_byte_are_unsupported(self) -> None:
        frame = make_frame(INDICES)[:11] + split_blocks(bytes(MAX_BLOCKS + 1), 1)

        with pytest.raises(ImageUnsupported, match="parts"):
            decode(make_gif(frame))


class CountedBytes(bytes):
    """Counts how many of them are read one by one."""

    read_count = 0

    def __iter__(self) -> Iterator[int]:
        for byte in super().__iter__():
            self.read_count += 1
            yield byte


class TestCodesOfOneBit:
    """They are expanded in Python."""

    @pytest.mark.parametrize("literal_bits", [0, 1])
    def test_are_not_read_beyond_the_last_pixel(self, literal_bits: int) -> None:
        codes = compress([0] * 50, 1) if literal_bits else pack_codes([(0, 1), (1, 2)] * 50)
        data = CountedBytes(codes + b"\xff" * 1000)

        assert expand_codes(data, literal_bits, 50) == bytes(50)
        assert data.read_count <= len(codes)

    def test_may_be_long(self) -> None:
        """One for each pixel, though there are strings of many."""
        indices = np.zeros((100, 100), int)
        frame = make_frame(indices, code_bits=1, data=bytes(15_100) + b"\xff" * 100)

        picture = decode(make_gif(frame, width=100, height=100))

        assert np.array_equal(picture.rgb, np.broadcast_to(COLORS[0], (100, 100, 3)))

    def test_may_be_cleared_after_each(self) -> None:
        frame = make_frame(np.zeros((10, 10), int), code_bits=1, data=bytes([0b10001000] * 50))

        assert decode(make_gif(frame, width=10, height=10)).rgb.shape == (10, 10, 3)

    @pytest.mark.parametrize(
        ("code_bits", "clears"),
        [
            pytest.param(0, bytes([0b11111111]), id="without bits"),
            pytest.param(1, bytes([0b10101010]), id="of one bit"),
        ],
    )
    def test_are_refused_if_they_are_cleared_again_and_again(
        self, code_bits: int, clears: bytes
    ) -> None:
        frame = make_frame(INDICES, code_bits=code_bits, data=clears * (MAX_CLEARS // 3))

        with pytest.raises(ImageUnsupported, match="clear codes"):
            decode(make_gif(frame))
