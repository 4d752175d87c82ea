"""Which of the ways in which a file describes its colours counts: as in Chromium.

https://source.chromium.org/chromium/chromium/src/+/main:third_party/skia/src/codec/SkPngRustCodec.cpp
"""

from .curves import TRANSFERS, ParametricCurve
from .icc import is_readable
from .primaries import BT_709, PRIMARIES, Chromaticities, PrimariesInvalid, find_matrix
from .spaces import CodedColors, ColorSpace, IccProfile, from_code_points

# ColourPrimaries, TransferCharacteristics, MatrixCoefficients, VideoFullRangeFlag.
CodePoints = tuple[int, int, int, int]
IDENTITY_MATRIX, FULL_RANGE = 0, 1
SRGB_PRIMARIES, SRGB_TRANSFER = 1, 13

# The code points of AVIF with which nothing is converted.
FORBIDDEN_PRIMARIES, FORBIDDEN_TRANSFERS = {0}, {0, 3}
# Those whose curve is taken for sRGB's in an AVIF, which in a PNG is BT.1886's.
VIDEO_TRANSFERS = {1, 6, 11, 14, 15}

GAMMA_UNIT = 100_000
# How far from 1 / 2.2, the usual one, a gamma may be and change nothing.
NEUTRAL_GAMMA, NEUTRAL_RATIO = 2.2, 0.05


def choose_png_color_space(
    cicp: CodePoints | None,
    icc: bytes | None,
    *,
    has_srgb: bool,
    gamma: int | None,
    chromaticities: Chromaticities | None,
    peak_nits: float | None = None,
) -> ColorSpace | None:
    """Choose by the chunks cICP, iCCP (inflated), sRGB, gAMA (in 1/100000), cHRM; cLLI or mDCV.

    https://www.w3.org/TR/png-3/#color-chunk-precendence
    """
    if cicp is not None and cicp[2:] == (IDENTITY_MATRIX, FULL_RANGE):
        coded = from_code_points(*cicp[:2], peak_nits)
        if coded is not None:
            return coded
    if icc is not None and is_readable(icc):
        return IccProfile(icc)
    if has_srgb or gamma is None:
        return None
    return from_png_gamma(gamma, chromaticities)


def from_png_gamma(gamma: int, chromaticities: Chromaticities | None) -> CodedColors | None:
    """Read gAMA, in 1/100000, and cHRM, which means nothing without it."""
    if gamma <= 0:
        return None
    if chromaticities is None:
        if abs(gamma / GAMMA_UNIT * NEUTRAL_GAMMA - 1) < NEUTRAL_RATIO:
            return None
        chromaticities = BT_709
    try:
        find_matrix(chromaticities)
    except PrimariesInvalid:
        return None
    return CodedColors(chromaticities, ParametricCurve(GAMMA_UNIT / gamma))


def choose_avif_color_space(
    nclx: tuple[int, int] | None, icc: bytes | None, peak_nits: float | None = None
) -> ColorSpace | None:
    """Choose between both kinds of ``colr`` box: ColourPrimaries and TransferCharacteristics, or ICC.

    ``peak_nits`` is of ``clli``; libavif doesn't read ``mdcv``. What is unspecified, or unknown, is sRGB's.
    """
    if icc is not None and is_readable(icc):
        return IccProfile(icc)
    if nclx is None or nclx[0] in FORBIDDEN_PRIMARIES or nclx[1] in FORBIDDEN_TRANSFERS:
        return None
    primaries, transfer = nclx
    if primaries not in PRIMARIES:
        primaries = SRGB_PRIMARIES
    if transfer not in TRANSFERS or transfer in VIDEO_TRANSFERS:
        transfer = SRGB_TRANSFER
    if (primaries, transfer) == (SRGB_PRIMARIES, SRGB_TRANSFER):
        return None
    return from_code_points(primaries, transfer, peak_nits)
