"""Pictures that cost far more than they weigh, and processes that decode them."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from PIL import Image

from tests.linux import needs_proc
from tests.malformed import GIF, JPEG, after_start, gif, make_strips, segment
from tests.pictures import encode, encode_noise, noise, plain

from .processes import Server, run_server, wait_until

pytestmark = needs_proc

MOST = 65_535
MAX_MB = 50


def send(server: Server, content: bytes) -> requests.Response:
    files = {"image1": content, "image2": plain()}
    return server.post(files=files, headers={"Accept": "application/json"})


def list_decoders(server: Server) -> list[int]:
    command = ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    workers = server.list_workers()
    return [
        int(line.split()[0])
        for line in listed.splitlines()
        if int(line.split()[1]) in workers and "decoder_child" in line
    ]


def measure_peak_mb(pids: set[int]) -> dict[int, float]:
    return {pid: read_kb(pid, "VmHWM") / 1024 for pid in pids}


def read_kb(pid: int, name: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{name}:\s+(\d+)", status)
    assert found
    return int(found[1])


@pytest.fixture(scope="module")
def large_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With the limits that it has by default."""
    with run_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(gif((MOST, MOST), (0, 0, MOST, MOST), disposal=2), 413, id="GIF disposed of"),
        pytest.param(gif((1, 1), (0, 0, MOST, MOST), disposal=3), 413, id="GIF restored"),
        pytest.param(make_strips(2_800_000), 422, id="TIFF of strips"),
        pytest.param(b"\xff\xd8" + b"\xff" * 19_000_000, 422, id="JPEG of padding"),
    ],
)
def test_a_picture_that_costs_more_than_it_weighs_is_refused_at_once(
    large_server: Server, content: bytes, status: int
) -> None:
    response = send_measured(large_server, content)

    assert response.status_code == status
    assert response.json()["errors"][0]["field"] == "image1"


def test_a_picture_whose_metadata_weigh_more_than_its_pixels_is_shown_at_once(
    large_server: Server,
) -> None:
    content = after_start(JPEG, segment(0xE1, b"Exif\0\0".ljust(900)) * 19_000)

    assert send_measured(large_server, content).status_code == 201


def send_measured(server: Server, content: bytes) -> requests.Response:
    """Send it, and check that it takes no more memory and time than its bytes do."""
    send(server, GIF)
    processes = {*server.list_workers(), *list_decoders(server)}
    before = measure_peak_mb(processes)
    started_at = time.monotonic()
    response = send(server, content)
    seconds = time.monotonic() - started_at
    after = measure_peak_mb(processes)
    # The file itself, which is received, kept and read.
    spare_mb = MAX_MB + 3 * len(content) / 1e6
    assert max(after[pid] - before[pid] for pid in processes) < spare_mb
    # A generous bound: it takes milliseconds, and took 5 to 100 seconds.
    assert seconds < 3
    return response


def test_a_picture_whose_decoder_is_killed_is_decoded_by_another(server: Server) -> None:
    assert send(server, GIF).status_code == 201
    for pid in list_decoders(server):
        os.kill(pid, signal.SIGKILL)

    response = send(server, encode_noise(7, image_format="GIF"))

    assert response.status_code == 201


def test_decoders_end_with_a_worker_that_is_killed(server: Server) -> None:
    assert send(server, GIF).status_code == 201
    decoders = list_decoders(server)
    assert decoders

    for pid in server.list_workers():
        os.kill(pid, signal.SIGKILL)

    wait_until(lambda: not any(is_running(pid) for pid in decoders))
    wait_until(lambda: answers_again(server))


def is_running(pid: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    return False


def answers_again(server: Server) -> bool:
    with suppress(requests.ConnectionError):
        return send(server, GIF).status_code == 201
    return False


def test_decoders_hold_no_sockets_of_the_server(server: Server) -> None:
    assert send(server, GIF).status_code == 201

    for pid in list_decoders(server):
        files = [str(file.readlink()) for file in Path(f"/proc/{pid}/fd").iterdir()]
        # The connection to the worker.
        assert len([file for file in files if file.startswith("socket:")]) == 1


def damage_tiff() -> bytes:
    """Damage rows, about each of which libtiff writes a line to standard error."""
    tiff = bytearray(
        encode(Image.fromarray(noise(1, (400, 300))).convert("1"), "TIFF", compression="group3")
    )
    for position in range(300, len(tiff) - 300, 100):
        tiff[position] ^= 0xFF
    return bytes(tiff)


def damage_webp() -> bytes:
    """Damage the only frame of an animation, of which OpenCV writes a line."""
    first, second = (Image.fromarray(noise(seed)) for seed in (1, 2))
    webp = encode(first, "WEBP", save_all=True, append_images=[second], lossless=True)
    frame = webp.index(b"ANMF")
    alone = bytearray(webp[: webp.index(b"ANMF", frame + 4)])
    alone[4:8] = (len(alone) - 8).to_bytes(4, "little")
    alone[frame + 60 : frame + 600] = b"\xff" * 540
    return bytes(alone)


@pytest.mark.parametrize("damage", [damage_tiff, damage_webp])
def test_what_libraries_say_of_a_damaged_picture_is_not_logged(
    server: Server, damage: Callable[[], bytes]
) -> None:
    before = server.log

    assert send(server, damage()).status_code in {201, 422}
    assert not re.search("Fax|imdecode", server.log.removeprefix(before))
