"""``results.json``: what was measured last, a section for each benchmark."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.json"
# Pictures made for the benchmarks; not kept.
MADE = Path(__file__).parent.parent / ".bench/pictures"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="*", type=Path, help="pairs of pictures")
    parser.add_argument("--results", type=Path, help="a file of JSON to keep the figures in")


def choose_results(arguments: argparse.Namespace) -> Path | None:
    """Figures of the pictures that everybody has are kept for the report, others where it is said."""
    chosen: Path | None = arguments.results
    return chosen or (None if arguments.images else RESULTS)


def read_results(path: Path = RESULTS) -> dict[str, Any]:
    return dict(json.loads(path.read_text())) if path.exists() else {}


def keep_results(section: str, measured: dict[str, Any], path: Path | None) -> None:
    """Replace a section, and leave the others as they are."""
    if path is None:
        return
    results = read_results(path) | {section: {"machine": describe_machine(), **measured}}
    path.write_text(json.dumps(round_numbers(results), indent=1) + "\n")


def describe_machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "python": platform.python_version()}


def round_numbers(value: Any) -> Any:
    """Keep five digits: more is noise."""
    match value:
        case float():
            return float(f"{value:.5g}")
        case dict():
            return {key: round_numbers(item) for key, item in value.items()}
        case list():
            return [round_numbers(item) for item in value]
    return value


def warn_if_busy() -> None:
    """Say on the standard error output that others use the machine."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load > cores / 4:
        print(f"other work on the machine: load {load:.1f} on {cores} cores", file=sys.stderr)
