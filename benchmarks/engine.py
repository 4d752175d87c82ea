"""Time the engine's stages and methods, beside scikit-image and pixelmatch.

    script/bench [--runs N] [--npm FOLDER] [IMAGE1 IMAGE2]...

Without pictures, pairs of 1080p and of a full page are made. ``--npm`` names a folder where
``npm install pixelmatch@7`` was run. What is set side by side is run in turns, so that other load on
the machine hits both alike; times are medians.
"""

import argparse
import functools
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pixelmatch
import skimage
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from comparisons.engine import METHODS, VIEWS, Limits, Metric, Options, compare, decode_image
from comparisons.engine.antialiasing import mark_antialiased
from comparisons.engine.canvas import Canvas
from comparisons.engine.gray import to_gray
from comparisons.engine.metrics import mean_similarity, mean_squared_error
from comparisons.engine.regions import find_regions

Pixels = NDArray[np.uint8]

# Typed in part only.
scikit_image: Any = skimage.metrics

MADE_SIZES = {"1080p": (1920, 1080), "full page": (3446, 10728)}

# The pure Python port takes minutes for more.
MAX_PORT_PIXELS = 3_000_000

NODE_PROGRAM = """
import fs from "node:fs";
import pixelmatch from "pixelmatch";
const [file1, file2, width, height, includeAA, runs] = process.argv.slice(1);
const [image1, image2] = [fs.readFileSync(file1), fs.readFileSync(file2)];
for (let run = 0; run < Number(runs); run++) {
  const start = performance.now();
  pixelmatch(image1, image2, undefined, Number(width), Number(height), {includeAA: includeAA === "true"});
  console.log((performance.now() - start) / 1000);
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the engine.")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--npm", type=Path, help="a folder with node_modules/pixelmatch")
    parser.add_argument("images", nargs="*", type=Path, help="pairs of pictures")
    arguments = parser.parse_args()
    for name, image1, image2 in pairs(arguments.images):
        time_pair(name, image1, image2, runs=arguments.runs, npm=arguments.npm)


def pairs(paths: list[Path]) -> Iterator[tuple[str, bytes, bytes]]:
    for path1, path2 in zip(paths[::2], paths[1::2], strict=True):
        yield f"{path1.name} and {path2.name}", path1.read_bytes(), path2.read_bytes()
    if not paths:
        for name, (width, height) in MADE_SIZES.items():
            yield (
                name,
                make_page(width, height, edited=False),
                make_page(width, height, edited=True),
            )


def make_page(width: int, height: int, *, edited: bool) -> bytes:
    """Make a page of text and pictures, as PNG; the edited one has other words and a moved picture."""
    page = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(20)
    shade = Image.radial_gradient("L").resize((240, 160))
    for row, y in enumerate(range(20, height - 180, 200)):
        changed = edited and row % 4 == 0
        page.paste(shade, (40 + 9 * changed, y))
        text = (
            f"Paragraph {row + changed} of a page that is long enough to be worth the while. " * 2
        )
        for line in range(5):
            draw.text((320.0, y + 30 * line), text, fill=(40, 40, 60), font=font)
    return encode(page)


def encode(image: Image.Image) -> bytes:
    with tempfile.SpooledTemporaryFile() as file:
        image.save(file, "PNG", compress_level=1)
        file.seek(0)
        return file.read()


def time_pair(name: str, image1: bytes, image2: bytes, *, runs: int, npm: Path | None) -> None:
    limits = Limits()
    picture1, picture2 = decode_image(image1, limits), decode_image(image2, limits)
    rgb1, rgb2 = picture1.rgb, picture2.rgb
    print(f"\n{name}: {picture1.width} x {picture1.height}, medians of {runs} runs in ms\n")
    if rgb1.shape != rgb2.shape:
        print("  the sizes differ: only equal ones are timed")
        return
    show = functools.partial(show_times, runs=runs)
    show("decode, both", lambda: [decode_image(image, limits) for image in (image1, image2)])
    show("gray distance", lambda: Canvas(rgb1, rgb2).gray_distance)
    canvas = Canvas(rgb1, rgb2)
    gray1, gray2 = to_gray(rgb1), to_gray(rgb2)
    show(
        "mse",
        lambda: mean_squared_error(canvas),
        {"scikit-image": lambda: scikit_image.mean_squared_error(gray1, gray2)},
    )
    show(
        "ssim",
        lambda: mean_similarity(Canvas(rgb1, rgb2).dissimilarity),
        {"scikit-image": lambda: scikit_image.structural_similarity(gray1, gray2, data_range=255)},
    )
    for method in METHODS:
        show(f"{method}: mark", functools.partial(mark_afresh, method, rgb1, rgb2))
    mask = METHODS["yiq"].mark(canvas, 0.1)
    print(f"  {np.count_nonzero(mask)} pixels differ by yiq")
    show("yiq: anti-aliasing", lambda: mark_antialiased(canvas, mask))
    show("regions", lambda: find_regions(mask))
    for method in METHODS:
        options = Options(method=method)
        show(f"{method}: compare", functools.partial(compare, picture1, picture2, options))
    every = Options(method="yiq", ignore_antialiasing=True, metrics=frozenset(Metric))
    result = compare(picture1, picture2, every)
    show("all figures, no anti-aliasing", lambda: compare(picture1, picture2, every))
    for view, render in VIEWS.items():
        show(f"view: {view}", functools.partial(render, result))
    for ignored in (False, True):
        time_pixelmatch(rgb1, rgb2, ignore_antialiasing=ignored, runs=runs, npm=npm)


def mark_afresh(method: str, rgb1: Pixels, rgb2: Pixels) -> NDArray[np.bool_]:
    """Mark on a canvas that has computed nothing yet."""
    return METHODS[method].mark(Canvas(rgb1, rgb2), 0.1)


def show_times(
    name: str,
    work: Callable[[], object],
    others: dict[str, Callable[[], object]] | None = None,
    *,
    runs: int,
) -> None:
    """Print how long the work takes, and the others of the same task, each with its ratio to it."""
    works = {"": work, **(others or {})}
    times: dict[str, list[float]] = {other: [] for other in works}
    for _ in range(runs):
        for other, run in works.items():
            start = time.perf_counter()
            run()
            times[other].append(time.perf_counter() - start)
    show_medians(name, times)


def show_medians(name: str, times: dict[str, list[float]]) -> None:
    medians = {other: statistics.median(seconds) for other, seconds in times.items()}
    line = f"  {name:32}{1000 * medians.pop(''):10.1f}"
    own = statistics.median(times[""])
    for other, median in medians.items():
        line += f"   {other}{1000 * median:10.1f} ({median / own:.1f} times as long)"
    print(line)


def time_pixelmatch(
    rgb1: Pixels, rgb2: Pixels, *, ignore_antialiasing: bool, runs: int, npm: Path | None
) -> None:
    """Set the yiq method beside pixelmatch: mark, and excuse anti-aliasing where that is asked for."""

    def mark() -> None:
        canvas = Canvas(rgb1, rgb2)
        mask = METHODS["yiq"].mark(canvas, 0.1)
        if ignore_antialiasing:
            mark_antialiased(canvas, mask)

    times: dict[str, list[float]] = {"": [measure_seconds(mark) for _ in range(runs)]}
    rgba1, rgba2 = (np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)]) for rgb in (rgb1, rgb2))
    height, width = rgb1.shape[:2]
    if width * height <= MAX_PORT_PIXELS:
        list1, list2 = rgba1.ravel().tolist(), rgba2.ravel().tolist()
        times["PyPI, one run"] = [
            measure_seconds(
                lambda: pixelmatch.pixelmatch(
                    list1, list2, width, height, includeAA=not ignore_antialiasing
                )
            )
        ]
    if npm:
        times["npm"] = time_node(
            rgba1, rgba2, include_antialiased=not ignore_antialiasing, runs=runs, npm=npm
        )
    show_medians(f"pixelmatch{', no anti-aliasing' if ignore_antialiasing else ''}", times)


def measure_seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def time_node(
    rgba1: Pixels, rgba2: Pixels, *, include_antialiased: bool, runs: int, npm: Path
) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("image1", "image2")]
        for file, rgba in zip(files, (rgba1, rgba2), strict=True):
            rgba.tofile(file)
        height, width = rgba1.shape[:2]
        arguments = [*files, width, height, str(include_antialiased).lower(), runs]
        command = ["node", "--input-type=module", "--eval", NODE_PROGRAM, *map(str, arguments)]
        output = subprocess.run(command, cwd=npm, capture_output=True, text=True, check=True).stdout
    return [float(line) for line in output.split()]


if __name__ == "__main__":
    main()
