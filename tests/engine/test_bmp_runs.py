"""BMP whose pixels are in runs, as Chromium 150 shows it."""

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from comparisons.engine import ImageCorrupt, ImageTruncated

from .bitmaps import COLORS, RLE4, RLE8, RLE24, describe, make_bmp
from .pictures import decode

ROW = [4, 7, 0, 0]
NOTHING: list[int | None] = [None] * 4
SEVEN: list[int | None] = [7] * 4


class TestRuns:
    """A picture of 4 x 3, whose lowest row comes first; None is a transparent pixel."""

    @pytest.mark.parametrize(
        ("codes", "rows"),
        [
            pytest.param([*ROW, *ROW, *ROW, 0, 1], [SEVEN, SEVEN, SEVEN], id="all"),
            pytest.param([*ROW, *ROW, 4, 7, 0, 1], [SEVEN, SEVEN, SEVEN], id="no end of the last row"),
            pytest.param([*ROW, *ROW, 4, 7], [SEVEN, SEVEN, SEVEN], id="no end"),
            pytest.param([*ROW, *ROW, *ROW], [SEVEN, SEVEN, SEVEN], id="only ends of rows"),
            pytest.param(ROW * 9, [SEVEN, SEVEN, SEVEN], id="rows too many"),
            pytest.param(
                [1, 1, 2, 2, 1, 3, 0, 0, *ROW, *ROW, 0, 1], [[1, 2, 2, 3], SEVEN, SEVEN], id="several"
            ),
            pytest.param(
                [0, 4, 1, 2, 3, 4, 0, 0, *ROW, *ROW, 0, 1], [[1, 2, 3, 4], SEVEN, SEVEN], id="one by one"
            ),
            pytest.param(
                [0, 3, 1, 2, 3, 99, 1, 4, 0, 0, *ROW, *ROW, 0, 1],
                [[1, 2, 3, 4], SEVEN, SEVEN],
                id="an odd number one by one",
            ),
            pytest.param(
                [0, 4, 0, 0, 0, 1, 0, 0, *ROW, *ROW, 0, 1], [[0, 0, 0, 1], SEVEN, SEVEN], id="like codes"
            ),
            pytest.param(
                [2, 7, 0, 0, *ROW, *ROW, 0, 1], [[7, 7, None, None], SEVEN, SEVEN], id="a short row"
            ),
            pytest.param([0, 0, *ROW, *ROW, 0, 1], [NOTHING, SEVEN, SEVEN], id="an empty row"),
            pytest.param([*ROW, 0, 1], [SEVEN, NOTHING, NOTHING], id="an early end"),
            pytest.param([0, 1], [NOTHING, NOTHING, NOTHING], id="an end alone"),
            pytest.param([4, 7, 0, 1], [SEVEN, NOTHING, NOTHING], id="an early end in a row"),
            pytest.param(
                [9, 7, 0, 0, *ROW, *ROW, 0, 1], [SEVEN, SEVEN, SEVEN], id="a run beyond the row"
            ),
            pytest.param(
                [2, 7, 0, 4, 1, 2, 3, 4, 0, 0, *ROW, *ROW, 0, 1],
                [[7, 7, 1, 2], SEVEN, SEVEN],
                id="single pixels beyond the row",
            ),
            pytest.param(
                [4, 7, 4, 7, 4, 7, 0, 1], [SEVEN, NOTHING, NOTHING], id="runs without ends of rows"
            ),
            pytest.param(
                [1, 7, 0, 2, 1, 0, 2, 8, 0, 0, *ROW, *ROW, 0, 1],
                [[7, None, 8, 8], SEVEN, SEVEN],
                id="a move across",
            ),
            pytest.param(
                [1, 7, 0, 2, 1, 1, 2, 8, 0, 0, *ROW, 0, 1],
                [[7, None, None, None], [None, None, 8, 8], SEVEN],
                id="a move across and down",
            ),
            pytest.param(
                [1, 7, 0, 2, 0, 2, 3, 8, 0, 1],
                [[7, None, None, None], NOTHING, [None, 8, 8, 8]],
                id="a move down",
            ),
            pytest.param(
                [0, 2, 9, 0, 2, 8, 0, 0, *ROW, *ROW, 0, 1], [NOTHING, SEVEN, SEVEN], id="a move beyond a row"
            ),
            pytest.param([*ROW, 0, 2, 0, 9, 4, 8, 0, 1], [SEVEN, NOTHING, NOTHING], id="a move beyond all"),
            pytest.param([*ROW, *ROW, *ROW, 0, 1, 4, 8], [SEVEN, SEVEN, SEVEN], id="a run behind the end"),
        ],
    )  # fmt: skip
    def test_runs_draw_what_they_reach(
        self, codes: list[int], rows: list[list[int | None]]
    ) -> None:
        picture = decode(make_runs(codes))

        expected = [
            [[0, 0, 0, 0] if index is None else [*COLORS[index], 255] for index in row]
            for row in reversed(rows)
        ]
        assert describe(picture).tolist() == expected

    def test_runs_come_from_the_top_if_the_height_is_negative(self) -> None:
        codes = [1, 1, 0, 0, 2, 2, 0, 0, 3, 3, 0, 1]

        from_the_top = decode(make_runs(codes, height=-3))

        assert np.array_equal(describe(from_the_top), describe(decode(make_runs(codes)))[::-1])

    def test_runs_of_colors_that_are_not_there_are_black(self) -> None:
        picture = decode(make_runs([4, 7, 0, 0, 0, 4, 1, 2, 3, 4, 0, 0, *ROW, 0, 1], colors=3))

        assert picture.alpha is None
        assert picture.rgb[1].tolist() == [list(COLORS[1]), list(COLORS[2]), [0, 0, 0], [0, 0, 0]]

    @pytest.mark.parametrize(
        "codes",
        [
            pytest.param([], id="none"),
            pytest.param([*ROW, *ROW, 3, 7], id="a pixel short of the end"),
            pytest.param([*ROW, *ROW], id="a row short of the end"),
            pytest.param([*ROW, *ROW, 4], id="half a run"),
            pytest.param([*ROW, *ROW, 0, 4, 1, 2, 3], id="a part of single pixels"),
            pytest.param([*ROW, *ROW, 0, 2, 1], id="half a move"),
        ],
    )
    def test_runs_that_end_early_are_truncated(self, codes: list[int]) -> None:
        with pytest.raises(ImageTruncated):
            decode(make_runs(codes))

    @pytest.mark.parametrize(
        "code",
        [pytest.param([0, 2, 0, 0], id="moves"), pytest.param([1, 7], id="pixels in one row")],
    )
    def test_runs_that_never_end_are_corrupt(self, code: list[int]) -> None:
        with pytest.raises(ImageCorrupt, match="runs"):
            decode(make_runs(code * 1_000_000))

    def test_runs_may_have_much_behind_them(self) -> None:
        content = make_runs([*ROW, *ROW, *ROW, 0, 1]) + bytes(1_000_000)

        assert decode(content).alpha is None

    @pytest.mark.parametrize("bits", [1, 2, 4, 8])
    def test_runs_of_8_bits_may_say_that_they_have_fewer(self, bits: int) -> None:
        content = make_bmp(
            bytes([1, 1, 1, 255, 0, 1]),
            width=2,
            height=1,
            bits=bits,
            compression=RLE8,
            palette=COLORS[: 1 << bits],
        )

        last = COLORS[255] if bits == 8 else (0, 0, 0)
        assert decode(content).rgb.tolist() == [[list(COLORS[1]), list(last)]]

    @pytest.mark.parametrize("header_bytes", [40, 64, 124])
    def test_runs_of_24_bits_are_read(self, header_bytes: int) -> None:
        codes = bytes([2, 1, 2, 3, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0, 0, 1])
        content = make_bmp(
            codes, width=6, height=2, bits=24, header_bytes=header_bytes, compression=RLE24
        )

        first = [[3, 2, 1, 255]] * 2 + [[6, 5, 4, 255], [9, 8, 7, 255], [12, 11, 10, 255]]
        assert describe(decode(content)).tolist() == [[[0, 0, 0, 0]] * 6, [*first, [0, 0, 0, 0]]]

    @pytest.mark.parametrize(("compression", "bits"), [(RLE8, 8), (RLE4, 4), (RLE24, 24)])
    @pytest.mark.parametrize("seed", range(20))
    def test_runs_of_any_kind_are_read_as_the_specification_has_it(
        self, compression: int, bits: int, seed: int
    ) -> None:
        width, height = 300, 60
        codes = make_codes(random.Random(seed), bits, height)
        content = make_bmp(
            bytes(codes),
            width=width,
            height=-height,
            bits=bits,
            compression=compression,
            palette=COLORS[: 1 << bits] if bits < 9 else (),
        )

        picture = decode(content)

        assert np.array_equal(describe(picture), draw_one_by_one(codes, bits, width, height))


def make_runs(codes: list[int], *, height: int = 3, colors: int = 256) -> bytes:
    return make_bmp(
        bytes(codes),
        width=4,
        height=height,
        bits=8,
        compression=RLE8,
        palette=COLORS[:colors],
        colors_used=colors,
    )


def make_codes(chance: random.Random, bits: int, height: int) -> list[int]:
    codes: list[int] = []
    for _ in range(height):
        for _ in range(chance.randrange(60)):
            kind = chance.randrange(20)
            if kind == 0:
                codes += [0, 2, chance.randrange(9), chance.randrange(10) == 0]
            elif kind < 5:
                pixels = chance.randrange(3, 40)
                size = pixels * bits // 8 + (pixels * bits % 8 > 0)
                codes += [0, pixels, *chance.randbytes(size + size % 2)]
            else:
                codes += [chance.randrange(1, 20), *chance.randbytes(3 if bits == 24 else 1)]
        codes += [0, 0]
    return [*codes, 0, 1]


def draw_one_by_one(codes: list[int], bits: int, width: int, height: int) -> NDArray[np.uint8]:
    """https://learn.microsoft.com/windows/win32/gdi/bitmap-compression, the topmost row first."""
    canvas = np.zeros((height, width, 4), np.uint8)
    at = column = row = 0
    while codes[at : at + 2] != [0, 1]:
        count, second = codes[at : at + 2]
        if not count and second == 0:
            column, row, at = 0, row + 1, at + 2
            continue
        if not count and second == 2:
            column, row, at = column + codes[at + 2], row + codes[at + 3], at + 4
            continue
        for number in range(count or second):
            if row < height and column < width:
                start, step = (at + 1, number & (bits == 4)) if count else (at + 2, number)
                canvas[row, column] = (*read_color(codes, start, step, bits), 255)
            column += 1
        size = (second * bits + 15) // 16 * 2
        at += 1 + max(1, bits // 8) if count else 2 + size
    return canvas


def read_color(codes: list[int], start: int, number: int, bits: int) -> tuple[int, int, int]:
    if bits == 24:
        blue, green, red = codes[start + 3 * number : start + 3 * number + 3]
        return red, green, blue
    if bits == 8:
        return COLORS[codes[start + number]]
    return COLORS[codes[start + number // 2] >> (0 if number % 2 else 4) & 15]
