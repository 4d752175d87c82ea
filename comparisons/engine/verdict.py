from .options import Options


def is_match(
    options: Options, *, mse: float, ssim: float | None, diff_pixels: int, diff_ratio: float
) -> bool:
    """Hold the figures against every limit given; with none given, no pixel may differ."""
    differences = [
        (options.max_mse, mse),
        (options.max_diff_pixels, diff_pixels),
        (options.max_diff_ratio, diff_ratio),
    ]
    held = [figure <= limit for limit, figure in differences if limit is not None]
    if options.min_ssim is not None:
        held.append(ssim is not None and ssim >= options.min_ssim)
    return all(held) if held else diff_pixels == 0
