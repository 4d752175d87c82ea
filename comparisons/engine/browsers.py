"""What a PNG holds besides its pixels, and browsers show in ways of their own."""

from .containers.png_chunks import PIXELS, SIGNATURE

# An animation, and colours that may be of high dynamic range: https://www.w3.org/TR/png-3/.
SHOWN_OTHERWISE = {b"acTL", b"cICP"}


def is_shown_as_decoded(beginning: bytes) -> bool:
    """Tell by how a PNG begins whether all browsers show the pixels that are decoded here.

    If the pixels begin further on, it is not known, and False.
    """
    names: set[bytes] = set()
    position = len(SIGNATURE)
    while name := beginning[position + 4 : position + 8]:
        if name == PIXELS:
            return names.isdisjoint(SHOWN_OTHERWISE)
        names.add(name)
        position += 12 + int.from_bytes(beginning[position : position + 4])
    return False
