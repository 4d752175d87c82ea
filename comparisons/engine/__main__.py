"""Compare two picture files. Exits with 0 if they match, 1 if they differ, 2 if they can't be compared."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from .comparison import Result, compare
from .decode import decode_on
from .errors import DecodeError, EngineError
from .methods import METHODS
from .options import ColorProfiles, Limits, Options
from .picture import Picture
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
    "ignored_pixels",
    "alpha_diff_pixels",
    "regions_left_out",
    "size_policy_applied",
]


class FileFailed(Exception):
    """A file can't be read, decoded or written; the message names it."""


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words of the command line say, and return the exit code."""
    arguments = parse_arguments(words)
    try:
        options = Options(
            method=arguments.method,
            threshold=arguments.threshold,
            ignore_antialiasing=arguments.ignore_antialiasing,
            color_profiles=ColorProfiles(arguments.color_profiles),
        )
        image1, image2 = (
            read_picture(path, options) for path in (arguments.image1, arguments.image2)
        )
        result = compare(image1, image2, options)
        if arguments.output:
            write_mask(arguments.output, result)
    except (EngineError, FileFailed, ValueError) as error:
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
    parser.add_argument(
        "--color-profiles",
        choices=[profiles.value for profiles in ColorProfiles],
        default=Options.color_profiles.value,
        help="convert colours to sRGB as browsers do, or compare the stored values",
    )
    parser.add_argument("--output", type=Path, metavar="MASK", help="write the mask there, as PNG")
    parser.add_argument("--json", action="store_true", help="print all figures")
    return parser.parse_args(words)


def read_picture(path: Path, options: Options) -> Picture:
    """:raises FileFailed: it can't be read or decoded."""
    with naming(path):
        return decode_on(path.read_bytes(), options.background, Limits(), options.color_profiles)


def write_mask(path: Path, result: Result) -> None:
    """:raises FileFailed: it can't be written."""
    with naming(path):
        path.write_bytes(encode_bits(result.mask))


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Name the file in the error if the block fails on it."""
    try:
        yield
    except DecodeError as error:
        raise FileFailed(f"{path}: {error}") from error
    except OSError as error:
        raise FileFailed(f"{path}: {error.strerror or error}") from error


def describe(result: Result) -> str:
    """Give the verdict in a line, and each warning in another."""
    verdict = (
        f"{'match' if result.match else 'different'}: {result.diff_pixels} of {result.total_pixels} pixels"
        f" ({result.diff_ratio:.2%}), mse {result.mse:.6g}"
    )
    warnings = [f"warning: {warning.detail} [{warning.code}]" for warning in result.warnings]
    return "\n".join([verdict, *warnings])


def describe_as_json(result: Result) -> str:
    figures = {name: getattr(result, name) for name in FIGURES}
    return json.dumps(
        figures
        | {
            "regions": [region._asdict() for region in result.regions],
            "warnings": [warning.to_json() for warning in result.warnings],
        }
    )


def leave(code: int) -> NoReturn:
    """End the process. To take the interpreter down first would take as long as to decode two screens."""
    for stream in (sys.stdout, sys.stderr):
        # There is none where it has been closed.
        if stream:
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    leave(main())
