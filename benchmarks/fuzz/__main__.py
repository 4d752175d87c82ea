import argparse
import multiprocessing
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from comparisons.engine import DecodeError, Limits, decode_image
from comparisons.engine.containers import find_format, read_container

from . import __doc__ as description
from .mutations import make_picture
from .seeds import SEEDS

MAX_SECONDS = 2
HANGING_SECONDS = 60
BATCH = 2000
LIMITS = Limits(max_pixels=1_000_000)

# What a decode may take at most for each pixel that the file announces; and beside them, and twice the file.
# Animated WebP takes 17 bytes. Parts may be larger than their picture by MAX_SPARE_PIXELS.
MAX_BYTES_PER_PIXEL = 24
SPARE_MB = 48
# Of smaller pictures, what each pixel takes says nothing.
MIN_PIXELS_SHOWN = 100_000

CRASH, HANG = "crash", "hang"
EXPECTED = ("accepted", "refused")


@dataclass(frozen=True)
class Decode:
    """What became of a picture, and what it took: more than before, at most."""

    outcome: str
    format: str = "none"
    pixels: int = 0
    size_bytes: int = 0

    @property
    def is_expected(self) -> bool:
        return self.outcome.startswith(EXPECTED)


@dataclass
class Tally:
    """What has been seen so far."""

    outcomes: Counter[str]
    most_bytes: dict[str, int]
    most_bytes_per_pixel: dict[str, float]
    culprits: int = 0

    def add(self, decode: Decode) -> None:
        name = decode.format
        self.outcomes[decode.outcome] += 1
        self.culprits += not decode.is_expected
        self.most_bytes[name] = max(self.most_bytes[name], decode.size_bytes)
        if decode.pixels >= MIN_PIXELS_SHOWN:
            share = decode.size_bytes / decode.pixels
            self.most_bytes_per_pixel[name] = max(self.most_bytes_per_pixel[name], share)

    def report(self, count: int, seconds: float) -> None:
        print(f"{count} pictures in {seconds:.0f} s")
        for outcome, number in sorted(self.outcomes.items()):
            print(f"{number:10} {outcome}")
        print("most memory    in all  per pixel announced")
        for name, size_bytes in sorted(self.most_bytes.items()):
            share = self.most_bytes_per_pixel[name]
            print(f"{name:10} {size_bytes / 1e6:7.1f} MB {share:7.1f} bytes")


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m benchmarks.fuzz", description=description)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after these")
    parser.add_argument("--spare-mb", type=float, default=SPARE_MB, help="beside that of pixels")
    parser.add_argument("--keep", type=Path, help="a folder for the culprits")
    arguments = parser.parse_args(words)
    started_at = time.monotonic()
    tally, index = Tally(Counter(), defaultdict(int), defaultdict(float)), 0
    while index < arguments.count and time.monotonic() - started_at < arguments.seconds:
        end = min(index + BATCH, arguments.count)
        for decode in decode_in_child(range(index, end), arguments.seed, arguments.spare_mb):
            tally.add(decode)
            if not decode.is_expected:
                keep_culprit(index, arguments.seed, decode.outcome, arguments.keep)
            index += 1
    tally.report(index, time.monotonic() - started_at)
    return 1 if tally.culprits else 0


def decode_in_child(indexes: range, seed: int, spare_mb: float) -> Iterator[Decode]:
    """Decode as many of these as a child survives."""
    processes = multiprocessing.get_context("fork")
    ours, theirs = processes.Pipe(duplex=False)
    child = processes.Process(target=decode_batch, args=(indexes, seed, spare_mb, theirs))
    child.start()
    theirs.close()
    try:
        for _ in indexes:
            decode = receive(ours)
            yield decode
            if decode.outcome in {CRASH, HANG}:
                return
    finally:
        child.kill()
        child.join()


def receive(connection: Connection) -> Decode:
    try:
        if not connection.poll(HANGING_SECONDS):
            return Decode(HANG)
        decode: Decode = connection.recv()
    except EOFError:
        return Decode(CRASH)
    return decode


def keep_culprit(index: int, seed: int, outcome: str, folder: Path | None) -> None:
    print(f"picture {index} of seed {seed}: {outcome}", flush=True)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{seed}-{index}").write_bytes(make_picture(index, seed))


def decode_batch(indexes: range, seed: int, spare_mb: float, connection: Connection) -> None:
    # What is loaded for the first time counts for nothing.
    for content in SEEDS:
        decode_image(content, LIMITS)
    for index in indexes:
        connection.send(measure_decode(make_picture(index, seed), spare_mb))


def measure_decode(content: bytes, spare_mb: float) -> Decode:
    """Decode a picture, and compare what it takes to what it may."""
    name, pixels = read_announcement(content)
    before = reset_peak()
    # Others may be at work.
    started_at = time.process_time()
    outcome = try_decoding(content)
    seconds = time.process_time() - started_at
    size_bytes = read_memory("VmHWM") - before
    if seconds >= MAX_SECONDS:
        outcome = f"slow: {seconds:.1f} s, {outcome}"
    elif size_bytes > MAX_BYTES_PER_PIXEL * pixels + spare_mb * 1e6 + 2 * len(content):
        outcome = f"large: {size_bytes / 1e6:.0f} MB, {name} of {pixels} pixels, {outcome}"
    return Decode(outcome, name, pixels, size_bytes)


def read_announcement(content: bytes) -> tuple[str, int]:
    """Read the format, and how many pixels are announced: 0 where there can't be any."""
    name = "none"
    try:
        name = find_format(content)
        return name, read_container(content, LIMITS).pixels
    except DecodeError:
        return name, 0


def try_decoding(content: bytes) -> str:
    try:
        decode_image(content, LIMITS)
    except DecodeError as error:
        return f"refused: {type(error).__name__}"
    except BaseException as error:  # noqa: BLE001 - finding these is the purpose
        return f"raised {type(error).__name__}: {error}"
    return "accepted"


def reset_peak() -> int:
    """Let the peak of this process's memory be what it takes now: https://docs.kernel.org/filesystems/proc.html."""
    Path("/proc/self/clear_refs").write_text("5")
    return read_memory("VmHWM")


def read_memory(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise KeyError(name)


if __name__ == "__main__":
    sys.exit(main())
