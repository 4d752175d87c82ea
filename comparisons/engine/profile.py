"""Embedded colour profiles (ICC): what the numbers of a picture mean to a viewer that honours them."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

GRAY_MODES = {"1", "L", "LA", "I;16", "I;16B", "I;16L"}

# Colours all over the cube, and all grays.
CUBE = np.stack(np.meshgrid(*[np.arange(0, 256, 15)] * 3), axis=-1).reshape(1, -1, 3)
RAMP = np.arange(256).reshape(1, -1)
PROBES = {
    "RGB": Image.fromarray(CUBE.astype(np.uint8)),
    "L": Image.fromarray(RAMP.astype(np.uint8)),
}


def convert_to_srgb(pixels: NDArray[np.uint8], image: Image.Image) -> NDArray[np.uint8]:
    """Convert pixels (height x width x 3 or 4, RGB or RGBA) by the profile that their image carries.

    A profile that is broken, or for another kind of pixels, is ignored, as browsers do. One that
    changes no colour by more than 1 is taken for sRGB, and changes none: a tagged picture equals an
    untagged one.
    """
    content = image.info.get("icc_profile")
    if not content:
        return pixels
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(content))
        source = find_source(profile.profile.xcolor_space.strip(), pixels, image)
        if source is None:
            return pixels
        transform = build_transform(profile, source.mode)
        if source.mode in PROBES and changes_nothing(transform, PROBES[source.mode]):
            return pixels
        rgb = np.asarray(ImageCms.applyTransform(source, transform))
    except (ImageCms.PyCMSError, OSError):
        return pixels
    return np.dstack([rgb, pixels[..., 3:]])


def find_source(space: str, pixels: NDArray[np.uint8], image: Image.Image) -> Image.Image | None:
    """Find what the profile of that colour space is to be applied to; None if it can't be."""
    match space:
        case "RGB" if image.mode != "CMYK":
            return Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
        case "GRAY" if image.mode in GRAY_MODES:
            return Image.fromarray(np.ascontiguousarray(pixels[..., 0]))
        case "CMYK" if image.mode == "CMYK":
            return image
    return None


def build_transform(profile: ImageCms.ImageCmsProfile, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def changes_nothing(transform: ImageCms.ImageCmsTransform, probe: Image.Image) -> bool:
    before = np.asarray(probe.convert("RGB"), np.int16)
    after = np.asarray(ImageCms.applyTransform(probe, transform), np.int16)
    return bool(np.abs(after - before).max() <= 1)
