import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from comparisons.engine.__main__ import main

from .pictures import BLACK, encode, plain


@pytest.fixture
def white(tmp_path: Path) -> str:
    return write(tmp_path / "white.png", 0)


@pytest.fixture
def marked(tmp_path: Path) -> str:
    return write(tmp_path / "marked.png", 7)


def write(path: Path, black_pixels: int) -> str:
    """Write 10 x 10 white pixels, the first of them blackened."""
    pixels = plain(10, 10)
    pixels.reshape(-1, 3)[:black_pixels] = BLACK
    path.write_bytes(encode(pixels, "PNG"))
    return str(path)


def test_a_match_exits_with_0(white: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([white, white])

    assert code == 0
    assert capsys.readouterr().out == "match: 0 of 100 pixels (0.00%), mse 0\n"


def test_a_difference_exits_with_1(
    white: str, marked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([white, marked])

    assert code == 1
    assert capsys.readouterr().out == "different: 7 of 100 pixels (7.00%), mse 4551.75\n"


def test_all_figures_can_be_had_as_json(
    white: str, marked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([white, marked, "--json", "--method", "yiq", "--ignore-antialiasing"])

    figures = json.loads(capsys.readouterr().out)
    assert (figures["match"], figures["diff_pixels"], figures["mse"]) == (False, 7, 4551.75)
    assert figures["regions"] == [{"x": 0, "y": 0, "width": 7, "height": 1, "diff_pixels": 7}]


def test_a_difference_within_the_threshold_is_a_match(white: str, marked: str) -> None:
    assert main([white, marked, "--threshold", "1"]) == 0


def test_the_mask_is_written(white: str, marked: str, tmp_path: Path) -> None:
    main([white, marked, "--output", str(tmp_path / "mask.png")])

    with Image.open(tmp_path / "mask.png") as mask:
        assert np.count_nonzero(np.asarray(mask)) == 7


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        pytest.param([__file__], "not an image", id="no image"),
        pytest.param(["nowhere.png"], "No such file", id="no file"),
        pytest.param([__file__, "--threshold", "3"], "not between 0 and 1", id="threshold"),
    ],
)
def test_what_cannot_be_compared_exits_with_2_and_says_why(
    white: str, words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([white, *words])

    assert code == 2
    assert reason in capsys.readouterr().err


def test_it_runs_as_a_module(white: str, marked: str) -> None:
    command = [sys.executable, "-m", "comparisons.engine", white, marked]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("different: 7 of 100")


def test_it_fails_as_ever_where_nobody_listens(white: str) -> None:
    command = ["sh", "-c", '"$@" >&-', "sh", sys.executable, "-m", "comparisons.engine"]

    done = subprocess.run([*command, white, "nowhere.png"], capture_output=True, check=False)

    assert done.returncode == 2
