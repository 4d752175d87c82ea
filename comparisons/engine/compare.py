from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .composite import composite_picture
from .decode import Picture
from .fit import fit_pictures
from .methods import METHODS
from .metrics import mean_squared_error, peak_signal_noise_ratio
from .options import Limits, Options, SizePolicy
from .regions import Region, find_regions
from .verdict import is_match

ENGINE = f"1.0 (opencv {cv2.__version__})"


@dataclass(frozen=True, eq=False)
class Result:
    """How far apart two pictures are, and where.

    ``mask`` is height x width, bool, True where different; ``diff_ratio`` is 0 to 1; ``psnr`` is None
    for identical gray values (infinite).
    """

    mask: NDArray[np.bool_]
    size_policy_applied: SizePolicy | None
    mse: float
    psnr: float | None
    diff_pixels: int
    total_pixels: int
    diff_ratio: float
    regions: tuple[Region, ...]
    regions_left_out: int
    match: bool

    @property
    def width(self) -> int:
        return int(self.mask.shape[1])

    @property
    def height(self) -> int:
        return int(self.mask.shape[0])


def compare_pictures(
    picture1: Picture, picture2: Picture, options: Options, limits: Limits
) -> Result:
    """Compare two pictures.

    :raises SizesDiffer: the sizes differ and the policy is ``error``.
    :raises CanvasTooLarge: the padded canvas has too many pixels.
    """
    canvas = fit_pictures(
        composite_picture(picture1, options.background),
        composite_picture(picture2, options.background),
        policy=options.size_policy,
        background=options.background,
        limits=limits,
    )
    mask = METHODS[options.method](canvas, options.threshold)
    if canvas.uncovered is not None:
        mask |= canvas.uncovered
    mse = mean_squared_error(canvas.gray1, canvas.gray2)
    diff_pixels = int(np.count_nonzero(mask))
    diff_ratio = diff_pixels / mask.size
    regions, regions_left_out = find_regions(mask)
    return Result(
        mask=mask,
        size_policy_applied=canvas.policy_applied,
        mse=mse,
        psnr=peak_signal_noise_ratio(mse),
        diff_pixels=diff_pixels,
        total_pixels=mask.size,
        diff_ratio=diff_ratio,
        regions=regions,
        regions_left_out=regions_left_out,
        match=is_match(options, mse=mse, diff_pixels=diff_pixels, diff_ratio=diff_ratio),
    )
