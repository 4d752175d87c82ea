"""Compare what the engine decodes with what Chromium shows."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from comparisons.engine.decoder_pool import DecoderPool

from . import __doc__ as description
from .chromium import NAMES, Shown, find_chromium, run_chromium
from .verdict import Status, Verdict, judge_file, make_decode


def main(words: Sequence[str] | None = None) -> int:
    arguments = parse_arguments(words)
    path = arguments.chromium or find_chromium()
    if path is None:
        sys.exit(f"no browser is installed: none of {', '.join(NAMES)}")
    verdicts: dict[str, Verdict] = {}
    decode = make_decode(DecoderPool())
    with run_chromium(path) as chromium:
        for file in list_files(arguments.paths):
            verdict, shown = judge_file(file.read_bytes(), decode, chromium)
            verdicts[str(file)] = verdict
            if verdict.is_fault or not arguments.list_only_faults:
                print(describe(file, verdict), flush=True)
            if arguments.save_png and shown:
                save_png(arguments.save_png / f"{file.name}.png", shown)
    print(tabulate(list(verdicts.values())))
    if arguments.json:
        arguments.json.write_text(
            json.dumps({file: asdict(verdict) for file, verdict in verdicts.items()}, indent=1)
        )
    return 1 if any(verdict.is_fault for verdict in verdicts.values()) else 0


def parse_arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m benchmarks.browser",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", type=Path, nargs="+", metavar="FOLDER|FILE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all verdicts there")
    parser.add_argument(
        "--save-png", type=Path, metavar="FOLDER", help="keep what Chromium shows there"
    )
    parser.add_argument("--list-only-faults", action="store_true")
    parser.add_argument("--chromium", metavar="FILE", help="of another version than the system's")
    return parser.parse_args(words)


def list_files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.is_file())
        else:
            yield path


def describe(file: Path, verdict: Verdict) -> str:
    words = [f"{verdict.status:28}{verdict.format:6}{file}"]
    if verdict.largest_difference:
        words.append(
            f"by up to {verdict.largest_difference}, {verdict.different_ratio:.2%} of pixels"
        )
    if verdict.size and verdict.size != verdict.chromium_size:
        words.append(f"{verdict.size} here, {verdict.chromium_size} there")
    if verdict.detail:
        words.append(verdict.detail)
    return "  ".join(words)


def save_png(file: Path, shown: Shown) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(shown.rgb).save(file)


def tabulate(verdicts: Sequence[Verdict]) -> str:
    """List how many there are of each status, in each format."""
    counts = Counter((verdict.status, verdict.format) for verdict in verdicts)
    formats = sorted({verdict.format for verdict in verdicts})
    lines = ["".join([f"{'':28}", *(f"{name:>7}" for name in formats), f"{'all':>7}"])]
    for status in Status:
        numbers = [counts[status, name] for name in formats]
        if any(numbers):
            numbers.append(sum(numbers))
            lines.append("".join([f"{status:28}", *(f"{number:7}" for number in numbers)]))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
