from .options import Options


def is_match(options: Options, *, mse: float, diff_pixels: int, diff_ratio: float) -> bool:
    """Hold the figures against every limit given; with none given, no pixel may differ."""
    limited = [
        (options.max_mse, mse),
        (options.max_diff_pixels, diff_pixels),
        (options.max_diff_ratio, diff_ratio),
    ]
    given = [(limit, figure) for limit, figure in limited if limit is not None]
    if not given:
        return diff_pixels == 0
    return all(figure <= limit for limit, figure in given)
