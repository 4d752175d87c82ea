import subprocess
import sys

from tests.linux import needs_proc


@needs_proc
def test_the_engine_starts_no_threads_that_it_has_no_use_for() -> None:
    code = "import os, comparisons.engine; print(len(os.listdir('/proc/self/task')))"

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert finished.stdout.split() == [b"1"]
