from dataclasses import dataclass


@dataclass(frozen=True, kw_only=False)
class Outcome:
    """What a comparison gave: the mask as PNG, and the figures that the contender tells."""

    png: bytes
    mse: float | None = None
    ssim: float | None = None
    diff_pixels: int | None = None
