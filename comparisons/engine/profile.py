"""Embedded colour profiles (ICC): what the numbers of a picture mean to a viewer that honours them."""

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from .bands import crop_rows, split_rows

GRAY_MODES = {"1", "L", "LA", "I;16", "I;16B", "I;16L"}

# The type of a profile's tag that is a chain of as many steps as it likes, each of them worked through
# for tens of thousands of colours: 40 KB kept Little CMS busy for 9 seconds. Browsers read none.
# https://www.color.org/specification/ICC.1-2022-05.pdf, 10.16 multiProcessElementsType
PROGRAM = b"mpet"

# All grays, and colours all over the cube, as pictures one pixel high.
RAMP = np.arange(256, dtype=np.uint8).reshape(1, -1)
CUBE = np.stack(np.meshgrid(*[RAMP[0, ::15]] * 3), axis=-1).reshape(1, -1, 3)


def convert_to_srgb(pixels: NDArray[np.uint8], image: Image.Image) -> NDArray[np.uint8]:
    """Convert pixels (height x width x 3 or 4, RGB or RGBA) by the profile that their image carries.

    A profile that is broken, or for another kind of pixels, is ignored, as browsers do. One that
    changes no colour by more than 1 is taken for sRGB, and changes none: a tagged picture equals an
    untagged one.
    """
    content = image.info.get("icc_profile")
    if not content or PROGRAM in content:
        return pixels
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(content))
        return convert_colors(profile, pixels, image)
    # Pillow reads names in the profile as ASCII: ValueError.
    except (ImageCms.PyCMSError, OSError, ValueError):
        return pixels


def convert_colors(
    profile: ImageCms.ImageCmsProfile, pixels: NDArray[np.uint8], image: Image.Image
) -> NDArray[np.uint8]:
    """Convert all pixels, or return them as they are if there is nothing to convert."""
    match profile.profile.xcolor_space.strip():
        case "RGB" if image.mode != "CMYK":
            transform = build_transform(profile, "RGB")
            if is_change(CUBE, apply_transform(transform, Image.fromarray(CUBE))):
                return convert_bands(pixels, lambda rows: crop_colors(pixels, rows), transform)
        case "GRAY" if image.mode in GRAY_MODES:
            table = apply_transform(build_transform(profile, "L"), Image.fromarray(RAMP))
            if is_change(RAMP[..., np.newaxis], table):
                return np.dstack([table[0, pixels[..., 0]], pixels[..., 3:]])
        case "CMYK" if image.mode == "CMYK":
            transform = build_transform(profile, "CMYK")
            return convert_bands(pixels, lambda rows: crop_rows(image, rows), transform)
    return pixels


def convert_bands(
    pixels: NDArray[np.uint8],
    crop: Callable[[slice], Image.Image],
    transform: ImageCms.ImageCmsTransform,
) -> NDArray[np.uint8]:
    """Convert what ``crop`` makes of a band's rows; alpha stays."""
    converted = pixels.copy()
    for rows in split_rows(*pixels.shape[:2]):
        converted[rows, :, :3] = apply_transform(transform, crop(rows))
    return converted


def crop_colors(pixels: NDArray[np.uint8], rows: slice) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(pixels[rows, :, :3]))


def build_transform(profile: ImageCms.ImageCmsProfile, mode: str) -> ImageCms.ImageCmsTransform:
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    if mode == "L":
        # Little CMS optimizes gray at the cost of dark tones, which it gets wrong by up to 10.
        flags |= ImageCms.Flags.NOOPTIMIZE
    return ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags,
    )


def apply_transform(
    transform: ImageCms.ImageCmsTransform, source: Image.Image
) -> NDArray[np.uint8]:
    return np.asarray(ImageCms.applyTransform(source, transform))


def is_change(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool:
    return bool(np.abs(after.astype(np.int16) - before).max() > 1)
