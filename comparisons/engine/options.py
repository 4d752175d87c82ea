from dataclasses import dataclass
from enum import StrEnum

MAX_GRAY = 255


class SizePolicy(StrEnum):
    """What to do with pictures of different sizes."""

    RESIZE = "resize"
    PAD = "pad"
    CROP = "crop"
    ERROR = "error"


class ColorProfiles(StrEnum):
    """What to do with the colour profiles and colour spaces that files name.

    ``APPLY`` converts to sRGB, as browsers do. ``IGNORE`` takes the stored values, as pixelmatch, odiff
    and OpenCV do.
    """

    APPLY = "apply"
    IGNORE = "ignore"


class Metric(StrEnum):
    """A figure for the whole picture."""

    MSE = "mse"
    PSNR = "psnr"
    SSIM = "ssim"


@dataclass(frozen=True)
class Limits:
    """What the engine refuses to work on."""

    max_pixels: int = 50_000_000


@dataclass(frozen=True, kw_only=True)
class Rectangle:
    """Pixels of the canvas, from ``x``, ``y`` on; it may reach beyond the canvas.

    :raises ValueError: the width or the height is negative.
    """

    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 0 or self.height < 0:
            raise ValueError(f"a rectangle can't be {self.width} x {self.height} pixels large")


@dataclass(frozen=True, kw_only=True)
class Options:
    """How two pictures are compared, and what counts as a match.

    ``threshold`` is the per-pixel tolerance, 0 to 1 of the method's own scale. ``background`` is the
    RGB colour that transparent pixels are composited on; ``color_profiles`` tells what to do with
    the colour profiles of files, and changes nothing in arrays. Each verdict limit that is not None must
    hold for a match; where none is given, no pixel may differ.

    The names of ``size_policy``, ``color_profiles`` and ``metrics`` may be given as plain strings.

    :raises ValueError: the threshold is out of range, or there is no such name.
    """

    method: str = "grayscale"
    threshold: float = 0.1
    ignore_antialiasing: bool = False
    size_policy: SizePolicy = SizePolicy.RESIZE
    background: tuple[int, int, int] = (255, 255, 255)
    color_profiles: ColorProfiles = ColorProfiles.APPLY
    ignore_regions: tuple[Rectangle, ...] = ()
    metrics: frozenset[Metric] = frozenset({Metric.MSE, Metric.PSNR})
    max_diff_pixels: int | None = None
    max_diff_ratio: float | None = None
    max_mse: float | None = None
    min_ssim: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"the threshold {self.threshold} is not between 0 and 1")
        names = {
            "size_policy": SizePolicy(self.size_policy),
            "color_profiles": ColorProfiles(self.color_profiles),
            "metrics": frozenset(map(Metric, self.metrics)),
        }
        for field, value in names.items():
            object.__setattr__(self, field, value)

    @property
    def needs_ssim(self) -> bool:
        return Metric.SSIM in self.metrics or self.method == "ssim" or self.min_ssim is not None
