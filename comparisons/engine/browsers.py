"""What a PNG holds besides its pixels, and browsers show: https://www.w3.org/TR/png-3/."""

from .containers.png import SIGNATURE

# An animation; and colours beyond sRGB, whatever else is said of them.
SHOWN_ALWAYS = {b"acTL", b"cICP"}
# Browsers ask for these unless the file says that it is sRGB (4.3 Color spaces).
SHOWN_WITHOUT_SRGB = {b"gAMA", b"cHRM"}


def is_shown_as_decoded(beginning: bytes) -> bool:
    """Tell by how a PNG begins whether browsers show the pixels that are decoded here.

    Decoding reads no colours but those of an ICC profile, and no animation. If the pixels begin further
    on, it is not known, and False.
    """
    names: set[bytes] = set()
    position = len(SIGNATURE)
    while name := beginning[position + 4 : position + 8]:
        if name == b"IDAT":
            unread = SHOWN_ALWAYS if b"sRGB" in names else SHOWN_ALWAYS | SHOWN_WITHOUT_SRGB
            return names.isdisjoint(unread)
        names.add(name)
        position += 12 + int.from_bytes(beginning[position : position + 4])
    return False
