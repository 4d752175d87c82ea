"""AVIF: depths, sampling, ranges, colours, opacity and turns: https://aomediacodec.github.io/av1-avif/."""

import io
import struct
from functools import partial
from typing import Any

import cv2
import numpy as np
from PIL import ExifTags, Image

from tests.engine.pictures import Pixels

from .drawing import Variants, gray_scene, merge, scene, translucent_scene
from .metadata import PROFILES, exif, xmp

# https://www.itu.int/rec/T-REC-H.273
BT709, BT470M, BT470BG, BT601, BT2020, P3 = 1, 4, 5, 6, 9, 12
LINEAR, SRGB_CURVE, BT2020_10, PQ, HLG = 8, 13, 14, 16, 18
IDENTITY, UNSPECIFIED = 0, 2


def encode(pixels: Pixels | None = None, **settings: Any) -> bytes:
    buffer = io.BytesIO()
    image = Image.fromarray(scene() if pixels is None else pixels)
    image.save(buffer, "AVIF", **{"speed": 10, "quality": 90, "subsampling": "4:4:4"} | settings)
    return buffer.getvalue()


def encode_deep(depth: int, *, quality: int = 90, channels: int = 3) -> bytes:
    pixels = translucent_scene() if channels == 4 else scene()
    order = cv2.COLOR_RGBA2BGRA if channels == 4 else cv2.COLOR_RGB2BGR
    samples = cv2.cvtColor(pixels, order).astype(np.uint16) * ((2**depth - 1) / 255)
    settings = [
        cv2.IMWRITE_AVIF_DEPTH,
        depth,
        cv2.IMWRITE_AVIF_QUALITY,
        quality,
        cv2.IMWRITE_AVIF_SPEED,
        10,
    ]
    kind = np.uint8 if depth == 8 else np.uint16
    return cv2.imencode(".avif", samples.round().astype(kind), settings)[1].tobytes()


def recode(
    primaries: int, transfer: int, matrix: int = BT601, *, is_full: bool = True, **settings: Any
) -> bytes:
    """Say in the box ``colr`` what the samples mean, whatever it said before."""
    content = encode(**{"range": "full" if is_full else "limited"} | settings)
    place = content.index(b"colrnclx") + 8
    colors = struct.pack(">HHHB", primaries, transfer, matrix, is_full << 7)
    return content[:place] + colors + content[place + 7 :]


def damage_exif() -> bytes:
    described = Image.Exif()
    described[ExifTags.Base.Make] = "nobody"
    return encode(exif=described).replace(b"II*\0", b"what").replace(b"MM\0*", b"what")


RANGES = ("full", "limited")
SAMPLINGS = ("4:0:0", "4:2:0", "4:2:2", "4:4:4")
SPACES = {
    "p3": (P3, SRGB_CURVE),
    "bt2020": (BT2020, BT2020_10),
    "bt601": (BT601, BT601),
    "bt709-curve": (BT709, BT709),
    "linear": (BT709, LINEAR),
    "gamma-22": (BT709, BT470M),
    "gamma-28": (BT709, BT470BG),
    "p3-linear": (P3, LINEAR),
    "primaries-unspecified": (UNSPECIFIED, SRGB_CURVE),
    "transfer-unspecified": (BT709, UNSPECIFIED),
    "unspecified": (UNSPECIFIED, UNSPECIFIED),
    "pq": (BT2020, PQ),
    "hlg": (BT2020, HLG),
}
MATRICES = {"bt709": BT709, "bt601": BT601, "bt470bg": BT470BG, "bt2020": BT2020}
SIZES = [(1, 1), (7, 5), (17, 33), (65, 3)]

VARIANTS: Variants = merge(
    {
        f"{sampling.replace(':', '')}-{name}": partial(encode, subsampling=sampling, range=name)
        for sampling in SAMPLINGS
        for name in RANGES
    },
    {
        f"alpha-{sampling.replace(':', '')}": partial(
            encode, translucent_scene(), subsampling=sampling
        )
        for sampling in SAMPLINGS
    },
    {
        f"{sampling.replace(':', '')}-{width}-x-{height}": partial(
            encode, scene(width, height), subsampling=sampling
        )
        for sampling in ("4:2:0", "4:4:4")
        for width, height in SIZES
    },
    {f"{depth}-bits": partial(encode_deep, depth) for depth in (8, 10, 12)},
    {f"{depth}-bits-lossless": partial(encode_deep, depth, quality=100) for depth in (8, 10, 12)},
    {f"{depth}-bits-alpha": partial(encode_deep, depth, channels=4) for depth in (8, 10, 12)},
    {f"colors-{name}": partial(recode, *space) for name, space in SPACES.items()},
    {
        f"matrix-{name}-{range_name}": partial(
            recode, BT709, SRGB_CURVE, matrix, is_full=range_name == "full"
        )
        for name, matrix in MATRICES.items()
        for range_name in RANGES
    },
    {
        f"orientation-{orientation}": partial(encode, exif=exif(orientation))
        for orientation in range(1, 9)
    },
    {f"profile-{name}": partial(encode, icc_profile=icc) for name, icc in PROFILES.items()},
    {
        "quality-30": partial(encode, quality=30),
        "quality-100": partial(encode, quality=100),
        "gray": partial(encode, gray_scene()),
        "alpha-orientation-6": partial(encode, translucent_scene(), exif=exif(6)),
        "alpha-premultiplied": partial(encode, translucent_scene(), alpha_premultiplied=True),
        "exif-garbage": damage_exif,
        "orientation-in-xmp": partial(encode, xmp=xmp(6)),
        "animated": partial(encode, save_all=True, append_images=[Image.fromarray(255 - scene())]),
        "tiled": partial(encode, scene(300, 200), tile_rows=1, tile_cols=1),
    },
)
