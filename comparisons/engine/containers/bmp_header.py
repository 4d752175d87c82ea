"""The header of a bitmap: its size tells which fields it has.

https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapv5header
"""

from comparisons.engine.color import MAX_PROFILE_BYTES, Chromaticities, ColorSpace, IccProfile
from comparisons.engine.color.curves import ParametricCurve
from comparisons.engine.color.primaries import D65, PrimariesInvalid, find_matrix
from comparisons.engine.color.spaces import MatrixColors
from comparisons.engine.errors import ImageCorrupt, ImageTruncated

OLDEST, V2, V3, V4, V5 = 12, 52, 56, 108, 124
# OS/2 leaves out the end of its header where all of it is zero.
SIZES = {OLDEST, *range(16, 68, 4), 42, 46, V4, V5}
WITH_MASKS, WITH_ALPHA, WITH_COLORS = {V2, V3, V4, V5}, {V3, V4, V5}, {V4, V5}

MASKS_AT, ALPHA_AT = 40, 52
COLORS_AT, CALIBRATED, EMBEDDED = 56, 0, 0x4D424544
# Of a primary, x, y and z, of which z follows from the others.
PRIMARIES_AT, PRIMARY_UNIT = (60, 72, 84), 1 << 30
GAMMAS_AT, GAMMA_UNIT = (96, 100, 104), 1 << 16
PROFILE_AT, PROFILE_BYTES_AT = 112, 116


def read_number(content: bytes, position: int, size_bytes: int = 4, *, signed: bool = False) -> int:
    return int.from_bytes(content[position : position + size_bytes], "little", signed=signed)


class BitmapHeader:
    """``start`` and ``end`` are its place in the file."""

    def __init__(self, content: bytes, start: int) -> None:
        """Read its size.

        :raises ImageTruncated: the file ends before it does.
        :raises ImageCorrupt: there is no header of this size.
        """
        self._content = content
        self.start = start
        self.size_bytes = read_number(content, start)
        self.end = start + self.size_bytes
        if len(content) < start + 4 or (len(content) < self.end and self.size_bytes in SIZES):
            raise ImageTruncated("the image is truncated: its end is missing")
        if self.size_bytes not in SIZES:
            raise ImageCorrupt(f"the image is corrupt: its header is of {self.size_bytes} bytes")

    def read(self, at: int, size_bytes: int = 4, *, signed: bool = False) -> int:
        """Read a field; it is 0 where the header ends before it."""
        if at + size_bytes > self.size_bytes:
            return 0
        return read_number(self._content, self.start + at, size_bytes, signed=signed)

    @property
    def is_oldest(self) -> bool:
        return self.size_bytes == OLDEST

    @property
    def width(self) -> int:
        return self.read(4, 2) if self.is_oldest else self.read(4)

    @property
    def height(self) -> int:
        """Negative if the topmost row comes first."""
        return self.read(6, 2) if self.is_oldest else self.read(8, signed=True)

    @property
    def bits(self) -> int:
        """Of a pixel."""
        return self.read(10, 2) if self.is_oldest else self.read(14, 2)

    @property
    def compression(self) -> int:
        return self.read(16)

    @property
    def colors_used(self) -> int:
        """Of the palette; 0 for all that there can be."""
        return self.read(32)

    @property
    def masks_at(self) -> int:
        """Where in the file the masks of red, green and blue are, if there are any."""
        return self.start + MASKS_AT if self.size_bytes in WITH_MASKS else self.end

    @property
    def alpha_mask(self) -> int:
        return self.read(ALPHA_AT) if self.size_bytes in WITH_ALPHA else 0

    def read_color_space(self) -> ColorSpace | None:
        """Read the profile, or the primaries and gammas; None where they make no sense."""
        if self.size_bytes not in WITH_COLORS:
            return None
        kind, profile_bytes = self.read(COLORS_AT), self.read(PROFILE_BYTES_AT)
        if kind == CALIBRATED:
            return self._read_calibration()
        if kind == EMBEDDED and profile_bytes <= MAX_PROFILE_BYTES:
            position = self.start + self.read(PROFILE_AT)
            return IccProfile(self._content[position : position + profile_bytes])
        return None

    def _read_calibration(self) -> ColorSpace | None:
        """White is sRGB's: there is no field for it."""
        red, green, blue = (
            (self.read(at) / PRIMARY_UNIT, self.read(at + 4) / PRIMARY_UNIT) for at in PRIMARIES_AT
        )
        gammas = [self.read(at, signed=True) / GAMMA_UNIT for at in GAMMAS_AT]
        if min(gammas) <= 0:
            return None
        try:
            to_xyz = find_matrix(Chromaticities(red, green, blue, D65))
        except PrimariesInvalid:
            return None
        red_curve, green_curve, blue_curve = map(ParametricCurve, gammas)
        return MatrixColors((red_curve, green_curve, blue_curve), to_xyz)
