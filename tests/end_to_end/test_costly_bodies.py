"""Bodies that would cost far more than they weigh, and others meanwhile: the limits are the default ones."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.comparing import BLACK, WHITE, data_url
from tests.linux import needs_proc
from tests.pictures import encode_noise

from .processes import DEADLINE_SECONDS, Server, run_server

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=limit"
MAX_PROBLEM_BYTES = 16_000
MB = 1_000_000
# A body, what is read of it, and room for what the worker does beside it.
MAX_GROWTH_BYTES = 250 * MB


@pytest.fixture(scope="module")
def default_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("default")) as server:
        yield server


def unknown_fields(size: int) -> bytes:
    return b"{" + b",".join(b'"a%09d":1' % number for number in range(size // 14)) + b"}"


NAMELESS = b'--limit\r\nContent-Disposition: form-data; filename="a"\r\n\r\nx\r\n'
METHOD = b'--limit\r\nContent-Disposition: form-data; name="method"\r\n\r\n'

BODIES: dict[str, tuple[str, Callable[[], bytes], int]] = {
    "unknown fields": (JSON, lambda: unknown_fields(15 * MB), 413),
    "deep list": (
        JSON,
        lambda: b'{"metrics":' + b"[" * 400 + b"1," * 15 * MB + b"1" + b"]" * 400 + b"}",
        413,
    ),
    "white space in base64, form": (FORM, lambda: b"image_url2=data:,&image_url1=data:;base64," + b"A+" * 30 * MB, 413),
    "white space in base64, JSON": (
        JSON,
        lambda: b'{"image_url1":"data:;base64,' + b"A " * 30 * MB + b'","image_url2":"data:,"}',
        413,
    ),
    "large base64": (
        JSON,
        lambda: b'{"image_url1":"data:;base64,' + b"A" * 60 * MB + b'","image_url2":"data:,"}',
        413,
    ),
    "escapes": (
        JSON,
        lambda: b'{"image_url1":"data:,' + b"\\u0041" * 10 * MB + b'","image_url2":"data:,"}',
        422,
    ),
    "percent-encoding": (FORM, lambda: b"image_url1=data:,&image_url2=data:," + b"%41" * 20 * MB, 422),
    "no text, form": (FORM, lambda: b"method=" + b"\xff" * 20 * MB, 413),
    "no text, multipart": (MULTIPART, lambda: METHOD + b"\xff" * 20 * MB, 413),
    "nameless files": (MULTIPART, lambda: NAMELESS * 500_000, 400),
    "long header": (MULTIPART, lambda: b"--limit\r\nX: " + b"a" * 20 * MB, 413),
}  # fmt: skip


def find_peak_memory(server: Server) -> int:
    """Find the most memory that a worker has ever had, in bytes."""
    return max(
        int(line.split()[1]) * 1024
        for pid in server.list_workers()
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmHWM:")
    )


@needs_proc
@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_body_costs_no_more_memory_than_a_few_times_its_own_and_has_a_short_answer(
    default_server: Server, name: str, accept: str
) -> None:
    content_type, make_body, status = BODIES[name]
    default_server.compare(data_url(WHITE), data_url(BLACK))
    peak_before = find_peak_memory(default_server)

    response = default_server.post(
        data=make_body(), headers={"Content-Type": content_type, "Accept": accept}
    )

    assert response.status_code == status
    assert len(response.content) < MAX_PROBLEM_BYTES + (
        len(requests.get(default_server.url, timeout=DEADLINE_SECONDS).content)
        if accept == "text/html"
        else 0
    )
    assert find_peak_memory(default_server) < peak_before + MAX_GROWTH_BYTES


def test_others_are_compared_beside_clients_that_send_unknown_fields_all_the_time(
    default_server: Server,
) -> None:
    body = unknown_fields(900_000)
    answers = []

    def send(_number: int) -> int:
        headers = {"Content-Type": JSON}
        return default_server.post(data=body, headers=headers).status_code

    with ThreadPoolExecutor(6) as pool:
        refused = [pool.submit(send, number) for number in range(120)]
        while not all(future.done() for future in refused):
            answers.append(default_server.compare(data_url(WHITE), data_url(BLACK)))

    assert {future.result() for future in refused} == {413}
    assert {answer.status_code for answer in answers} == {201}
    # They took half a second each while each such body was taken apart.
    assert len(answers) > 12


def test_a_picture_in_a_long_data_url_is_compared(default_server: Server) -> None:
    url = data_url(encode_noise(1, size=(2200, 2200)))

    response = default_server.compare(url, url, Accept="application/json")

    assert (response.status_code, response.json()["match"]) == (201, True)
