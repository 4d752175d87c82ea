"""Compare what the lines of the standard input name, in a process that lives as long as they come.

    python -m benchmarks.worker CONTENDER TASK

A line is JSON with the paths ``image1``, ``image2`` and, for the mask, ``output``. The clock runs from
the bytes of the two to the bytes of the mask.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from .task import Task
from .usage import list_family, sum_cpu_seconds


def main() -> None:
    name, task = sys.argv[1], Task(sys.argv[2])
    contender = importlib.import_module(f"benchmarks.contenders.{name}")
    say(ready=True)
    for line in sys.stdin:
        try:
            say(**answer(contender, task, json.loads(line)))
        except Exception as error:  # noqa: BLE001 - it is said of this contender, and the others go on
            say(error=f"{type(error).__name__}: {error}")


def answer(contender: Any, task: Task, request: dict[str, str]) -> dict[str, Any]:
    content1, content2 = (Path(request[name]).read_bytes() for name in ("image1", "image2"))
    cpu_before, started_at = sum_own_cpu_seconds(), time.perf_counter()
    outcome = contender.compare(content1, content2, task)
    seconds, cpu_seconds = time.perf_counter() - started_at, sum_own_cpu_seconds() - cpu_before
    Path(request["output"]).write_bytes(outcome.png)
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "mse": outcome.mse,
        "ssim": outcome.ssim,
    }


def sum_own_cpu_seconds() -> float:
    return sum_cpu_seconds(list_family(os.getpid()))


def say(**message: Any) -> None:
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
