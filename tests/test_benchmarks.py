import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from skimage.metrics import mean_squared_error

from benchmarks import engine, overhead
from benchmarks.lineup import ORIGINAL, OURS
from benchmarks.picture_server import insert_comment
from benchmarks.report import write_page
from benchmarks.timing import measure_union
from tests.linux import needs_proc
from tests.pictures import encode, encode_noise, noise

PROJECT = Path(__file__).parents[1]
SIZE = (60, 40)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Gray noise, of which the right half is darker in the second: no decoder or formula rounds."""
    folder = tmp_path_factory.mktemp("pair")
    before = noise(1, SIZE)[..., :1].repeat(3, axis=2) // 2 + 128
    after = before.copy()
    after[:, SIZE[0] // 2 :] -= 100
    paths = [folder / "before.png", folder / "after.png"]
    for path, pixels in zip(paths, (before, after), strict=True):
        path.write_bytes(encode(Image.fromarray(pixels)))
    return paths


@pytest.fixture(scope="module")
def results(pair: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What ``script/bench`` keeps, of those contenders that are installed."""
    path = tmp_path_factory.mktemp("results") / "results.json"
    engine.main(["--runs", "1", "--results", str(path), *map(str, pair)])
    return json.loads(path.read_text())


def find_score(results: Any, task: str, name: str) -> Any:
    [pair] = results["engine"]["pairs"]
    [score] = [score for score in pair["tasks"][task] if score["name"] == name]
    return score


@pytest.mark.parametrize("name", [ORIGINAL, OURS])
def test_contenders_tell_the_mse(name: str, results: Any, pair: list[Path]) -> None:
    gray1, gray2 = (np.asarray(Image.open(path).convert("L")) for path in pair)

    score = find_score(results, "mask", name)

    assert score["mse"] == pytest.approx(mean_squared_error(gray1, gray2))


@pytest.mark.parametrize("name", [ORIGINAL, OURS])
def test_contenders_mark_what_differs(name: str, results: Any) -> None:
    assert find_score(results, "mask", name)["diff_pixels"] == SIZE[0] * SIZE[1] // 2


@pytest.mark.parametrize("task", ["mask", "antialiasing", "ssim"])
def test_the_engine_is_measured_in_each_task(task: str, results: Any) -> None:
    score = find_score(results, task, OURS)

    assert score["wall_ms"] > 0
    assert score["cpu_ms"] > 0


def test_the_report_shows_all_that_was_measured(results: Any) -> None:
    page = "\n".join(write_page(results))

    assert f"| before.png | {show_rounded(results)}" in page


def show_rounded(results: Any) -> str:
    score = find_score(results, "mask", ORIGINAL)
    return f"{score['wall_ms']:.1f} / {score['cpu_ms']:.1f} ("


def test_the_stages_of_a_request_take_no_longer_than_all_of_it(
    pair: list[Path], tmp_path: Path
) -> None:
    path = tmp_path / "results.json"

    overhead.main(["--requests", "1", "--results", str(path), *map(str, pair)])

    [measured] = json.loads(path.read_text())["overhead"]["pairs"]
    for pictures, medians in measured["medians_ms"].items():
        stages = {stage: medians[stage] for stage in overhead.STAGES}
        assert max(stages.values()) < medians["total"]
        # The same pair is neither compared nor rendered again.
        left_out = {stage for stage, milliseconds in stages.items() if not milliseconds}
        assert left_out == ({"compare", "render"} if pictures == "same" else set())


def fuzz(*words: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run it, with other code before it."""
    code = ["import os, sys", "from benchmarks.fuzz import __main__ as fuzz", before]
    code += [f"sys.exit(fuzz.main({list(words)!r}))"]
    command = [sys.executable, "-c", "\n".join(code)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300)


@needs_proc
class TestFuzz:
    def test_finds_nothing_in_two_thousand_pictures(self, tmp_path: Path) -> None:
        finished = fuzz("--count", "2000", "--keep", str(tmp_path))

        assert finished.returncode == 0, finished.stdout
        assert "2000 pictures" in finished.stdout
        assert not [*tmp_path.iterdir()]

    def test_fails_where_a_decode_takes_more_memory_than_it_may(self, tmp_path: Path) -> None:
        finished = fuzz("--count", "200", "--spare-mb", "-3", "--keep", str(tmp_path))

        assert finished.returncode == 1
        assert "large: " in finished.stdout
        assert [*tmp_path.iterdir()]

    @pytest.mark.parametrize(
        ("code", "outcome"),
        [
            pytest.param("os.abort()", "crash", id="that crashes"),
            pytest.param("1 / 0", "raised ZeroDivisionError", id="that raises"),
            pytest.param("sum(range(10**8))", "slow: ", id="that takes long"),
        ],
    )
    def test_fails_for_a_decoder(self, code: str, outcome: str) -> None:
        before = f"fuzz.decode_image = lambda *_: {code}; fuzz.SEEDS = []; fuzz.MAX_SECONDS = 0.1"

        finished = fuzz("--count", "2", before=before)

        assert finished.returncode == 1
        assert outcome in finished.stdout


@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_a_comment_makes_another_file_of_the_same_picture(image_format: str) -> None:
    content = encode_noise(1, image_format=image_format)

    commented = b"".join(insert_comment(content, b"number=1"))

    assert commented != content
    assert np.array_equal(read(commented), read(content))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param([], 0, id="none"),
        pytest.param([(1, 2), (4, 6)], 3, id="apart"),
        pytest.param([(1, 4), (2, 6)], 5, id="overlapping"),
        pytest.param([(1, 9), (2, 3), (4, 5)], 8, id="one within another"),
        pytest.param([(4, 6), (1, 2)], 3, id="in any order"),
    ],
)
def test_time_spent_side_by_side_counts_once(
    parts: list[tuple[float, float]], expected: float
) -> None:
    assert measure_union(parts) == expected


def read(content: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(content)))
