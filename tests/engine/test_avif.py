"""AVIF is shown as browsers do, and of a file no more is decoded than is shown."""

import struct
import tracemalloc
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from comparisons.engine import (
    DecodeError,
    ImageCorrupt,
    ImageTruncated,
    ImageUnsupported,
    Limits,
    TooManyPixels,
    decode_image,
    read_header,
)
from comparisons.engine.containers.parts import MAX_PARTS

from .avif_files import (
    SRGB_IDENTITY,
    Bits,
    Item,
    aperture,
    box,
    build,
    build_movie,
    code,
    code_points,
    encode,
    grid,
    join_units,
    kind_of_auxiliary,
    make_opacity,
    opacity_of,
    size,
    split_units,
)
from .pictures import decode, noise, plain

LARGE, SMALL = (2600, 1700), (10, 10)
# It begins like the header of AV1's frames.
XMP = b"\n<x:xmpmeta xmlns:x='adobe:ns:meta/'></x:xmpmeta>" + bytes(100)
PIXELS = noise(20, 12, seed=1)
OPACITY = np.arange(12 * 20, dtype=np.uint8).reshape(12, 20)


def tile(pixels: NDArray[Any], columns: int, rows: int) -> list[Item]:
    """Cut a picture into cells, row by row."""
    return [code(cell) for row in np.split(pixels, rows) for cell in np.split(row, columns, axis=1)]


def encode_large(*colors: str, mode: str = "RGB", **settings: Any) -> bytes:
    frames = [np.asarray(Image.new(mode, LARGE, color)) for color in colors]
    return encode(*frames, quality=10, **settings)


def say_small(content: bytes) -> bytes:
    """Let all that the file says of its size be small: of items, and of tracks, in whole and in parts."""
    for kind, unit in [(">II", 1), (">HH", 1), (">II", 1 << 16)]:
        large, small = ([unit * side for side in sides] for sides in (LARGE, SMALL))
        content = content.replace(struct.pack(kind, *large), struct.pack(kind, *small))
    return content


def make_sequence_of_layers(layers: int) -> bytes:
    """Make a header that says for each layer when it is decoded and shown."""
    header = Bits().put((0, 3), (0, 1), (0, 1), (1, 1), (1, 32), (1, 32), (0, 1))
    header.put((1, 1), (0, 5), (1, 32), (0, 5), (0, 5), (1, 1), (layers - 1, 5))
    for _ in range(layers):
        header.put((0, 12), (0, 5), (1, 1), (0, 3), (0, 1))
    header.put((15, 4), (15, 4), (9, 16), (9, 16), (0, 1), (0, 3), (0, 4), (0, 1), (1, 1), (1, 1))
    return header.put((0, 3), (0, 1), (1, 1), (0, 1), (1, 1)).finish()


class TestFramesThatAreNotShown:
    """Only what is decoded for the picture counts."""

    HONEST = {
        "still": encode_large("red"),
        "opacity": encode_large("#11223344", mode="RGBA"),
        "animation": encode_large("red", "blue"),
        "animation with opacity": encode_large("#11223344", "#11223355", mode="RGBA"),
        "metadata": encode_large("red", xmp=XMP),
    }

    @pytest.mark.parametrize("label", HONEST)
    def test_frames_of_the_pictures_own_size_are_read(self, label: str) -> None:
        picture = decode(self.HONEST[label])

        assert (picture.width, picture.height) == LARGE

    @pytest.mark.parametrize("label", HONEST)
    def test_frames_that_are_far_larger_than_the_picture_are_refused(self, label: str) -> None:
        with pytest.raises(ImageUnsupported, match="far larger"):
            decode(say_small(self.HONEST[label]))

    def test_a_gain_map_and_a_thumbnail_that_are_larger_than_the_picture_are_not_decoded(
        self,
    ) -> None:
        large = code(plain(*LARGE, (1, 2, 3)))
        content = build(
            code(PIXELS),
            large,
            Item(b"\0" * 60, [size(20, 12)], "tmap"),
            Item(large.data + b"\0", large.properties),
            references=[("dimg", 3, [1, 2]), ("thmb", 4, [1])],
            brands="aviftmapmif1",
        )

        assert np.array_equal(decode(content).rgb, PIXELS)

    def test_items_that_select_other_layers_of_the_same_bytes_are_not_decoded(self) -> None:
        item = code(PIXELS)
        others = [item.with_(("lsel", struct.pack(">H", layer))) for layer in range(4)] * 20

        assert np.array_equal(decode(build(item, *others)).rgb, PIXELS)


class TestFramesThatAreLargerThanTheySay:
    """Frames may have a size of their own: https://aomediacodec.github.io/av1-spec/#frame-size-syntax."""

    @staticmethod
    def make_sequence(*, side: int, bits: int = 16) -> bytes:
        header = Bits().put((0, 3), (0, 1), (0, 1), (0, 1), (0, 1), (0, 5), (0, 12), (0, 5))
        header.put((bits - 1, 4), (bits - 1, 4), (side - 1, bits), (side - 1, bits))
        # No numbers of frames, no order, choice of screen content and of whole motion, 8 bits, gray.
        header.put((0, 1), (0, 3), (0, 5), (1, 1), (1, 1), (0, 3), (0, 1), (1, 1), (0, 1), (1, 1))
        return header.finish()

    @staticmethod
    def make_key_frame(*, side: int, bits: int = 16) -> bytes:
        """Make the header of a shown key frame that has a size of its own."""
        header = Bits().put((0, 1), (0, 2), (1, 1), (0, 1), (0, 1), (1, 1))
        return header.put((side - 1, bits), (side - 1, bits)).finish()

    def build(self, side: int) -> bytes:
        units = [(1, self.make_sequence(side=10)), (6, self.make_key_frame(side=side))]
        configuration = ("av1C", b"\x81\0\x1c\0")
        return build(Item(join_units(units), [size(10, 10), configuration]))

    def test_a_frame_that_is_far_larger_than_the_sequence_is_refused(self) -> None:
        with pytest.raises(ImageUnsupported, match="far larger"):
            read_header(self.build(60_000), Limits())

    def test_a_frame_that_is_a_little_larger_is_not_refused_before_it_is_decoded(self) -> None:
        assert read_header(self.build(12), Limits()).width == 10

    def test_cells_that_are_scaled_to_far_more_than_the_picture_are_refused(self) -> None:
        cells = [cell.without("ispe").with_(size(9000, 9000)) for cell in tile(PIXELS, 2, 2)]
        content = build(grid((2, 2), 20, 12), *cells, references=[("dimg", 1, [2, 3, 4, 5])])

        with pytest.raises(ImageUnsupported, match="far larger"):
            read_header(content, Limits())

    def test_the_pixels_of_a_picture_that_says_too_many_are_counted_before_they_are_decoded(
        self,
    ) -> None:
        with pytest.raises(TooManyPixels):
            decode_image(encode(PIXELS), Limits(max_pixels=239))


class TestFilesOfManyParts:
    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(build(code(PIXELS)) + box("free") * 60_000, id="boxes"),
            pytest.param(build(code(PIXELS), *[Item(b"x", kind="Exif")] * 30_000), id="items"),
            pytest.param(
                build(code(PIXELS), references=[("cdsc", 1, [1] * 60_000)]), id="references"
            ),
            pytest.param(
                build(code(PIXELS).with_(*[("free", b"")] * 250), *[code(PIXELS)] * 10_000),
                id="properties",
            ),
            pytest.param(build(Item(b"\x12\0" * 60_000, [size(1, 1)])), id="units"),
        ],
    )
    def test_files_of_too_many_parts_are_refused(self, content: bytes) -> None:
        with pytest.raises(ImageUnsupported, match="parts"):
            read_header(content, Limits())

    def test_cells_that_share_many_bytes_are_refused(self) -> None:
        cell = Item(bytes(1_000_000), [size(64, 64)])
        content = build(
            grid((100, 1), 6400, 64), *[cell] * 100, references=[("dimg", 1, range(2, 102))]
        )

        with pytest.raises(ImageUnsupported, match="overlap"):
            read_header(content, Limits())

    @pytest.mark.parametrize("layers", [1, 32])
    @pytest.mark.parametrize("kind", [1, 6], ids=["sequence headers", "frames"])
    def test_headers_count_by_what_they_take_to_read(self, kind: int, layers: int) -> None:
        """Each is read bit by bit, and says something of every layer."""
        headers = {1: make_sequence_of_layers(layers), 6: b"\x30" + b"\xff" * 60}
        units = [(1, headers[1]), *[(kind, headers[kind])] * (MAX_PARTS // (4 + layers))]
        item = Item(join_units(units), [size(10, 10), ("av1C", b"\x81\0\x1c\0")])

        with pytest.raises(ImageUnsupported, match="parts"):
            read_header(build(item), Limits())

    @pytest.mark.parametrize("name", ["iloc", "pitm"])
    def test_two_tables_of_one_kind_are_corrupt(self, name: str) -> None:
        content = build(code(PIXELS))
        at = content.index(name.encode()) - 4
        table = content[at : at + int.from_bytes(content[at : at + 4])]
        start = content.index(b"meta") - 4
        length = int.from_bytes(content[start : start + 4])
        meta = struct.pack(">I", length + len(table)) + content[start + 4 : start + length] + table

        with pytest.raises(ImageCorrupt, match="two"):
            decode(content[:start] + meta + content[start + length :])


class TestGrids:
    """Cells have at least 64 x 64 pixels: ISO/IEC 23000-22, 7.3.11.4.2."""

    WIDTH, HEIGHT = 256, 192
    PIXELS = noise(WIDTH, HEIGHT, seed=2)
    OPACITY = noise(WIDTH, HEIGHT, seed=3)[..., 0]

    @pytest.mark.parametrize(("columns", "rows"), [(2, 2), (4, 1), (1, 3)])
    def test_cells_are_laid_row_by_row(self, columns: int, rows: int) -> None:
        cells = tile(self.PIXELS, columns, rows)
        numbers = range(2, 2 + columns * rows)
        content = build(
            grid((columns, rows), self.WIDTH, self.HEIGHT).with_(code_points(*SRGB_IDENTITY)),
            *cells,
            references=[("dimg", 1, numbers)],
        )

        assert np.array_equal(decode(content).rgb, self.PIXELS)

    def test_what_cells_have_beyond_the_edges_is_cut_off(self) -> None:
        content = build(
            grid((2, 2), 231, 170).with_(code_points(*SRGB_IDENTITY)),
            *tile(self.PIXELS, 2, 2),
            references=[("dimg", 1, [2, 3, 4, 5])],
        )

        assert np.array_equal(decode(content).rgb, self.PIXELS[:170, :231])

    def test_cells_may_share_their_bytes(self) -> None:
        cell = code(plain(64, 64, (10, 200, 30)))
        content = build(
            grid((16, 16), 1024, 1024).with_(code_points(*SRGB_IDENTITY)),
            *[cell] * 256,
            references=[("dimg", 1, range(2, 258))],
        )

        assert np.array_equal(decode(content).rgb, plain(1024, 1024, (10, 200, 30)))

    @pytest.mark.parametrize("depth", [10, 12])
    def test_cells_may_be_of_more_bits(self, depth: int) -> None:
        deep = np.round(self.PIXELS * (((1 << depth) - 1) / 255)).astype(np.uint16)
        cells = [
            code(cell, depth) for row in np.split(deep, 2) for cell in np.split(row, 2, axis=1)
        ]
        content = build(
            grid((2, 2), self.WIDTH, self.HEIGHT).with_(code_points(*SRGB_IDENTITY)),
            *cells,
            references=[("dimg", 1, [2, 3, 4, 5])],
        )
        picture = decode(content)

        assert np.abs(picture.rgb.astype(int) - self.PIXELS).max() <= 1
        assert picture.alpha is None

    def test_the_opacity_may_be_one_item(self) -> None:
        content = build(
            grid((2, 2), self.WIDTH, self.HEIGHT).with_(code_points(*SRGB_IDENTITY)),
            *tile(self.PIXELS, 2, 2),
            make_opacity(self.OPACITY),
            references=[("dimg", 1, [2, 3, 4, 5]), ("auxl", 6, [1])],
        )

        assert np.array_equal(opacity_of(decode(content)), self.OPACITY)

    def test_the_opacity_may_be_a_grid_of_its_own(self) -> None:
        cells = [cell.without("colr") for cell in tile(self.OPACITY, 1, 3)]
        content = build(
            grid((2, 2), self.WIDTH, self.HEIGHT).with_(code_points(*SRGB_IDENTITY)),
            *tile(self.PIXELS, 2, 2),
            grid((1, 3), self.WIDTH, self.HEIGHT).with_(kind_of_auxiliary()),
            *cells,
            references=[("dimg", 1, [2, 3, 4, 5]), ("dimg", 6, [7, 8, 9]), ("auxl", 6, [1])],
        )

        assert np.array_equal(opacity_of(decode(content)), self.OPACITY)

    def test_the_opacity_may_be_that_of_each_cell(self) -> None:
        cells = [
            cell.without("colr").with_(kind_of_auxiliary()) for cell in tile(self.OPACITY, 2, 2)
        ]
        auxiliaries = [("auxl", 6 + number, [2 + number]) for number in range(4)]
        content = build(
            grid((2, 2), self.WIDTH, self.HEIGHT).with_(code_points(*SRGB_IDENTITY)),
            *tile(self.PIXELS, 2, 2),
            *cells,
            references=[("dimg", 1, [2, 3, 4, 5]), *auxiliaries],
        )
        picture = decode(content)

        assert np.array_equal(picture.rgb, self.PIXELS)
        assert np.array_equal(opacity_of(picture), self.OPACITY)

    def test_an_opacity_of_two_cells_is_corrupt(self) -> None:
        opacity = code(plain(128, 96, (9, 9, 9))[..., 0]).with_(kind_of_auxiliary())
        content = build(
            grid((2, 2), self.WIDTH, self.HEIGHT),
            *tile(self.PIXELS, 2, 2),
            *[opacity] * 3,
            references=[
                ("dimg", 1, [2, 3, 4, 5]),
                ("auxl", 6, [2]),
                ("auxl", 7, [3]),
                ("auxl", 8, [4, 5]),
            ],
        )

        with pytest.raises(ImageCorrupt, match="twice"):
            read_header(content, Limits())

    @pytest.mark.parametrize(
        "references",
        [
            pytest.param([("dimg", 1, [2, 3, 4])], id="too few"),
            pytest.param([("dimg", 1, [2, 3, 4, 4])], id="one twice"),
            pytest.param([("dimg", 1, [2, 3, 4, 9])], id="one that isn't there"),
            pytest.param([("dimg", 1, [2, 3, 4, 1])], id="the grid itself"),
            pytest.param([("dimg", 1, [2, 3, 4, 5]), ("dimg", 5, [2])], id="one of two grids"),
        ],
    )
    def test_cells_that_are_no_grid_are_corrupt(
        self, references: list[tuple[str, int, list[int]]]
    ) -> None:
        with pytest.raises(ImageCorrupt):
            decode(
                build(
                    grid((2, 2), self.WIDTH, self.HEIGHT),
                    *tile(self.PIXELS, 2, 2),
                    references=references,
                )
            )


class TestLayers:
    """AV1 has several pictures in one, each of which builds on those before."""

    COLORS = {0: (220, 30, 40), 1: (20, 190, 60), 2: (30, 50, 210)}

    @pytest.fixture(scope="class")
    @classmethod
    def item(cls) -> Item:
        content = encode(
            *[plain(64, 48, color) for color in cls.COLORS.values()], quality=90, duration=100
        )
        at = content.index(b"stsz") + 16
        sizes = struct.unpack(">3I", content[at : at + 12])
        start = int.from_bytes(content[content.index(b"stco") + 12 :][:4])
        data = b""
        for layer, length in enumerate(sizes):
            units = split_units(content[start : start + length])
            data += join_units([unit for unit in units if unit[0] != 2], layer=layer)
            start += length
        colors = content.index(b"colrnclx") + 4
        configuration = content.index(b"av1C") + 4
        properties = [
            size(64, 48),
            ("av1C", content[configuration : configuration + 4]),
            ("colr", content[colors : colors + 11]),
        ]
        return Item(data, properties)

    @pytest.mark.parametrize("layer", COLORS)
    def test_the_selected_layer_is_shown(self, item: Item, layer: int) -> None:
        picture = decode(build(item.with_(("lsel", struct.pack(">H", layer)))))

        assert np.abs(picture.rgb.astype(int) - self.COLORS[layer]).max() <= 4

    @pytest.mark.parametrize("lengths", ["none", "of the file"])
    def test_what_is_said_of_the_layers_lengths_does_not_matter(
        self, item: Item, lengths: str
    ) -> None:
        ends = [item.data.index(bytes([0x36, layer << 3])) for layer in (1, 2)]
        properties = [("a1lx", struct.pack(">BHHH", 0, ends[0], ends[1] - ends[0], 0))]
        selected = item.with_(("lsel", b"\0\1"), *(properties if lengths == "of the file" else []))

        assert np.abs(decode(build(selected)).rgb.astype(int) - self.COLORS[1]).max() <= 4

    def test_layers_above_the_selected_one_do_not_count(self, item: Item) -> None:
        """They would be far larger than the picture."""
        large = TestFramesThatAreLargerThanTheySay.make_sequence(side=60_000)
        data = item.data + join_units([(1, large), (6, b"\x10" * 20)], layer=3)

        picture = decode(build(Item(data, item.with_(("lsel", b"\0\0")).properties)))
        assert np.abs(picture.rgb.astype(int) - self.COLORS[0]).max() <= 4


class TestSequences:
    COLORS = ((250, 10, 20), (20, 10, 250), (20, 250, 10))

    @pytest.fixture(scope="class")
    @classmethod
    def content(cls) -> bytes:
        """Make three frames, of which the first one is there as a still as well."""
        return encode(*[plain(32, 16, color) for color in cls.COLORS], quality=90)

    def test_the_first_frame_is_shown_and_all_are_counted(self, content: bytes) -> None:
        picture = decode(content)

        assert picture.frames == read_header(content, Limits()).frames == 3
        assert np.abs(picture.rgb.astype(int) - self.COLORS[0]).max() <= 4

    def test_a_still_picture_is_shown_where_it_is_what_the_file_is_mainly_of(
        self, content: bytes
    ) -> None:
        """Its item is another picture than the first frame."""
        still = build(code(PIXELS), brands="avifavismif1")
        # The tables of tracks point into the file: they keep their place.
        meta = content.index(b"meta") - 4
        moov = content[content.index(b"moov") - 4 :]
        assert meta > 0
        picture = decode(still + moov)

        assert picture.frames == 1
        assert np.array_equal(picture.rgb, PIXELS)

    def test_the_sequence_is_shown_where_the_main_brand_says_neither(self, content: bytes) -> None:
        assert decode(content[:8] + b"mif1" + content[12:]).frames == 3

    def test_frames_may_have_opacity(self) -> None:
        translucent = np.dstack([plain(32, 16, self.COLORS[0]), np.full((16, 32), 77, np.uint8)])
        other = np.dstack([plain(32, 16, self.COLORS[1]), np.full((16, 32), 200, np.uint8)])
        picture = decode(encode(translucent, other, quality=95))

        assert picture.frames == 2
        assert picture.alpha is not None
        assert np.abs(picture.alpha.astype(int) - 77).max() <= 2

    def test_a_count_that_there_is_no_room_for_is_not_believed(self, content: bytes) -> None:
        at = content.index(b"stsz") + 12
        picture = decode(content[:at] + b"\xff" * 4 + content[at + 4 :])

        assert picture.frames == 3

    @pytest.mark.parametrize("count", [0, 1])
    def test_a_picture_has_at_least_one_frame(self, count: int) -> None:
        assert read_header(build_movie(frames=count), Limits()).frames == 1

    def test_tracks_that_share_a_sample_take_no_more_memory_than_it(self) -> None:
        sample_bytes = 1_000_000
        content = build_movie(tracks=100, sample_bytes=sample_bytes)
        tracemalloc.start()
        try:
            read_header(content, Limits())
            _, most_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert most_bytes < 3 * sample_bytes

    def test_a_track_of_more_properties_than_an_item_can_have_is_corrupt(self) -> None:
        with pytest.raises(ImageCorrupt, match="too many properties"):
            read_header(build_movie(properties=[size(20, 12)] * 256), Limits())


class TestProperties:
    def test_a_second_list_for_an_item_is_corrupt(self) -> None:
        content = build(code(PIXELS), code(PIXELS))
        at = content.index(b"ipma")
        entry = struct.pack(">HB", 2, 3)
        assert content.count(entry, at) == 1
        again = content[:at] + content[at:].replace(entry, struct.pack(">HB", 1, 3))

        with pytest.raises(ImageCorrupt, match="two lists"):
            read_header(again, Limits())

    @pytest.mark.parametrize("depth", [8, 10])
    def test_an_item_may_have_255_properties(self, depth: int) -> None:
        item = code(PIXELS, depth)
        many = item.with_(*[("pixi", b"\0\0\0\0\3\x08\x08\x08")] * (255 - len(item.properties)))

        assert read_header(build(many), Limits()).width == 20

    def test_sizes_that_leave_no_room_for_more_properties_are_no_crash(self) -> None:
        """The opacity that is made for 10 bits has the sizes, and two more."""
        item = code(PIXELS, 10).without("colr")
        many = item.with_(*[size(20, 12)] * (255 - len(item.properties)))

        with pytest.raises(ImageCorrupt, match="too many properties"):
            read_header(build(many), Limits())

    @pytest.mark.parametrize("side", [10**6, 2**31 - 3])
    def test_an_aperture_of_a_huge_picture_is_not_searched(self, side: int) -> None:
        """It is wider than the picture by two pixels, one of them on the left."""
        item = (
            code(PIXELS).without("ispe").with_(size(side, 1), aperture(side + 2, 1, (1, 1), (0, 1)))
        )

        with pytest.raises(TooManyPixels):
            read_header(build(item), Limits(max_pixels=side - 1))


class TestWhatIsRefused:
    @pytest.mark.parametrize("brands", ["avif", "avis", "mif1avif", "msf1avis", "heicavif"])
    def test_a_file_is_recognized_by_any_of_its_brands(self, brands: str) -> None:
        head = box("ftyp", brands[:4].encode(), bytes(4), brands.encode())

        with pytest.raises(ImageCorrupt):
            decode(head + box("free"))

    @pytest.mark.parametrize("brands", ["heicmif1", "mif1heic", "msf1hevc"])
    def test_heic_is_not_taken_for_avif(self, brands: str) -> None:
        head = box("ftyp", brands[:4].encode(), bytes(4), brands.encode())

        with pytest.raises(DecodeError, match="HEIC"):
            decode(head + box("free"))

    @pytest.mark.parametrize("name", ["hdlr", "pitm", "infe", "iloc", "ispe", "ipma", "mdat"])
    def test_a_file_that_ends_too_early_is_truncated(self, name: str) -> None:
        content = build(code(PIXELS))

        with pytest.raises(ImageTruncated):
            decode(content[: content.index(name.encode()) + 10])

    @pytest.mark.parametrize("kind", ["iovl", "iden", "tmap", "hvc1"])
    def test_other_kinds_of_pictures_are_not_supported(self, kind: str) -> None:
        item = code(PIXELS)
        content = build(Item(b"\0" * 20, [size(20, 12)], kind), item, references=[("dimg", 1, [2])])

        with pytest.raises(ImageUnsupported):
            decode(content)

    def test_what_must_be_understood_and_is_not_is_not_supported(self) -> None:
        item = code(PIXELS).with_(("what", b""))
        item.essential.add("what")

        with pytest.raises(ImageUnsupported):
            decode(build(item))

    def test_what_need_not_be_understood_is_passed_over(self) -> None:
        assert np.array_equal(decode(build(code(PIXELS).with_(("what", b"x")))).rgb, PIXELS)

    @pytest.mark.parametrize("name", ["irot", "clap"])
    def test_a_turn_that_may_be_ignored_is_corrupt(self, name: str) -> None:
        item = code(PIXELS).with_((name, bytes(32)))
        item.essential.remove(name)

        with pytest.raises(ImageCorrupt):
            decode(build(item))

    @pytest.mark.parametrize(
        "item",
        [
            pytest.param(code(PIXELS).without("ispe"), id="no size"),
            pytest.param(code(PIXELS).without("av1C"), id="no configuration"),
            pytest.param(Item(b"", code(PIXELS).properties), id="no pixels"),
            pytest.param(Item(bytes(100), code(PIXELS).properties), id="no frame"),
        ],
    )
    def test_what_is_missing_is_corrupt(self, item: Item) -> None:
        with pytest.raises(ImageCorrupt):
            decode(build(item))

    def test_garbage_between_the_boxes_is_no_crash(self) -> None:
        content = bytearray(
            build(code(PIXELS), make_opacity(OPACITY), references=[("auxl", 2, [1])])
        )
        chance = np.random.default_rng(7)
        for _ in range(100):
            broken = bytearray(content)
            for _ in range(3):
                broken[chance.integers(0, 500)] = chance.integers(0, 256)
            try:
                decode(bytes(broken))
            except DecodeError:
                continue
