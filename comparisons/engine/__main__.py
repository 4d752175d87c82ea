"""Compare two picture files. Exits with 0 if they match, 1 if they differ, 2 if they can't be compared."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from .comparison import Result, compare
from .errors import EngineError
from .methods import METHODS
from .options import Options
from .png import encode_bits

MATCH, DIFFERENT, ERROR = 0, 1, 2
FIGURES = [
    "match",
    "width",
    "height",
    "mse",
    "psnr",
    "ssim",
    "diff_pixels",
    "total_pixels",
    "diff_ratio",
    "antialiased_pixels",
    "alpha_diff_pixels",
    "regions_left_out",
    "size_policy_applied",
]


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words of the command line say, and return the exit code."""
    arguments = parse_arguments(words)
    try:
        options = Options(
            method=arguments.method,
            threshold=arguments.threshold,
            ignore_antialiasing=arguments.ignore_antialiasing,
        )
        image1, image2 = arguments.image1.read_bytes(), arguments.image2.read_bytes()
        result = compare(image1, image2, options)
        if arguments.output:
            arguments.output.write_bytes(encode_bits(result.mask))
    except (EngineError, OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return ERROR
    sys.stdout.write(f"{describe_as_json(result) if arguments.json else describe(result)}\n")
    return MATCH if result.match else DIFFERENT


def parse_arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m comparisons.engine", description=__doc__)
    parser.add_argument("image1", type=Path)
    parser.add_argument("image2", type=Path)
    parser.add_argument("--method", choices=METHODS, default=Options.method)
    parser.add_argument("--threshold", type=float, default=Options.threshold)
    parser.add_argument("--ignore-antialiasing", action="store_true")
    parser.add_argument("--output", type=Path, metavar="MASK", help="write the mask there, as PNG")
    parser.add_argument("--json", action="store_true", help="print all figures")
    return parser.parse_args(words)


def describe(result: Result) -> str:
    return (
        f"{'match' if result.match else 'different'}: {result.diff_pixels} of {result.total_pixels} pixels"
        f" ({result.diff_ratio:.2%}), mse {result.mse:.6g}"
    )


def describe_as_json(result: Result) -> str:
    figures = {name: getattr(result, name) for name in FIGURES}
    return json.dumps(figures | {"regions": [region._asdict() for region in result.regions]})


def leave(code: int) -> NoReturn:
    """End the process. To take the interpreter down first would take as long as to decode two screens."""
    for stream in (sys.stdout, sys.stderr):
        # There is none where it has been closed.
        if stream:
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    leave(main())
