"""Decode mutated pictures, and report what is neither a picture nor a refusal.

    python -m benchmarks.fuzz [--count N] [--seed N] [--seconds N]

Pictures of every format are made in code and mutated; the same seed makes the same ones. They are
decoded in a child process, in batches: one that dies or hangs is started again behind the culprit,
which is kept in the folder given by ``--keep``.
"""

import argparse
import io
import multiprocessing
import random
import struct
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageCms

from comparisons.engine import DecodeError, Limits, decode_image

MAX_SECONDS = 2
BATCH = 2000
LIMITS = Limits(max_pixels=1_000_000)
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

Mutation = Callable[[bytearray, random.Random], bytearray]


def main() -> None:
    parser = argparse.ArgumentParser(description="Decode mutated pictures.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after these")
    parser.add_argument("--keep", type=Path, help="a folder for the culprits")
    arguments = parser.parse_args()
    started_at = time.monotonic()
    outcomes: Counter[str] = Counter()
    index = 0
    while index < arguments.count and time.monotonic() - started_at < arguments.seconds:
        end = min(index + BATCH, arguments.count)
        index = run_batch(range(index, end), arguments.seed, outcomes, arguments.keep)
    report(outcomes, index, time.monotonic() - started_at)


def report(outcomes: Counter[str], count: int, seconds: float) -> None:
    print(f"{count} pictures in {seconds:.0f} s")
    for outcome, number in sorted(outcomes.items()):
        print(f"{number:10} {outcome}")


def run_batch(indexes: range, seed: int, outcomes: Counter[str], keep: Path | None) -> int:
    """Decode in a child as many of these as it survives; return the index to go on with."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.Process(target=decode_batch, args=(indexes, seed, theirs))
    child.start()
    theirs.close()
    for index in indexes:
        outcome = receive(ours)
        outcomes[outcome] += 1
        if not outcome.startswith(("accepted", "refused")):
            keep_culprit(index, seed, outcome, keep)
        if outcome in {"crash", "hang"}:
            child.kill()
            child.join()
            return index + 1
    child.join()
    return indexes.stop


def receive(connection: Connection) -> str:
    try:
        return str(connection.recv()) if connection.poll(5 * MAX_SECONDS) else "hang"
    except EOFError:
        return "crash"


def keep_culprit(index: int, seed: int, outcome: str, folder: Path | None) -> None:
    print(f"picture {index} of seed {seed}: {outcome}", flush=True)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{seed}-{index}").write_bytes(make_picture(index, seed))


def decode_batch(indexes: range, seed: int, connection: Connection) -> None:
    for index in indexes:
        connection.send(try_decoding(make_picture(index, seed)))


def try_decoding(content: bytes) -> str:
    started_at = time.monotonic()
    try:
        decode_image(content, LIMITS)
        outcome = "accepted"
    except DecodeError as error:
        outcome = f"refused: {type(error).__name__}"
    except BaseException as error:  # noqa: BLE001 - finding these is the purpose
        return f"raised {type(error).__name__}: {error}"
    seconds = time.monotonic() - started_at
    return outcome if seconds < MAX_SECONDS else f"slow: {seconds:.1f} s, {outcome}"


def make_picture(index: int, seed: int) -> bytes:
    chance = random.Random(f"{seed}/{index}")
    content = bytearray(chance.choice(SEEDS))
    for _ in range(chance.choice([1, 1, 2, 4])):
        content = chance.choice(MUTATIONS)(content, chance)
    return bytes(content)


def flip_bits(content: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.choice([1, 2, 8, 32])):
        if content:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return content


def edit_header(content: bytearray, chance: random.Random) -> bytearray:
    """Put a number that is telling somewhere into the first bytes."""
    number = chance.choice([0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF])
    size = chance.choice([1, 2, 4])
    place = chance.randrange(min(200, len(content)) or 1)
    content[place : place + size] = (number & (256**size - 1)).to_bytes(
        size, chance.choice(["big", "little"])
    )
    return content


def truncate(content: bytearray, chance: random.Random) -> bytearray:
    return content[: chance.randrange(len(content) + 1)]


def splice(content: bytearray, chance: random.Random) -> bytearray:
    """Go on with the rest of another picture."""
    other = chance.choice(SEEDS)
    return content[: chance.randrange(len(content) + 1)] + other[chance.randrange(len(other)) :]


def repeat_piece(content: bytearray, chance: random.Random) -> bytearray:
    start = chance.randrange(len(content) + 1)
    piece = content[start : start + chance.randrange(1, 200)]
    place = chance.randrange(len(content) + 1)
    return content[:place] + piece * chance.choice([1, 1, 3, 20]) + content[place:]


def change_chunks(content: bytearray, chance: random.Random) -> bytearray:
    """Shuffle, drop, double and disturb a PNG's chunks, with the right checksums."""
    chunks = list(split_chunks(bytes(content)))
    if not chunks:
        return flip_bits(content, chance)
    position = chance.randrange(len(chunks))
    name, data = chunks[position]
    match chance.randrange(4):
        case 0:
            chunks.insert(chance.randrange(len(chunks)), chunks.pop(position))
        case 1:
            chunks.insert(chance.randrange(len(chunks)), (name, data))
        case 2:
            del chunks[position]
        case _:
            chunks[position] = name, bytes(flip_bits(bytearray(data), chance))
    return bytearray(PNG_SIGNATURE + b"".join(make_chunk(*chunk) for chunk in chunks))


def disturb_pixels(content: bytearray, chance: random.Random) -> bytearray:
    """Disturb what a PNG's pixels are before they are compressed: filters too."""
    chunks = dict(split_chunks(bytes(content)))
    try:
        rows = bytearray(zlib.decompress(chunks[b"IDAT"]))
    except (KeyError, zlib.error):
        return flip_bits(content, chance)
    disturbed = chance.choice([flip_bits, truncate, repeat_piece])(rows, chance)
    chunks[b"IDAT"] = zlib.compress(bytes(disturbed), 1)
    return bytearray(PNG_SIGNATURE + b"".join(make_chunk(*chunk) for chunk in chunks.items()))


MUTATIONS: list[Mutation] = [
    flip_bits,
    flip_bits,
    edit_header,
    truncate,
    splice,
    repeat_piece,
    change_chunks,
    disturb_pixels,
]


def split_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = len(PNG_SIGNATURE)
    while content.startswith(PNG_SIGNATURE) and position + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, position)
        yield (
            content[position + 4 : position + 8],
            content[position + 8 : position + 8 + length],
        )
        position += 12 + length


def make_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def make_seeds() -> list[bytes]:
    return [*make_stills(), *make_animations(), *make_deep()]


def make_stills() -> Iterator[bytes]:
    samples = np.random.default_rng(1).integers(0, 256, (24, 32, 4), np.uint8)
    noise, icc = Image.fromarray(samples), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    profile = icc.tobytes().replace(b"para", b"pbra", 1)
    exif = Image.Exif()
    exif[0x0112] = 6
    rgb = noise.convert("RGB")
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        yield encode(noise.convert(mode), "PNG")
    for mode in ("L", "RGB", "CMYK"):
        yield encode(rgb.convert(mode), "JPEG", exif=exif)
        yield encode(rgb.convert(mode), "JPEG", progressive=True, icc_profile=icc.tobytes())
    for name in ("PNG", "TIFF", "WEBP", "AVIF"):
        yield encode(rgb, name, exif=exif, icc_profile=icc.tobytes())
        yield encode(rgb, name, icc_profile=profile)
    for mode in ("1", "L", "P", "RGB"):
        yield encode(rgb.convert(mode), "BMP")
    for compression in (None, "tiff_lzw", "tiff_deflate", "packbits", "jpeg", "tiff_adobe_deflate"):
        yield encode(rgb, "TIFF", compression=compression)
    for compression in ("group3", "group4", None):
        yield encode(rgb.convert("1"), "TIFF", compression=compression)
    yield encode(rgb.convert("CMYK"), "TIFF")
    yield encode(noise, "WEBP", lossless=True)
    yield encode(noise, "WEBP", quality=50)
    yield encode(noise, "AVIF", speed=10)
    yield encode(rgb, "GIF", interlace=True)


def make_animations() -> Iterator[bytes]:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "green", "blue")]
    for name in ("PNG", "GIF", "WEBP", "AVIF", "TIFF", "MPO"):
        yield encode(frames[0], name, save_all=True, append_images=frames[1:])


def make_deep() -> Iterator[bytes]:
    chance = np.random.default_rng(2)
    for channels in (1, 3, 4):
        samples = chance.integers(0, 65536, (24, 32, channels), np.uint16)
        yield cv2.imencode(".png", samples)[1].tobytes()
        for compression in (1, 5, 8):
            encoding = [cv2.IMWRITE_TIFF_COMPRESSION, compression]
            yield cv2.imencode(".tiff", samples, encoding)[1].tobytes()
    yield make_deep_gray_alpha()


def make_deep_gray_alpha() -> bytes:
    rows = b"".join(b"\0" + bytes(range(4 * 16)) for _ in range(16))
    header = struct.pack(">IIBBBBB", 16, 16, 16, 4, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return PNG_SIGNATURE + b"".join(make_chunk(*part) for part in parts)


def encode(image: Image.Image, image_format: str, **params: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, image_format, **params)
    return buffer.getvalue()


SEEDS = make_seeds()


if __name__ == "__main__":
    main()
