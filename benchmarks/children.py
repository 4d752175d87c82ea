"""The processes that compare, as seen by the one that measures them."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from .pairs import Pair
from .usage import list_family, read_cpu_seconds, read_memory_bytes


class ContenderFailed(Exception):
    """A contender can't compare this pair, or has ended."""


@dataclass(frozen=True)
class Run:
    """One comparison. ``mse``, ``ssim`` and ``diff_pixels`` are None where the contender tells none."""

    seconds: float
    cpu_seconds: float
    mse: float | None = None
    ssim: float | None = None
    diff_pixels: int | None = None


class Child(Protocol):
    """A contender at work on its own; ``compare`` writes the mask to ``output``."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def compare(self, pair: Pair, output: Path) -> Run:
        """:raises ContenderFailed: there is no mask."""

    def read_memory_bytes(self) -> int:
        """Read the memory in use by all its processes; what they share counts once."""


class Conversation:
    """A process that answers lines of JSON with lines of JSON; the first says that it is ready."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._hear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def read_memory_bytes(self) -> int:
        return sum(read_memory_bytes(pid) for pid in list_family(self._process.pid))

    def _ask(self, request: Any, *contents: bytes) -> dict[str, Any]:
        assert self._process.stdin
        try:
            self._process.stdin.write(b"".join((json.dumps(request).encode(), b"\n", *contents)))
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise ContenderFailed("the process has ended") from error
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise ContenderFailed("the process has ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise ContenderFailed(answer["error"])
        return answer


class Worker(Conversation):
    """``benchmarks/worker.py`` or ``contenders/pixelmatch.mjs``: measures itself."""

    def compare(self, pair: Pair, output: Path) -> Run:
        paths = {"image1": pair.image1, "image2": pair.image2, "output": output}
        return Run(**self._ask({name: str(path) for name, path in paths.items()}))


class Odiff(Conversation):
    """odiff's server: https://github.com/dmtrKovalenko/odiff#server-mode.

    It takes the bytes of the pictures, and writes the mask to a file.
    """

    def __init__(self, binary: Path, *, ignore_antialiasing: bool) -> None:
        super().__init__([str(binary), "--server"])
        self._options = {"outputDiffMask": True, "antialiasing": ignore_antialiasing}

    def compare(self, pair: Pair, output: Path) -> Run:
        content1, content2 = pair.image1.read_bytes(), pair.image2.read_bytes()
        request = {
            "type": "buffer",
            "requestId": 1,
            "baseLength": len(content1),
            "baseFormat": pair.image1.suffix[1:],
            "compareLength": len(content2),
            "compareFormat": pair.image2.suffix[1:],
            "output": str(output),
            "options": self._options,
        }
        cpu_before, started_at = read_cpu_seconds(self._process.pid), time.perf_counter()
        answer = self._ask(request, content1, content2)
        seconds = time.perf_counter() - started_at
        cpu_seconds = read_cpu_seconds(self._process.pid) - cpu_before
        return Run(seconds, cpu_seconds, diff_pixels=answer.get("diffCount", 0))


class ImageMagick(Conversation):
    """ImageMagick's ``compare``: there is no server, each pair is a process of its own."""

    def __init__(self, command: Sequence[str]) -> None:
        super().__init__([sys.executable, "-m", "benchmarks.spawner"])
        # Of a tenth of the scale, as the others' thresholds.
        self._command = [*command, "-metric", "MSE", "-fuzz", "10%", "-compose", "src"]
        self._command += ["-highlight-color", "white", "-lowlight-color", "black"]

    def compare(self, pair: Pair, output: Path) -> Run:
        output.unlink(missing_ok=True)
        used = self._ask([*self._command, str(pair.image1), str(pair.image2), f"PNG:{output}"])
        # Its exit status is the same for pictures that differ and for those beyond its limits.
        if not output.exists():
            raise ContenderFailed("there is no mask")
        return Run(used["seconds"], used["cpu_seconds"])
