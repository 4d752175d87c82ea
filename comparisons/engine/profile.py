"""Embedded colour profiles (ICC): what the numbers of a picture mean to a viewer that honours them."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

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
        rgb = convert_colors(profile, pixels, image)
    # Pillow reads names in the profile as ASCII: ValueError.
    except (ImageCms.PyCMSError, OSError, ValueError):
        return pixels
    return pixels if rgb is None else np.dstack([rgb, pixels[..., 3:]])


def convert_colors(
    profile: ImageCms.ImageCmsProfile, pixels: NDArray[np.uint8], image: Image.Image
) -> NDArray[np.uint8] | None:
    """Convert to height x width x 3; None if there is nothing to convert."""
    match profile.profile.xcolor_space.strip():
        case "RGB" if image.mode != "CMYK":
            colors = np.ascontiguousarray(pixels[..., :3])
            changed = is_change(CUBE, apply_profile(profile, Image.fromarray(CUBE)))
            return apply_profile(profile, Image.fromarray(colors)) if changed else None
        case "GRAY" if image.mode in GRAY_MODES:
            table = apply_profile(profile, Image.fromarray(RAMP))
            return table[0, pixels[..., 0]] if is_change(RAMP[..., np.newaxis], table) else None
        case "CMYK" if image.mode == "CMYK":
            return apply_profile(profile, image)
    return None


def apply_profile(profile: ImageCms.ImageCmsProfile, source: Image.Image) -> NDArray[np.uint8]:
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    if source.mode == "L":
        # Little CMS optimizes gray at the cost of dark tones, which it gets wrong by up to 10.
        flags |= ImageCms.Flags.NOOPTIMIZE
    transform = ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        source.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags,
    )
    return np.asarray(ImageCms.applyTransform(source, transform))


def is_change(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool:
    return bool(np.abs(after.astype(np.int16) - before).max() > 1)
