"""Contenders in turns on one pair, each in a process of its own."""

import io
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .children import Child, ContenderFailed, Run
from .lineup import OURS, Contender
from .pairs import Pair, read_pair

WATCH_SECONDS = 0.5


@dataclass(frozen=True)
class Score:
    """Medians of the runs; memory is the peak over what the contender has when idle, per pixel of the canvas."""

    name: str
    wall_ms: float
    cpu_ms: float
    memory_bytes_per_pixel: float
    mse: float | None
    ssim: float | None
    diff_pixels: int


class Racer:
    """A contender that has started and warmed up."""

    def __init__(self, name: str, child: Child, folder: Path) -> None:
        self.name = name
        self.runs: list[Run] = []
        self._child = child
        self._mask = folder / f"{name}.png"
        child.compare(make_tiny_pair(folder), self._mask)
        self._idle_bytes = self._peak_bytes = child.read_memory_bytes()

    def run(self, pair: Pair) -> None:
        self.runs.append(self._child.compare(pair, self._mask))

    def watch_memory(self, pair: Pair) -> None:
        """Look again and again at the memory in use, in runs that are not timed."""
        ends_at = time.monotonic() + WATCH_SECONDS
        with ThreadPoolExecutor(1) as executor:
            while time.monotonic() < ends_at:
                running = executor.submit(self._child.compare, pair, self._mask)
                while not running.done():
                    self._peak_bytes = max(self._peak_bytes, self._child.read_memory_bytes())
                running.result()

    def sum_up(self, pair: Pair) -> Score:
        """Leave out the first run, which was the warm-up."""
        last, timed = self.runs[-1], self.runs[1:]
        used_bytes = self._peak_bytes - self._idle_bytes
        return Score(
            name=self.name,
            wall_ms=1000 * statistics.median(run.seconds for run in timed),
            cpu_ms=1000 * statistics.median(run.cpu_seconds for run in timed),
            memory_bytes_per_pixel=used_bytes / pair.pixels,
            mse=last.mse,
            ssim=last.ssim,
            diff_pixels=self._count_white() if last.diff_pixels is None else last.diff_pixels,
        )

    def _count_white(self) -> int:
        with Image.open(io.BytesIO(self._mask.read_bytes())) as mask:
            return int(np.count_nonzero(np.asarray(mask.convert("L"))))


def race(pair: Pair, contenders: Sequence[Contender], *, runs: int) -> list[Score]:
    """Run all once to warm up, and then in turns, so that other load on the machine hits all alike."""
    with tempfile.TemporaryDirectory(dir=find_memory_folder()) as folder, ExitStack() as stack:
        racers = []
        for contender in contenders:
            if not contender.start:
                continue
            try:
                child = stack.enter_context(contender.start())
                racer = Racer(contender.name, child, Path(folder))
                racer.run(pair)
            except ContenderFailed as error:
                if contender.name == OURS:
                    raise
                print(f"{contender.name} fails on {pair.name}: {error}", file=sys.stderr)
            else:
                racers.append(racer)
        for _ in range(runs):
            for racer in racers:
                racer.run(pair)
        for racer in racers:
            racer.watch_memory(pair)
        return [racer.sum_up(pair) for racer in racers]


def find_memory_folder() -> str | None:
    """Masks that have to be files should not wait for a disk."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() else None


def make_tiny_pair(folder: Path) -> Pair:
    """Make pictures that let a contender load what it loads late."""
    paths = [folder / name for name in ("tiny_a.png", "tiny_b.png")]
    for path, color in zip(paths, ("white", "gray"), strict=True):
        Image.new("RGB", (16, 16), color).save(path)
    return read_pair("tiny", *paths)
