"""What the samples of a TIFF's pixels are, and which of them are read."""

from dataclasses import dataclass

from comparisons.engine.errors import ImageCorrupt

from .directory import Directory
from .refusals import refuse_samples
from .tags import CCITT, JPEG, OTHER_PHOTOMETRICS, Photometric, Tag

MAX_BITS = 16
MAX_COLOR = 0xFFFF
# Of pixels with extra samples. What is decompressed takes twice the memory.
MAX_PIXEL_BITS = 96

SAMPLE_FORMATS = {
    2: "signed samples",
    3: "floating-point samples",
    5: "complex samples",
    6: "complex samples",
}
ASSOCIATED, UNASSOCIATED = 1, 2
OTHER_INKS = 2
# How many samples are the colour, where more than one is.
COLORS = {Photometric.RGB: 3, Photometric.YCBCR: 3, Photometric.SEPARATED: 4}


@dataclass(frozen=True)
class Colors:
    """``bits`` are those of a sample, of which a pixel has ``samples``; ``alpha`` is the index of one.

    ``color_map`` has the 16-bit values of all reds, then all greens, then all blues.
    """

    photometric: Photometric
    bits: int
    samples: int
    alpha: int | None
    is_premultiplied: bool
    color_map: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many samples are the colour."""
        return COLORS.get(self.photometric, 1)

    @property
    def channels(self) -> list[int]:
        """The samples that count: those of the colour, and alpha."""
        return [*range(self.count)] + ([] if self.alpha is None else [self.alpha])


def read_colors(directory: Directory, compression: int) -> Colors:
    """:raises ImageCorrupt: it's contradictory.
    :raises ImageUnsupported: nothing here shows such samples.
    """
    samples = directory.read_number(
        Tag.SAMPLES_PER_PIXEL, max(1, directory.count(Tag.BITS_PER_SAMPLE))
    )
    # Each has a bit at least: what would be too many is never listed.
    bits = read_bits(directory, samples) if samples <= MAX_PIXEL_BITS else 1
    if bits * samples > MAX_PIXEL_BITS:
        raise refuse_samples(f"more than {MAX_PIXEL_BITS} bits per pixel")
    photometric = read_photometric(directory, samples, compression)
    extras = samples - COLORS.get(photometric, 1)
    if extras < 0:
        raise ImageCorrupt("the image is corrupt: its pixels have too few samples")
    alpha, is_premultiplied = find_alpha(directory, extras)
    if photometric == Photometric.SEPARATED:
        if directory.read_number(Tag.INK_SET, 1) == OTHER_INKS:
            raise refuse_samples("inks other than CMYK")
        if alpha is not None:
            raise refuse_samples("CMYK and alpha")
    color_map: tuple[int, ...] = ()
    if photometric == Photometric.PALETTE:
        color_map = directory.read_numbers(Tag.COLOR_MAP, 3 << bits)
        if len(color_map) < 3 << bits:
            raise ImageCorrupt("the image is corrupt: its palette is too short")
        if max(color_map) > MAX_COLOR:
            raise ImageCorrupt("the image is corrupt: its palette has invalid colors")
    return Colors(
        photometric,
        bits,
        samples,
        None if alpha is None else samples - extras + alpha,
        is_premultiplied,
        color_map,
    )


def read_bits(directory: Directory, samples: int) -> int:
    """Read the bits of a sample, of which all have to have as many."""
    for sample_format in directory.read_numbers(Tag.SAMPLE_FORMAT, samples):
        if sample_format in SAMPLE_FORMATS:
            raise refuse_samples(SAMPLE_FORMATS[sample_format])
    depths = {*directory.read_numbers(Tag.BITS_PER_SAMPLE, samples)} or {1}
    if len(depths) > 1:
        raise refuse_samples("samples of different depths")
    [bits] = depths
    if bits > MAX_BITS:
        raise refuse_samples(f"{bits} bits per sample")
    if not bits:
        raise ImageCorrupt("the image is corrupt: its samples have no bits")
    return bits


def read_photometric(directory: Directory, samples: int, compression: int) -> Photometric:
    """Read what the samples are; guess, where a file doesn't say, as libtiff does."""
    guess = Photometric.BLACK_IS_ZERO
    if samples >= COLORS[Photometric.RGB]:
        guess = Photometric.YCBCR if compression in JPEG else Photometric.RGB
    elif compression in CCITT:
        guess = Photometric.WHITE_IS_ZERO
    number = directory.read_number(Tag.PHOTOMETRIC_INTERPRETATION, guess)
    try:
        return Photometric(number)
    except ValueError as error:
        kind = OTHER_PHOTOMETRICS.get(number, f"photometric interpretation {number}")
        raise refuse_samples(kind) from error


def find_alpha(directory: Directory, extras: int) -> tuple[int | None, bool]:
    """Find which of the extra samples is alpha, and whether the colours are multiplied by it.

    One that nothing is said of is alpha: OpenCV writes such files.
    """
    if extras == 1 and Tag.EXTRA_SAMPLES not in directory:
        return 0, False
    for index, kind in enumerate(directory.read_numbers(Tag.EXTRA_SAMPLES, extras)):
        if kind in {ASSOCIATED, UNASSOCIATED}:
            return index, kind == ASSOCIATED
    return None, False
