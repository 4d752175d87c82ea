from dataclasses import dataclass, replace

import cv2
import numpy as np
import PIL
from numpy.typing import NDArray

from .antialiasing import mark_antialiased
from .canvas import Canvas
from .color_differences import count_color_differences
from .composite import composite_picture, lay_on
from .decode import decode_on
from .errors import MethodUnknown
from .fit import fit_pictures
from .ignore import ignore_parts
from .method import Method
from .methods import METHODS
from .metrics import mean_similarity, mean_squared_error, peak_signal_noise_ratio
from .options import Limits, Options, SizePolicy
from .picture import Picture, read_array
from .regions import Region, find_regions
from .result_warnings import (
    ResultWarning,
    warn_of_colors,
    warn_of_inputs,
    warn_of_regions,
    warn_of_sizes,
    warn_of_transparency,
)
from .transparency import count_alpha_differences
from .verdict import is_match

# To be counted up with every change to a figure or a mask: those of the same engine are used again.
ENGINE = f"1.2 (opencv {cv2.__version__}, pillow {PIL.__version__})"

Input = bytes | NDArray[np.uint8] | Picture
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """How far apart two pictures are, and where.

    ``mask`` is height x width, bool, True where different; ``antialiased`` likewise, where a
    difference is excused, None unless that was asked for. ``psnr`` is None for identical gray values
    (infinite), ``ssim`` where nothing asked for it. ``diff_ratio`` is 0 to 1. ``warnings`` tell what
    the figures leave out.
    """

    options: Options
    canvas: Canvas
    mask: Mask
    antialiased: Mask | None
    mse: float
    psnr: float | None
    ssim: float | None
    diff_pixels: int
    total_pixels: int
    diff_ratio: float
    antialiased_pixels: int
    ignored_pixels: int
    alpha_diff_pixels: int
    regions: tuple[Region, ...]
    regions_left_out: int
    match: bool
    warnings: tuple[ResultWarning, ...]

    @property
    def size_policy_applied(self) -> SizePolicy | None:
        return self.canvas.policy_applied

    @property
    def width(self) -> int:
        return self.canvas.width

    @property
    def height(self) -> int:
        return self.canvas.height


def compare(
    image1: Input,
    image2: Input,
    options: Options | None = None,
    limits: Limits | None = None,
    *,
    ignore_mask: Input | None = None,
) -> Result:
    """Compare two images: encoded, decoded, or arrays (uint8; gray, RGB or RGBA).

    Where ``ignore_mask``, of the compared canvas's size, is black, nothing counts.

    :raises EngineError: the leaf that says why they can't be compared.
    """
    options, limits = options or Options(), limits or Limits()
    method = find_method(options.method)
    canvas, alpha_diff_pixels, warnings = prepare_canvas(
        image1, image2, ignore_mask, options, limits
    )
    # From here on, memory is needed for other planes.
    del image1, image2, ignore_mask
    mask, antialiased = mark_differences(canvas, method, options)
    mse = mean_squared_error(canvas)
    ssim = mean_similarity(canvas.dissimilarity, canvas.ignored) if options.needs_ssim else None
    diff_pixels = count_marks(mask)
    ignored_pixels = count_marks(canvas.ignored)
    # All ignored: nothing differs.
    diff_ratio = diff_pixels / max(mask.size - ignored_pixels, 1)
    match = is_match(options, mse=mse, ssim=ssim, diff_pixels=diff_pixels, diff_ratio=diff_ratio)
    if match and method.is_blind_to_color:
        pixels = count_color_differences(
            canvas, options.threshold, left_out=(mask, antialiased, canvas.ignored)
        )
        warnings = [*warn_of_colors(pixels, options), *warnings]
    # The new canvas leaves the planes behind that the old one has computed and no one needs any more.
    canvas = replace(canvas)
    regions, regions_left_out = find_regions(mask)
    return Result(
        options=options,
        canvas=canvas,
        mask=mask,
        antialiased=antialiased,
        mse=mse,
        psnr=peak_signal_noise_ratio(mse),
        ssim=ssim,
        diff_pixels=diff_pixels,
        total_pixels=mask.size,
        diff_ratio=diff_ratio,
        antialiased_pixels=count_marks(antialiased),
        ignored_pixels=ignored_pixels,
        alpha_diff_pixels=alpha_diff_pixels,
        regions=regions,
        regions_left_out=regions_left_out,
        match=match,
        warnings=(*warnings, *warn_of_regions(len(regions), regions_left_out)),
    )


def find_method(name: str) -> Method:
    """:raises MethodUnknown: there is none of that name."""
    try:
        return METHODS[name]
    except KeyError as error:
        raise MethodUnknown(
            f"there is no method {name!r}; there are {', '.join(METHODS)}"
        ) from error


def read_input(image: Input, options: Options, limits: Limits) -> Picture:
    """:raises DecodeError: the leaf that says what is wrong with the image."""
    if isinstance(image, Picture):
        return image
    if isinstance(image, np.ndarray):
        return lay_on(read_array(image, limits), options.background)
    return decode_on(image, options.background, limits, options.color_profiles)


def prepare_canvas(
    image1: Input, image2: Input, ignore_mask: Input | None, options: Options, limits: Limits
) -> tuple[Canvas, int, list[ResultWarning]]:
    """Bring the images to one canvas.

    The canvas does not show where their opacity differs, which is counted, nor what is warned of.
    """
    picture1, picture2 = (read_input(image, options, limits) for image in (image1, image2))
    fitted = fit_pictures(
        composite_picture(picture1, options.background),
        composite_picture(picture2, options.background),
        policy=options.size_policy,
        background=options.background,
        limits=limits,
    )
    ignored_parts = None if ignore_mask is None else read_input(ignore_mask, options, limits)
    canvas = ignore_parts(fitted, options.ignore_regions, ignored_parts)
    alpha_diff_pixels = count_alpha_differences(picture1, picture2, canvas)
    sizes = [(picture.width, picture.height) for picture in (picture1, picture2)]
    warnings = [
        *warn_of_transparency(alpha_diff_pixels),
        *warn_of_sizes(canvas.policy_applied, *sizes),
        *warn_of_inputs(image1=picture1, image2=picture2, mask_image=ignored_parts),
    ]
    return canvas, alpha_diff_pixels, warnings


def mark_differences(canvas: Canvas, method: Method, options: Options) -> tuple[Mask, Mask | None]:
    """Mark what differs, and what does but is excused as anti-aliasing.

    What only one picture covers differs, whatever its colour, and is never excused.
    """
    mask = method.mark(canvas, options.threshold)
    # Of two marks, the first is greater where it alone is set.
    if canvas.uncovered is not None:
        np.greater(mask, canvas.uncovered, out=mask)
    if canvas.ignored is not None:
        np.greater(mask, canvas.ignored, out=mask)
    antialiased = mark_antialiased(canvas, mask) if options.ignore_antialiasing else None
    if antialiased is not None:
        mask ^= antialiased
    if canvas.uncovered is not None:
        mask |= canvas.uncovered if canvas.ignored is None else canvas.uncovered > canvas.ignored
    return mask, antialiased


def count_marks(marks: Mask | None) -> int:
    return 0 if marks is None else int(np.count_nonzero(marks))
