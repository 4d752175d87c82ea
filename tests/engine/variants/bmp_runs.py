"""BMP: pixels in runs: https://learn.microsoft.com/windows/win32/gdi/bitmap-compression."""

from functools import partial

from .bmp import colors, encode
from .drawing import Variants, merge

RLE8, RLE4 = 1, 2

# 8 x 4 pixels. A run is a count and a value; 0 begins: 0 end of row, 1 end, 2 a step, more: as they are.
END_OF_ROW, END = b"\0\0", b"\0\1"
ROW8 = b"\x08\x05" + END_OF_ROW
ROW4 = b"\x08\x5a" + END_OF_ROW
RUNS8 = {
    "plain": ROW8 * 4 + END,
    "literal": (b"\0\x08\1\2\3\4\5\6\7\x08" + END_OF_ROW) * 4 + END,
    "odd-literal": (b"\0\x03\1\2\3\0" + b"\x05\x09" + END_OF_ROW) * 4 + END,
    "short-rows": (b"\x03\5" + END_OF_ROW) * 4 + END,
    "early-end": ROW8 * 2 + b"\x03\7" + END,
    "end-in-the-first-row": b"\x08\1" + END,
    "without-end": ROW8 * 4,
    "step": ROW8 + b"\0\2\3\1\4\7" + END,
    "step-to-the-right": b"\2\1\0\2\2\0\4\7" + END_OF_ROW + ROW8 * 3 + END,
    "run-beyond-the-row": (b"\x0c\5" + END_OF_ROW) * 4 + END,
    "rows-beyond-the-top": ROW8 * 6 + END,
    "empty": END,
    "empty-rows": END_OF_ROW * 4 + END,
    "index-beyond-the-palette": b"\x04\xf0\x04\x03" + END_OF_ROW + ROW8 * 3 + END,
}
RUNS4 = {
    "plain": ROW4 * 4 + END,
    "odd-run": (b"\x05\x5a\x03\x12" + END_OF_ROW) * 4 + END,
    "literal": (b"\0\x08\x12\x34\x56\x78" + END_OF_ROW) * 4 + END,
    "odd-literal": (b"\0\x05\x12\x34\x50\0" + b"\x03\x9a" + END_OF_ROW) * 4 + END,
    "short-rows": (b"\x03\x5a" + END_OF_ROW) * 4 + END,
    "early-end": ROW4 * 2 + b"\x03\x7b" + END,
    "without-end": ROW4 * 4,
    "step": ROW4 + b"\0\2\3\1\4\x7c" + END,
    "run-beyond-the-row": (b"\x0c\x5a" + END_OF_ROW) * 4 + END,
    "rows-beyond-the-top": ROW4 * 6 + END,
    "empty": END,
}
RUNS_SIZE = (8, 4)

VARIANTS: Variants = merge(
    {
        f"rle8-{name}": partial(
            encode, data, 8, compression=RLE8, palette=colors(16), used=16, size=RUNS_SIZE
        )
        for name, data in RUNS8.items()
    },
    {
        f"rle4-{name}": partial(
            encode, data, 4, compression=RLE4, palette=colors(16), size=RUNS_SIZE
        )
        for name, data in RUNS4.items()
    },
)
