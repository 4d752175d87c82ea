import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from comparisons.engine import Result
from comparisons.engine.__main__ import main

from .pictures import BLACK, encode, plain
from .profiles import DISPLAY_P3, build_matrix_profile, gamma_curve

# BT.601: 0.299 x 196 = 58.6 and 0.587 x 100 = 58.7 round to the same gray.
RED, GREEN = (196, 0, 0), (0, 100, 0)


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
        pytest.param([__file__], f"{__file__}: not an image", id="no image"),
        pytest.param(["nowhere.png"], "nowhere.png: No such file", id="no file"),
        pytest.param(["."], ".: Is a directory", id="a directory"),
        pytest.param([__file__, "--threshold", "3"], "the threshold 3.0 is not", id="threshold"),
    ],
)
def test_what_cannot_be_compared_exits_with_2_and_says_why(
    white: str, words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([white, *words])

    assert code == 2
    assert capsys.readouterr().err.startswith(reason)


@pytest.mark.parametrize("number", [1, 2])
def test_an_error_names_the_file_that_it_is_about(
    white: str, number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.png"
    cut.write_bytes(Path(white).read_bytes()[:-30])
    words = [white, white]
    words[number - 1] = str(cut)

    main(words)

    assert capsys.readouterr().err.startswith(f"{cut}: the image is truncated")


def test_a_mask_that_cannot_be_written_is_named(
    white: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([white, white, "--output", str(tmp_path / "none" / "mask.png")])

    assert code == 2
    assert capsys.readouterr().err == f"{tmp_path}/none/mask.png: No such file or directory\n"


def test_it_runs_as_a_module(white: str, marked: str) -> None:
    command = [sys.executable, "-m", "comparisons.engine", white, marked]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("different: 7 of 100")


def test_it_fails_as_ever_where_nobody_listens(white: str) -> None:
    command = ["sh", "-c", '"$@" >&-', "sh", sys.executable, "-m", "comparisons.engine"]

    done = subprocess.run([*command, white, "nowhere.png"], capture_output=True, check=False)

    assert done.returncode == 2


class TestWarnings:
    @pytest.fixture
    def red(self, tmp_path: Path) -> str:
        (tmp_path / "red.png").write_bytes(encode(plain(10, 10, RED), "PNG"))
        return str(tmp_path / "red.png")

    @pytest.fixture
    def green(self, tmp_path: Path) -> str:
        """Write two frames."""
        frames = [Image.fromarray(plain(10, 10, color)) for color in (GREEN, BLACK)]
        frames[0].save(
            tmp_path / "green.webp", save_all=True, append_images=frames[1:], lossless=True
        )
        return str(tmp_path / "green.webp")

    def test_follow_the_verdict(
        self, red: str, green: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code = main([red, green])

        assert code == 0
        assert capsys.readouterr().out.splitlines() == [
            "match: 0 of 100 pixels (0.00%), mse 0",
            "warning: The method grayscale treats 100 pixels as equal, although a colour channel"
            " differs by more than 25.5 of 255. [color_only_differences]",
            "warning: image2 has 2 frames or pages; only the first is compared. [first_frame_only]",
        ]

    def test_are_in_the_json(
        self, red: str, green: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main([red, green, "--json"])

        warnings = json.loads(capsys.readouterr().out)["warnings"]
        assert [warning["code"] for warning in warnings] == [
            "color_only_differences",
            "first_frame_only",
        ]
        assert (warnings[0]["pixels"], warnings[1]["frames"]) == (100, 2)

    def test_are_none_where_nothing_is_left_out(
        self, white: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        main([white, white, "--json"])

        assert json.loads(capsys.readouterr().out)["warnings"] == []


def test_json_has_every_figure(white: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([white, white, "--json"])

    figures = {*Result.__annotations__} - {"options", "canvas", "mask", "antialiased"}
    assert figures <= {*json.loads(capsys.readouterr().out)}


def test_colour_profiles_are_ignored_on_request(tmp_path: Path) -> None:
    profile = build_matrix_profile(DISPLAY_P3, gamma_curve(1))
    paths = [tmp_path / "plain.png", tmp_path / "tagged.png"]
    for path, tags in zip(paths, [{}, {"icc_profile": profile}], strict=True):
        path.write_bytes(encode(plain(10, 10, (200, 80, 60)), "PNG", **tags))
    words = [str(path) for path in paths]

    codes = [main([*words, *option]) for option in ([], ["--color-profiles", "ignore"])]

    assert codes == [1, 0]
