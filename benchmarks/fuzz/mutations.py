import random
import zlib
from collections.abc import Callable

from .chunks import PNG_SIGNATURE, make_chunk, split_chunks
from .lies import lie
from .seeds import SEEDS

Mutation = Callable[[bytearray, random.Random], bytearray]


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
    lie,
    lie,
    lie,
]
