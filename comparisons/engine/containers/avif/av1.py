"""AV1, as far as it tells of its colours and of what its frames are made: https://aomediacodec.github.io/av1-spec/."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from comparisons.engine.containers.parts import Counter

from .boxes import Reader

# https://aomediacodec.github.io/av1-spec/#obu-header-semantics
SEQUENCE_HEADER = 1
MAX_SIZE_BYTES = 8
# https://aomediacodec.github.io/av1-spec/#sequence-header-obu-semantics: said by each frame for itself.
SELECT = 2
UNSPECIFIED = 2
# As what a header counts: it takes as long to read as so many boxes.
HEADER_PARTS = 4


class Unit(NamedTuple):
    """An "open bitstream unit": ``content`` is all of it, ``data`` without its header."""

    kind: int
    temporal_id: int
    spatial_id: int
    content: memoryview
    data: memoryview


@dataclass(frozen=True)
class Timing:
    """How many bits numbers take that say when frames are decoded and shown."""

    has_model: bool = False
    delay_bits: int = 0
    removal_bits: int = 0
    presentation_bits: int = 0


@dataclass(frozen=True)
class Tools:
    """Whether frames use these, and how many bits their order takes."""

    screen_content: int = SELECT
    integer_motion: int = SELECT
    order_bits: int = 0


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """What a sequence header says: https://aomediacodec.github.io/av1-spec/#sequence-header-obu-syntax.

    ``operating_points`` are the layers of those that have a decoder model. ``width`` and ``height`` are
    those of frames that don't say their own, which takes ``size_bits``. ``primaries``, ``transfer`` and
    ``matrix`` are code points of https://www.itu.int/rec/T-REC-H.273.
    """

    is_still: bool
    timing: Timing
    operating_points: tuple[int, ...]
    size_bits: tuple[int, int]
    width: int
    height: int
    id_bits: int
    id_delta_bits: int
    tools: Tools
    depth: int
    is_gray: bool
    primaries: int
    transfer: int
    matrix: int


def split_units(coded: bytes | memoryview, parts: Counter) -> Iterator[Unit]:
    """Yield the units: https://aomediacodec.github.io/av1-spec/#obu-syntax."""
    rest = memoryview(coded)
    while rest:
        parts.count()
        header = Reader(rest[: 2 + MAX_SIZE_BYTES])
        _, kind, has_extension, has_size, _ = map(header.take, (1, 4, 1, 1, 1))
        temporal_id, spatial_id, _ = map(header.take, (3, 2, 3)) if has_extension else (0, 0, 0)
        start, size = 1 + has_extension, len(rest)
        if has_size:
            size_bytes, size = take_size(header)
            start += size_bytes
        yield Unit(kind, temporal_id, spatial_id, rest[: start + size], rest[start : start + size])
        rest = rest[start + size :]


def take_size(reader: Reader) -> tuple[int, int]:
    """Take a number of seven bits a byte, the lowest first; tell how many bytes it takes, too."""
    size = 0
    for place in range(MAX_SIZE_BYTES):
        more, bits = reader.take(1), reader.take(7)
        size |= bits << 7 * place
        if not more:
            break
    return place + 1, size


def find_sequence(coded: bytes | memoryview, parts: Counter) -> Sequence | None:
    """Read the first sequence header; None if there is none."""
    units = split_units(coded, parts)
    return next(
        (read_sequence(unit.data, parts) for unit in units if unit.kind == SEQUENCE_HEADER), None
    )


def read_sequence(data: memoryview, parts: Counter) -> Sequence:
    parts.count(HEADER_PARTS)
    reader = Reader(data)
    take = reader.take
    profile, _, is_still = take(3), take(1), bool(take(1))
    timing = Timing()
    operating_points: tuple[int, ...] = ()
    if is_still:
        take(5)
    else:
        timing = take_timing(reader) if take(1) else timing
        operating_points = take_operating_points(reader, timing, parts)
    size_bits = take(4) + 1, take(4) + 1
    width, height = (take(bits) + 1 for bits in size_bits)
    id_bits, id_delta_bits = 0, 0
    if not is_still and take(1):
        id_delta_bits = take(4) + 2
        id_bits = id_delta_bits + take(3) + 1
    take(3)
    tools = Tools() if is_still else take_tools(reader)
    take(3)
    is_deep = take(1)
    depth = (12 if take(1) else 10) if is_deep and profile == 2 else 8 + 2 * is_deep
    is_gray = profile != 1 and bool(take(1))
    primaries, transfer, matrix = map(take, (8, 8, 8)) if take(1) else [UNSPECIFIED] * 3
    return Sequence(
        is_still=is_still,
        timing=timing,
        operating_points=operating_points,
        size_bits=size_bits,
        width=width,
        height=height,
        id_bits=id_bits,
        id_delta_bits=id_delta_bits,
        tools=tools,
        depth=depth,
        is_gray=is_gray,
        primaries=primaries,
        transfer=transfer,
        matrix=matrix,
    )


def take_timing(reader: Reader) -> Timing:
    take = reader.take
    take(64)
    has_equal_intervals = bool(take(1))
    if has_equal_intervals:
        skip_variable_number(reader)
    if not take(1):
        return Timing()
    delay_bits, _ = take(5) + 1, take(32)
    removal_bits, presentation_bits = take(5) + 1, take(5) + 1
    return Timing(
        has_model=True,
        delay_bits=delay_bits,
        removal_bits=removal_bits,
        presentation_bits=0 if has_equal_intervals else presentation_bits,
    )


def skip_variable_number(reader: Reader) -> None:
    """Skip as many bits as there are zeros before: https://aomediacodec.github.io/av1-spec/#uvlc."""
    zeros = 0
    while zeros < 32 and not reader.take(1):
        zeros += 1
    reader.take(zeros % 32)


def take_operating_points(reader: Reader, timing: Timing, parts: Counter) -> tuple[int, ...]:
    take = reader.take
    points, has_display_delay = [], take(1)
    for _ in range(take(5) + 1):
        parts.count()
        layers = take(12)
        if take(5) > 7:
            take(1)
        if timing.has_model and take(1):
            take(2 * timing.delay_bits + 1)
            points.append(layers)
        if has_display_delay and take(1):
            take(4)
    return tuple(points)


def take_tools(reader: Reader) -> Tools:
    take = reader.take
    take(4)
    has_order = take(1)
    take(2 * has_order)
    screen_content = SELECT if take(1) else take(1)
    integer_motion = SELECT
    if screen_content:
        integer_motion = SELECT if take(1) else take(1)
    return Tools(screen_content, integer_motion, take(3) + 1 if has_order else 0)
