import base64
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Never

import pytest
from django.db.models.fields.files import FieldFile
from PIL import Image, ImageDraw, ImageOps

from comparisons import engine, fetch, pipeline
from comparisons.cancellation import Cancellation, Cancelled
from comparisons.decoding import decode_picture
from comparisons.engine import (
    ImageEmpty,
    ImageTruncated,
    Options,
    Rectangle,
    SizePolicy,
    SizesDiffer,
)
from comparisons.fetch import HostAnsweredError, TooManyBytes
from comparisons.gate import Gate, ServerBusy
from comparisons.inputs import ImageFile, ImageInput, ImageUrl
from comparisons.models import Comparison, StoredImageQuerySet
from comparisons.pipeline import Gates, ImagesRejected, Limits, arriving, comparing
from comparisons.services import compare_images
from tests.comparing import BLACK, GATES, LIMITS, WHITE, data_url, is_nothing_stored
from tests.end_to_end.processes import wait_until
from tests.linux import needs_shared_memory
from tests.picture_server import PictureServer
from tests.pictures import encode, encode_noise, plain

pytestmark = pytest.mark.django_db

LOOPBACK = Limits(
    fetch=fetch.Policy(
        allowed_networks=(ip_network("127.0.0.1/32"),), allowed_ports=(range(1, 65536),)
    ),
    engine=engine.Limits(),
)


@contextmanager
def comparing_inputs(
    inputs: Mapping[str, ImageInput], options: Options, limits: Limits, gates: Gates
) -> Iterator[engine.Result]:
    with (
        arriving(inputs, limits, gates) as images,
        comparing(inputs, images, options, limits, gates) as result,
    ):
        yield result


PAIR = encode_noise(1), encode_noise(2)


def upload_of(content: bytes, field: str = "image1") -> ImageFile:
    return ImageFile(field, "a.png", len(content), lambda: content)


def test_images_are_downloaded_side_by_side(pictures: PictureServer) -> None:
    both_asked_for = threading.Barrier(2, timeout=5)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        both_asked_for.wait()
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + WHITE)

    url1 = pictures.answer_with("/a.png", answer)
    url2 = pictures.answer_with("/b.png", answer)

    comparison = compare_images(
        image1=ImageUrl("image_url1", url1),
        image2=ImageUrl("image_url2", url2),
        options=Options(),
        limits=LOOPBACK,
        gates=GATES,
    )

    assert comparison.match


def test_source_of_a_url_is_the_url(pictures: PictureServer) -> None:
    url = pictures.serve("/a.png", WHITE) + "?version=2"

    comparison = compare_images(
        image1=ImageUrl("image_url1", url),
        image2=upload_of(WHITE),
        options=Options(),
        limits=LOOPBACK,
        gates=GATES,
    )

    assert (comparison.source1, comparison.source2) == (url, "a.png")


@pytest.mark.parametrize("scheme", ["data", "DATA"])
def test_source_of_a_data_url_leaves_the_data_out(scheme: str) -> None:
    url = f"{scheme}:image/png;base64,{base64.b64encode(WHITE).decode()}"

    source = ImageUrl("image_url1", url).source

    assert source == f"{scheme}:image/png;base64"


def test_upload_over_the_limit_is_not_even_read(media_root: Path) -> None:
    def read() -> Never:
        raise AssertionError("read")

    limits = Limits(fetch=fetch.Policy(max_bytes=100), engine=engine.Limits())

    with pytest.raises(ImagesRejected) as caught:
        compare_images(
            image1=ImageFile("image1", "a.png", 101, read),
            image2=ImageUrl("image_url2", data_url(b"")),
            options=Options(),
            limits=limits,
            gates=GATES,
        )

    assert isinstance(caught.value.errors["image1"], TooManyBytes)
    assert is_nothing_stored(media_root)


def test_two_bad_images_are_both_named(pictures: PictureServer, media_root: Path) -> None:
    with pytest.raises(ImagesRejected) as caught:
        compare_images(
            image1=ImageUrl("image_url1", f"{pictures.url}/none.png"),
            image2=upload_of(b"", "image2"),
            options=Options(),
            limits=LOOPBACK,
            gates=GATES,
        )

    errors = {field: type(error) for field, error in caught.value.errors.items()}
    assert errors == {"image_url1": HostAnsweredError, "image2": ImageEmpty}
    assert "image_url1" in str(caught.value)
    assert is_nothing_stored(media_root)


def test_one_bad_image_is_named_alone(media_root: Path) -> None:
    with pytest.raises(ImagesRejected) as caught:
        compare_images(
            image1=upload_of(WHITE),
            image2=upload_of(encode_noise(1)[:500], "image2"),
            options=Options(),
            limits=LIMITS,
            gates=GATES,
        )

    assert list(caught.value.errors) == ["image2"]
    assert isinstance(caught.value.errors["image2"], ImageTruncated)
    assert is_nothing_stored(media_root)


def test_pair_that_does_not_fit_is_refused_and_leaves_nothing(media_root: Path) -> None:
    with pytest.raises(SizesDiffer):
        compare_images(
            image1=upload_of(plain(size=(8, 6))),
            image2=upload_of(plain(size=(6, 8)), "image2"),
            options=Options(size_policy=SizePolicy.ERROR),
            limits=LIMITS,
            gates=GATES,
        )

    assert is_nothing_stored(media_root)


def test_nothing_is_stored_for_a_client_that_has_gone(media_root: Path) -> None:
    cancellation = Cancellation()

    def read() -> bytes:
        cancellation.cancel()
        return WHITE

    with pytest.raises(Cancelled):
        compare_images(
            image1=upload_of(WHITE),
            image2=ImageFile("image2", "b.png", len(WHITE), read),
            options=Options(),
            limits=LIMITS,
            gates=GATES,
            cancellation=cancellation,
        )

    assert is_nothing_stored(media_root)


def test_a_download_does_not_hold_the_place_of_those_who_have_their_images(
    pictures: PictureServer,
) -> None:
    gates = Gates(
        in_hand=Gate(capacity=2, queue_length=0, patience_seconds=0),
        downloads=GATES.downloads,
        comparisons=Gate(capacity=1, queue_length=0, patience_seconds=0),
        pixels=Gate(capacity=1000, queue_length=0, patience_seconds=0),
    )
    asked_for, released = threading.Event(), threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked_for.set()
        released.wait(5)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + WHITE)

    url = pictures.answer_with("/a.png", answer)
    others: dict[str, ImageInput] = {
        "image1": upload_of(WHITE),
        "image2": upload_of(BLACK, "image2"),
    }

    def compare_slow() -> None:
        inputs: dict[str, ImageInput] = {
            "image1": ImageUrl("image_url1", url),
            "image2": upload_of(WHITE, "image2"),
        }
        with comparing_inputs(inputs, Options(), LOOPBACK, gates):
            pass

    slow = threading.Thread(target=compare_slow)
    slow.start()
    asked_for.wait(5)
    with comparing_inputs(others, Options(), LOOPBACK, gates) as result:
        released.set()
    slow.join(5)

    assert result.diff_pixels == 48


def test_failure_of_our_own_is_not_blamed_on_an_image(media_root: Path) -> None:
    def read() -> Never:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        compare_images(
            image1=upload_of(WHITE),
            image2=ImageFile("image2", "b.png", 1, read),
            options=Options(),
            limits=LIMITS,
            gates=GATES,
        )

    assert is_nothing_stored(media_root)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What has been decoded in this process, in order."""
    contents: list[bytes] = []

    def decode(content: bytes, *arguments: Any) -> engine.Picture:
        contents.append(content)
        return decode_picture(content, *arguments)

    monkeypatch.setattr(pipeline, "decode_picture", decode)
    return contents


def compare_with_itself(content: bytes, **arguments: Any) -> Comparison:
    return compare_pair(content, content, **arguments)


def compare_pair(content1: bytes, content2: bytes, **arguments: Any) -> Comparison:
    return compare_images(
        image1=upload_of(content1),
        image2=upload_of(content2, "image2"),
        **{"options": Options(), "limits": LIMITS, "gates": GATES, **arguments},
    )


def draw_dots(side: int) -> bytes:
    """Draw more regions than are listed, a smooth circle and a translucent corner; of each side others."""
    image = Image.new("RGBA", (side, side), "white")
    for x in range(3, side, 15):
        for y in range(3, side, 15):
            image.putpixel((x + side % 2, y), (0, 0, 0, 255))
    circle = Image.new("RGBA", (400, 400), "white")
    ImageDraw.Draw(circle).ellipse((30 + side % 2 * 20, 30, 350, 350), fill="black")
    image.paste(circle.resize((40, 40), Image.Resampling.LANCZOS), (20, 20))
    image.putpixel((9, 9), (0, 0, 0, 100 + side % 2))
    return encode(image)


def read_file(file: FieldFile) -> bytes:
    with file.open() as opened:
        return bytes(opened.read())


def test_a_picture_is_decoded_once_to_be_compared_with_itself(decoded: list[bytes]) -> None:
    comparison = compare_with_itself(encode_noise(1))

    assert comparison.match
    assert decoded == [encode_noise(1)]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(Options(), id="grayscale"),
        pytest.param(Options(method="yiq", ignore_antialiasing=True), id="yiq"),
        pytest.param(
            Options(
                method="ssim",
                min_ssim=1,
                ignore_regions=(Rectangle(x=3, y=3, width=900, height=9),),
            ),
            id="ssim, with an ignored region",
        ),
    ],
)
def test_a_stored_picture_is_not_decoded_to_be_compared_with_itself(
    options: Options, decoded: list[bytes]
) -> None:
    first = compare_with_itself(encode_noise(1), options=options)
    compare_pair(encode_noise(1), BLACK)
    # The pictures stay.
    Comparison.objects.filter(pk=first.pk).delete()
    decoded.clear()

    second = compare_with_itself(encode_noise(1), options=options)

    assert decoded == []
    figures = [
        {field.name: getattr(comparison, field.attname) for field in Comparison._meta.fields}  # noqa: SLF001
        for comparison in (first, second)
    ]
    differing = {name for name in figures[0] if figures[0][name] != figures[1][name]}
    assert differing == {"id", "created_at", "duration_ms", "result_image"}
    assert read_file(second.result_image) == engine.render_mask(
        engine.compare(encode_noise(1), encode_noise(1), options)
    )


class TestAPairThatHasBeenComparedBefore:
    def test_is_not_decoded_again(self, decoded: list[bytes]) -> None:
        compare_pair(*PAIR)
        decoded.clear()

        compare_pair(*PAIR)

        assert decoded == []

    def test_comes_out_as_before_under_an_id_of_its_own(self) -> None:
        arguments: dict[str, Any] = {
            "options": Options(
                method="yiq", ignore_antialiasing=True, size_policy=SizePolicy.PAD, max_mse=9
            ),
            "mask_image": upload_of(
                encode(ImageOps.expand(Image.new("L", (200, 200), 255), (1, 1, 0, 0))), "mask_image"
            ),
        }
        pair = draw_dots(200), draw_dots(201)
        first = compare_pair(*pair, **arguments)

        again = compare_pair(*pair, **arguments)

        first.refresh_from_db()
        again.refresh_from_db()
        figures = vars(first)
        # No other figure is by chance what it is by default.
        assert {name for name in figures if not figures[name]} == {
            *("ssim", "match", "_prefetched_objects_cache")
        }
        own = {"id", "created_at", "duration_ms", "result_image", "_state"}
        assert {name for name in figures if figures[name] != vars(again)[name]} == own
        assert read_file(again.result_image) == read_file(first.result_image)

    def test_is_not_recorded_for_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        compare_pair(*PAIR)
        cancellation = Cancellation()
        find_known = StoredImageQuerySet.find_known

        def find_and_hang_up(*arguments: Any) -> dict[str, int]:
            cancellation.cancel()
            return find_known(*arguments)

        monkeypatch.setattr(StoredImageQuerySet, "find_known", find_and_hang_up)

        with pytest.raises(Cancelled):
            compare_pair(*PAIR, cancellation=cancellation)

        assert Comparison.objects.count() == 1

    def test_is_refused_where_its_canvas_is_too_large_by_now(self) -> None:
        pair = plain("white", (10, 1)), plain("white", (1, 10))
        options = Options(size_policy=SizePolicy.PAD)
        compare_pair(*pair, options=options)
        stricter = Limits(fetch=fetch.Policy(), engine=engine.Limits(max_pixels=50))

        with pytest.raises(engine.CanvasTooLarge):
            compare_pair(*pair, options=options, limits=stricter)

    def test_keeps_its_mask_when_the_earlier_one_is_deleted(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        first = compare_pair(*PAIR)
        again = compare_pair(*PAIR)

        with django_capture_on_commit_callbacks(execute=True):
            first.delete()

        assert read_file(again.result_image) == engine.render_mask(engine.compare(*PAIR))

    @pytest.mark.parametrize(
        ("pair", "arguments"),
        [
            pytest.param(PAIR[::-1], {}, id="the other way round"),
            pytest.param(PAIR, {"options": Options(threshold=0.2)}, id="by another threshold"),
            pytest.param(
                PAIR, {"mask_image": upload_of(PAIR[0], "mask_image")}, id="with a mask to ignore"
            ),
            pytest.param(PAIR, {"view": "heatmap"}, id="for another view"),
        ],
    )
    def test_is_compared_anew_in_another_way(
        self, decoded: list[bytes], pair: Sequence[bytes], arguments: dict[str, Any]
    ) -> None:
        compare_pair(*PAIR)
        decoded.clear()

        compare_pair(*pair, **arguments)

        assert {*decoded} == {*PAIR}

    def test_is_compared_anew_by_another_engine(
        self, decoded: list[bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        compare_pair(*PAIR)
        decoded.clear()
        monkeypatch.setattr("comparisons.models.ENGINE", "2.0")

        comparison = compare_pair(*PAIR)

        assert {*decoded} == {*PAIR}
        assert comparison.engine == "2.0"

    def test_is_compared_anew_where_the_mask_is_gone(self) -> None:
        first = compare_pair(*PAIR)
        first.result_image.storage.delete(str(first.result_image.name))

        again = compare_pair(*PAIR)

        assert read_file(again.result_image) == engine.render_mask(engine.compare(*PAIR))


@needs_shared_memory
def test_of_two_large_pngs_one_is_decoded_in_a_process_beside(decoded: list[bytes]) -> None:
    pair = [encode_noise(seed, size=(1000, 600)) for seed in (1, 2)]

    def count_decoded_here() -> int:
        decoded.clear()
        inputs = {"image1": upload_of(pair[0]), "image2": upload_of(pair[1], "image2")}
        with comparing_inputs(inputs, Options(), LIMITS, GATES):
            pass
        return len(decoded)

    # At first, it is only started.
    wait_until(lambda: count_decoded_here() < 2)

    assert decoded == pair[:1]


def test_another_view_of_a_stored_picture_with_itself_shows_its_pixels() -> None:
    compare_with_itself(encode_noise(1))

    comparison = compare_with_itself(encode_noise(1), view="side-by-side")

    rendered = comparison.find_view("side-by-side")
    assert rendered is not None
    expected = engine.VIEWS["side-by-side"](engine.compare(encode_noise(1), encode_noise(1)))
    assert read_file(rendered) == expected


def test_a_stored_picture_that_masks_itself_ignores_only_its_black_parts() -> None:
    compare_with_itself(WHITE)

    comparison = compare_with_itself(WHITE, mask_image=upload_of(WHITE, "mask_image"))

    assert comparison.ignored_pixels == 0


def test_a_corrupt_picture_is_corrupt_beside_itself_too(media_root: Path) -> None:
    with pytest.raises(ImagesRejected) as caught:
        compare_with_itself(encode_noise(1)[:500])

    assert list(caught.value.errors) == ["image1", "image2"]
    assert is_nothing_stored(media_root)


def test_duration_is_measured() -> None:
    comparison = compare_images(
        image1=upload_of(WHITE),
        image2=upload_of(BLACK, "image2"),
        options=Options(),
        limits=LIMITS,
        gates=GATES,
    )

    assert 0 < comparison.duration_ms < 60_000


def test_images_that_have_not_arrived_need_no_place() -> None:
    gates = Gates(
        in_hand=GATES.in_hand,
        downloads=GATES.downloads,
        comparisons=Gate(capacity=1, queue_length=0, patience_seconds=0),
        pixels=GATES.pixels,
    )
    inputs = {name: ImageUrl(name, "http://10.0.0.1/a.png") for name in ("image1", "image2")}

    with (
        gates.comparisons.admit(1),
        pytest.raises(ImagesRejected),
        comparing_inputs(inputs, Options(), LIMITS, gates),
    ):
        pass


def test_pictures_too_large_to_be_decoded_together_are_decoded_one_after_the_other() -> None:
    # Two pairs at the limit of pixels, and room for one pair.
    limits = Limits(fetch=fetch.Policy(), engine=engine.Limits(max_pixels=48))
    gates = Gates(
        in_hand=Gate(capacity=2, queue_length=0, patience_seconds=0),
        downloads=GATES.downloads,
        comparisons=Gate(capacity=8, queue_length=8, patience_seconds=5),
        pixels=Gate(capacity=96, queue_length=8, patience_seconds=5),
    )
    inputs = {"image1": upload_of(WHITE), "image2": upload_of(BLACK)}
    events = []

    def compare_another() -> None:
        with comparing_inputs(inputs, Options(), limits, gates):
            events.append("second decoded")

    second = threading.Thread(target=compare_another)
    with comparing_inputs(inputs, Options(), limits, gates):
        second.start()
        second.join(timeout=0.3)
        events.append("first still in hand")
    second.join(timeout=5)

    assert events == ["first still in hand", "second decoded"]


def test_small_pictures_are_decoded_beside_each_other() -> None:
    limits = Limits(fetch=fetch.Policy(), engine=engine.Limits())
    gates = Gates(
        in_hand=Gate(capacity=2, queue_length=0, patience_seconds=0),
        downloads=GATES.downloads,
        comparisons=Gate(capacity=2, queue_length=8, patience_seconds=5),
        pixels=Gate(capacity=2 * 2 * 48, queue_length=0, patience_seconds=5),
    )
    inputs = {"image1": upload_of(WHITE), "image2": upload_of(BLACK)}

    with (
        comparing_inputs(inputs, Options(), limits, gates) as result1,
        comparing_inputs(inputs, Options(), limits, gates) as result2,
    ):
        assert result1.diff_pixels == result2.diff_pixels == 48


@pytest.mark.parametrize(
    ("image_format", "most_side_by_side", "others_at_work", "expected"),
    [
        pytest.param("JPEG", 96, 0, 2, id="side by side"),
        pytest.param("JPEG", 95, 0, 1, id="large ones, one after the other"),
        pytest.param("JPEG", 96, 1, 1, id="with others at work, one after the other"),
        pytest.param("PNG", 96, 0, 1, id="where threads don't help, one after the other"),
    ],
)
def test_pictures_are_decoded_side_by_side_where_that_gains_time(
    monkeypatch: pytest.MonkeyPatch,
    image_format: str,
    most_side_by_side: int,
    others_at_work: int,
    expected: int,
) -> None:
    # Two pictures of 8 x 6 pixels.
    image1, image2 = (upload_of(encode_noise(seed, (8, 6), image_format)) for seed in (1, 2))
    monkeypatch.setattr(pipeline, "MAX_PIXELS_SIDE_BY_SIDE", most_side_by_side)
    in_hand, most_in_hand = 0, 0

    def decode(*arguments: Any) -> engine.Picture:
        nonlocal in_hand, most_in_hand
        in_hand += 1
        most_in_hand = max(most_in_hand, in_hand)
        time.sleep(0.1)
        in_hand -= 1
        return decode_picture(*arguments)

    monkeypatch.setattr(pipeline, "decode_picture", decode)

    with (
        GATES.comparisons.admit(others_at_work),
        comparing_inputs({"image1": image1, "image2": image2}, Options(), LIMITS, GATES),
    ):
        pass

    assert most_in_hand == expected


@pytest.mark.django_db
def test_downloads_leave_room_for_comparisons_without_any() -> None:
    gates = replace(GATES, downloads=Gate(capacity=1, queue_length=0, patience_seconds=0))
    url = ImageUrl("image_url1", "http://10.0.0.1/a.png")

    with gates.downloads.admit(1):
        with pytest.raises(ServerBusy):
            compare_images(image1=url, image2=url, options=Options(), limits=LIMITS, gates=gates)
        comparison = compare_images(
            image1=upload_of(WHITE),
            image2=upload_of(BLACK),
            options=Options(),
            limits=LIMITS,
            gates=gates,
        )

    assert comparison.diff_pixels
