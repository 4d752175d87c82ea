from dataclasses import dataclass

from .color import is_high_dynamic_range
from .containers import read_container
from .options import Limits

MEDIA_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WebP": "image/webp",
    "GIF": "image/gif",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
    "AVIF": "image/avif",
}


@dataclass(frozen=True)
class Header:
    """What a file says of itself before any of its pixels is decoded.

    ``media_type`` is that of its content; ``width`` and ``height``, in pixels, are those of the upright
    picture. ``frames`` are frames or pages. ``is_tone_mapped``: see ``Picture``.
    """

    media_type: str
    width: int
    height: int
    frames: int = 1
    is_tone_mapped: bool = False


def read_header(content: bytes, limits: Limits) -> Header:
    """Read what the file says, without decoding its pixels.

    :raises DecodeError: the leaf that says what is wrong with the header.
    """
    container = read_container(content, limits)
    return Header(
        MEDIA_TYPES[container.format],
        *container.upright_size,
        frames=container.frames,
        is_tone_mapped=is_high_dynamic_range(container.color_space, container.model),
    )
