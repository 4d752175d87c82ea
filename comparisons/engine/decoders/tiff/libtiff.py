"""Decompression by libtiff, as Pillow brings it.

It gets a directory that is made here: so it reads nothing that isn't checked, and what samples mean is
no matter of its own, but for YCbCr in JPEG.
"""

from PIL import Image

from comparisons.engine.containers import Container
from comparisons.engine.containers.tiff import TiffContainer
from comparisons.engine.containers.tiff.tags import CCITT, Photometric, Tag
from comparisons.engine.decoders.pillow import opening
from comparisons.engine.errors import ImageTruncated

from .writing import Values, replace_directory

IN_ORDER, REVERSED = 1, 2
# What pixels of so many samples are called where nobody asks.
PHOTOMETRICS = {1: Photometric.BLACK_IS_ZERO, 3: Photometric.RGB, 4: Photometric.SEPARATED}


def open_bytes(
    container: TiffContainer, plane: int, size: tuple[int, int], segment_size: tuple[int, int]
) -> Image.Image:
    """Decompress a plane of rows of bytes, whatever is in them: as gray pixels.

    ``size`` and ``segment_size`` are bytes x rows. Raises what ``open_page`` does.
    """
    return open_page(container, plane, size, segment_size, describe_pixels(1, 8))


def open_pixels(container: TiffContainer, plane: int) -> Image.Image:
    """Decompress a plane whose compression knows of pixels: CCITT and JPEG.

    YCbCr becomes RGB. Raises what ``open_page`` does.
    """
    coding, segments = container.coding, container.segments
    values = describe_pixels(container.samples_of_plane, container.colors.bits)
    if coding.compression in CCITT:
        values[Tag.T4_OPTIONS] = (coding.options,)
    if coding.jpeg_tables:
        values[Tag.JPEG_TABLES] = coding.jpeg_tables
    if container.colors.photometric == Photometric.YCBCR:
        values[Tag.PHOTOMETRIC_INTERPRETATION] = (Photometric.YCBCR,)
    if coding.chroma:
        values[Tag.YCBCR_COEFFICIENTS] = coding.chroma.luma
        values[Tag.REFERENCE_BLACK_WHITE] = coding.chroma.ranges
    size, segment_size = (container.width, container.height), (segments.width, segments.height)
    return open_page(container, plane, size, segment_size, values | coding.jpeg_parts)


def open_page(
    container: TiffContainer,
    plane: int,
    size: tuple[int, int],
    segment_size: tuple[int, int],
    values: Values,
) -> Image.Image:
    """Decompress a plane as a picture of this size, in strips or tiles of that size.

    :raises ImageTruncated: some of it is beyond the end of the file.
    :raises ImageCorrupt: it can't be decompressed, or some of it is missing.
    """
    values = {
        **values,
        Tag.IMAGE_WIDTH: size[:1],
        Tag.IMAGE_LENGTH: size[1:],
        Tag.COMPRESSION: (container.coding.compression,),
        Tag.FILL_ORDER: (REVERSED if container.coding.is_reversed else IN_ORDER,),
        **describe_segments(container, plane, segment_size),
    }
    content = replace_directory(container.content, values)
    page = Container(width=size[0], height=size[1], content=content, format="TIFF")
    with opening(page) as image:
        image.load()
        return image


def describe_pixels(samples: int, bits: int) -> Values:
    return {
        Tag.BITS_PER_SAMPLE: (bits,) * samples,
        Tag.SAMPLES_PER_PIXEL: (samples,),
        Tag.PHOTOMETRIC_INTERPRETATION: (PHOTOMETRICS[samples],),
    }


def describe_segments(container: TiffContainer, plane: int, size: tuple[int, int]) -> Values:
    offsets, sizes = container.segments.find_plane(plane)
    # There, the directory will be.
    end = len(container.content)
    if any(start + length > end for start, length in zip(offsets, sizes, strict=True)):
        raise ImageTruncated("the image is truncated: its end is missing")
    if container.segments.is_tiled:
        return {
            Tag.TILE_WIDTH: size[:1],
            Tag.TILE_LENGTH: size[1:],
            Tag.TILE_OFFSETS: offsets,
            Tag.TILE_BYTE_COUNTS: sizes,
        }
    return {
        Tag.ROWS_PER_STRIP: size[1:],
        Tag.STRIP_OFFSETS: offsets,
        Tag.STRIP_BYTE_COUNTS: sizes,
    }
