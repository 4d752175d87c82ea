import signal
import subprocess
import sys

import pytest

# Regular expressions are matched without ever letting another thread run.
ENDLESS = 're.match("(a+)+$", "a" * 64 + "b")'


def run(*lines: str) -> subprocess.CompletedProcess[str]:
    code = "\n".join(
        ["import re, threading, time", "from comparisons.watchdog import watching", *lines]
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "work",
    [
        pytest.param("time.sleep(50)", id="sleeping"),
        pytest.param(ENDLESS, id="holding the interpreter lock"),
    ],
)
def test_a_process_ends_whose_work_does_not(work: str) -> None:
    finished = run("with watching(0.2):", f"    {work}")

    assert finished.returncode == -signal.SIGALRM
    assert "line 4 in <module>" in finished.stderr


def test_work_that_ends_in_time_is_forgotten() -> None:
    finished = run("with watching(0.2):", "    pass", "time.sleep(0.5)")

    assert (finished.returncode, finished.stderr) == (0, "")


def test_the_end_of_other_work_does_not_rescue_what_does_not_end() -> None:
    finished = run(
        "with watching(0.5):",
        "    for _ in range(500):",
        "        with watching(50):",
        "            time.sleep(0.1)",
    )

    assert finished.returncode == -signal.SIGALRM
