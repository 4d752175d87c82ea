"""A process that decodes beside this one changes nothing but the time."""

import gc
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from comparisons.engine import ImageCorrupt, Limits, Picture, decode_on, read_header
from comparisons.engine.decoder_process import DecoderProcess
from tests.end_to_end.processes import DEADLINE_SECONDS, wait_until

from .pictures import encode, gradient, nearly, noise, plain

LIMITS = Limits()
BACKGROUND = (10, 200, 90)
SIZE = 1000, 600

PHOTO = nearly(gradient(*SIZE), seed=1)
PNG = encode(PHOTO, "PNG")
OTHER_PNG = encode(PHOTO[::-1], "PNG")
TRANSLUCENT_PNG = encode(np.dstack([PHOTO, noise(*SIZE, seed=2)[..., 0]]), "PNG")

pytestmark = pytest.mark.skipif(
    not hasattr(os, "memfd_create"), reason="the memory that processes share is Linux's"
)


@pytest.fixture
def process() -> Iterator[DecoderProcess]:
    """One that is ready."""
    process = DecoderProcess()
    decode(process, PNG)
    yield process
    end_children()


def submit(process: DecoderProcess, content: bytes) -> Future[Picture] | None:
    return process.submit(content, read_header(content, LIMITS), BACKGROUND, LIMITS)


def decode(process: DecoderProcess, content: bytes) -> Picture:
    """Decode it there, as soon as the process is ready and has no other picture."""
    ends_at = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < ends_at:
        future = submit(process, content)
        if future:
            return future.result()
        time.sleep(0.01)
    raise TimeoutError


def list_children(parent: int | str = "self") -> list[int]:
    """List the decoders that a process has started and that have not ended."""
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    pids = [int(pid) for task in tasks for pid in task.read_text().split()]
    return [pid for pid in pids if b"decoder_child" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def end_children(number: signal.Signals = signal.SIGKILL) -> None:
    for pid in list_children():
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
def test_pictures_are_the_same_as_decoded_here(process: DecoderProcess, content: bytes) -> None:
    expected = decode_on(content, BACKGROUND, LIMITS)

    picture = decode(process, content)

    assert np.array_equal(picture.rgb, expected.rgb)
    assert picture.background == expected.background
    assert (picture.alpha is None) == (expected.alpha is None)
    if picture.alpha is not None and expected.alpha is not None:
        assert np.array_equal(picture.alpha, expected.alpha)


def test_corrupt_pictures_are_refused_in_the_same_words(process: DecoderProcess) -> None:
    corrupt = PNG[:2000] + bytes(100) + PNG[2100:]
    with pytest.raises(ImageCorrupt) as expected:
        decode_on(corrupt, BACKGROUND, LIMITS)

    with pytest.raises(ImageCorrupt) as refusal:
        decode(process, corrupt)

    assert str(refusal.value) == str(expected.value)
    assert np.array_equal(decode(process, PNG).rgb, PHOTO)


def test_a_picture_is_left_alone_as_long_as_anybody_has_a_part_of_it(
    process: DecoderProcess,
) -> None:
    part = decode(process, PNG).rgb[100:200]
    gc.collect()

    assert submit(process, OTHER_PNG) is None
    assert np.array_equal(part, PHOTO[100:200])


def test_the_next_picture_is_taken_once_nobody_has_the_one_before(process: DecoderProcess) -> None:
    picture = decode(process, TRANSLUCENT_PNG)
    del picture

    assert np.array_equal(decode(process, OTHER_PNG).rgb, PHOTO[::-1])


def encode_plain(width: int, height: int, image_format: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, image_format)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(encode_plain(100, 100), id="small"),
        pytest.param(encode_plain(8001, 5000), id="large"),
        pytest.param(encode_plain(1000, 600, "JPEG"), id="no PNG"),
    ],
)
def test_what_gains_nothing_is_not_taken(process: DecoderProcess, content: bytes) -> None:
    assert submit(process, content) is None


def test_a_picture_whose_process_is_killed_is_decoded_here(process: DecoderProcess) -> None:
    end_children(signal.SIGSTOP)
    future = submit(process, PNG)

    end_children()

    assert future
    assert np.array_equal(future.result().rgb, PHOTO)


def test_a_process_that_was_killed_is_replaced(process: DecoderProcess) -> None:
    end_children()

    assert np.array_equal(decode(process, PNG).rgb, PHOTO)


def test_a_process_that_does_not_start_is_not_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = DecoderProcess()
    with monkeypatch.context() as context:
        context.setattr(sys, "executable", "/bin/false")
        assert submit(process, PNG) is None
    with suppress(ChildProcessError):  # It has ended, and that is known already.
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)

    assert [submit(process, PNG) for _ in range(3)] == [None] * 3
    assert not list_children()


def test_memory_is_given_back_for_large_pictures_of_other_kinds(process: DecoderProcess) -> None:
    assert decode(process, encode_plain(6000, 3000)).rgb.all()
    before = read_shared_memory_bytes()

    assert submit(process, encode_plain(5000, 4001, "JPEG")) is None

    # Three bytes of each pixel.
    assert before - read_shared_memory_bytes() > 50_000_000


def read_shared_memory_bytes() -> int:
    [line] = [
        line for line in Path("/proc/self/status").read_text().splitlines() if "RssShmem" in line
    ]
    return int(line.split()[1]) * 1024


def test_it_ends_with_the_process_that_has_started_it() -> None:
    code = [
        "import sys, time",
        "from comparisons.engine import Header, Limits",
        "from comparisons.engine.decoder_process import DecoderProcess",
        "process = DecoderProcess()",
        "process.submit(b'', Header('image/png', 1000, 1000), (0, 0, 0), Limits())",
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
