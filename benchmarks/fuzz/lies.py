"""Headers that lie: of sizes, offsets, counts and lengths, where each format keeps them."""

import random
import struct
import zlib
from collections.abc import Callable

from .chunks import PNG_SIGNATURE, make_chunk, split_chunks

SIDES = [0, 1, 2, 7, 25, 255, 256, 999, 1000, 1001, 4096, 16383, 16384, 30_000, 65_535]
NUMBERS = [*SIDES, 1_000_000, 2**24 - 1, 2**24, 2**31 - 1, 2**31, 2**32 - 1]
TIFF_TAGS = [*range(254, 260), 262, 266, 273, 274, *range(277, 285), 320, *range(322, 326)]
TIFF_TAGS += [330, 338, 339, 347, 529, 530, 700, 34377, 34665, 34675, 34853, 40965]
BOXES = [b"ispe", b"tkhd", b"av01", b"iloc", b"iinf", b"ipma", b"ipco", b"pitm", b"stsz", b"stco"]
BOXES += [b"stsc", b"stts", b"iref", b"colr", b"mdat", b"meta", b"pixi", b"irot", b"av1C", b"hdlr"]


def lie(content: bytearray, chance: random.Random) -> bytearray:
    """Change some numbers of a header, as its format keeps them."""
    for signature, tell in LIES.items():
        if content[signature[0] :].startswith(signature[1]):
            return tell(content, chance)
    return content


def put(content: bytearray, position: int, kind: str, *numbers: int) -> None:
    """Overwrite what is there, where there is room."""
    size = struct.calcsize(kind)
    if position >= 0 and position + size <= len(content):
        packed = (number & (256 ** struct.calcsize(kind[0] + kind[-1]) - 1) for number in numbers)
        struct.pack_into(kind, content, position, *packed)


def choose(chance: random.Random, choices: list[int], count: int = 2) -> list[int]:
    return [chance.choice(choices) for _ in range(count)]


def lie_in_png(content: bytearray, chance: random.Random) -> bytearray:
    chunks = list(split_chunks(bytes(content)))
    place = chance.randrange(1, len(chunks) + 1) if chunks else 0
    zeros = zlib.compress(bytes(chance.choice([1000, 1_000_000, 9_000_000])))
    frame = struct.pack(">5I4xBB", 0, *choose(chance, NUMBERS, 4), 0, 0)
    header = struct.pack(">II", *choose(chance, SIDES))
    match chance.randrange(6):
        case 0 | 1 if chunks:
            chunks[0] = b"IHDR", header + chunks[0][1][8:]
        case 2:
            chunks.insert(place, (b"IHDR", header + b"\x08\x02\0\0\0"))
        case 3:
            name = chance.choice([b"iCCP", b"zTXt"])
            chunks[place:place] = [(name, b"a\0\0" + zeros)] * chance.choice([1, 3, 20])
        case 4:
            text = b"XML:com.adobe.xmp\0\1\0\0\0" + zeros
            chunks[place:place] = [(b"iTXt", text)] * chance.choice([1, 3, 20])
        case _:
            count = struct.pack(">II", *choose(chance, NUMBERS))
            chunks[place:place] = [(b"acTL", count), (b"fcTL", frame)]
    return bytearray(PNG_SIGNATURE + b"".join(make_chunk(*chunk) for chunk in chunks))


def lie_in_jpeg(content: bytearray, chance: random.Random) -> bytearray:
    frame = max(content.find(marker) for marker in (b"\xff\xc0", b"\xff\xc2"))
    match chance.randrange(5):
        case 0 | 1:
            put(content, frame + 5, ">HH", *choose(chance, SIDES))
        case 2:
            # Sampling, of which the sizes of blocks and buffers follow.
            put(content, frame + 11, ">B", chance.choice([0x11, 0x12, 0x44, 0xFF]))
        case 3:
            name = chance.choice(
                [b"\xe1Exif\0\0II*\0", b"\xe2ICC_PROFILE\0\1\xff", b"\xe2MPF\0II*\0"]
            )
            size = chance.choice([20, 1000, 65_000])
            segment = b"\xff" + name[:1] + struct.pack(">H", size + 2) + name[1:].ljust(size, b"\1")
            content[2:2] = segment * chance.choice([1, 50, 300])
        case _:
            content[2:2] = chance.choice([b"\xff", b"\xff\0", b"\xff\xd0"]) * 30_000
    return content


def lie_in_gif(content: bytearray, chance: random.Random) -> bytearray:
    frame = content.find(b",", 13)
    match chance.randrange(4):
        case 0:
            put(content, 6, "<HH", *choose(chance, SIDES))
        case 1:
            put(content, frame + 1, "<HHHH", *choose(chance, SIDES, 4))
        case 2:
            control = b"!\xf9\4" + bytes([chance.randrange(32), 0, 0, chance.randrange(256), 0])
            content[frame:frame] = control
        case _:
            piece = chance.choice([b"", b"\x0bNETSCAPE2.0", b"\4abcd"])
            label = chance.choice([b"\xff", b"\xfe", b"\x01", b"\xf9"])
            content[frame:frame] = b"!" + label + piece * chance.choice([1, 30_000]) + b"\0"
    return content


def lie_in_bmp(content: bytearray, chance: random.Random) -> bytearray:
    match chance.randrange(4):
        case 0 | 1:
            sign = chance.choice([1, -1])
            put(content, 18, "<II", chance.choice(NUMBERS), sign * chance.choice(NUMBERS))
        case 2:
            put(content, chance.choice([10, 14, 46]), "<I", chance.choice([*NUMBERS, 12, 40, 124]))
        case _:
            depths = [1, 2, 4, 8, 16, 24, 32, 65_535]
            put(content, 28, "<HI", chance.choice(depths), chance.choice([0, 1, 2, 3, 4]))
    return content


def lie_in_webp(content: bytearray, chance: random.Random) -> bytearray:
    places = [
        position
        for name in (b"VP8X", b"ANMF", b"VP8 ", b"VP8L", b"ALPH", b"ICCP", b"EXIF")
        if (position := content.find(name)) >= 0
    ]
    if not places:
        return content
    place = chance.choice(places)
    match chance.randrange(3):
        case 0:
            put(content, place + 4, "<I", chance.choice(NUMBERS))
        case _:
            at = {b"VP8X": 12, b"ANMF": 8, b"VP8 ": 14, b"VP8L": 9}.get(
                bytes(content[place : place + 4]), 8
            )
            put(content, place + at + chance.choice([0, 2, 3, 6]), "<I", chance.choice(NUMBERS))
    return content


def lie_in_avif(content: bytearray, chance: random.Random) -> bytearray:
    name = chance.choice(BOXES)
    place = content.find(name)
    while (further := content.find(name, place + 1)) >= 0 and chance.random() < 0.5:
        place = further
    if place < 0:
        return content
    match chance.randrange(4):
        case 0:
            put(content, place - 4, ">I", chance.choice(NUMBERS))
        case 1:
            put(content, place + 8, ">II", *choose(chance, NUMBERS))
        case _:
            put(content, place + 4 + chance.randrange(90), ">H", chance.choice(SIDES))
    return content


def lie_in_tiff(content: bytearray, chance: random.Random) -> bytearray:
    order = "<" if content.startswith(b"II") else ">"
    (start,) = struct.unpack_from(order + "I", content.ljust(8), 4)
    if start + 2 > len(content):
        return content
    (count,) = struct.unpack_from(order + "H", content, start)
    place = start + 2 + 12 * chance.randrange(min(count, 30) or 1)
    match chance.randrange(4):
        case 0:
            put(content, place + 8, order + "I", chance.choice(NUMBERS))
        case 1:
            put(content, place + 4, order + "I", chance.choice(NUMBERS))
        case 2:
            put(content, place, order + "H", chance.choice(TIFF_TAGS))
        case _:
            kinds, numbers = [1, 2, 3, 4, 5, 7, 9, 12, 13, 16], choose(chance, NUMBERS)
            put(content, place, order + "HH", chance.choice(TIFF_TAGS), chance.choice(kinds))
            put(content, place + 4, order + "II", *numbers)
    return content


# By where each format is signed, and how.
LIES: dict[tuple[int, bytes], Callable[[bytearray, random.Random], bytearray]] = {
    (0, PNG_SIGNATURE): lie_in_png,
    (0, b"\xff\xd8"): lie_in_jpeg,
    (0, b"GIF8"): lie_in_gif,
    (0, b"BM"): lie_in_bmp,
    (8, b"WEBP"): lie_in_webp,
    (4, b"ftyp"): lie_in_avif,
    (0, b"II*\0"): lie_in_tiff,
    (0, b"MM\0*"): lie_in_tiff,
}
