"""What a TIFF says beside its samples: pages, orientation, profile, and what nobody asks for."""

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from comparisons.engine import (
    Limits,
    Picture,
    decode_image,
    read_header,
)
from comparisons.engine.color import IccProfile
from comparisons.engine.containers import read_container
from comparisons.engine.containers.parts import MAX_PARTS
from tests.malformed import big_tiff, list_tags

from .tiff_files import (
    ASCII,
    BLACK_IS_ZERO,
    BYTE,
    LAYOUTS,
    LONG,
    PLAIN,
    RATIONAL,
    RGB,
    SHORT,
    UNDEFINED,
    Layout,
    encode_directory,
    encode_tiff,
    make_samples,
)


def decode(content: bytes) -> Picture:
    return decode_image(content, Limits())


# Which side of the picture the first stored row and the first stored column are: page 36.
ORIENTATIONS = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: stored.swapaxes(0, 1)[:, ::-1],
    7: lambda stored: stored[::-1, ::-1].swapaxes(0, 1),
    8: lambda stored: stored.swapaxes(0, 1)[::-1],
}


@pytest.mark.parametrize("layout", [PLAIN, LAYOUTS["LZW"]], ids=["plain", "LZW"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_picture_is_turned_upright(orientation: int, layout: Layout) -> None:
    samples = make_samples(8, 3)
    tags = {274: (SHORT, [orientation])}

    content = encode_tiff(samples, bits=8, photometric=RGB, layout=layout, tags=tags)

    expected = ORIENTATIONS[orientation](samples)
    header = read_header(content, Limits())
    assert np.array_equal(decode(content).rgb, expected)
    assert (header.height, header.width) == expected.shape[:2]


def test_a_color_profile_is_found() -> None:
    tags = {34675: (UNDEFINED, list(b"a profile"))}

    content = encode_tiff(make_samples(8, 3), bits=8, photometric=RGB, tags=tags)

    assert read_container(content, Limits()).color_space == IccProfile(b"a profile")


class TestPages:
    @pytest.mark.parametrize("layout", [PLAIN, LAYOUTS["BigTIFF, big-endian"]], ids=["TIFF", "Big"])
    @pytest.mark.parametrize("count", [1, 2, 5, 1000])
    def test_are_counted(self, count: int, layout: Layout) -> None:
        content = chain_pages([{}] * count, layout)

        assert read_header(content, Limits()).frames == count

    def test_the_first_is_shown(self) -> None:
        pages = [Image.new("RGB", (8, 6), color) for color in ("red", "lime")]
        buffer = io.BytesIO()
        pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])

        picture = decode(buffer.getvalue())

        assert picture.frames == 2
        assert picture.rgb[0, 0].tolist() == [255, 0, 0]

    @pytest.mark.parametrize(
        "entry",
        [
            pytest.param({254: (LONG, [1])}, id="smaller picture"),
            pytest.param({254: (LONG, [4])}, id="mask"),
            pytest.param({254: (LONG, [5])}, id="smaller mask"),
        ],
    )
    def test_are_not_what_belongs_to_others(self, entry: dict[int, Any]) -> None:
        content = chain_pages([{}, entry, {254: (LONG, [2])}, entry, {254: (LONG, [0])}])

        assert read_header(content, Limits()).frames == 3

    @pytest.mark.parametrize("back_to", [0, 1, 2])
    def test_in_a_circle_are_counted_once(self, back_to: int) -> None:
        content = chain_pages([{}, {}, {}], back_to=back_to)

        assert read_header(content, Limits()).frames == 3

    def test_behind_the_end_are_none(self) -> None:
        content = chain_pages([{}, {}, {}])
        last = content.rindex(struct.pack("<HHII", 65000, SHORT, 1, 0)) - 2

        assert read_header(content[:last], Limits()).frames == 2

    def test_pages_are_counted_up_to_the_limit(self) -> None:
        content = chain_pages([{}] * (MAX_PARTS + 9))

        assert read_header(content, Limits()).frames == MAX_PARTS


def chain_pages(
    pages: list[dict[int, Any]], layout: Layout = PLAIN, back_to: int | None = None
) -> bytes:
    """Make a picture, and chain directories behind it that have these entries and one more."""
    first = encode_tiff(make_samples(8, 1), bits=8, photometric=BLACK_IS_ZERO, layout=layout)
    start = len(first) - len(first) % 2 + 2
    pages = [{**page, 65000: (SHORT, [0])} for page in pages[1:]]
    size_bytes = [len(encode_directory(page, 0, layout)) for page in pages]
    places = np.cumsum([start, *size_bytes]).tolist()
    first_place = int.from_bytes(
        first[8:16] if layout.is_big else first[4:8], "little" if layout.order == "<" else "big"
    )
    targets = [first_place, *places[:-1]]
    following = [*places[1:-1], 0 if back_to is None else targets[back_to]]
    chained = b"".join(
        encode_directory(page, place, layout, following=then)
        for page, place, then in zip(pages, places, following, strict=False)
    )
    return link_first(first, first_place, start if pages else 0, layout).ljust(start) + chained


def link_first(content: bytes, place: int, following: int, layout: Layout) -> bytes:
    """Let the first directory point to another."""
    count_format, entry_bytes, pointer = ("Q", 20, "Q") if layout.is_big else ("H", 12, "I")
    (count,) = struct.unpack_from(layout.order + count_format, content, place)
    at = place + struct.calcsize(count_format) + entry_bytes * count
    packed = struct.pack(layout.order + pointer, following)
    return content[:at] + packed + content[at + len(packed) :]


class TestWhatIsNotAboutPixels:
    """Damaged or costly metadata keeps no picture from being shown."""

    @pytest.mark.parametrize(
        "tags",
        [
            pytest.param({274: (SHORT, [9])}, id="orientation 9"),
            pytest.param({274: (ASCII, [6, 0])}, id="orientation in letters"),
            pytest.param({34665: (LONG, [0xFFFFFFFF])}, id="Exif behind the end"),
            pytest.param({34665: (LONG, [8])}, id="Exif in the samples"),
            pytest.param({34853: (LONG, [0])}, id="GPS in the header"),
            pytest.param({700: (BYTE, [0] * 100_000)}, id="XMP"),
            pytest.param({282: (RATIONAL, [1, 0]), 283: (RATIONAL, [0, 0])}, id="no resolution"),
            pytest.param({282: (RATIONAL, [1, 1] * 100_000)}, id="100,000 resolutions"),
            pytest.param({34675: (UNDEFINED, [1, 2, 3])}, id="profile of three bytes"),
            pytest.param({65000 + number: (SHORT, [1]) for number in range(500)}, id="own tags"),
        ],
    )
    def test_keeps_no_picture_from_being_shown(self, tags: dict[int, Any]) -> None:
        samples = make_samples(8, 3)

        content = encode_tiff(samples, bits=8, photometric=RGB, tags=tags)

        assert np.array_equal(decode(content).rgb, samples)

    @pytest.mark.parametrize("tag", [700, 33432, 34675, 37724])
    def test_may_be_behind_the_end(self, tag: int) -> None:
        samples = make_samples(8, 3)
        content = encode_tiff(samples, bits=8, photometric=RGB, tags={tag: (BYTE, [1, 2, 3, 4])})
        entry = struct.pack("<HHI", tag, BYTE, 4)

        content = content.replace(entry, struct.pack("<HHI", tag, BYTE, 0xFFFFFFF))

        assert np.array_equal(decode(content).rgb, samples)

    @pytest.mark.parametrize("tag", [34665, 34853])
    def test_may_be_100_000_tags(self, tag: int) -> None:
        content = big_tiff({tag: (LONG, 1, 1000)}, behind=list_tags(100_000))

        assert decode(content).rgb.shape == (6, 8, 3)
