"""Race the original's pipeline, the peers that are installed and the service, on the same pairs.

    script/bench [--runs N] [--results FILE] [IMAGE1 IMAGE2]...

From the bytes of two files to the bytes of a mask, warm; medians. Without pictures, some are made, and
the figures kept for the report.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .lineup import OURS, line_up
from .pairs import Pair, make_pairs, name_pairs
from .race import Score, race
from .results import MADE, add_arguments, choose_results, keep_results, warn_if_busy
from .task import Task


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description="Race the engine.")
    parser.add_argument("--runs", type=int, default=7)
    add_arguments(parser)
    options = parser.parse_args(arguments)
    warn_if_busy()
    say_who_is_missing()
    pairs = name_pairs(options.images) or make_pairs(MADE)
    measured = [measure_pair(pair, runs=options.runs) for pair in pairs]
    keep_results("engine", {"runs": options.runs, "pairs": measured}, choose_results(options))


def say_who_is_missing() -> None:
    missing = {
        contender.name for task in Task for contender in line_up(task) if not contender.start
    }
    for name in sorted(missing):
        print(f"{name} is not installed: left out", file=sys.stderr)


def measure_pair(pair: Pair, *, runs: int) -> dict[str, Any]:
    print(f"\n{pair.name}, {pair.width} x {pair.height}")
    tasks = {}
    for task in Task:
        scores = race(pair, line_up(task), runs=runs)
        show_scores(task, scores)
        tasks[task.value] = [asdict(score) for score in scores]
    return {"name": pair.name, "width": pair.width, "height": pair.height, "tasks": tasks}


def show_scores(task: Task, scores: Sequence[Score]) -> None:
    """Print a line for each, with how many times ours it takes."""
    print(f"  {task:19}  wall ms     CPU ms    bytes/pixel        MSE      SSIM   different")
    [ours] = [score for score in scores if score.name == OURS]
    for score in scores:
        wall = f"{score.wall_ms:8.1f}" + show_ratio(score.wall_ms, ours.wall_ms)
        cpu = f"{score.cpu_ms:8.1f}" + show_ratio(score.cpu_ms, ours.cpu_ms)
        print(
            f"  {score.name:17}{wall}{cpu}{score.memory_bytes_per_pixel:9.1f}"
            f"{show_figure(score.mse, 3):>11}{show_figure(score.ssim, 5):>10}{score.diff_pixels:>12}"
        )


def show_ratio(value: float, own: float) -> str:
    return f" {value / own:5.2f}x"


def show_figure(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
