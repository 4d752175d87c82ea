"""An opacity for pictures that have none, all opaque.

With one, libavif converts 10 and 12 bits as browsers do. Without, it cuts their colours to 8 bits first,
which makes a difference of up to 3, and at the edges of 12 bits in 4:2:0, of up to 255.
"""

from .still import Item, Property

# By depth: one white pixel in AV1, and its configuration. It is scaled to the size of the picture.
WHITE = {
    10: (bytes.fromhex("12000a041800063532091000466a921a5c32a0"), bytes.fromhex("81005c00")),
    12: (bytes.fromhex("12000a055800063a8032091000466a921a47155a"), bytes.fromhex("81407c00")),
}
ALPHA = memoryview(b"\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")


def make_opaque(color: Item, depth: int) -> Item:
    """Make the opacity of a picture of 10 or 12 bits: of as many cells as its colours."""
    data, configuration = WHITE[depth]
    whites = tuple(
        Item((*keep_size(item), Property(b"av1C", memoryview(configuration))), data)
        for item in color.coded
    )
    kind = Property(b"auxC", ALPHA)
    if color.cells:
        return Item((*keep_size(color), kind), color.data, whites)
    return Item((*whites[0].properties, kind), data)


def keep_size(item: Item) -> tuple[Property, ...]:
    return tuple(found for found in item.properties if found.name == b"ispe")
