"""Dispatch ``script/bench [COMMAND]``, and show in ``docs`` what was kept."""

import importlib
import sys
from pathlib import Path

from .plots import plot_engine, plot_growth
from .report import write_page
from .results import read_results

COMMANDS = ("engine", "http", "overhead", "growth", "stages")
DOCS = Path(__file__).parent.parent / "docs"


def main() -> None:
    command, arguments = "engine", sys.argv[1:]
    if arguments and arguments[0] in COMMANDS:
        command, *arguments = arguments
    importlib.import_module(f"benchmarks.{command}").main(arguments)
    write_docs()


def write_docs() -> None:
    results = read_results()
    if results:
        (DOCS / "benchmark.md").write_text("\n".join(write_page(results)) + "\n")
    if "engine" in results:
        plot_engine(results["engine"], DOCS / "benchmark.png")
    if "growth" in results:
        plot_growth(results["growth"], DOCS / "growth.png")


if __name__ == "__main__":
    main()
