"""YCbCr: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 21."""

from dataclasses import dataclass

from comparisons.engine.errors import ImageCorrupt

from .directory import Directory
from .tags import Tag

SUBSAMPLINGS = {1, 2, 4}
DEFAULT_SUBSAMPLING = (2, 2)
DEFAULT_LUMA = (0.299, 0.587, 0.114)
DEFAULT_RANGES = (0.0, 255.0, 128.0, 255.0, 128.0, 255.0)


@dataclass(frozen=True)
class Chroma:
    """Blocks of ``columns`` x ``rows`` pixels share a Cb and a Cr.

    ``luma`` has the weights of red, green and blue; ``ranges`` the values of black and white of Y, and
    of none and all of Cb and of Cr.
    """

    columns: int
    rows: int
    luma: tuple[float, ...]
    ranges: tuple[float, ...]

    @property
    def block_bytes(self) -> int:
        return self.columns * self.rows + 2


def read_chroma(directory: Directory) -> Chroma:
    """:raises ImageCorrupt: there are values that no picture can have."""
    subsampling = directory.read_numbers(Tag.YCBCR_SUBSAMPLING, 2) or DEFAULT_SUBSAMPLING
    luma = directory.read_ratios(Tag.YCBCR_COEFFICIENTS, 3) or DEFAULT_LUMA
    ranges = directory.read_ratios(Tag.REFERENCE_BLACK_WHITE, 6) or DEFAULT_RANGES
    if (
        (len(subsampling), len(luma), len(ranges)) != (2, 3, 6)
        or not SUBSAMPLINGS.issuperset(subsampling)
        or not luma[1]
        or any(lowest == highest for lowest, highest in zip(ranges[::2], ranges[1::2], strict=True))
    ):
        raise ImageCorrupt("the image is corrupt: its YCbCr values have no meaning")
    columns, rows = subsampling
    return Chroma(columns, rows, luma, ranges)
