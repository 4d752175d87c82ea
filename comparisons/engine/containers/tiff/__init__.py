"""TIFF: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf.

The first page is shown. What isn't about its pixels is never read.
"""

from dataclasses import dataclass
from itertools import islice

from comparisons.engine.color import ColorModel, IccProfile
from comparisons.engine.containers.container import Container
from comparisons.engine.containers.exif import ORIENTATIONS, UPRIGHT
from comparisons.engine.containers.parts import MAX_PARTS
from comparisons.engine.errors import ImageCorrupt, ImageTruncated

from .coding import Coding, read_coding, read_compression
from .colors import Colors, read_colors
from .directory import Directory, TiffFile
from .segments import Segments, check_overlap, read_segments
from .tags import Compression, Photometric, Tag

# Two are the wrong way round, as several libraries take them.
SIGNATURES = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")

SEPARATE_PLANES = 2
MODELS = {
    Photometric.WHITE_IS_ZERO: ColorModel.GRAY,
    Photometric.BLACK_IS_ZERO: ColorModel.GRAY,
    Photometric.SEPARATED: ColorModel.CMYK,
}

# Bits of NewSubfileType.
THUMBNAIL, MASK = 1, 4


@dataclass(frozen=True, kw_only=True)
class TiffContainer(Container):
    """``planes`` is 1, or as many as a pixel has samples, each of which is then stored for itself."""

    is_little_endian: bool
    planes: int
    colors: Colors
    coding: Coding
    segments: Segments

    @property
    def model(self) -> ColorModel:
        return MODELS.get(self.colors.photometric, ColorModel.RGB)

    @property
    def samples_of_plane(self) -> int:
        return self.colors.samples // self.planes


def recognizes(content: bytes) -> bool:
    return content.startswith(SIGNATURES)


def read(content: bytes) -> TiffContainer:
    """Read the first directory.

    :raises ImageTruncated: it goes beyond the end of the file.
    :raises ImageCorrupt: it's contradictory.
    :raises ImageUnsupported: nothing here shows such a picture, or reading it would cost too much.
    """
    file = TiffFile(content)
    place = next(file.find_directories(), None)
    if place is None:
        raise ImageTruncated("the image is truncated: its directory is missing")
    directory = file.read_directory(place)
    width, height = (directory.read_number(tag, 0) for tag in (Tag.IMAGE_WIDTH, Tag.IMAGE_LENGTH))
    if not width * height:
        raise ImageCorrupt("the image is corrupt: it has no width or no height")
    compression = read_compression(directory)
    colors = read_colors(directory, compression)
    is_separate = directory.read_number(Tag.PLANAR_CONFIGURATION, 1) == SEPARATE_PLANES
    planes = colors.samples if is_separate else 1
    coding = read_coding(directory, compression, colors, planes=planes)
    segments = read_segments(directory, width, height, samples=colors.samples, planes=planes)
    check_blocks(coding, segments)
    # Without compression, a segment has as many bytes as its rows, whatever is said of it.
    if compression != Compression.NONE:
        check_overlap(segments, len(content), width * height * colors.samples)
    return TiffContainer(
        width=width,
        height=height,
        content=content,
        orientation=find_orientation(directory),
        color_space=find_color_space(directory),
        frames=count_pages(file),
        is_little_endian=file.order == "<",
        planes=planes,
        colors=colors,
        coding=coding,
        segments=segments,
    )


def check_blocks(coding: Coding, segments: Segments) -> None:
    """:raises ImageCorrupt: pixels of two strips or tiles would share their colour."""
    if coding.chroma and segments.rows > 1 and segments.height % coding.chroma.rows:
        raise ImageCorrupt("the image is corrupt: its strips or tiles end within rows of YCbCr")


def find_orientation(directory: Directory) -> int:
    orientation = directory.find_number(Tag.ORIENTATION, UPRIGHT)
    return orientation if orientation in ORIENTATIONS else UPRIGHT


def find_color_space(directory: Directory) -> IccProfile | None:
    profile = directory.find_bytes(Tag.ICC_PROFILE)
    return IccProfile(profile) if profile else None


def count_pages(file: TiffFile) -> int:
    """Count the directories that are neither smaller pictures of others nor masks; the first is shown."""
    _, *others = islice(file.find_directories(), MAX_PARTS)
    return 1 + sum(is_page(file, place) for place in others)


def is_page(file: TiffFile, place: int) -> bool:
    """Tell by the first entry, which is the one with the lowest tag."""
    entry = file.read_first_entry(place)
    if entry is None:
        return False
    kind = Directory(file, [entry]).find_number(Tag.NEW_SUBFILE_TYPE, 0)
    return not kind & (THUMBNAIL | MASK)
