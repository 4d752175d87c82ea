"""How large the frames of an AV1 image are: https://aomediacodec.github.io/av1-spec/#uncompressed-header-syntax.

Decoders allocate what each frame says, which may be more or less than the sequence header does.
"""

from dataclasses import dataclass

from comparisons.engine.containers.parts import Counter

from .av1 import (
    HEADER_PARTS,
    SELECT,
    SEQUENCE_HEADER,
    Sequence,
    Timing,
    Unit,
    read_sequence,
    split_units,
)
from .boxes import Reader

FRAME_UNITS = {3, 6, 7}
KEY, INTER, INTRA_ONLY, SWITCH = range(4)
REFERENCES, REFERENCES_OF_FRAME = 8, 7
ALL = 0xFF


@dataclass(frozen=True)
class Kind:
    number: int = KEY
    is_shown: bool = True
    is_resilient: bool = True

    @property
    def is_intra(self) -> bool:
        return self.number in {KEY, INTRA_ONLY}

    @property
    def is_new_start(self) -> bool:
        return self.number == SWITCH or (self.number == KEY and self.is_shown)


def count_largest(coded: bytes | memoryview, parts: Counter) -> int:
    """Count the pixels of the largest frame."""
    pixels, sequence = 0, None
    for unit in split_units(coded, parts):
        if unit.kind == SEQUENCE_HEADER:
            sequence = read_sequence(unit.data, parts)
        elif sequence and unit.kind in FRAME_UNITS:
            parts.count(HEADER_PARTS + len(sequence.operating_points))
            width, height = read_frame_size(unit, sequence)
            pixels = max(pixels, width * height)
    return pixels


def select_layer(coded: bytes | memoryview, layer: int, parts: Counter) -> bytes:
    """Leave out what is only for layers above this one."""
    units = split_units(coded, parts)
    return b"".join(unit.content for unit in units if unit.spatial_id <= layer)


def read_frame_size(unit: Unit, sequence: Sequence) -> tuple[int, int]:
    """Read width and height of a frame: 0 where it takes those of another, or is another once more."""
    reader = Reader(unit.data)
    take, tools = reader.take, sequence.tools
    kind = Kind() if sequence.is_still else take_kind(reader, sequence.timing)
    if kind is None:
        return 0, 0
    take(1)
    has_screen_content = take(1) if tools.screen_content == SELECT else tools.screen_content
    if has_screen_content and tools.integer_motion == SELECT:
        take(1)
    take(sequence.id_bits)
    has_size = kind.number == SWITCH or (not sequence.is_still and bool(take(1)))
    if not has_size:
        return sequence.width, sequence.height
    skip_references(reader, kind, unit, sequence)
    may_take_other = not kind.is_intra and not kind.is_resilient
    if may_take_other and any(take(1) for _ in range(REFERENCES_OF_FRAME)):
        return 0, 0
    width_bits, height_bits = sequence.size_bits
    return take(width_bits) + 1, take(height_bits) + 1


def take_kind(reader: Reader, timing: Timing) -> Kind | None:
    """Take what a frame is; None if it is another one that is shown now."""
    take = reader.take
    if take(1):
        return None
    kind = Kind(take(2), bool(take(1)))
    take(timing.presentation_bits if kind.is_shown else 1)
    return Kind(kind.number, kind.is_shown, kind.is_new_start or bool(take(1)))


def skip_references(reader: Reader, kind: Kind, unit: Unit, sequence: Sequence) -> None:
    """Skip what is between the flag that a frame has a size, and the size."""
    take, order_bits = reader.take, sequence.tools.order_bits
    take(order_bits)
    if not kind.is_intra and not kind.is_resilient:
        take(3)
    if sequence.timing.has_model and take(1):
        for layers in sequence.operating_points:
            if not layers or layers >> unit.temporal_id & layers >> unit.spatial_id + 8 & 1:
                take(sequence.timing.removal_bits)
    refreshed = ALL if kind.is_new_start else take(8)
    if kind.is_resilient and (not kind.is_intra or refreshed != ALL):
        take(REFERENCES * order_bits)
    if kind.is_intra:
        return
    is_short = order_bits and take(1)
    if is_short:
        take(6)
    for _ in range(REFERENCES_OF_FRAME):
        take(0 if is_short else 3)
        take(sequence.id_delta_bits)
