"""``python -m benchmarks.browser`` tells apart what the engine and Chromium make of files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.browser.__main__ import main
from benchmarks.browser.chromium import Shown
from benchmarks.browser.verdict import Status, compare
from comparisons.engine import Limits, Picture, decode_image
from tests.chromium import find_chromium

from .pictures import Pixels, encode, noise, plain

PICTURE = noise(20, 10, seed=1)
FILES = {
    "same.png": encode(PICTURE, "PNG"),
    "named-wrongly.jpg": encode(PICTURE, "GIF"),
    "cut.png": encode(PICTURE, "PNG")[:-200],
    "empty": b"",
    "text.png": b"no picture",
    "icon.ico": encode(PICTURE, "ICO"),
    "paper.tiff": encode(PICTURE, "TIFF"),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the tool writes about the files, by their names, and its exit code."""
    find_chromium()
    folder = tmp_path_factory.mktemp("pictures")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    results = tmp_path_factory.mktemp("results")
    words = ["--json", str(results / "report.json"), "--save-png", str(results), str(folder)]
    code = main(words)
    verdicts = json.loads((results / "report.json").read_text())
    saved = {path.name: path.read_bytes() for path in results.glob("*.png")}
    return {Path(file).name: verdict for file, verdict in verdicts.items()} | {
        "code": code,
        "saved": saved,
    }


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("same.png", Status.SAME),
        ("named-wrongly.jpg", Status.SAME),
        ("cut.png", Status.PARTLY_SHOWN),
        ("empty", Status.REFUSED_BY_BOTH),
        ("text.png", Status.REFUSED_BY_BOTH),
        ("icon.ico", Status.REFUSED_HERE),
        ("paper.tiff", Status.NOT_COMPARED),
    ],
)
def test_a_file_has_its_status(name: str, status: Status, report: dict[str, Any]) -> None:
    assert report[name]["status"] == status


def test_a_fault_fails_the_run(report: dict[str, Any]) -> None:
    assert report["code"] == 1


def test_what_chromium_shows_is_kept(report: dict[str, Any]) -> None:
    shown = decode_image(report["saved"]["same.png.png"], Limits())

    assert (shown.rgb == PICTURE).all()


def show(pixels: Pixels, *, is_complete: bool = True) -> Shown:
    return Shown(pixels, is_complete)


@pytest.mark.parametrize(
    ("shown", "status", "largest"),
    [
        pytest.param(show(plain(4, 2, (9, 9, 9))), Status.SAME, 0, id="equal"),
        pytest.param(show(plain(4, 2, (9, 7, 9))), Status.CLOSE, 2, id="rounded"),
        pytest.param(show(plain(4, 2, (12, 9, 9))), Status.DIFFERENT, 3, id="another colour"),
        pytest.param(show(plain(2, 4, (9, 9, 9))), Status.DIFFERENT, None, id="another size"),
        pytest.param(
            show(plain(4, 2, (0, 9, 9)), is_complete=False),
            Status.DIFFERENT_PARTS,
            9,
            id="a damaged file",
        ),
    ],
)
def test_pictures_are_told_apart(shown: Shown, status: Status, largest: int | None) -> None:
    verdict = compare(Picture(plain(4, 2, (9, 9, 9))), shown)

    assert verdict["status"] == status
    assert verdict.get("largest_difference") == largest


def test_the_share_of_different_pixels_is_told() -> None:
    pixels = plain(4, 2)
    pixels[0, 1] = np.array([0, 255, 255])

    assert compare(Picture(plain(4, 2)), show(pixels))["different_ratio"] == pytest.approx(1 / 8)
