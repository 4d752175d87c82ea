"""The page of a comparison: the verdict and why, the figures, and what its viewer shows."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

from django.urls import reverse

from comparisons.engine import (
    ENGINE,
    MAX_SHOWN_SIDE,
    ColorProfiles,
    LimitCheck,
    SizePolicy,
    check_limits,
    is_shown_as_decoded,
)
from comparisons.models import Comparison, StoredImage

from .form import describe_form

VIEWER_PICTURES = {
    "image1": "Image 1",
    "image2": "Image 2",
    "overlay": "Overlay: what differs, on a pale image 2",
    "mask": "Mask: white where the two differ",
    "heatmap": "Heatmap: how far apart the two are",
}

# Of these, every browser shows the pixels that were compared, but for some PNGs. It shows TIFFs not at
# all, moves the pictures of others, and has its own way to scale.
SHOWN_MEDIA_TYPES = {"image/png", "image/jpeg", "image/bmp"}
# Room for profiles and descriptions before the pixels.
PNG_BEGINNING_BYTES = 64 * 1024

WORDS = {
    "mask": "Mask",
    "overlay": "Overlay",
    "side-by-side": "Side by side",
    "heatmap": "Heatmap",
    "image1": "Image 1",
    "image2": "Image 2",
    "mask_image": "Mask of ignored parts",
}
INPUTS_IN_SENTENCES = {
    "image1": "image 1",
    "image2": "image 2",
    "mask_image": "the mask of ignored parts",
}
INPUT_NAME = re.compile(rf"\b({'|'.join(INPUTS_IN_SENTENCES)})\b")
# From here on, a page shows only a part of a picture at a time.
TALL_RATIO = 1.5

LIMITS = {
    "max_diff_pixels": "Different pixels: {figure}, at most {limit}",
    "max_diff_ratio": "Share of different pixels: {figure}, at most {limit}",
    "max_mse": "Mean squared error: {figure}, at most {limit}",
    "min_ssim": "SSIM: {figure}, at least {limit}",
}


@dataclass(frozen=True)
class Figure:
    """A figure for people; ``exact`` is all of it, if ``shown`` is not."""

    label: str
    shown: str
    note: str = ""
    exact: str = ""


def describe_comparison(comparison: Comparison, data: Mapping[str, Any]) -> dict[str, Any]:
    """Put together the context of ``comparison.html``. ``data`` is the comparison as the API has it."""
    return {
        "comparison": comparison,
        "data": data,
        "reasons": explain_verdict(comparison),
        "notes": list_notes(comparison),
        "warnings": word_warnings(comparison),
        "figures": list_figures(comparison),
        "inputs": [
            data[name] | {"words": WORDS[name], "size": write_bytes(data[name]["bytes"])}
            for name in comparison.inputs
        ],
        "pictures": locate_pictures(comparison),
        "downloads": list_downloads(data),
        "curl": write_curl(data),
        "is_tall": comparison.height > TALL_RATIO * comparison.width,
        "region_count": len(comparison.regions) + comparison.regions_left_out,
        **describe_form(type_options(data["options"])),
        "are_options_kept": True,
    }


def explain_verdict(comparison: Comparison) -> list[tuple[bool, str]]:
    """List what the verdict rests on: whether it held, and what it was."""
    checks = check_limits(
        comparison.load_options(),
        mse=comparison.mse,
        ssim=comparison.ssim,
        diff_pixels=comparison.diff_pixels,
        diff_ratio=comparison.diff_ratio,
    )
    if checks:
        return [(check.is_held, describe_check(check)) for check in checks]
    if comparison.match:
        return [(True, "No pixel differs by more than the threshold")]
    pixels = "pixel differs" if comparison.diff_pixels == 1 else "pixels differ"
    return [(False, f"{comparison.diff_pixels:,} {pixels}; without limits, none may")]


def describe_check(check: LimitCheck) -> str:
    write = {
        "max_diff_pixels": "{:,}".format,
        "max_diff_ratio": write_percent,
        "max_mse": write_number,
        "min_ssim": write_similarity,
    }[check.option]
    figure = "none" if check.figure is None else write(check.figure)
    return LIMITS[check.option].format(figure=figure, limit=write(check.limit))


def word_warnings(comparison: Comparison) -> list[str]:
    """Say what the figures leave out, by the names that inputs have on pages."""
    return [name_inputs(warning["detail"]) for warning in comparison.known_warnings]


def name_inputs(sentence: str) -> str:
    """Put the words of pages for the names that inputs have in the API."""
    named = INPUT_NAME.sub(lambda name: INPUTS_IN_SENTENCES[name[0]], sentence)
    return named[:1].upper() + named[1:]


def list_notes(comparison: Comparison) -> list[str]:
    """Say what another version has left out or done otherwise."""
    notes = []
    if comparison.warnings is None:
        notes.append(
            "An earlier version recorded this comparison without warnings. Compare again to see them."
        )
    if comparison.engine != ENGINE:
        notes.append(
            "Another version computed these figures. Pictures that this version draws can differ from them."
        )
    return notes


def list_figures(comparison: Comparison) -> list[Figure]:
    options = comparison.options
    figures = [
        Figure(
            "Different pixels",
            write_percent(comparison.diff_ratio),
            f"{comparison.diff_pixels:,} of {comparison.total_pixels - comparison.ignored_pixels:,}",
            str(comparison.diff_ratio),
        ),
        Figure("MSE", write_number(comparison.mse), "0 to 65,025", str(comparison.mse)),
        Figure("PSNR", "∞", "the same grays")
        if comparison.psnr is None
        else Figure("PSNR", f"{comparison.psnr:.2f} dB", "higher is closer", str(comparison.psnr)),
    ]
    if comparison.ssim is not None:
        ssim = Figure("SSIM", write_similarity(comparison.ssim), "-1 to 1", str(comparison.ssim))
        figures.append(ssim)
    figures += [
        Figure("Compared size", f"{comparison.width} × {comparison.height}", "pixels"),
        Figure("Method", comparison.method, f"threshold {options['threshold']:g}"),
    ]
    if comparison.load_options().color_profiles == ColorProfiles.IGNORE:
        figures.append(Figure("Colour profiles", "ignored", "stored values are compared"))
    if options["ignore_antialiasing"]:
        note = "excused as smoothed edges"
        figures.append(Figure("Anti-aliased pixels", f"{comparison.antialiased_pixels:,}", note))
    if comparison.ignored_pixels:
        figures.append(Figure("Ignored pixels", f"{comparison.ignored_pixels:,}", "never count"))
    if comparison.alpha_diff_pixels:
        note = "pixels differ in it"
        figures.append(Figure("Opacity", f"{comparison.alpha_diff_pixels:,}", note))
    return figures


def write_percent(ratio: float) -> str:
    """Write three digits, but never 0 % or 100 % for what is not quite."""
    percent = 100 * ratio
    if 0 < percent < 0.001:
        return "< 0.001 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    return f"{percent:.3g} %"


def write_number(number: float) -> str:
    return f"{number:,.2f}" if number >= 1 else f"{number:.3g}"


def write_similarity(similarity: float) -> str:
    """Write four digits, rounded down: 1 is for what is the same."""
    return f"{floor(similarity * 10_000) / 10_000:.4g}"


def write_bytes(count: int) -> str:
    """Write it as the form does when the file is chosen."""
    unit, size = ("kB", count / 1e3) if count < 1e6 else ("MB", count / 1e6)
    return f"{size:.{1 if size < 10 else 0}f} {unit}".replace(".0 ", " ")


def locate_pictures(comparison: Comparison) -> dict[str, dict[str, Any]]:
    """Say where a browser gets each picture of the viewer, and how large it is on the canvas.

    An input is taken as it was sent, at once, if a browser shows it as it was compared. Of the heatmap
    the size is not known, but that it fills the canvas from the bottom left up, under its legend.
    """
    width, height = comparison.width, comparison.height
    pictures = {}
    for name, words in VIEWER_PICTURES.items():
        url = reverse("comparison-view", args=[comparison.pk, name])
        pictures[name] = {"words": words, "url": url, "width": width, "height": height}
        if name in comparison.inputs and is_shown_as_compared(comparison, name):
            _, stored = comparison.inputs[name]
            url = reverse("comparison-input", args=[comparison.pk, name])
            pictures[name] |= {"url": url, "width": stored.width, "height": stored.height}
    scale = max(1, max(width, height) / MAX_SHOWN_SIDE)
    pictures["heatmap"] |= {"width": None, "height": None, "scale": scale}
    return pictures


def is_shown_as_compared(comparison: Comparison, name: str) -> bool:
    _, stored = comparison.inputs[name]
    is_scaled = name == "image2" and comparison.size_policy_applied == SizePolicy.RESIZE
    # Browsers apply profiles.
    has_stored_values = comparison.load_options().color_profiles is ColorProfiles.IGNORE
    return not is_scaled and not has_stored_values and is_shown_by_browsers(stored)


def is_shown_by_browsers(stored: StoredImage) -> bool:
    return (
        stored.media_type in SHOWN_MEDIA_TYPES
        and max(stored.width, stored.height) <= MAX_SHOWN_SIDE
        and (stored.media_type != "image/png" or is_png_shown_by_browsers(stored))
    )


def is_png_shown_by_browsers(stored: StoredImage) -> bool:
    try:
        return is_shown_as_decoded(stored.read_beginning(PNG_BEGINNING_BYTES))
    except OSError:
        # There is nothing to show; whoever asks for the picture is told why.
        return False


def list_downloads(data: Mapping[str, Any]) -> dict[str, str]:
    """Name all that there is to download, by URL."""
    downloads = {
        url: f"{WORDS[view]} as compared" if view in data else WORDS[view]
        for view, url in data["views"].items()
    }
    for name in ("image1", "image2", "mask_image"):
        if data[name]:
            downloads[data[name]["url"]] = f"{WORDS[name]} as received"
    return downloads | {f"{data['url']}?format=json": "Figures as JSON"}


def write_curl(data: Mapping[str, Any]) -> str:
    """Write the command that compares the same again; for inputs without a URL, that gets the figures."""
    url = data["url"]
    sources = {"image_url1": data["image1"], "image_url2": data["image2"]}
    if data["mask_image"]:
        sources["mask_image_url"] = data["mask_image"]
    urls = {field: image["source"] for field, image in sources.items()}
    if not all(source.startswith(("http://", "https://")) for source in urls.values()):
        return shlex.join(["curl", "--header", "Accept: application/json", url])
    body = urls | {name: value for name, value in data["options"].items() if value is not None}
    headers = ["--header", "Content-Type: application/json", "--header", "Accept: application/json"]
    compare_url = url.rpartition("/")[0]
    return shlex.join(["curl", compare_url, *headers, "--data", json.dumps(body)])


def type_options(options: Mapping[str, Any]) -> dict[str, str]:
    """Give options as they would have been typed into the form."""
    typed = {name: str(value) for name, value in options.items() if value is not None}
    typed["ignore_regions"] = json.dumps(options["ignore_regions"])
    for name, is_on in (
        ("ignore_antialiasing", options["ignore_antialiasing"]),
        ("metrics", "ssim" in options["metrics"]),
    ):
        typed[name] = "on" if is_on else ""
    return typed
