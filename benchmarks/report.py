"""Write ``docs/benchmark.md`` from what was measured last."""

from collections.abc import Callable, Iterator
from typing import Any

from .task import Task

Score = dict[str, Any]

TASKS = {
    Task.MASK: "The mask, each by its own default measure",
    Task.ANTIALIASING: "The mask without anti-aliasing, as pixelmatch defines it",
    Task.SSIM: "SSIM",
}


def write_page(results: dict[str, Any]) -> Iterator[str]:
    """Write the lines of the page, a part for each section that there is."""
    yield "# Benchmark"
    yield ""
    yield "Written by `script/bench`; [performance.md](performance.md) says what is measured and how."
    sections = {
        "engine": write_engine,
        "http": write_http,
        "overhead": write_overhead,
        "growth": write_growth,
    }
    for name, write in sections.items():
        if name in results:
            yield from write(results[name])


def write_engine(section: dict[str, Any]) -> Iterator[str]:
    yield from write_heading("The engine", section, f"medians of {section['runs']} runs")
    yield "![Milliseconds from the bytes of two files to the mask](benchmark.png)"
    for task, title in TASKS.items():
        pairs = {pair["name"]: pair["tasks"][task] for pair in section["pairs"]}
        yield from (
            "",
            f"### {title}",
            "",
            "Wall / CPU in ms, and how many times as long that is as ours:",
            "",
        )
        yield from write_table(pairs, show_times)
        yield from ("", "Peak memory in bytes per pixel of the canvas:", "")
        yield from write_table(pairs, lambda s, _: f"{s['memory_bytes_per_pixel']:.0f}")
        yield from ("", "Pixels that differ:", "")
        yield from write_table(pairs, lambda s, _: str(s["diff_pixels"]))


def write_table(pairs: dict[str, Any], show: Callable[[Score, Score], str]) -> Iterator[str]:
    """Write a row for each pair, a column for each contender; ours is the last."""
    names = list(dict.fromkeys(score["name"] for scores in pairs.values() for score in scores))
    yield from write_row("", *names)
    yield from write_row("---", *["---:"] * len(names))
    for pair, scores in pairs.items():
        cells = {score["name"]: show(score, scores[-1]) for score in scores}
        yield from write_row(pair, *(cells.get(name, "") for name in names))


def write_row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"


def show_times(score: Score, ours: Score) -> str:
    times = f"{score['wall_ms']:.1f} / {score['cpu_ms']:.1f}"
    if score is ours:
        return f"**{times}**"
    wall, cpu = (score[name] / ours[name] for name in ("wall_ms", "cpu_ms"))
    return f"{times} ({wall:.1f} / {cpu:.1f} x)"


def write_http(section: dict[str, Any]) -> Iterator[str]:
    note = f"{section['rounds']} times {section['seconds']:g} s of load for each line, in turns"
    yield from write_heading("Over HTTP, two workers each", section, note)
    yield from write_row(
        "", "pictures", "clients", "", "requests/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms"
    )
    yield from write_row(*["---"] * 2, "---:", "---", *["---:"] * 5)
    for pair in section["pairs"]:
        for kind, loads in pair["loads"].items():
            for clients, scores in loads.items():
                original = scores[0]["requests_per_second"]
                for name, requests, *figures in (score.values() for score in scores):
                    rate = f"{requests:.1f} ({requests / original:.1f} x)"
                    rest = [f"{value:.1f}" for value in figures]
                    yield from write_row(pair["name"], kind, clients, name, rate, *rest)


def write_overhead(section: dict[str, Any]) -> Iterator[str]:
    note = f"medians of {section['requests']} requests of one client, in ms"
    yield from write_heading("Where a request's time goes", section, note)
    first = next(iter(section["pairs"][0]["medians_ms"].values()))
    yield from write_row("", "pictures", *first)
    yield from write_row("---", "---", *["---:"] * len(first))
    for pair in section["pairs"]:
        for kind, medians in pair["medians_ms"].items():
            figures = [f"{value:.1f}" for value in medians.values()]
            yield from write_row(pair["name"], kind, *figures)


def write_growth(section: dict[str, Any]) -> Iterator[str]:
    yield from write_heading("Growth", section, f"medians of {section['runs']} runs")
    yield "![Time and memory by the size of the picture and by what differs](growth.png)"


def write_heading(title: str, section: dict[str, Any], note: str) -> Iterator[str]:
    machine = section["machine"]
    yield from ("", f"## {title}", "")
    yield f"{machine['cores']} cores, Python {machine['python']}; {note}."
    yield ""
