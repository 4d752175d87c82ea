"""A process that decodes beside this one changes nothing but the time."""

import gc
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from comparisons.engine import ImageCorrupt, Limits, Picture, decode_on
from comparisons.engine.decoder_pool import DecoderPool, gains_from_process
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
    return [pid for pid in pids if b"decoder_child" in read_command(pid)]


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
    assert list_children() == children


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


def test_it_ends_with_the_process_that_has_started_it() -> None:
    code = [
        "import sys, time",
        "from comparisons.engine import Limits",
        "from comparisons.engine.decoder_pool import DecoderPool",
        "pool = DecoderPool()",
        "pool.begin(b'', (0, 0, 0), Limits())",
        "print(flush=True)",
        "time.sleep(60)",
    ]
    parent = subprocess.Popen([sys.executable, "-c", "\n".join(code)], stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout
        parent.stdout.readline()
        wait_until(lambda: bool(list_children(parent.pid)))
        [child] = list_children(parent.pid)

        parent.kill()

    wait_until(lambda: not Path(f"/proc/{child}/cmdline").exists())


LOOP = [
    "import mmap, os, re, sys",
    "from multiprocessing import Pipe",
    "from multiprocessing.connection import Connection",
    "from comparisons.engine import decoder_child",
    "from comparisons.engine.decoder_process import MEMORY_BYTES",
    "ours, theirs = Pipe()",
    "memory = os.memfd_create('pixels')",
    "os.ftruncate(memory, MEMORY_BYTES)",
    "ours.send(None)",
    # Regular expressions are matched without ever letting another thread run.
    "decoder_child.answer = lambda *_: re.match('(a+)+$', 'a' * 64 + 'b')",
    "decoder_child.MAX_SECONDS = 1",
    "sys.argv = ['', str(theirs.fileno()), str(memory)]",
    "decoder_child.main()",
]


def test_a_decoder_that_does_not_end_is_ended() -> None:
    finished = subprocess.run([sys.executable, "-c", "\n".join(LOOP)], timeout=DEADLINE_SECONDS)

    assert finished.returncode == -signal.SIGALRM
