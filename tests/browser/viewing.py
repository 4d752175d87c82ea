"""Comparisons in the viewer, and what it shows of them."""

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page, expect

from comparisons.engine import Options, compare
from tests.end_to_end.processes import Server

Pixels = NDArray[np.uint8]


def make_comparison(server: Server, image1: bytes, image2: bytes, **options: Any) -> str:
    """Compare two pictures; return the path of the comparison."""
    answer = server.post(
        files={"image1": ("before.png", image1), "image2": ("after.png", image2)},
        data=options,
        headers={"Accept": "application/json"},
    )
    answer.raise_for_status()
    return str(answer.json()["url"]).removeprefix(server.url)


def view(page: Page, path: str, **fragment: Any) -> Locator:
    """Open a comparison, and wait until its pictures are there; return what frames them."""
    values = {"mode": "slider", **fragment}
    page.goto(f"{path}#{'&'.join(f'{name}={value}' for name, value in values.items())}")
    return wait_for_mode(page, values["mode"])


def wait_for_mode(page: Page, mode: str) -> Locator:
    expect(page.locator(f"#viewport[data-mode={mode}]")).to_be_visible()
    return page.locator("#viewport")


def choose_mode(page: Page, name: str) -> None:
    page.get_by_role("group", name="Mode").get_by_role("button", name=name).click()
    wait_for_mode(page, name.lower().replace(" ", "-"))


def shoot(element: Locator) -> Pixels:
    """Take the element as the screen shows it: height x width x 3.

    Browsers draw what begins between two pixels at the nearer one; ``Locator.screenshot`` takes both.
    """
    element.scroll_into_view_if_needed()
    box = find_box(element)
    x, y = (math.floor(box[side] + 0.5) for side in ("x", "y"))
    width, height = round(box["width"]), round(box["height"])
    return read_pixels(
        element.page.screenshot(clip={"x": x, "y": y, "width": width, "height": height})
    )


def find_box(element: Locator) -> FloatRect:
    box = element.bounding_box()
    assert box
    return box


def read_pixels(png: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def remove_labels(page: Page) -> None:
    """Uncover the corner of each pane."""
    page.locator(".pane-label").evaluate_all("labels => labels.forEach((label) => label.remove())")


def count_differences(shown: Pixels, expected: Pixels, tolerance: float = 0) -> int:
    """Ask our own engine how many pixels differ by more than the tolerance, in levels of gray."""
    assert shown.shape == expected.shape
    return compare(shown, expected, Options(threshold=tolerance / 255)).diff_pixels
