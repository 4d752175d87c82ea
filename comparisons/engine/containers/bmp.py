"""BMP: https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types.

OS/2 has headers of its own: https://www.fileformat.info/format/os2bmp/egff.htm. What neither says is as in
Chromium 150.
"""

from dataclasses import dataclass

from comparisons.engine.errors import ImageCorrupt, ImageUnsupported

from .bmp_header import BitmapHeader, read_number
from .container import Container

# OS/2 lists pictures for several devices: the first is shown.
SIGNATURE, LIST_SIGNATURE = b"BM", b"BA"
FILE_HEADER_BYTES, PIXELS_AT = 14, 10

PALETTE_DEPTHS, MASKED_DEPTHS, DEPTHS = {1, 2, 4, 8}, {16, 32}, {1, 2, 4, 8, 16, 24, 32}
PLAIN, MASKED, MASKED_WITH_ALPHA = 0, {3, 6}, 6
# By compression and bits, of how many bits the pixels in runs are.
RUN_DEPTHS = {
    **{(1, bits): 8 for bits in (1, 2, 4, 8)},
    **{(2, bits): 4 for bits in (1, 2, 4)},
    (4, 24): 24,
}
FOREIGN = {3: "Huffman codes", 4: "a JPEG", 5: "a PNG", 11: "CMYK", 12: "CMYK", 13: "CMYK"}

Masks = tuple[int, int, int, int]
PLAIN_MASKS = {16: (0x7C00, 0x03E0, 0x001F), 32: (0xFF0000, 0x00FF00, 0x0000FF)}

OPAQUE, BLACK, MAX_COLORS = b"\xff", b"\0\0\0\xff", 256


@dataclass(frozen=True, kw_only=True)
class BmpContainer(Container):
    """Pixels of ``depth`` bits from ``pixels_at`` on, in rows or in runs.

    ``palette`` is 256 colours of four bytes, RGBA, for depths up to 8. ``masks`` are the bits of red, green,
    blue and alpha in a pixel, for depths of 16 and 32; 0 where there is no such channel.
    """

    depth: int
    has_runs: bool
    is_bottom_up: bool
    pixels_at: int
    palette: bytes = b""
    masks: Masks | None = None

    @property
    def has_alpha(self) -> bool:
        return self.masks is not None and self.masks[3] != 0


def recognizes(content: bytes) -> bool:
    return content.startswith(SIGNATURE, find_start(content))


def find_start(content: bytes) -> int:
    return FILE_HEADER_BYTES if content.startswith(LIST_SIGNATURE) else 0


def read(content: bytes) -> BmpContainer:
    """Read the headers, and what stands between them and the pixels.

    :raises ImageTruncated: the file ends before the header does.
    :raises ImageCorrupt: the header contradicts itself.
    :raises ImageUnsupported: the pixels are of another format.
    """
    start = find_start(content)
    header = BitmapHeader(content, start + FILE_HEADER_BYTES)
    depth, has_runs = find_depth(header)
    pixels_at = read_number(content, start + PIXELS_AT)
    masks, palette, end = None, b"", header.end
    if depth in MASKED_DEPTHS:
        masks, end = read_masks(content, header)
    if 0 < pixels_at < end:
        raise ImageCorrupt("the image is corrupt: its pixels begin within its header")
    if depth in PALETTE_DEPTHS:
        palette, end = read_palette(content, header, pixels_at or len(content))
    return BmpContainer(
        width=header.width,
        height=abs(header.height),
        content=content,
        color_space=header.read_color_space(),
        depth=depth,
        has_runs=has_runs,
        is_bottom_up=header.height > 0,
        pixels_at=pixels_at or end,
        palette=palette,
        masks=masks,
    )


def find_depth(header: BitmapHeader) -> tuple[int, bool]:
    """Find of how many bits the pixels are, and whether they are in runs.

    :raises ImageCorrupt: there are no bitmaps of as many bits.
    :raises ImageUnsupported: the pixels are compressed in a way that is not read here.
    """
    bits, compression = header.bits, header.compression
    if (compression, bits) in RUN_DEPTHS:
        return RUN_DEPTHS[compression, bits], True
    if compression == PLAIN and bits in DEPTHS:
        return bits, False
    if compression in MASKED and bits in MASKED_DEPTHS:
        return bits, False
    if bits not in {0, *DEPTHS}:
        raise ImageCorrupt(f"the image is corrupt: its pixels have {bits} bits")
    what = FOREIGN.get(compression, f"{bits} bits a pixel and compression {compression}")
    raise ImageUnsupported(f"BMP with {what} is not supported; export it as PNG")


def read_masks(content: bytes, header: BitmapHeader) -> tuple[Masks, int]:
    """Read the masks, and where they end: they are in the header, or behind it.

    :raises ImageCorrupt: the bits of a mask are not next to each other.
    """
    end, alpha = header.end, header.alpha_mask
    colors = PLAIN_MASKS[header.bits]
    if header.compression != PLAIN:
        at = header.masks_at
        colors = (
            read_number(content, at),
            read_number(content, at + 4),
            read_number(content, at + 8),
        )
        if at == header.end:
            end += 12
        if at == header.end and header.compression == MASKED_WITH_ALPHA:
            alpha = read_number(content, end)
            end += 4
    elif alpha & sum(colors):
        # It is left over from other ones.
        alpha = 0
    existing = (1 << header.bits) - 1
    red, green, blue, alpha = (mask & existing for mask in (*colors, alpha))
    for mask in (red, green, blue, alpha):
        if mask & mask + (mask & -mask):
            raise ImageCorrupt("the image is corrupt: a colour mask has gaps between its bits")
    return (red, green, blue, alpha), end


def read_palette(content: bytes, header: BitmapHeader, pixels_at: int) -> tuple[bytes, int]:
    """Read the palette as far as it doesn't reach into the pixels, and where it ends.

    Colours that are missing are black.
    """
    most = 1 << header.bits
    count = min(header.colors_used or most, most)
    color_bytes = 3 if header.is_oldest else 4
    end = header.end + count * color_bytes
    stored = content[header.end : min(end, pixels_at)]
    colors = [
        stored[at : at + 3][::-1] + OPAQUE
        for at in range(0, len(stored) - color_bytes + 1, color_bytes)
    ]
    return b"".join(colors) + BLACK * (MAX_COLORS - len(colors)), end
