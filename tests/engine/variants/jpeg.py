"""JPEG: components and their sampling, scans, markers, orientation: https://www.w3.org/Graphics/JPEG/itu-t81.pdf."""

import io
import struct
from functools import partial
from typing import Any

import cv2
import numpy as np
from PIL import ExifTags, Image

from .drawing import Variants, gray_scene, merge, scene
from .metadata import BROKEN_PROFILE, GRAY_PROFILE, LONG, ORDERS, PROFILES, exif, xmp

START, APP0, APP1, APP2, APP13, APP14 = b"\xff\xd8", 0xE0, 0xE1, 0xE2, 0xED, 0xEE
SAMPLINGS = {
    "444": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    "422": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
    "420": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    "440": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440,
    "411": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411,
}
SCANS: dict[str, list[int]] = {
    "baseline": [],
    "progressive": [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
    "restarts": [cv2.IMWRITE_JPEG_RST_INTERVAL, 2],
    "poor": [cv2.IMWRITE_JPEG_QUALITY, 20],
}
SIZES = [(1, 1), (7, 5), (8, 8), (17, 33), (65, 3)]


def encode_sampled(sampling: int, settings: list[int], size: tuple[int, int] = (48, 32)) -> bytes:
    bgr = cv2.cvtColor(scene(*size), cv2.COLOR_RGB2BGR)
    _, content = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling, *settings])
    return content.tobytes()


def encode(image: Image.Image | None = None, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    (image or Image.fromarray(scene())).save(buffer, "JPEG", **{"quality": 90} | settings)
    return buffer.getvalue()


def encode_gray(**settings: Any) -> bytes:
    return encode(Image.fromarray(gray_scene()), **settings)


def encode_cmyk(**settings: Any) -> bytes:
    rgb = scene()
    black = np.minimum(255 - rgb.max(axis=2, keepdims=True), 200)
    cmyk = np.concatenate([255 - rgb - np.minimum(black, 255 - rgb), black], axis=2)
    return encode(Image.fromarray(cmyk, "CMYK"), **settings)


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def adobe(transform: int) -> bytes:
    return segment(APP14, b"Adobe" + struct.pack(">HHHB", 100, 0, 0, transform))


def drop_segments(content: bytes, *markers: int) -> bytes:
    """Leave out the segments before the first scan that have these markers."""
    kept, position = START, len(START)
    while content[position + 1] != 0xDA:
        end = position + 2 + int.from_bytes(content[position + 2 : position + 4], "big")
        if content[position + 1] not in markers:
            kept += content[position:end]
        position = end
    return kept + content[position:]


def insert(*segments: bytes, content: bytes | None = None) -> bytes:
    """Put segments at the beginning, before those of JFIF."""
    content = content or encode()
    return START + b"".join(segments) + content[2:]


def retag(content: bytes, *segments: bytes) -> bytes:
    """Replace the segments that say which colours the components are."""
    return insert(*segments, content=drop_segments(content, APP0, APP14))


def rename_components(content: bytes, names: bytes) -> bytes:
    """Rename the components 1, 2, 3 in the headers of the frame and of the only scan."""
    frame, scan = content.index(b"\xff\xc0") + 10, content.index(b"\xff\xda") + 5
    renamed = bytearray(content)
    renamed[frame : frame + 9 : 3] = renamed[scan : scan + 6 : 2] = names
    return bytes(renamed)


def split_profile(profile: bytes, *, reverse: bool = False) -> list[bytes]:
    half = len(profile) // 2
    parts = [
        segment(APP2, b"ICC_PROFILE\0" + bytes([number, 2]) + part)
        for number, part in [(1, profile[:half]), (2, profile[half:])]
    ]
    return parts[::-1] if reverse else parts


def exif_segment(content: bytes) -> bytes:
    return segment(APP1, b"Exif\0\0" + content)


def encode_print_size() -> bytes:
    """Say that the picture is to be shown in half its size: at 144 dots per inch instead of 72."""
    described = Image.Exif()
    described[ExifTags.Base.XResolution] = described[ExifTags.Base.YResolution] = 144.0
    described[ExifTags.Base.ResolutionUnit] = 2
    described.get_ifd(ExifTags.IFD.Exif).update(
        {ExifTags.Base.ExifImageWidth: 24, ExifTags.Base.ExifImageHeight: 16}
    )
    return encode(exif=described)


XMP = segment(APP1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(6))
JFIF = segment(APP0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
SEGMENTS: dict[str, list[bytes]] = {
    "orientation-0": [exif_segment(exif(0))],
    "orientation-9": [exif_segment(exif(9))],
    "orientation-long": [exif_segment(exif(6, kind=LONG))],
    "orientation-of-two-values": [exif_segment(exif(6, count=2))],
    "orientation-in-xmp": [XMP],
    "orientation-and-xmp": [exif_segment(exif(3)), XMP],
    "two-orientations": [exif_segment(exif(6)), exif_segment(exif(3))],
    "exif-empty": [exif_segment(b"")],
    "exif-garbage": [exif_segment(b"garbage" * 9)],
    "exif-twice-headed": [exif_segment(b"Exif\0\0" + exif(6))],
    "exif-cut": [exif_segment(exif(6)[:-8])],
    "jfif-short": [segment(APP0, b"JFIF\0")],
    "photoshop-broken": [segment(APP13, b"Photoshop 3.0\0008BIM\x04\x04\0\0\xff\xff\xff\xff")],
    "photoshop-short": [segment(APP13, b"Photo")],
    "adobe-short": [segment(APP14, b"Adobe\0d")],
    "comment": [segment(0xFE, b"hello")],
    "profile-in-two-parts": split_profile(PROFILES["p3"]),
    "profile-parts-out-of-order": split_profile(PROFILES["p3"], reverse=True),
    "profile-part-missing": split_profile(PROFILES["p3"])[:1],
    "fill-bytes": [b"\xff\xff\xff" + segment(0xFE, b"filled")],
}

VARIANTS: Variants = merge(
    {
        f"{sampling}-{scans}": partial(encode_sampled, value, settings)
        for sampling, value in SAMPLINGS.items()
        for scans, settings in SCANS.items()
    },
    {
        f"{sampling}-{size[0]}-x-{size[1]}": partial(encode_sampled, SAMPLINGS[sampling], [], size)
        for sampling in ("422", "420")
        for size in SIZES
    },
    {
        f"orientation-{orientation}-{order}-endian": partial(
            encode, exif=b"Exif\0\0" + exif(orientation, order=order)
        )
        for orientation in range(1, 9)
        for order in ORDERS
    },
    {f"profile-{name}": partial(encode, icc_profile=icc) for name, icc in PROFILES.items()},
    {f"with-{name}": partial(insert, *segments) for name, segments in SEGMENTS.items()},
    {
        "gray": encode_gray,
        "gray-progressive": partial(encode_gray, progressive=True),
        "gray-orientation-6": partial(encode_gray, exif=b"Exif\0\0" + exif(6)),
        "gray-gray-profile": partial(encode_gray, icc_profile=GRAY_PROFILE),
        "gray-rgb-profile": partial(encode_gray, icc_profile=PROFILES["p3"]),
        "gray-profile": partial(encode, icc_profile=GRAY_PROFILE),
        "broken-profile": partial(encode, icc_profile=BROKEN_PROFILE),
        "profile-and-orientation": partial(
            encode, icc_profile=PROFILES["p3"], exif=b"Exif\0\0" + exif(6)
        ),
        "cmyk": encode_cmyk,
        "cmyk-progressive": partial(encode_cmyk, progressive=True),
        "cmyk-rgb-profile": partial(encode_cmyk, icc_profile=PROFILES["p3"]),
        "cmyk-without-adobe": lambda: retag(encode_cmyk()),
        "cmyk-orientation-6": lambda: insert(exif_segment(exif(6)), content=encode_cmyk()),
        "ycck": lambda: retag(encode_cmyk(), adobe(2)),
        "rgb": partial(encode, keep_rgb=True),
        "rgb-adobe-0": lambda: retag(encode(keep_rgb=True), adobe(0)),
        "rgb-names-alone": lambda: retag(encode(keep_rgb=True)),
        "rgb-jfif": lambda: retag(encode(keep_rgb=True), JFIF),
        "ycc-adobe-0": lambda: retag(encode(), adobe(0)),
        "ycc-adobe-1": lambda: retag(encode(), adobe(1)),
        "ycc-adobe-0-and-jfif": lambda: retag(encode(), JFIF, adobe(0)),
        "ycc-untagged": lambda: retag(encode()),
        "ycc-untagged-named-0-1-2": lambda: rename_components(retag(encode()), b"\0\1\2"),
        "ycc-untagged-named-r-g-b": lambda: rename_components(retag(encode()), b"RGB"),
        "ycc-jfif-named-r-g-b": lambda: rename_components(retag(encode(), JFIF), b"RGB"),
        "print-size": encode_print_size,
        "optimized": partial(encode, optimize=True),
        "bytes-behind-the-end": lambda: encode() + b"garbage",
        "second-picture-behind-the-end": lambda: encode() + encode_gray(),
    },
)
