"""A process that decodes beside this one changes nothing but the time."""

import gc
import io
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from comparisons.engine import (
    DecodeError,
    ImageCorrupt,
    ImageUnsupported,
    Limits,
    Picture,
    decode_image,
    decode_on,
    decoder_pool,
    decoder_process,
)
from comparisons.engine.composite import lay_on
from comparisons.engine.decoder_pool import DecoderPool, NoDecoder, gains_from_process
from tests.end_to_end.processes import DEADLINE_SECONDS, wait_until
from tests.linux import needs_shared_memory

from .pictures import encode, gradient, nearly, noise, plain

LIMITS = Limits()
BACKGROUND = (10, 200, 90)
SIZE = 1000, 600

PHOTO = nearly(gradient(*SIZE), seed=1)
PNG = encode(PHOTO, "PNG")
OTHER_PNG = encode(PHOTO[::-1], "PNG")
TRANSLUCENT_PNG = encode(np.dstack([PHOTO, noise(*SIZE, seed=2)[..., 0]]), "PNG")

pytestmark = needs_shared_memory


@pytest.fixture
def pool() -> Iterator[DecoderPool]:
    """One that is ready."""
    pool = DecoderPool()
    decode(pool, PNG)
    yield pool
    signal_children(signal.SIGKILL)


def turn(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()[6:]


def begin(pool: DecoderPool, content: bytes) -> Callable[[], Picture] | None:
    return pool.begin(content, BACKGROUND, LIMITS)


def decode(pool: DecoderPool, content: bytes) -> Picture:
    """Decode it there, as soon as the process is ready and has no other picture."""
    ends_at = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < ends_at:
        finish = begin(pool, content)
        if finish:
            return finish()
        time.sleep(0.01)
    raise TimeoutError


def list_children(parent: int | str = "self") -> list[int]:
    """List the decoders that a process has started and that have not ended."""
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    pids = [int(pid) for task in tasks for pid in task.read_text().split()]
    return [pid for pid in pids if re.search(b"engine.*decoder", read_command(pid))]


def read_command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


def signal_children(number: signal.Signals) -> None:
    for pid in list_children():
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(PNG, id="opaque"),
        pytest.param(encode(np.dstack([PHOTO, plain(*SIZE)[..., 0]]), "PNG"), id="opaque RGBA"),
        pytest.param(TRANSLUCENT_PNG, id="translucent"),
        pytest.param(encode(PHOTO[..., 0], "PNG"), id="gray"),
    ],
)
def test_pictures_are_the_same_as_decoded_here(pool: DecoderPool, content: bytes) -> None:
    expected = decode_on(content, BACKGROUND, LIMITS)

    picture = decode(pool, content)

    assert np.array_equal(picture.rgb, expected.rgb)
    assert picture.background == expected.background
    assert (picture.alpha is None) == (expected.alpha is None)
    if picture.alpha is not None and expected.alpha is not None:
        assert np.array_equal(picture.alpha, expected.alpha)


def test_corrupt_pictures_are_refused_in_the_same_words(pool: DecoderPool) -> None:
    corrupt = PNG[:2000] + bytes(100) + PNG[2100:]
    with pytest.raises(ImageCorrupt) as expected:
        decode_on(corrupt, BACKGROUND, LIMITS)

    with pytest.raises(ImageCorrupt) as refusal:
        decode(pool, corrupt)

    assert str(refusal.value) == str(expected.value)
    assert np.array_equal(decode(pool, PNG).rgb, PHOTO)


def test_a_picture_is_left_alone_as_long_as_anybody_has_a_part_of_it(
    pool: DecoderPool,
) -> None:
    part = decode(pool, PNG).rgb[100:200]
    gc.collect()

    assert begin(pool, OTHER_PNG) is None
    assert np.array_equal(part, PHOTO[100:200])


def test_the_next_picture_is_taken_once_nobody_has_the_one_before(pool: DecoderPool) -> None:
    picture = decode(pool, TRANSLUCENT_PNG)
    del picture

    assert np.array_equal(decode(pool, OTHER_PNG).rgb, PHOTO[::-1])


def encode_plain(width: int, height: int, mode: str = "RGB", *, image_format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (width, height), 255).save(buffer, image_format)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(PNG, True, id="RGB"),
        pytest.param(encode_plain(1000, 600, "I;16"), True, id="gray of 16 bits"),
        pytest.param(encode_plain(100, 100), False, id="small"),
        pytest.param(encode_plain(8001, 5000), False, id="large"),
        pytest.param(encode_plain(1000, 600, "P"), False, id="palette"),
        pytest.param(encode_plain(1000, 600, "1"), False, id="1 bit"),
        pytest.param(encode_plain(1000, 600, image_format="JPEG"), False, id="JPEG"),
        pytest.param(PNG[:20], False, id="cut off"),
        pytest.param(b"", False, id="empty"),
    ],
)
def test_large_pngs_of_whole_bytes_gain_from_it(content: bytes, expected: bool) -> None:
    assert gains_from_process(content) is expected


def test_a_picture_whose_process_is_killed_is_decoded_here(pool: DecoderPool) -> None:
    signal_children(signal.SIGSTOP)
    finish = begin(pool, PNG)

    signal_children(signal.SIGKILL)

    assert finish
    assert np.array_equal(finish().rgb, PHOTO)


def test_a_process_that_was_killed_is_replaced(pool: DecoderPool) -> None:
    signal_children(signal.SIGKILL)

    assert np.array_equal(decode(pool, PNG).rgb, PHOTO)


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("/nonexistent", id="that is not there"),
        pytest.param("/bin/false", id="that ends at once"),
    ],
)
def test_a_program_that_does_not_start_is_given_up(
    monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    pool, children = DecoderPool(), list_children()
    with monkeypatch.context() as context:
        context.setattr(sys, "executable", program)
        for _ in range(20):
            assert begin(pool, PNG) is None
            time.sleep(0.02)

    assert begin(pool, PNG) is None
    assert {*list_children()} <= {*children}


def test_memory_is_given_back_on_request(pool: DecoderPool) -> None:
    assert decode(pool, encode_plain(6000, 3000)).rgb.any()
    before = read_shared_memory_bytes()

    pool.make_room()

    # Three bytes of each pixel.
    assert before - read_shared_memory_bytes() > 50_000_000


def test_memory_is_not_given_back_as_long_as_anybody_has_the_picture(
    pool: DecoderPool,
) -> None:
    picture = decode(pool, PNG)

    pool.make_room()

    assert np.array_equal(picture.rgb, PHOTO)


def read_shared_memory_bytes() -> int:
    [line] = [
        line for line in Path("/proc/self/status").read_text().splitlines() if "RssShmem" in line
    ]
    return int(line.split()[1]) * 1024


LOSSLESS = encode(noise(40, 30, seed=1), "TIFF")
TRANSLUCENT = encode(noise(40, 30, seed=2, channels=4), "TIFF", compression="tiff_lzw")
FRAMES = [Image.fromarray(noise(40, 30, seed=seed)) for seed in (1, 2)]


def encode_cmyk(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.convert("CMYK").save(buffer, "JPEG")
    return buffer.getvalue()


FORMATS = {
    "GIF": encode(noise(40, 30, seed=1), "GIF"),
    "BMP": encode(noise(40, 30, seed=1), "BMP"),
    "TIFF": LOSSLESS,
    "turned TIFF": encode(noise(40, 30, seed=1), "TIFF", exif=b"Exif\0\0" + turn(6)),
    "translucent TIFF": TRANSLUCENT,
    "AVIF": encode(noise(40, 30, seed=1), "AVIF"),
    "translucent AVIF": encode(noise(40, 30, seed=2, channels=4), "AVIF"),
    "PNG of a palette": encode(noise(40, 30, seed=1)[..., 0], "PNG", bits=4),
    "CMYK JPEG": encode_cmyk(FRAMES[0]),
    "animated WebP": encode(
        noise(40, 30, seed=1), "WEBP", save_all=True, append_images=FRAMES, lossless=True
    ),
}


class TestInLimits:
    @pytest.mark.parametrize("background", [None, BACKGROUND])
    @pytest.mark.parametrize("content", [pytest.param(FORMATS[name], id=name) for name in FORMATS])
    def test_pictures_are_the_same_as_decoded_here(
        self, pool: DecoderPool, content: bytes, background: tuple[int, int, int] | None
    ) -> None:
        expected = decode_image(content, LIMITS)
        if background:
            expected = lay_on(expected, background)

        picture = pool.decode(content, background, LIMITS)

        assert np.array_equal(picture.rgb, expected.rgb)
        assert picture.background == expected.background
        assert np.array_equal(picture.alpha, expected.alpha)  # type: ignore[arg-type]

    def test_a_picture_outlives_its_process(self, pool: DecoderPool) -> None:
        picture = pool.decode(LOSSLESS, None, LIMITS)

        signal_children(signal.SIGKILL)
        pool.decode(TRANSLUCENT, None, LIMITS)

        assert np.array_equal(picture.rgb, noise(40, 30, seed=1))

    @pytest.mark.parametrize("content", [b"", b"GIF89a", FORMATS["GIF"][:-50]])
    def test_broken_pictures_are_refused_in_the_same_words(
        self, pool: DecoderPool, content: bytes
    ) -> None:
        with pytest.raises(DecodeError) as expected:
            decode_image(content, LIMITS)

        with pytest.raises(type(expected.value), match=str(expected.value)[:10]) as refusal:
            pool.decode(content, None, LIMITS)

        assert str(refusal.value) == str(expected.value)

    def test_a_process_that_is_killed_meanwhile_is_replaced(self, pool: DecoderPool) -> None:
        signal_children(signal.SIGSTOP)
        kill = threading.Timer(0.2, signal_children, [signal.SIGKILL])
        kill.start()

        picture = pool.decode(LOSSLESS, None, LIMITS)

        assert np.array_equal(picture.rgb, noise(40, 30, seed=1))

    @pytest.mark.parametrize("program", ["/nonexistent", "/bin/false"])
    def test_without_any_process_there_is_no_decoder(
        self, monkeypatch: pytest.MonkeyPatch, program: str
    ) -> None:
        monkeypatch.setattr(sys, "executable", program)

        with pytest.raises(NoDecoder):
            DecoderPool().decode(LOSSLESS, None, LIMITS)

    def test_a_picture_in_shared_memory_leaves_a_process_to_others(self, pool: DecoderPool) -> None:
        kept = decode(pool, PNG)

        assert np.array_equal(pool.decode(LOSSLESS, None, LIMITS).rgb, noise(40, 30, seed=1))
        assert begin(pool, OTHER_PNG) is None
        assert np.array_equal(kept.rgb, PHOTO)

    def test_who_waits_in_vain_is_told_so(
        self, pool: DecoderPool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(decoder_pool, "MAX_WAIT_SECONDS", 0.1)
        signal_children(signal.SIGSTOP)
        with ThreadPoolExecutor() as threads:
            waiting = [threads.submit(pool.decode, LOSSLESS, None, LIMITS) for _ in range(2)]
            wait_until(lambda: len(list_children()) == 2)
            signal_children(signal.SIGSTOP)

            with pytest.raises(NoDecoder):
                pool.decode(LOSSLESS, None, LIMITS)

            signal_children(signal.SIGCONT)
            for future in waiting:
                future.exception()


# What `misbehaving_decoder.py` does at the sight of a picture that is so many pixels wide.
CRASH, EXIT, LOOP, BLOAT, SLEEP = 101, 102, 103, 104, 105


class TestADecoder:
    """What goes wrong in it costs its picture alone."""

    @pytest.mark.parametrize(
        ("width", "error", "words"),
        [
            pytest.param(CRASH, ImageCorrupt, "crashes", id="that crashes"),
            pytest.param(EXIT, ImageCorrupt, "crashes", id="that gives up"),
            pytest.param(LOOP, ImageUnsupported, "CPU time", id="that does not end"),
            pytest.param(SLEEP, ImageUnsupported, "longer", id="that waits for ever"),
            pytest.param(BLOAT, ImageUnsupported, "more memory", id="that takes ever more memory"),
        ],
    )
    def test_is_replaced(
        self,
        monkeypatch: pytest.MonkeyPatch,
        width: int,
        error: type[DecodeError],
        words: str,
    ) -> None:
        monkeypatch.setattr(decoder_process, "PROGRAM", "tests.engine.misbehaving_decoder")
        monkeypatch.setattr(decoder_process.Request, "wall_seconds", 1 if width == SLEEP else 60)
        pool = DecoderPool(size=1)

        with pytest.raises(error, match=words):
            pool.decode(encode(plain(width, 1), "BMP"), None, LIMITS)

        assert np.array_equal(pool.decode(LOSSLESS, None, LIMITS).rgb, noise(40, 30, seed=1))

    def test_is_ended_when_nobody_waits_any_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(decoder_process, "PROGRAM", "tests.engine.misbehaving_decoder")
        pool = DecoderPool(size=1)
        hung_up = threading.Event()
        # Pools of earlier tests may not be collected yet.
        others = list_children()

        def check() -> None:
            if hung_up.is_set():
                raise ConnectionAbortedError

        with ThreadPoolExecutor() as threads:
            at_work, waiting = (
                threads.submit(pool.decode, encode(plain(SLEEP, 1), "BMP"), None, LIMITS, check)
                for _ in range(2)
            )
            wait_until(lambda: bool({*list_children()} - {*others}))
            hung_up.set()

            for future in (at_work, waiting):
                with pytest.raises(ConnectionAbortedError):
                    future.result(timeout=30)

        assert np.array_equal(pool.decode(LOSSLESS, None, LIMITS).rgb, noise(40, 30, seed=1))

    def test_has_no_files_of_the_process_that_asks(self, pool: DecoderPool, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)), (tmp_path / "open").open("wb"):
            pool.decode(LOSSLESS, None, LIMITS)
            other = DecoderPool()
            other.decode(LOSSLESS, None, LIMITS)

            # Its standard ones, standard error once more, the connection and the memory.
            for pid in list_children():
                assert len([*Path(f"/proc/{pid}/fd").iterdir()]) == 6

    def test_does_not_end_by_ctrl_c(self, pool: DecoderPool) -> None:
        children = list_children()
        signal_children(signal.SIGINT)

        pool.decode(LOSSLESS, None, LIMITS)

        assert list_children() == children

    @pytest.mark.parametrize("is_busy", [False, True], ids=["idle", "busy"])
    def test_ends_with_the_process_that_has_started_it(self, is_busy: bool) -> None:
        code = [
            "import sys, threading, time",
            "from comparisons.engine import Limits",
            "from comparisons.engine import decoder_process",
            "from comparisons.engine.decoder_pool import DecoderPool",
            "decoder_process.PROGRAM = 'tests.engine.misbehaving_decoder'",
            "pool, content = DecoderPool(), sys.stdin.buffer.read()",
            "work = lambda: pool.decode(content, None, Limits())",
            "threading.Thread(target=work, daemon=True).start()",
            "time.sleep(60)",
        ]
        content = encode(plain(SLEEP if is_busy else 1, 1), "BMP")
        parent = subprocess.Popen([sys.executable, "-c", "\n".join(code)], stdin=subprocess.PIPE)
        with parent:
            assert parent.stdin
            parent.stdin.write(content)
            parent.stdin.close()
            wait_until(lambda: any(has_memory_limit(pid) for pid in list_children(parent.pid)))
            [child] = list_children(parent.pid)

            parent.kill()

        wait_until(lambda: not Path(f"/proc/{child}/cmdline").exists())


def has_memory_limit(pid: int) -> bool:
    """Tell whether the decoder has got a request."""
    limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return any("address space" in line and line.split()[3] != "unlimited" for line in limits)
