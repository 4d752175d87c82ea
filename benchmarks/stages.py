"""Time the engine's stages, methods and views.

    script/bench stages [--runs N] [IMAGE1 IMAGE2]...

Warm, one after the other, in this process; medians. Without pictures, some are made.
"""

import argparse
import functools
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from comparisons.engine import METHODS, VIEWS, Limits, Metric, Options, compare, decode_image
from comparisons.engine.antialiasing import mark_antialiased
from comparisons.engine.canvas import Canvas
from comparisons.engine.color_differences import count_color_differences
from comparisons.engine.metrics import mean_similarity, mean_squared_error
from comparisons.engine.regions import find_regions

from .pairs import Pair, make_screens, name_pairs
from .results import MADE

Pixels = NDArray[np.uint8]
Work = Callable[[], object]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="script/bench stages", description="Time the stages.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("images", nargs="*", type=Path, help="pairs of pictures of equal sizes")
    options = parser.parse_args(arguments)
    for pair in name_pairs(options.images) or make_screens(MADE):
        print(
            f"\n{pair.name}: {pair.width} x {pair.height}, medians of {options.runs} runs in ms\n"
        )
        for name, work in list_stages(pair).items():
            print(f"  {name:32}{1000 * measure_median(work, options.runs):10.1f}")


def list_stages(pair: Pair) -> dict[str, Work]:
    limits = Limits()
    contents = [path.read_bytes() for path in (pair.image1, pair.image2)]
    picture1, picture2 = (decode_image(content, limits) for content in contents)
    rgb1, rgb2 = picture1.rgb, picture2.rgb
    canvas = Canvas(rgb1, rgb2)
    mask = METHODS["yiq"].mark(canvas, 0.1)
    every = Options(method="yiq", ignore_antialiasing=True, metrics=frozenset(Metric))
    result = compare(picture1, picture2, every)
    return {
        "decode, both": lambda: [decode_image(content, limits) for content in contents],
        "gray distance": lambda: Canvas(rgb1, rgb2).gray_distance,
        "mse": lambda: mean_squared_error(canvas),
        "ssim": lambda: mean_similarity(Canvas(rgb1, rgb2).dissimilarity),
        **{f"{name}: mark": functools.partial(mark_afresh, name, rgb1, rgb2) for name in METHODS},
        f"yiq: anti-aliasing, of {np.count_nonzero(mask)}": lambda: mark_antialiased(canvas, mask),
        "colour differences": lambda: count_color_differences(canvas, 0.1, left_out=(mask,)),
        "regions": lambda: find_regions(mask),
        **{
            f"{name}: compare": functools.partial(compare, picture1, picture2, Options(method=name))
            for name in METHODS
        },
        "all figures, no anti-aliasing": lambda: compare(picture1, picture2, every),
        **{f"view: {name}": functools.partial(render, result) for name, render in VIEWS.items()},
    }


def mark_afresh(method: str, rgb1: Pixels, rgb2: Pixels) -> NDArray[np.bool_]:
    """Mark on a canvas that has computed nothing yet."""
    return METHODS[method].mark(Canvas(rgb1, rgb2), 0.1)


def measure_median(work: Work, runs: int) -> float:
    times = []
    for _ in range(runs + 1):
        started_at = time.perf_counter()
        work()
        times.append(time.perf_counter() - started_at)
    return statistics.median(times[1:])
