"""The service in processes of its own, as people run it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

PROJECT = Path(__file__).parents[2]
DEADLINE_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running service, and the folder with its ``db.sqlite3`` and ``media``."""

    url: str
    folder: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def media(self) -> Path:
        return self.folder / "media"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def compare(self, url1: str, url2: str, **headers: str) -> requests.Response:
        """Send two URLs as JSON. Header names have _ for -."""
        return self.post(
            json={"image_url1": url1, "image_url2": url2},
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    def post(self, path: str = "/compare", **arguments: Any) -> requests.Response:
        return requests.post(self.url + path, timeout=DEADLINE_SECONDS, **arguments)

    def manage(self, *command: str) -> str:
        """Run a command of ``manage.py`` beside the server; return what it prints."""
        finished = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return finished.stdout

    def list_workers(self) -> set[int]:
        command = ["ps", "-A", "-o", "pid=,ppid=,stat="]
        finished = subprocess.run(command, capture_output=True, text=True, check=True)
        return {
            int(pid)
            for pid, parent, state in map(str.split, finished.stdout.splitlines())
            if int(parent) == self.process.pid and not state.startswith("Z")
        }

    def kill(self) -> None:
        """End the server and its workers as a power cut would: none of them can do anything more."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(DEADLINE_SECONDS)


@contextmanager
def run_server(folder: Path, *, runner: Sequence[str] = (), **settings: str) -> Iterator[Server]:
    """Serve as ``script/serve`` does, from an empty folder or what another server left there.

    ``runner`` is a command that runs the server's.
    """
    port = find_free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "MEDIA_ROOT": str(folder / "media"),
        **settings,
    }
    if not (folder / "db.sqlite3").exists():
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=PROJECT, env=environment, check=True)
    serve = [*runner, sys.executable, "-m", "config.serve"]
    with run_process(serve, cwd=PROJECT, env=environment, log=folder / "log") as process:
        server = Server(f"http://127.0.0.1:{port}", folder, environment, process)
        wait_until(lambda: answers(server.url), process)
        yield server


@contextmanager
def run_process(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path,
    pass_fds: Sequence[int] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a process group of its own; at the end nothing of the group is left."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=cwd,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=pass_fds,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(DEADLINE_SECONDS)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_until(
    condition: Callable[[], bool], process: subprocess.Popen[bytes] | None = None
) -> None:
    """:raises TimeoutError: the condition does not come true, or the process has ended before."""
    ends_at = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > ends_at or (process and process.poll() is not None):
            raise TimeoutError
        time.sleep(0.05)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=DEADLINE_SECONDS).ok
    except requests.ConnectionError:
        return False


def find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
