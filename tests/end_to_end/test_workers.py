"""What the server gives its workers, and takes from them."""

from pathlib import Path

import pytest
import requests

from config.serve import MEMORY
from tests.comparing import url_pair
from tests.linux import needs_proc
from tests.pictures import encode_noise

from .processes import Server, answers, run_server, wait_until


@needs_proc
def test_workers_have_their_memory_set_up(server: Server) -> None:
    for worker in server.list_workers():
        environment = Path(f"/proc/{worker}/environ").read_text().split("\0")
        assert {f"{name}={value}" for name, value in MEMORY.items()} <= {*environment}


def list_children(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for path in children for child in path.read_text().split()]


def find_sockets(process: int) -> set[str]:
    names = {str(path.readlink()) for path in Path(f"/proc/{process}/fd").iterdir()}
    return {name for name in names if name.startswith("socket:")}


@needs_proc
def test_what_a_worker_starts_does_not_hold_the_port(tmp_path: Path) -> None:
    """Where a process inherits the listener, the port is in use for as long as that lives."""
    large = [encode_noise(seed, (1200, 1000)) for seed in range(2)]

    with run_server(tmp_path) as server:
        listeners = find_sockets(server.process.pid)
        # The first time, the process that decodes is only started.
        for _ in range(2):
            assert server.post(json=url_pair(*large), params={"view": "overlay"}).ok
        children = {child for one in server.list_workers() for child in list_children(one)}
        held = {found for child in children for found in find_sockets(child)}

    assert listeners
    assert children
    assert not listeners & held


def test_a_worker_whose_work_does_not_end_in_time_is_replaced(tmp_path: Path) -> None:
    pair = url_pair(encode_noise(1, (1000, 600)), encode_noise(2, (1000, 600)))

    with run_server(tmp_path, WORK_TIMEOUT_SECONDS="0.001") as server:
        with pytest.raises(requests.ConnectionError):
            server.post(json=pair)
        wait_until(lambda: answers(server.url))

        assert "most recent call first" in server.log
