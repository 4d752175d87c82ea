"""The plots of what was measured: on white, which is readable on pages of any colour."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from .growth import MEGAPIXELS_OF_SHARES, SHARE_OF_SIZES
from .lineup import OURS
from .task import Task

# Apart from each other for every kind of colour blindness: https://jfly.uni-koeln.de/color/
HIGHLIGHT, OTHERS = "#d55e00", "#9aa0a6"
TASK_STYLES = {
    Task.MASK: {"label": "grayscale", "color": "#0072b2"},
    Task.ANTIALIASING: {"label": "yiq, no anti-aliasing", "color": "#d55e00"},
    Task.SSIM: {"label": "ssim", "color": "#009e73"},
}

mpl.rcParams |= {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}


def plot_engine(section: dict[str, Any], path: Path) -> None:
    """Draw a bar for each contender, a panel for each pair."""
    pairs = section["pairs"]
    columns = min(3, len(pairs))
    rows = -(-len(pairs) // columns)
    figure = Figure(figsize=(3.8 * columns, 2.1 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in panels[len(pairs) :]:
        panel.set_visible(False)
    for panel, pair in zip(panels, pairs, strict=False):
        scores = pair["tasks"][Task.MASK][::-1]
        names = [score["name"] for score in scores]
        times = [score["wall_ms"] for score in scores]
        bars = panel.barh(names, times, color=[HIGHLIGHT if n == OURS else OTHERS for n in names])
        panel.bar_label(bars, fmt="%.0f", padding=3)
        panel.set_xlim(0, 1.18 * max(times))
        panel.set_title(f"{pair['name']}, {pair['width']} x {pair['height']}", fontsize=9)
        panel.xaxis.set_visible(False)
        panel.spines.bottom.set_visible(False)
    figure.suptitle("From two files to the mask of their differences: milliseconds, less is better")
    save(figure, path)


def plot_growth(section: dict[str, Any], path: Path) -> None:
    """Draw time and memory by size, and time by the share that differs."""
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    time_panel, memory_panel, share_panel = figure.subplots(1, 3)
    by_task = defaultdict(list)
    for point in section["points"]:
        by_task[point["task"]].append(point)
    for task, task_style in TASK_STYLES.items():
        style = {**task_style, "marker": "o", "markersize": 3}
        sizes = [point for point in by_task[task] if point["share"] == SHARE_OF_SIZES]
        megapixels = [point["megapixels"] for point in sizes]
        time_panel.plot(megapixels, [point["wall_ms"] for point in sizes], **style)
        # Bytes a pixel and megapixels: megabytes.
        megabytes = [p["memory_bytes_per_pixel"] * p["megapixels"] for p in sizes]
        memory_panel.plot(megapixels, megabytes, **style)
        shares = [
            point
            for point in by_task[task]
            if point["megapixels"] == MEGAPIXELS_OF_SHARES and point["share"] != SHARE_OF_SIZES
        ]
        percents = [100 * point["share"] for point in shares]
        share_panel.plot(percents, [point["wall_ms"] for point in shares], **style)
    time_panel.set(title="milliseconds", xlabel="megapixels", xscale="log", yscale="log")
    memory_panel.set(title="peak megabytes", xlabel="megapixels", xscale="log", yscale="log")
    share_panel.set(
        title=f"milliseconds, {MEGAPIXELS_OF_SHARES} megapixels",
        xlabel="percent of the pixels that differ",
        ylim=0,
    )
    for panel in (time_panel, memory_panel):
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_formatter(StrMethodFormatter("{x:g}"))
            axis.set_minor_formatter(NullFormatter())
    for panel in (time_panel, memory_panel, share_panel):
        panel.grid(color="#e5e5e5")
    time_panel.legend(frameon=False)
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    # Without the version and date, the same figures give the same file.
    figure.savefig(path, dpi=130, facecolor="white", metadata={"Software": None})
