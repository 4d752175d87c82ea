"""What a file says of itself before any of its pixels is decoded, as Pillow reads it."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import ExifTags, Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from .containers import Container, find_format, read_container
from .containers.png import has_late_metadata
from .errors import (
    DecodeError,
    ImageCorrupt,
    ImageEmpty,
    ImageNotRecognized,
    ImageTruncated,
    ImageUnsupported,
)
from .options import Limits

# Pixels are counted in `containers`, per picture; Pillow's own limit is one for the whole process.
Image.MAX_IMAGE_PIXELS = None

# Files can make Pillow warn thousands of times, each time in words of its own, of which Python would
# remember every one. What it warns of does not keep a viewer from showing the picture.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

# MPO is what several cameras write into files called .jpg: a JPEG followed by further ones.
MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
}

FAST_FORMATS = {"PNG", "JPEG", "WEBP"}

# 32-bit and floating point samples have no agreed black and white, and LAB no profile here.
UNSUPPORTED_MODES = {"I", "F", "LAB"}

UPRIGHT = 1
# https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf, 4.6.4 A
SIDEWAYS = {5, 6, 7, 8}


@dataclass(frozen=True)
class Header:
    """The sniffed media type, and the size in pixels of the upright picture."""

    media_type: str
    width: int
    height: int


@contextmanager
def open_image(content: bytes, limits: Limits) -> Iterator[ImageFile]:
    """Open an image, and name what goes wrong with it in the block.

    :raises DecodeError: the leaf that says what is wrong with ``content``.
    """
    if not content:
        raise ImageEmpty("the image is empty (0 bytes)")
    container = read_container(content, limits)
    try:
        # An allow-list: left open, Pillow would hand EPS to Ghostscript.
        with Image.open(io.BytesIO(content), formats=[container.format]) as image:
            check_header(image, container)
            yield image
    except DecodeError:
        raise
    except MemoryError as error:
        raise ImageUnsupported("the image takes more memory to decode than there is") from error
    except UnidentifiedImageError as error:
        raise ImageNotRecognized("not an image in a format that is read here") from error
    # Pillow's decoders raise OSError, SyntaxError, ValueError, struct.error and more for bad data alike.
    except Exception as error:
        if "truncated" in str(error).lower():
            raise ImageTruncated("the image is truncated: its end is missing") from error
        raise ImageCorrupt("the image is corrupt and can't be decoded") from error


def check_header(image: ImageFile, container: Container) -> None:
    """Refuse an image of which Pillow reads another size than was counted."""
    # Of TIFF, it tells the upright one.
    if sorted(image.size) != sorted((container.width, container.height)):
        raise ImageCorrupt("the image is corrupt: its size is ambiguous")
    if image.mode in UNSUPPORTED_MODES:
        raise ImageUnsupported(f"{image.format} images of mode {image.mode} are not supported")


def read_header(content: bytes, limits: Limits) -> Header:
    """Read what the file says, without decoding its pixels.

    :raises DecodeError: the leaf that says what is wrong with the header.
    """
    with open_image(content, limits) as image:
        width, height = image.size
        # Of TIFF, Pillow tells the upright size itself.
        if image.format != "TIFF" and find_orientation(image, content) in SIDEWAYS:
            width, height = height, width
        return Header(MEDIA_TYPES[image.format or ""], width, height)


def is_opened_fast(content: bytes) -> bool:
    """Tell whether Pillow opens such an image in time and memory that are known before.

    Of others, it decodes pixels meanwhile, or hands the file to a library that reads all of it.

    :raises ImageNotRecognized: it is no image.
    """
    name = find_format(content)
    return name in FAST_FORMATS and not (name == "PNG" and has_late_metadata(content))


def find_orientation(image: ImageFile, content: bytes) -> int:
    """Find the EXIF orientation, 1 to 8. ``content`` is the image's own.

    Of TIFF, it is to be asked for after the pixels: Pillow turns those itself, and drops the tag then.
    """
    if image.format == "PNG" and not has_late_metadata(content):
        # Pillow would decode all pixels, to see what comes after them.
        exif = Image.Image.getexif(image)
    else:
        exif = image.getexif()
    return int(exif.get(ExifTags.Base.Orientation, UPRIGHT))
