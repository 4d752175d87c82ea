import cv2
import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas
from .errors import CanvasTooLarge, SizesDiffer
from .options import Limits, SizePolicy


def fit_pictures(
    rgb1: NDArray[np.uint8],
    rgb2: NDArray[np.uint8],
    *,
    policy: SizePolicy,
    background: tuple[int, int, int],
    limits: Limits,
) -> Canvas:
    """Bring two pictures (height x width x 3, uint8, RGB) to one size, as the policy says.

    ``resize`` scales the second to the first's size, ``pad`` lays both at the top left of a canvas
    that holds both, filled with the background, ``crop`` keeps the top left part that both have.

    :raises SizesDiffer: under ``error``.
    :raises CanvasTooLarge: under ``pad``, if the larger canvas exceeds the pixel limit.
    """
    if rgb1.shape == rgb2.shape:
        return Canvas(rgb1, rgb2)
    size1, size2 = rgb1.shape[:2], rgb2.shape[:2]
    match policy:
        case SizePolicy.ERROR:
            (height1, width1), (height2, width2) = size1, size2
            raise SizesDiffer(
                f"the sizes differ: {width1} x {height1} and {width2} x {height2} pixels"
            )
        case SizePolicy.RESIZE:
            return Canvas(rgb1, resize_plane(rgb2, *size1), policy_applied=policy)
        case SizePolicy.CROP:
            return Canvas(*crop_planes(rgb1, rgb2), policy_applied=policy)
        case SizePolicy.PAD:
            height, width = (int(side) for side in np.maximum(size1, size2))
            if height * width > limits.max_pixels:
                raise CanvasTooLarge(
                    f"padded to {width} x {height} pixels, the images exceed the limit of {limits.max_pixels}"
                )
            return Canvas(
                pad_picture(rgb1, height, width, background),
                pad_picture(rgb2, height, width, background),
                uncovered=find_uncovered(size1, size2, height, width),
                policy_applied=policy,
            )


def resize_plane(plane: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Scale each side by itself: area averaging where it shrinks, then linear where it grows."""
    for goal, interpolation in (
        ((min(width, plane.shape[1]), min(height, plane.shape[0])), cv2.INTER_AREA),
        ((width, height), cv2.INTER_LINEAR),
    ):
        if plane.shape[1::-1] != goal:
            plane = np.asarray(cv2.resize(plane, goal, interpolation=interpolation), np.uint8)
    return plane


def crop_planes(
    plane1: NDArray[np.uint8], plane2: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Keep the top left part that both planes have."""
    height, width = np.minimum(plane1.shape[:2], plane2.shape[:2])
    return plane1[:height, :width], plane2[:height, :width]


def pad_picture(
    rgb: NDArray[np.uint8], height: int, width: int, background: tuple[int, int, int]
) -> NDArray[np.uint8]:
    if rgb.shape[:2] == (height, width):
        return rgb
    canvas = np.full((height, width, 3), background, np.uint8)
    canvas[: rgb.shape[0], : rgb.shape[1]] = rgb
    return canvas


def find_uncovered(
    size1: tuple[int, ...], size2: tuple[int, ...], height: int, width: int
) -> NDArray[np.bool_]:
    """Mark what only one of two pictures at the top left of the canvas covers."""
    uncovered = np.zeros((height, width), np.bool_)
    for rows, columns in (size1, size2):
        uncovered[:rows, :columns] ^= True
    return uncovered
