"""Small pictures of every kind, to be mutated."""

import io
import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image, ImageCms

from .chunks import PNG_SIGNATURE, make_chunk


def make_seeds() -> list[bytes]:
    return [*make_stills(), *make_bitmaps(), *make_animations(), *make_deep(), *make_large()]


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
    for mode in ("L", "LA", "P", "RGBA", "CMYK"):
        yield encode(noise.convert(mode), "TIFF")
        yield encode(noise.convert(mode), "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    for compression in ("jpeg", "tiff_lzw"):
        yield encode(rgb, "TIFF", compression=compression, tiffinfo={322: 16, 323: 16})
    yield encode(noise, "WEBP", lossless=True)
    yield encode(noise, "WEBP", quality=50)
    yield encode(noise, "AVIF", speed=10)
    yield encode(rgb, "GIF", interlace=True)


def make_bitmaps() -> Iterator[bytes]:
    """Yield BMP with runs of 8, 4 and 24 bits, and with masks, as no library here writes them."""
    codes = {
        8: b"\x09\1\0\5\1\2\3\4\5\0\0\2\3\0\x0f\7\0\0",
        4: b"\x09\x12\0\5\x12\x34\x50\0\0\2\3\0\x0f\x77\0\0",
        24: b"\x09\1\2\3\0\3\1\2\3\4\5\6\7\x08\x09\0\0\2\3\0\x11\7\7\7\0\0",
    }
    for bits, compression in {8: 1, 4: 2, 24: 4}.items():
        palette = bytes(range(1 << bits)) * 4 if bits <= 8 else b""
        info = struct.pack("<IiiHHI20x", 40, 32, 24, 1, bits, compression)
        start = struct.pack("<2s8xI", b"BM", 14 + len(info) + len(palette))
        yield start + info + palette + codes[bits] * 24 + b"\0\1"
    for bits, masks in {
        16: (0xF00, 0xF0, 0xF, 0xF000),
        32: (0x3FF00000, 0xFFC00, 0x3FF, 3 << 30),
    }.items():
        info = struct.pack("<IiiHHI20x4I68x", 124, 32, 24, 1, bits, 3, *masks)
        start = struct.pack("<2s8xI", b"BM", 14 + len(info))
        yield start + info + bytes(range(256)) * (bits // 8 * 3)


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
    for depth in (10, 12):
        samples = chance.integers(0, 1 << depth, (24, 32, 4), np.uint16)
        settings = [cv2.IMWRITE_AVIF_DEPTH, depth, cv2.IMWRITE_AVIF_SPEED, 10]
        content = cv2.imencode(".avif", samples, settings)[1].tobytes()
        yield content
        # HDR, which another library decodes.
        yield content.replace(b"nclx\0\1\0\x0d", b"nclx\0\x09\0\x10")


def make_large() -> Iterator[bytes]:
    """Yield pictures of enough pixels to tell what each of them takes."""
    rows = np.tile(np.arange(400, dtype=np.uint16).astype(np.uint8), (300, 1))
    plain = Image.fromarray(np.dstack([rows, rows, rows, rows]))
    for name in ("PNG", "WEBP", "AVIF", "TIFF"):
        yield encode(plain, name)
    for name in ("JPEG", "GIF", "BMP"):
        yield encode(plain.convert("RGB"), name)
    yield encode(plain.convert("P"), "PNG")
    yield encode(plain.convert("CMYK"), "JPEG", progressive=True)
    for name in ("GIF", "WEBP", "AVIF"):
        yield encode(plain, name, save_all=True, append_images=[plain.rotate(180)])


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
