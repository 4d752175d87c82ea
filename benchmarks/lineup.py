"""Who takes part, with what is installed."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from config.serve import MEMORY

from .children import Child, ImageMagick, Odiff, Worker
from .task import Task

FOLDER = Path(__file__).parent
PEERS = FOLDER.parent / ".bench/peers"

OURS = "Image Compare"
# As the server has it.
SERVED = ("env", *(f"{name}={value}" for name, value in MEMORY.items()))
ORIGINAL = "the original"


@dataclass(frozen=True)
class Contender:
    """``start`` is None where it is not installed."""

    name: str
    tasks: frozenset[Task]
    start: Callable[[], Child] | None


def line_up(task: Task) -> list[Contender]:
    """List those that do the task, ourselves last."""
    everyone = [
        Contender(ORIGINAL, frozenset({Task.MASK}), start_python("original", task)),
        Contender("odiff server", frozenset({Task.MASK, Task.ANTIALIASING}), start_odiff(task)),
        Contender(
            "pixelmatch" if (PEERS / "node_modules/sharp").exists() else "pixelmatch, pngjs",
            frozenset({Task.MASK, Task.ANTIALIASING}),
            start_pixelmatch(task),
        ),
        Contender(
            "scikit-image",
            frozenset({Task.MASK, Task.SSIM}),
            start_python("scikit_image", task) if find_spec("skimage") else None,
        ),
        Contender("ImageMagick", frozenset({Task.MASK}), start_imagemagick()),
        Contender(OURS, frozenset(Task), start_python("ours", task, *SERVED)),
    ]
    return [contender for contender in everyone if task in contender.tasks]


def start_python(name: str, task: Task, *prefix: str) -> Callable[[], Child]:
    return lambda: Worker([*prefix, sys.executable, "-m", "benchmarks.worker", name, task])


def start_odiff(task: Task) -> Callable[[], Child] | None:
    # The native program itself: what npm puts into .bin is a shell script around it.
    binaries = [*PEERS.glob("node_modules/@odiff/*/odiff")]
    if not binaries:
        return None
    return lambda: Odiff(binaries[0], ignore_antialiasing=task is Task.ANTIALIASING)


def start_pixelmatch(task: Task) -> Callable[[], Child] | None:
    node = shutil.which("node")
    if node is None or not (PEERS / "node_modules/pixelmatch").exists():
        return None
    program = FOLDER / "contenders/pixelmatch.mjs"
    return lambda: Worker([node, str(program), str(PEERS), task])


def start_imagemagick() -> Callable[[], Child] | None:
    if magick := shutil.which("magick"):
        return lambda: ImageMagick([magick, "compare"])
    if program := shutil.which("compare"):
        return lambda: ImageMagick([program])
    return None
