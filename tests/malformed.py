"""Pictures that are none, broken ones and bombs, made in code: each with the code of its refusal."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from .pictures import encode, encode_noise, noise

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SHORT, LONG, SIGNED_LONG = 3, 4, 9
HTML = b"<!doctype html><script>alert(1)</script>"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

NOT_AN_IMAGE = "not_an_image"
CORRUPT = "image_corrupt"
TRUNCATED = "image_truncated"
UNSUPPORTED = "image_unsupported"
TOO_MANY_PIXELS = "too_many_pixels"
# Where it is the decoder's matter at which point it gives up.
BROKEN = "image_corrupt image_truncated not_an_image"


@dataclass(frozen=True)
class Malformed:
    """A file, the codes of which one refuses it, and what its sender calls it."""

    label: str
    content: bytes
    codes: str
    name: str = "picture.png"
    content_type: str = "image/png"


def chunk(name: bytes, data: bytes, *, checksum: int | None = None) -> bytes:
    right = zlib.crc32(name + data)
    return (
        struct.pack(">I", len(data))
        + name
        + data
        + struct.pack(">I", right if checksum is None else checksum)
    )


def header(width: int, height: int, *, depth: int = 8, color_type: int = 2) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0))


def png(*before: bytes, pixels: bytes | None = None, after: bytes = b"") -> bytes:
    """Put chunks between the header and the pixels of 8 x 6 black ones, or after them."""
    rows = zlib.compress((b"\0" + bytes(3 * 8)) * 6) if pixels is None else pixels
    chunks = [header(8, 6), *before, chunk(b"IDAT", rows), after, chunk(b"IEND", b"")]
    return PNG_SIGNATURE + b"".join(chunks)


def tiff(changes: dict[int, tuple[int, int, int]], *, next_directory: int = 0) -> bytes:
    """Make a gray TIFF of 8 x 6; ``changes`` are of its entries: type, count and value by tag."""
    entries = {
        256: (4, 1, 8),
        257: (4, 1, 6),
        258: (3, 1, 8),
        259: (3, 1, 1),
        262: (3, 1, 1),
        273: (4, 1, 8),
        277: (3, 1, 1),
        278: (4, 1, 6),
        279: (4, 1, 48),
    } | changes
    packed = b"".join(struct.pack("<HHII", tag, *rest) for tag, rest in sorted(entries.items()))
    directory = struct.pack("<H", len(entries)) + packed + struct.pack("<I", next_directory)
    return b"II*\0" + struct.pack("<I", 56) + bytes(48) + directory


def make_tile(width: int, height: int, *, kind: int = LONG) -> bytes:
    """Make a gray TIFF of 8 x 6 whose only tile is black and has these sides, of this type."""
    deflate = zlib.compressobj()
    million = deflate.compress(bytes(1_000_000)) + deflate.flush(zlib.Z_FULL_FLUSH)
    # Whatever else comes, nobody reads: where it ends, it is the first million again.
    samples = million[:2] + million[2:] * (width * height // 1_000_000 + 1)
    changes = {
        259: (SHORT, 1, 8),
        322: (kind, 1, width),
        323: (kind, 1, height),
        324: (LONG, 1, 0),
        325: (LONG, 1, len(samples)),
    }
    without_samples = tiff(changes)
    return tiff(changes | {324: (LONG, 1, len(without_samples))}) + samples


def make_strips(count: int, *, rows_per_strip: int = 1, compression: int = 1) -> bytes:
    """Make a gray TIFF that is a pixel wide, of so many strips that are all in the same place."""
    places_at, sizes_at = 56, 56 + 4 * count
    changes = {
        256: (LONG, 1, 1),
        257: (LONG, 1, count),
        259: (SHORT, 1, compression),
        273: (LONG, count, places_at),
        278: (LONG, 1, rows_per_strip),
        279: (SHORT, count, sizes_at),
    }
    lists = struct.pack("<I", 8) * count + struct.pack("<H", 1) * count
    content = tiff(changes)
    directory_at = struct.pack("<I", 56 + len(lists))
    return content[:4] + directory_at + content[8:56] + lists + content[56:]


def big_tiff(changes: dict[int, tuple[int, int, int]], *, behind: bytes = b"") -> bytes:
    """Make a gray BigTIFF of 8 x 6, with other bytes at 1000."""
    entries = {
        256: (4, 1, 8),
        257: (4, 1, 6),
        258: (3, 1, 8),
        259: (3, 1, 1),
        262: (3, 1, 1),
        273: (4, 1, 16),
        277: (3, 1, 1),
        278: (4, 1, 6),
        279: (4, 1, 48),
    } | changes
    packed = b"".join(struct.pack("<HHQQ", tag, *rest) for tag, rest in sorted(entries.items()))
    directory = struct.pack("<Q", len(entries)) + packed + bytes(8)
    return (b"II+\0\x08\0\0\0" + struct.pack("<Q", 64) + bytes(48) + directory).ljust(1000) + behind


def list_tags(count: int) -> bytes:
    """Make a directory of a BigTIFF."""
    return struct.pack("<Q", count) + struct.pack("<HHQQ", 1, 3, 1, 1) * count + bytes(8)


def gif(
    screen: tuple[int, int], frame: tuple[int, int, int, int], *before: bytes, disposal: int = 0
) -> bytes:
    """Make a GIF of a frame with these sides at this place; its first pixel is all there is of it."""
    control = bytes([disposal << 2 | 1, 0, 0, 1, 0])
    return b"".join(
        [
            *(b"GIF89a", struct.pack("<HHBBB", *screen, 0x80, 0, 0), bytes(3), b"\xff" * 3),
            *(*before, b"!\xf9\4", control),
            *(b",", struct.pack("<HHHHB", *frame, 0), b"\2\2\x44\1\0;"),
        ]
    )


def bmp(width: int, height: int, *, header_bytes: int = 40) -> bytes:
    """Make the beginning of a BMP of 24 bits."""
    file_header = struct.pack("<2sIII", b"BM", 0, 0, 14 + header_bytes)
    sides = struct.pack("<HH" if header_bytes == 12 else "<ii", width, height)
    header = struct.pack("<I", header_bytes) + sides + struct.pack("<HH", 1, 24)
    return file_header + header.ljust(header_bytes, b"\0") + bytes(100)


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    packed = b"".join(
        name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(packed)) + b"WEBP" + packed


def webp_canvas(width: int, height: int, *, flags: int = 0) -> tuple[bytes, bytes]:
    sides = b"".join((side - 1).to_bytes(3, "little") for side in (width, height))
    return b"VP8X", bytes([flags, 0, 0, 0]) + sides


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def after_start(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def replace_segment(jpeg: bytes, marker: int, data: bytes) -> bytes:
    start = jpeg.index(bytes([0xFF, marker]))
    (length,) = struct.unpack_from(">H", jpeg, start + 2)
    return jpeg[:start] + segment(marker, data) + jpeg[start + 2 + length :]


def overwrite(content: bytes, position: int, piece: bytes) -> bytes:
    return content[:position] + piece + content[position + len(piece) :]


def deflate_zeros(count: int) -> bytes:
    """Compress zeros, piece by piece: many of them at a time would hide what their reader takes."""
    deflate = zlib.compressobj()
    pieces = [deflate.compress(bytes(10_000)) for _ in range(count // 10_000)]
    return b"".join(pieces) + deflate.flush()


def encode_frames(image_format: str) -> bytes:
    first, second = (Image.fromarray(noise(seed)) for seed in (1, 2))
    return encode(first, image_format, save_all=True, append_images=[second])


def add_scans(count: int, size: tuple[int, int] = (64, 64)) -> bytes:
    """Repeat the last scan of a progressive JPEG, each of which is worked through for every pixel."""
    jpeg = encode(Image.new("RGB", size), "JPEG", progressive=True)
    last = jpeg[jpeg.rindex(b"\xff\xda") : -2]
    return jpeg[:-2] + last * count + jpeg[-2:]


FILES = {
    "PNG": encode_noise(1),
    "JPEG": encode_noise(1, image_format="JPEG"),
    "progressive JPEG": encode_noise(1, image_format="JPEG", progressive=True),
    "WebP": encode_noise(1, image_format="WEBP"),
    "lossless WebP": encode_noise(1, image_format="WEBP", lossless=True),
    "GIF": encode_noise(1, image_format="GIF"),
    "BMP": encode_noise(1, image_format="BMP"),
    "TIFF": encode_noise(1, image_format="TIFF"),
    "LZW TIFF": encode_noise(1, image_format="TIFF", compression="tiff_lzw"),
    "AVIF": encode_noise(1, image_format="AVIF"),
}
PNG, JPEG, GIF, BMP = (FILES[name] for name in ("PNG", "JPEG", "GIF", "BMP"))
APNG = encode_frames("PNG")

# Where the blocks begin: behind the header and a palette of 256 colours.
GIF_BLOCKS = 13 + 3 * 256


def truncated() -> Iterator[Malformed]:
    for name, content in FILES.items():
        for part, length in {
            "4 bytes": 4,
            "20 bytes": 20,
            "a quarter": len(content) // 4,
            "a half": len(content) // 2,
            "nine tenths": len(content) * 9 // 10,
        }.items():
            yield Malformed(f"{part} of a {name}", content[:length], BROKEN)


def broken_png() -> Iterator[Malformed]:
    yield Malformed("PNG signature alone", PNG_SIGNATURE, NOT_AN_IMAGE)
    yield Malformed("PNG header alone", PNG_SIGNATURE + header(8, 6), BROKEN)
    yield Malformed(
        "PNG without pixels", PNG_SIGNATURE + header(8, 6) + chunk(b"IEND", b""), BROKEN
    )
    yield Malformed("PNG, wrong checksum of the header", overwrite(PNG, 29, b"abcd"), NOT_AN_IMAGE)
    wrong = chunk(b"IDAT", zlib.compress((b"\0" + bytes(24)) * 6), checksum=1)
    yield Malformed(
        "PNG, wrong checksum of the pixels",
        PNG_SIGNATURE + header(8, 6) + wrong + chunk(b"IEND", b""),
        CORRUPT,
    )
    yield Malformed("PNG, garbage for pixels", png(pixels=b"garbage"), CORRUPT)
    yield Malformed("PNG, too few pixels", png(pixels=zlib.compress(bytes(30))), TRUNCATED)
    yield Malformed("PNG, unknown filter", png(pixels=zlib.compress(b"\7" * 25 * 6)), CORRUPT)
    for label, first in {
        "no width": header(0, 6),
        "no height": header(8, 0),
        "depth of 3": header(8, 6, depth=3),
        "color type 5": header(8, 6, color_type=5),
        "short header": chunk(b"IHDR", bytes(5)),
    }.items():
        yield Malformed(f"PNG, {label}", PNG_SIGNATURE + first + png()[33:], BROKEN)
    yield Malformed("PNG, a chunk longer than the file", png(b"\x7f\xff\xff\xffteXt"), BROKEN)
    yield Malformed(
        "PNG without a palette", PNG_SIGNATURE + header(8, 6, color_type=3) + png()[33:], BROKEN
    )


def broken_apng() -> Iterator[Malformed]:
    position = APNG.index(b"fcTL")
    yield Malformed(
        "APNG, wrong checksum of a frame", overwrite(APNG, position + 10, b"abcd"), BROKEN
    )
    frame = struct.pack(">5I2H2B", 0, 9999, 9999, 9999, 9999, 1, 10, 0, 0)
    count = chunk(b"acTL", struct.pack(">2I", 2, 0))
    yield Malformed("APNG, frame beyond the picture", png(count, chunk(b"fcTL", frame)), BROKEN)
    yield Malformed("APNG, short frame control", png(count, chunk(b"fcTL", bytes(5))), BROKEN)
    yield Malformed(
        "APNG, frames out of order", png(count, chunk(b"fcTL", b"\x09" + frame[1:])), BROKEN
    )
    yield Malformed("APNG, frame data that isn't any", png(count, chunk(b"fdAT", b"\0")), BROKEN)


def broken_jpeg() -> Iterator[Malformed]:
    yield Malformed("JPEG start alone", b"\xff\xd8\xff", BROKEN)
    yield Malformed("JPEG of start and end", b"\xff\xd8\xff\xd9", BROKEN)
    start = struct.pack(">BHHB", 8, 30, 40, 3)
    sampling = b"\1\x22\0\2\x11\1\3\x11\1"
    for label, marker, data in [
        ("no width", 0xC0, struct.pack(">BHHB", 8, 30, 0, 3) + sampling),
        ("no height", 0xC0, struct.pack(">BHHB", 8, 0, 40, 3) + sampling),
        ("no components", 0xC0, struct.pack(">BHHB", 8, 30, 40, 0)),
        ("255 components", 0xC0, struct.pack(">BHHB", 8, 30, 40, 255) + bytes(765)),
        ("sampling of 15", 0xC0, start + b"\1\xff\0\2\x11\1\3\x11\1"),
        ("too many codes", 0xC4, b"\0" + b"\xff" * 16 + bytes(255 * 16)),
        ("codes that don't fit", 0xC4, b"\0" + b"\xff" * 16),
        ("table 15 of quantities", 0xDB, b"\x0f" + bytes(64)),
        ("half a table of quantities", 0xDB, b"\0" + bytes(10)),
    ]:
        yield Malformed(f"JPEG, {label}", replace_segment(JPEG, marker, data), BROKEN)
    deep = replace_segment(JPEG, 0xC0, b"\x0c" + start[1:] + sampling)
    yield Malformed("JPEG, 12 bits", deep, UNSUPPORTED)
    yield Malformed(
        "JPEG, segment longer than the file", after_start(JPEG, b"\xff\xe5\xff\xff"), BROKEN
    )


def broken_tiff() -> Iterator[Malformed]:
    many = 0xFFFFFFFF
    yield Malformed("TIFF, directory beyond the file", b"II*\0\xff\xff\xff\x7f", BROKEN)
    yield Malformed("TIFF, directory in its own header", b"II*\0\0\0\0\0", BROKEN)
    for label, changes in {
        "no width": {256: (4, 1, 0)},
        "no height": {257: (4, 1, 0)},
        "4 billion offsets": {273: (4, many, 8)},
        "offset beyond the file": {273: (4, 1, many - 1)},
        "unknown compression": {259: (3, 1, 60000)},
        "garbage for deflated": {259: (3, 1, 8)},
        "garbage for JPEG": {259: (3, 1, 7)},
        "no samples": {277: (3, 1, 0)},
        "65535 samples": {277: (3, 1, 65535)},
        "width in letters": {256: (2, 4, 0x61616161)},
    }.items():
        yield Malformed(f"TIFF, {label}", tiff(changes), f"{BROKEN} {UNSUPPORTED}")
    yield Malformed("TIFF, 65535 entries", b"II*\0\x08\0\0\0\xff\xff" + bytes(40), BROKEN)


def broken_others() -> Iterator[Malformed]:
    webp, avif = FILES["WebP"], FILES["AVIF"]
    yield Malformed(
        "GIF, no width",
        overwrite(overwrite(GIF, 6, b"\0\0"), GIF.index(b",", GIF_BLOCKS) + 5, b"\0\0"),
        BROKEN,
    )
    yield Malformed("GIF without a picture", GIF[:13] + b";", BROKEN)
    yield Malformed(
        "GIF, codes of 200 bits", GIF[: GIF.index(b",", GIF_BLOCKS) + 10] + b"\xc8\0;", BROKEN
    )
    for label, junk in {
        "junk": b"\1" * 1_000_000,
        "what looks like a frame, behind an empty extension": b"!\xff\0\x0b"
        + b",".ljust(11, b"\1"),
        "what looks like a frame, behind loops without a number": b"!\xff\x0bNETSCAPE2.0\0\x0b"
        + b",".ljust(11, b"\1"),
    }.items():
        content = GIF[:GIF_BLOCKS] + junk + b"\0" + GIF[GIF_BLOCKS:]
        yield Malformed(f"GIF with {label}", content, CORRUPT)
    yield Malformed("BMP, no width", overwrite(BMP, 18, bytes(4)), BROKEN)
    yield Malformed("BMP, header of 3 bytes", overwrite(BMP, 14, b"\3\0\0\0"), BROKEN)
    header = struct.pack("<IiiHHIIiiII", 40, 8, 6, 1, 8, 1, 0, 0, 0, 256, 0)
    start = b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + 40 + 1024) + header + bytes(1024)
    yield Malformed("BMP of a million empty runs", start + b"\0\2\0\0" * 1_000_000, CORRUPT)
    yield Malformed("BMP, 7 bits", overwrite(BMP, 28, b"\7\0"), BROKEN)
    yield Malformed("BMP, pixels beyond the file", overwrite(BMP, 10, b"\xff\xff\xff\x7f"), BROKEN)
    yield Malformed("WebP, garbage", webp[:16] + bytes(len(webp) - 16), BROKEN)
    yield Malformed("WebP, no size", b"RIFF\0\0\0\0WEBPVP8 ", BROKEN)
    yield Malformed("AVIF, garbage", avif[:32] + b"\xff" * (len(avif) - 32), BROKEN)
    yield Malformed("AVIF, boxes alone", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", BROKEN)


def bombs() -> Iterator[Malformed]:
    """Yield what is small to send and large to read."""
    large = PNG_SIGNATURE + header(50_000, 50_000) + chunk(b"IDAT", b"\0") + chunk(b"IEND", b"")
    yield Malformed("PNG, 50000 x 50000 in 70 bytes", large, TOO_MANY_PIXELS)
    bits = PNG_SIGNATURE + header(20_000, 20_000, depth=1, color_type=0)
    rows = deflate_zeros(2501 * 20_000)
    yield Malformed(
        "PNG, 400 MP of one bit", bits + chunk(b"IDAT", rows) + chunk(b"IEND", b""), TOO_MANY_PIXELS
    )
    start = struct.pack(">BHHB", 8, 65_000, 65_000, 3) + b"\1\x22\0\2\x11\1\3\x11\1"
    yield Malformed("JPEG, 65000 x 65000", replace_segment(JPEG, 0xC0, start), TOO_MANY_PIXELS)
    yield Malformed("GIF, 65535 x 65535", overwrite(GIF, 6, b"\xff" * 4), TOO_MANY_PIXELS)
    yield Malformed(
        "BMP, 50000 x 50000",
        overwrite(BMP, 18, struct.pack("<ii", 50_000, 50_000)),
        TOO_MANY_PIXELS,
    )
    yield Malformed(
        "TIFF, 50000 x 50000", tiff({256: (4, 1, 50_000), 257: (4, 1, 50_000)}), TOO_MANY_PIXELS
    )
    avif = encode(Image.new("RGB", (3000, 3000)), "AVIF", speed=10)
    large, small = (struct.pack(">II", side, side) for side in (3000, 10))
    yield Malformed("AVIF, 3000 x 3000 that are 10 x 10", avif.replace(large, small), UNSUPPORTED)
    for side, label in {322: "wide", 323: "high"}.items():
        tile = tiff({259: (SHORT, 1, 8), side: (LONG, 1, 100_000_000)})
        yield Malformed(
            f"TIFF, tiles that are too {label}, and their other side missing", tile, UNSUPPORTED
        )
    yield Malformed("TIFF, one tile of 30000 x 20000", make_tile(30_000, 20_000), UNSUPPORTED)
    for label, content in {
        "PNG of unknown chunks": png(chunk(b"abCd", b"") * 100_000),
        "PNG of empty pixels": png(chunk(b"IDAT", b"") * 100_000),
        "PNG of empty pixels, after them": png(after=chunk(b"IDAT", b"") * 100_000),
        "JPEG of comments": after_start(JPEG, segment(0xFE, b"") * 100_000),
        "JPEG of Exif": after_start(JPEG, segment(0xE1, b"Exif\0\0" + b"a" * 10) * 100_000),
        "JPEG of padding": after_start(JPEG, b"\xff" * 1_000_000),
        "JPEG of junk": JPEG[:20] + bytes(1_000_000) + JPEG[20:],
        "JPEG of scans": add_scans(1000),
        "GIF of comments": GIF[:GIF_BLOCKS] + b"!\xfe\1a\0" * 100_000 + GIF[GIF_BLOCKS:],
        "GIF of one comment": GIF[:GIF_BLOCKS]
        + b"!\xfe"
        + b"\1a" * 100_000
        + b"\0"
        + GIF[GIF_BLOCKS:],
    }.items():
        yield Malformed(label, content, UNSUPPORTED)


def lying() -> Iterator[Malformed]:
    """Yield what would be allocated, worked through or inflated as a number in the file says."""
    most = 65_535
    for label, content in {
        "disposed of": gif((most, most), (0, 0, most, most), disposal=2),
        "restored": gif((1, 1), (0, 0, most, most), disposal=3),
        "whose frame is far off": gif((1, 1), (most, most, 1, 1), disposal=2),
    }.items():
        yield Malformed(f"GIF, 65535 x 65535, {label}", content, TOO_MANY_PIXELS)
    for header_bytes in (12, 40, 52, 56, 64, 108, 124):
        content = bmp(50_000, 50_000, header_bytes=header_bytes)
        yield Malformed(f"BMP, 50000 x 50000, header of {header_bytes}", content, TOO_MANY_PIXELS)
    yield Malformed("BMP, 50000 x -50000", bmp(50_000, -50_000), TOO_MANY_PIXELS)
    yield Malformed("BMP, -50000 x 50000", bmp(-50_000, 50_000), TOO_MANY_PIXELS)
    lossless = b"\x2f" + struct.pack("<I", 16_383 << 14 | 16_383)
    lossy = bytes(3) + b"\x9d\x01\x2a" + struct.pack("<HH", 16_383, 16_383)
    small, large = webp_canvas(8, 6), webp_canvas(2**24, 2**24)
    yield Malformed("WebP, 16M x 16M", webp(large, (b"VP8L", lossless)), TOO_MANY_PIXELS)
    yield Malformed("WebP, 16384 x 16384", webp((b"VP8L", lossless)), TOO_MANY_PIXELS)
    yield Malformed("WebP, 16383 x 16383", webp((b"VP8 ", lossy)), TOO_MANY_PIXELS)
    yield Malformed("WebP, larger than its canvas", webp(small, (b"VP8L", lossless)), CORRUPT)
    frame = bytes(6) + b"\xff" * 6 + bytes(4)
    animated = webp_canvas(8, 6, flags=2)
    yield Malformed("WebP, frame beyond its canvas", webp(animated, (b"ANMF", frame)), CORRUPT)
    yield Malformed("WebP of chunks", webp(small, *[(b"abcd", b"")] * 100_000), UNSUPPORTED)
    yield Malformed("PNG with a second header", png(header(50_000, 50_000)), CORRUPT)
    yield Malformed("PNG with a smaller second header", png(header(4, 3)), CORRUPT)
    behind = PNG_SIGNATURE + chunk(b"tEXt", b"a\0b") + PNG[len(PNG_SIGNATURE) :]
    yield Malformed("PNG with its header behind a text", behind, NOT_AN_IMAGE)
    yield Malformed("JPEG of nothing but padding", b"\xff\xd8" + b"\xff" * 19_000_000, BROKEN)
    yield Malformed("JPEG of stuffing", b"\xff\xd8\xff" + b"\xff\0" * 9_500_000, BROKEN)
    yield Malformed("JPEG of restarts", b"\xff\xd8\xff" + b"\xff\xd0" * 9_500_000, BROKEN)
    yield Malformed(
        "JPEG of padding behind its end", JPEG[:2] + JPEG[-2:] + b"\xff" * 19_000_000, BROKEN
    )
    frame = struct.pack(">BHHB", 8, 65_000, 65_000, 3) + b"\1\x22\0\2\x11\1\3\x11\1"
    for label, content in {
        "before": after_start(JPEG, segment(0xC2, frame)),
        "behind": after_start(JPEG, segment(0xC0, struct.pack(">BHHB", 8, 6, 8, 3) + frame[6:])),
    }.items():
        yield Malformed(f"JPEG, another size {label}", content, CORRUPT)
    for compression in (1, 5):
        yield Malformed(
            f"TIFF, 2.8 million strips, compression {compression}",
            make_strips(2_800_000, compression=compression),
            UNSUPPORTED,
        )
    yield Malformed("TIFF, 100,001 strips", make_strips(100_001), UNSUPPORTED)
    yield Malformed("TIFF, more strips than rows", make_strips(1000, rows_per_strip=2), CORRUPT)
    yield Malformed("TIFF, strips of no rows", make_strips(10, rows_per_strip=0), CORRUPT)
    tiles = {322: (LONG, 1, 16), 323: (LONG, 1, 16), 324: (LONG, 1000, 8), 325: (LONG, 1000, 8)}
    yield Malformed("TIFF, more tiles than room", tiff(tiles), CORRUPT)
    yield Malformed("TIFF, tiles of no width", tiff(tiles | {322: (LONG, 1, 0)}), CORRUPT)


def foreign() -> Iterator[Malformed]:
    """Yield what Pillow reads, or a browser, and the service does not."""
    image = Image.fromarray(noise(1))
    for name in ("ICO", "JPEG2000"):
        yield Malformed(f"{name} file", encode(image, name), UNSUPPORTED)
    for name in (
        "ICNS",
        "TGA",
        "PPM",
        "PCX",
        "SGI",
        "DDS",
        "PDF",
        "EPS",
        "QOI",
    ):
        yield Malformed(f"{name} file", encode(image, name), NOT_AN_IMAGE)
    yield Malformed("XBM file", encode(image.convert("1"), "XBM"), NOT_AN_IMAGE)
    yield Malformed(
        "PSD file",
        b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 6, 8, 8, 3) + bytes(200),
        UNSUPPORTED,
    )
    yield Malformed("FITS file", b"SIMPLE  =                    T".ljust(2880), NOT_AN_IMAGE)
    yield Malformed("WMF file", b"\xd7\xcd\xc6\x9a" + bytes(100), NOT_AN_IMAGE)
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' width='8' height='6'/>"
    yield Malformed("SVG", svg, UNSUPPORTED, "picture.svg", "image/svg+xml")
    yield Malformed("SVG called PNG", svg, UNSUPPORTED)
    yield Malformed("HTML", HTML, NOT_AN_IMAGE, "picture.html", "text/html")
    yield Malformed("HTML called JPEG", HTML, NOT_AN_IMAGE, "picture.jpg", "image/jpeg")
    yield Malformed("PDF", PDF, NOT_AN_IMAGE, "picture.pdf", "application/pdf")
    yield Malformed(
        "PostScript that runs a command",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 6\n(%pipe%id) (w) file\n",
        NOT_AN_IMAGE,
    )
    yield Malformed("PDF before a PNG", PDF + PNG, NOT_AN_IMAGE)
    yield Malformed("HTML before a GIF", HTML + GIF, NOT_AN_IMAGE)
    yield Malformed("ZIP archive", b"PK\3\4" + bytes(100), NOT_AN_IMAGE)
    yield Malformed("MP4", b"\0\0\0\x18ftypisom\0\0\0\0isommp42", NOT_AN_IMAGE)
    yield Malformed("empty file", b"", "image_empty")
    yield Malformed("one byte", b"\x89", NOT_AN_IMAGE)
    yield Malformed("zeros", bytes(1000), NOT_AN_IMAGE)
    yield Malformed("random bytes", np.random.default_rng(1).bytes(1000), NOT_AN_IMAGE)


MALFORMED = [
    *truncated(),
    *broken_png(),
    *broken_apng(),
    *broken_jpeg(),
    *broken_tiff(),
    *broken_others(),
    *bombs(),
    *lying(),
    *foreign(),
]


# Valid pictures, whatever else they are: label, media type and content.
POLYGLOTS = [
    ("GIF with a page behind it", "image/gif", GIF + HTML),
    (
        "GIF with a page in a comment",
        "image/gif",
        GIF[:GIF_BLOCKS] + b"!\xfe" + bytes([len(HTML)]) + HTML + b"\0" + GIF[GIF_BLOCKS:],
    ),
    ("PNG with a PDF behind it", "image/png", PNG + PDF),
    ("PNG with a page in a text", "image/png", png(chunk(b"tEXt", b"Comment\0" + HTML))),
    ("PNG with a ZIP archive behind it", "image/png", PNG + b"PK\5\6" + bytes(18)),
    ("JPEG with a page in a comment", "image/jpeg", after_start(JPEG, segment(0xFE, HTML))),
    (
        "JPEG with a film behind it",
        "image/jpeg",
        JPEG + b"\0\0\0\x18ftypmp42" + b"\xff\xda\xff\xd9" * 1000,
    ),
    (
        "JPEG with a script in its Exif",
        "image/jpeg",
        after_start(JPEG, segment(0xE1, b"Exif\0\0" + HTML)),
    ),
    ("BMP with a script behind it", "image/bmp", BMP + b"*/=alert(1)//"),
]
