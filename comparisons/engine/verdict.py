from dataclasses import dataclass

from .options import Options


@dataclass(frozen=True, kw_only=True)
class LimitCheck:
    """A figure held against one limit. ``option`` names the limit, such as ``max_mse``."""

    option: str
    limit: float
    figure: float | None
    is_held: bool


def check_limits(
    options: Options, *, mse: float, ssim: float | None, diff_pixels: int, diff_ratio: float
) -> list[LimitCheck]:
    """Hold the figures against every limit given."""
    differences: list[tuple[str, float]] = [
        ("max_diff_pixels", diff_pixels),
        ("max_diff_ratio", diff_ratio),
        ("max_mse", mse),
    ]
    checks = [
        LimitCheck(option=option, limit=limit, figure=figure, is_held=figure <= limit)
        for option, figure in differences
        if (limit := getattr(options, option)) is not None
    ]
    if (least := options.min_ssim) is not None:
        is_held = ssim is not None and ssim >= least
        checks.append(LimitCheck(option="min_ssim", limit=least, figure=ssim, is_held=is_held))
    return checks


def is_match(
    options: Options, *, mse: float, ssim: float | None, diff_pixels: int, diff_ratio: float
) -> bool:
    """Ask every limit given; with none given, no pixel may differ."""
    checks = check_limits(
        options, mse=mse, ssim=ssim, diff_pixels=diff_pixels, diff_ratio=diff_ratio
    )
    return all(check.is_held for check in checks) if checks else diff_pixels == 0
