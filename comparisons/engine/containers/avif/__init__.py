"""AVIF: https://aomediacodec.github.io/av1-avif/.

libavif believes the file's own list of sizes, decodes frames of any other, and scales them: 2 KB that
said 10 x 10 took the memory of 100 million pixels. So the frames are counted that are decoded for the
picture, and decoders get a file that has no others: neither thumbnails nor gain maps, nor the further
frames of a sequence.
"""

from dataclasses import dataclass, replace

from comparisons.engine.color import (
    ColorModel,
    choose_avif_color_space,
    is_high_dynamic_range,
)
from comparisons.engine.containers.container import Container, Frame
from comparisons.engine.containers.parts import Counter
from comparisons.engine.errors import ImageCorrupt, ImageUnsupported

from .av1 import find_sequence
from .boxes import index_boxes
from .frames import count_largest, select_layer
from .items import read_still
from .opacity import make_opaque
from .properties import (
    find_aperture,
    find_code_points,
    find_orientation,
    find_peak_nits,
    find_profile,
)
from .rebuild import write_still
from .still import Item, Still
from .tracks import read_first_frame

STILL, SEQUENCE = b"avif", b"avis"
# As many as Chromium looks at.
MAX_BRANDS = 32

# Colours and opacity; twice of both, as the cells of a grid may have that much beyond its edges.
MAX_FRAMES = 4
MAX_SPARE_PIXELS = 2048 * 2048
WHOLE_BYTE = 8
ALL_LAYERS = b"\xff\xff"


@dataclass(frozen=True, kw_only=True)
class AvifContainer(Container):
    """``depth`` is in bits; those of deep colours all count, because they are HDR."""

    depth: int
    is_gray: bool
    has_deep_colors: bool

    @property
    def model(self) -> ColorModel:
        return ColorModel.GRAY if self.is_gray else ColorModel.RGB


def recognizes(content: bytes) -> bool:
    return bool({STILL, SEQUENCE} & {*find_brands(content)})


def find_brands(content: bytes) -> list[bytes]:
    """Find the formats that the file says it is of, the main one first: FileTypeBox."""
    if content[4:8] != b"ftyp":
        return []
    end = min(int.from_bytes(content[:4]), 16 + 4 * MAX_BRANDS)
    return [content[at : at + 4] for at in (8, *range(16, end, 4))]


def read(content: bytes) -> AvifContainer:
    """Read the still picture, or the first frame of the sequence, whichever browsers show.

    :raises DecodeError: there is none, or its frames have far more pixels.
    """
    parts = Counter()
    still = cut_layers(find_still(content, parts), parts)
    width, height = still.color.size
    sequence = find_sequence(still.color.coded[0].data, parts)
    if sequence is None:
        raise ImageCorrupt("the image is corrupt: it has no sequence header")
    aperture = find_aperture(still.color, width, height)
    shown_width, shown_height = aperture or (width, height)
    check_frames(still, shown_width * shown_height, parts)
    color_space = choose_avif_color_space(
        find_code_points(still.color, sequence),
        find_profile(still.color),
        find_peak_nits(still.color),
    )
    is_deep = sequence.depth > WHOLE_BYTE and not sequence.is_gray
    is_hdr = is_high_dynamic_range(color_space, ColorModel.RGB)
    if is_deep and not is_hdr and still.alpha is None:
        still = replace(still, alpha=make_opaque(still.color, sequence.depth))
    return AvifContainer(
        width=shown_width,
        height=shown_height,
        frame=Frame(0, 0, width, height) if aperture else None,
        content=write_still(still),
        orientation=find_orientation(still.color),
        color_space=color_space,
        frames=still.frames,
        depth=sequence.depth,
        is_gray=sequence.is_gray,
        has_deep_colors=is_deep and is_hdr,
    )


def find_still(content: bytes, parts: Counter) -> Still:
    """Find what browsers show: by the main brand, or else the sequence if there is one."""
    view = memoryview(content)
    boxes = index_boxes(view, {b"meta", b"moov"}, parts)
    main = find_brands(content)[0]
    if main == SEQUENCE or (main != STILL and b"moov" in boxes):
        return read_first_frame(view, boxes.get(b"moov", view[:0]), parts)
    return read_still(view, boxes.get(b"meta", view[:0]), parts)


def cut_layers(still: Still, parts: Counter) -> Still:
    """Leave out the layers above the ones that are selected."""
    color = cut_layers_of_item(still.color, parts)
    alpha = still.alpha and cut_layers_of_item(still.alpha, parts)
    return replace(still, color=color, alpha=alpha)


def cut_layers_of_item(item: Item, parts: Counter) -> Item:
    """LayerSelectorProperty: ISO/IEC 23008-12, 6.5.11."""
    cells = tuple(cut_layers_of_item(cell, parts) for cell in item.cells)
    layer = item.find(b"lsel") or ALL_LAYERS
    if layer == ALL_LAYERS:
        return replace(item, cells=cells)
    data = select_layer(item.data, int.from_bytes(layer), parts)
    return replace(item, data=data, cells=cells)


def check_frames(still: Still, shown_pixels: int, parts: Counter) -> None:
    """Compare what is decoded to what is shown: cells are scaled to the size that their item has.

    :raises ImageUnsupported: it is far more.
    """
    pixels = 0
    for item in still.coded:
        width, height = item.size
        pixels += max(count_largest(item.data, parts), width * height)
    if pixels > MAX_FRAMES * shown_pixels + MAX_SPARE_PIXELS:
        raise ImageUnsupported("the image's frames are far larger than the image")
