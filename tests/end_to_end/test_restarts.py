"""The server's parts die, again and again, and the service goes on until it is asked to end."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from .processes import DEADLINE_SECONDS, PROJECT, Server, answers, run_server, wait_until

ANEW = "Starting anew"


def kill_until_it_gives_up(server: Server) -> None:
    """Kill the workers as fast as granian replaces them, until that makes it give up."""
    lives = server.log.count(ANEW)

    def kill_and_look() -> bool:
        for worker in server.list_workers():
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        return server.log.count(ANEW) > lives

    wait_until(kill_and_look)


def test_the_service_survives_workers_that_die_again_and_again(tmp_path: Path) -> None:
    with run_server(tmp_path) as server:
        for _ in range(2):
            kill_until_it_gives_up(server)
            wait_until(lambda: answers(server.url))

        assert server.process.poll() is None


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_service_ends_when_asked_even_between_two_lives(
    tmp_path: Path, ending: signal.Signals
) -> None:
    with run_server(tmp_path) as server:
        kill_until_it_gives_up(server)
        server.process.send_signal(ending)
        status = server.process.wait(DEADLINE_SECONDS)

    assert status == 0
    assert server.list_workers() == set()


def test_an_address_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        finished = subprocess.run(
            [sys.executable, "-m", "config.serve"],
            cwd=PROJECT,
            env={**os.environ, "PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
        )

    assert finished.returncode == 1
    assert finished.stderr.startswith(f"HOST=127.0.0.1 PORT={port}: Address already in use")
    assert finished.stderr.count("\n") == 1
