from dataclasses import dataclass
from enum import StrEnum

MAX_GRAY = 255


class SizePolicy(StrEnum):
    """What to do with pictures of different sizes."""

    RESIZE = "resize"
    PAD = "pad"
    CROP = "crop"
    ERROR = "error"


@dataclass(frozen=True)
class Limits:
    """What the engine refuses to work on."""

    max_pixels: int = 50_000_000


@dataclass(frozen=True, kw_only=True)
class Options:
    """How two pictures are compared, and what counts as a match.

    ``threshold`` is the per-pixel tolerance, 0 to 1 of the method's own scale. ``background`` is the
    RGB colour that transparent pixels are composited on. Each verdict limit that is not None must
    hold for a match; where none is given, no pixel may differ.
    """

    method: str = "grayscale"
    threshold: float = 0.1
    size_policy: SizePolicy = SizePolicy.RESIZE
    background: tuple[int, int, int] = (255, 255, 255)
    max_diff_pixels: int | None = None
    max_diff_ratio: float | None = None
    max_mse: float | None = None
