"""Measure how time and memory grow: with the picture, and with what differs in it.

    script/bench growth [--runs N] [--results FILE] [--megapixels N...]

The service alone, on pages made for it; a process of its own for each size and for each share, so that
the peak of memory is that one's.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .lineup import OURS, line_up
from .pairs import Pair, draw_page, read_pair
from .race import Score, race
from .results import RESULTS, keep_results, warn_if_busy
from .task import Task

MEGAPIXELS = [0.1, 0.3, 1, 3, 10, 30, 100]
# A page that differs in few places is the common case; a screenful shows what more differences cost.
SHARE_OF_SIZES = 0.02
SHARES = [0, 0.01, 0.03, 0.1, 0.3, 1]
MEGAPIXELS_OF_SHARES = 10
TILE_HEIGHT = 1000


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="script/bench growth", description="Measure growth.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--megapixels", type=float, nargs="+", default=MEGAPIXELS)
    parser.add_argument("--results", type=Path, default=RESULTS, help="a file of JSON to keep")
    options = parser.parse_args(arguments)
    warn_if_busy()
    print("megapixels  differ  task              wall ms    CPU ms  bytes/pixel")
    points = [
        *((size, SHARE_OF_SIZES) for size in options.megapixels),
        *((MEGAPIXELS_OF_SHARES, share) for share in SHARES),
    ]
    measured = [
        point
        for megapixels, share in points
        for point in measure_point(megapixels, share, options.runs)
    ]
    keep_results("growth", {"runs": options.runs, "points": measured}, options.results)


def measure_point(megapixels: float, share: float, runs: int) -> list[dict[str, Any]]:
    points = []
    with tempfile.TemporaryDirectory() as folder:
        pair = make_pair(Path(folder), megapixels, share)
        for task in Task:
            [score] = race(pair, [c for c in line_up(task) if c.name == OURS], runs=runs)
            show_score(megapixels, share, task, score)
            points.append({"megapixels": megapixels, "share": share, "task": task, **asdict(score)})
    return points


def make_pair(folder: Path, megapixels: float, share: float) -> Pair:
    """Draw a page twice as high as wide; in the second, ``share`` of its rows have other colours."""
    width = round((megapixels * 1e6 / 2) ** 0.5)
    height = 2 * width
    page = np.asarray(draw_page(width, TILE_HEIGHT)[0])
    page1 = np.tile(page, (-(-height // TILE_HEIGHT), 1, 1))[:height]
    page2 = page1.copy()
    # In several places, as edits are.
    for rows in np.array_split(np.arange(height), 10):
        changed = rows[: round(share * len(rows))]
        page2[changed] = 255 - page2[changed] // 2
    paths = [folder / name for name in ("a.png", "b.png")]
    for path, pixels in zip(paths, (page1, page2), strict=True):
        Image.fromarray(pixels).save(path, compress_level=1)
    return read_pair("page", *paths)


def show_score(megapixels: float, share: float, task: Task, score: Score) -> None:
    print(
        f"{megapixels:10g}{share:8.0%}  {task:14}{score.wall_ms:11.1f}{score.cpu_ms:10.1f}"
        f"{score.memory_bytes_per_pixel:13.1f}",
        flush=True,
    )
