"""Pictures of a comparison, as PNG. A view takes the result; all views are in ``VIEWS``."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .bands import split_rows
from .comparison import Result
from .draw import (
    DIFFERENT,
    EXCUSED,
    IGNORED,
    INK,
    PAPER,
    Color,
    choose_line_height,
    choose_stroke,
    encode_rgb,
    shrink_sides,
    widen_values,
    write_line,
)
from .gray import to_gray
from .methods import METHODS
from .options import MAX_GRAY, Options
from .png import encode_bits

PALE = np.asarray(MAX_GRAY - (MAX_GRAY - np.arange(256)) // 5 * 2, np.uint8)

# Large enough to read, small enough for three of them in one picture.
MAX_PANEL_PIXELS = 4_000_000
MAX_PANEL_SIDE = 16_000
MIN_CAPTION_WIDTH = 240


def render_mask(result: Result) -> bytes:
    """Show the mask in 1 bit: white where different, else black."""
    return encode_bits(result.mask)


def render_image1(result: Result) -> bytes:
    """Show image1 as it was compared: upright, opaque, on the canvas."""
    return encode_rgb(shrink_sides(result.canvas.rgb1))


def render_image2(result: Result) -> bytes:
    """Show image2 likewise, scaled, padded or cropped as the size policy says."""
    return encode_rgb(shrink_sides(result.canvas.rgb2))


def render_overlay(result: Result) -> bytes:
    """Show what differs, what is excused and what is ignored, on a pale gray image2."""
    return encode_rgb(shrink_sides(draw_overlay(result)))


def draw_overlay(result: Result) -> NDArray[np.uint8]:
    """Draw height x width x 3, uint8, RGB. Differences get a halo in a picture too large for a page."""
    stroke = choose_stroke(result.height, result.width)
    gray = to_gray(result.canvas.rgb2)
    overlay = np.asarray(cv2.cvtColor(cv2.LUT(gray, PALE), cv2.COLOR_GRAY2RGB), np.uint8)
    if result.canvas.ignored is not None:
        hatch(overlay, result.canvas.ignored, stroke)
    # Before the differences: a box never hides one.
    box_regions(overlay, result, stroke)
    if result.antialiased is not None:
        paint(overlay, result.antialiased, EXCUSED)
    if stroke > 1:
        halo = widen_values(result.mask.view(np.uint8), stroke - 1).view(np.bool_)
        tint(overlay, halo, DIFFERENT)
    paint(overlay, result.mask, DIFFERENT)
    return overlay


def hatch(picture: NDArray[np.uint8], marks: NDArray[np.bool_], stroke: int) -> None:
    """Draw diagonal stripes over the marked pixels."""
    columns = np.arange(marks.shape[1])
    for rows in split_rows(*marks.shape):
        diagonals = np.arange(rows.start, rows.stop)[:, np.newaxis] + columns
        picture[rows][marks[rows] & (diagonals % (6 * stroke) < stroke)] = IGNORED


def paint(picture: NDArray[np.uint8], marks: NDArray[np.bool_], color: Color) -> None:
    # At once, indexing by the marks would make a list of all their coordinates.
    for rows in split_rows(*marks.shape):
        picture[rows][marks[rows]] = color


def tint(picture: NDArray[np.uint8], marks: NDArray[np.bool_], color: Color) -> None:
    """Mix the marked pixels with as much of the colour."""
    half = np.array(color, np.uint8) // 2
    for rows in split_rows(*marks.shape):
        band, marked = picture[rows], marks[rows]
        band[marked] = band[marked] // 2 + half


def box_regions(picture: NDArray[np.uint8], result: Result, stroke: int) -> None:
    """Frame each region, a little outside of it, in ink with a light edge: visible on any ground."""
    gap = 3 * stroke
    for region in result.regions:
        corner = (region.x - gap, region.y - gap)
        opposite = (region.x + region.width - 1 + gap, region.y + region.height - 1 + gap)
        cv2.rectangle(picture, corner, opposite, (255, 255, 255), 3 * stroke)
        cv2.rectangle(picture, corner, opposite, INK, stroke)


def render_side_by_side(result: Result) -> bytes:
    """Show image1, image2 and the overlay in a row, shrunk if they are large, with captions."""
    panels = {
        "image1": result.canvas.rgb1,
        "image2": result.canvas.rgb2,
        f"{result.diff_pixels:,} pixels differ ({result.diff_ratio:.2%})": draw_overlay(result),
    }
    scale = min(
        1,
        (MAX_PANEL_PIXELS / result.total_pixels) ** 0.5,
        MAX_PANEL_SIDE / max(result.width, result.height),
    )
    width, height = (max(1, round(side * scale)) for side in (result.width, result.height))
    cell_width = max(width, MIN_CAPTION_WIDTH)
    line = choose_line_height(cell_width)
    gap = line // 2
    sheet = Image.new(
        "RGB", (len(panels) * (cell_width + gap) + gap, height + line + 3 * gap), PAPER
    )
    for number, (caption, picture) in enumerate(panels.items()):
        left = gap + number * (cell_width + gap)
        write_line(sheet, caption, (left, gap, left + cell_width, gap + line), INK)
        shrunk = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        sheet.paste(Image.fromarray(np.asarray(shrunk, np.uint8)), (left, line + 2 * gap))
    return encode_rgb(np.array(sheet))


def render_heatmap(result: Result) -> bytes:
    """Show how large the difference is, from black to pale yellow, under a legend.

    The scale is the method's own, up to the largest difference there is. Ignored pixels are black,
    those that one picture only covers at the end of the scale.
    """
    levels, highest = scale_distances(result)
    radius = choose_stroke(result.height, result.width) - 1
    levels = shrink_sides(widen_values(levels, radius))
    width = max(levels.shape[1], MIN_CAPTION_WIDTH)
    legend = np.asarray(draw_legend(result.options, highest, width))
    sheet = np.full((len(legend) + len(levels), width, 3), INK, np.uint8)
    sheet[: len(legend)] = legend
    colored = sheet[len(legend) :, : levels.shape[1]]
    for rows in split_rows(*levels.shape):
        colored[rows] = color_levels(levels[rows])
    return encode_rgb(sheet)


def scale_distances(result: Result) -> tuple[NDArray[np.uint8], float]:
    """Measure, and stretch the largest distance, which is the second value, to 255."""
    # A canvas of its own lets go of what it computes.
    distances = METHODS[result.options.method].measure(replace(result.canvas))
    if result.canvas.uncovered is not None:
        distances[result.canvas.uncovered] = 1
    if result.canvas.ignored is not None:
        distances[result.canvas.ignored] = 0
    highest = float(distances.max())
    levels = cv2.convertScaleAbs(distances, alpha=MAX_GRAY / (highest or 1))
    return np.asarray(levels, np.uint8), highest


def draw_legend(options: Options, highest: float, width: int) -> Image.Image:
    """Draw what is measured, over the scale from 0 to ``highest`` with a tick at the threshold."""
    line = choose_line_height(width)
    margin, gap = 4 * line, line // 2
    legend = Image.new("RGB", (width, 2 * line + 3 * gap), INK)
    title = f"{options.method} difference, threshold {options.threshold:g}"
    write_line(legend, title, (gap, gap, width - gap, gap + line), PAPER)
    top, bottom = line + 2 * gap, 2 * line + 2 * gap
    write_line(legend, "0", (gap, top, margin, bottom), PAPER)
    write_line(legend, f"{highest:.3f}", (width - margin + gap, top, width, bottom), PAPER)
    ramp = np.linspace(0, MAX_GRAY, width - 2 * margin).round().astype(np.uint8)
    legend.paste(Image.fromarray(color_levels(np.tile(ramp, (line, 1)))), (margin, top))
    if options.threshold < highest:
        x = margin + round(options.threshold / highest * (ramp.size - 1))
        tick = (x, top - gap // 2, x + max(1, line // 16), bottom + gap // 2)
        legend.paste(PAPER, tick)
    return legend


def color_levels(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Give each level its colour: perceptually uniform, brighter for more, distinct when printed gray."""
    bgr = cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO)
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


View = Callable[[Result], bytes]

VIEWS: dict[str, View] = {
    "mask": render_mask,
    "overlay": render_overlay,
    "side-by-side": render_side_by_side,
    "heatmap": render_heatmap,
    "image1": render_image1,
    "image2": render_image2,
}
