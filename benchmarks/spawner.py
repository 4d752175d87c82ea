"""Run commands that lines of the standard input name, and tell what each has used.

    python -m benchmarks.spawner

A line is a list of words in JSON.
"""

import json
import os
import subprocess
import sys
import time
from typing import Any


def main() -> None:
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


def run(command: list[str]) -> dict[str, Any]:
    started_at = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, process.returncode, usage = os.wait4(process.pid, 0)
    return {
        "seconds": time.perf_counter() - started_at,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
    }


if __name__ == "__main__":
    main()
