"""LZW as in GIF: https://www.w3.org/Graphics/GIF/spec-gif89a.txt, appendix F."""

from comparisons.engine.errors import ImageCorrupt, ImageTruncated, ImageUnsupported

MAX_BITS, MAX_STRINGS = 12, 4096
# They add no indices. Even one after each index, as some programs write, is enough for a million.
MAX_CLEARS = 1_000_000
MISSING = "the image is truncated: its end is missing"


def expand_codes(data: bytes, literal_bits: int, length: int) -> bytes:
    """Expand codes, which at first have one bit more than the literals, to that many indices.

    :raises ImageTruncated: there are fewer.
    :raises ImageCorrupt: a code stands for nothing.
    :raises ImageUnsupported: the codes are cleared far too often.
    """
    clear, end = 1 << literal_bits, (1 << literal_bits) + 1
    literals = [bytes([index]) for index in range(clear)] + [b"", b""]
    strings, bits, previous = literals.copy(), literal_bits + 1, b""
    indices = bytearray()
    held = held_bits = clears = 0
    for byte in data:
        held |= byte << held_bits
        held_bits += 8
        while held_bits >= bits:
            code = held & (1 << bits) - 1
            held >>= bits
            held_bits -= bits
            if code == clear:
                clears += 1
                if clears > MAX_CLEARS:
                    raise ImageUnsupported(f"the image has more than {MAX_CLEARS} clear codes")
                strings, bits, previous = literals.copy(), literal_bits + 1, b""
                continue
            if code == end:
                raise ImageTruncated(MISSING)
            string = strings[code] if code < len(strings) else previous + previous[:1]
            if not string or code > len(strings):
                raise ImageCorrupt("the image is corrupt and can't be decoded")
            if previous and len(strings) < MAX_STRINGS:
                strings.append(previous + string[:1])
            if len(strings) >= 1 << bits and bits < MAX_BITS:
                bits += 1
            previous = string
            indices += string
            if len(indices) >= length:
                return bytes(indices[:length])
    raise ImageTruncated(MISSING)
