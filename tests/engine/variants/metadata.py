"""What files say of their pictures: Exif and colour profiles."""

import struct

from tests.engine.profiles import (
    DISPLAY_P3,
    SRGB,
    build_gray_profile,
    build_matrix_profile,
    gamma_curve,
)

ORIENTATION = 0x112
SHORT, LONG = 3, 4
ORDERS = {"little": "<", "big": ">"}

GREEN_RED_BLUE = [1, 0, 2]

PROFILES = {
    "p3": build_matrix_profile(DISPLAY_P3, gamma_curve(2.2)),
    "srgb-gamma-18": build_matrix_profile(SRGB, gamma_curve(1.8)),
    "linear": build_matrix_profile(SRGB, gamma_curve(1)),
    "red-and-green-swapped": build_matrix_profile(SRGB[:, GREEN_RED_BLUE], gamma_curve(2.2)),
}
GRAY_PROFILE = build_gray_profile(gamma_curve(1))
BROKEN_PROFILE = PROFILES["linear"][:200]


def exif(orientation: int, *, order: str = "little", kind: int = SHORT, count: int = 1) -> bytes:
    """Make the TIFF structure that says how a picture is to be turned, and no more."""
    sign = ORDERS[order]
    value = struct.pack(f"{sign}H2x" if kind == SHORT else f"{sign}I", orientation)
    entry = struct.pack(f"{sign}HHI", ORIENTATION, kind, count) + value
    mark = b"II" if order == "little" else b"MM"
    return mark + struct.pack(f"{sign}HIH", 42, 8, 1) + entry + bytes(4)


def xmp(orientation: int) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
        f' tiff:Orientation="{orientation}"/></rdf:RDF></x:xmpmeta>'
    ).encode()
