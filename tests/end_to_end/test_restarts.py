"""The server's parts die, again and again, and the service goes on until it is asked to end."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from .processes import (
    DEADLINE_SECONDS,
    PROJECT,
    Server,
    answers,
    find_free_port,
    run_process,
    run_server,
    wait_until,
)

WORKERS = 2


def kill_workers(server: Server) -> None:
    """Kill them all, and wait until there are others."""
    killed = server.list_workers()
    for worker in killed:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    wait_until(lambda: len(server.list_workers() - killed) == WORKERS)


def test_the_service_survives_workers_that_die_again_and_again(tmp_path: Path) -> None:
    with run_server(tmp_path) as server:
        for _ in range(3):
            # The second time, none of them has come to serve.
            kill_workers(server)
            kill_workers(server)
            wait_until(lambda: answers(server.url))

        assert server.process.poll() is None


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_service_ends_when_asked_even_while_workers_are_replaced(
    tmp_path: Path, ending: signal.Signals
) -> None:
    with run_server(tmp_path) as server:
        kill_workers(server)
        kill_workers(server)
        server.process.send_signal(ending)
        status = server.process.wait(DEADLINE_SECONDS)

    assert status == 0
    assert server.list_workers() == set()


def can_listen(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_workers_end_with_the_main_process_and_free_the_port(tmp_path: Path) -> None:
    with run_server(tmp_path) as server:
        was_free = can_listen(server.port)
        server.process.kill()
        killed_at = time.monotonic()
        wait_until(lambda: can_listen(server.port))

    assert not was_free
    assert time.monotonic() - killed_at < 3


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        pytest.param("127.0.0.1", "127.0.0.1", id="IPv4"),
        pytest.param("::1", "[::1]", id="IPv6"),
        pytest.param("localhost", "localhost", id="name"),
    ],
)
def test_a_second_server_on_the_same_port_says_so_in_one_line(
    host: str, shown: str, tmp_path: Path
) -> None:
    port = find_free_port()
    environment = {
        **os.environ,
        "HOST": host,
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
    }
    serve = [sys.executable, "-m", "config.serve"]
    with run_process(serve, cwd=PROJECT, env=environment, log=tmp_path / "log") as process:
        wait_until(lambda: answers(f"http://{shown}:{port}/static/samples/before.png"), process)
        second = subprocess.run(
            serve,
            cwd=PROJECT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
        )

    assert second.returncode == 1
    assert second.stderr == f"HOST={host} PORT={port}: Address already in use\n"


@pytest.mark.parametrize("host", ["no such host", "203.0.113.1"])
def test_an_address_of_no_use_is_said_in_one_line(host: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "config.serve"],
        cwd=PROJECT,
        env={**os.environ, "HOST": host, "PORT": "8000"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )

    assert finished.returncode == 1
    assert finished.stderr.startswith(f"HOST={host} PORT=8000: ")
    assert finished.stderr.count("\n") == 1
