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


def test_a_worker_whose_work_does_not_end_in_time_is_replaced(tmp_path: Path) -> None:
    pair = url_pair(encode_noise(1, (1000, 600)), encode_noise(2, (1000, 600)))

    with run_server(tmp_path, WORK_TIMEOUT_SECONDS="0.001") as server:
        with pytest.raises(requests.ConnectionError):
            server.post(json=pair)
        wait_until(lambda: answers(server.url))

        assert "most recent call first" in server.log
