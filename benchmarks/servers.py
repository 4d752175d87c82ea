"""The servers of a benchmark over HTTP, in processes of their own, on free ports of loopback."""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.end_to_end.processes import (
    PROJECT,
    find_free_port,
    run_process,
    run_server,
    wait_until,
)

from .pairs import Pair

# The workers that script/serve starts.
WORKERS = 2
# On a disk: where temporary files are kept in memory, storing would cost nothing.
SCRATCH = PROJECT / ".bench"


@contextmanager
def run_ours(pictures_port: int, **environment: str) -> Iterator[tuple[int, int]]:
    """Serve as in production; yield the port, and the process that leads the session."""
    SCRATCH.mkdir(exist_ok=True)
    settings = {
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEBUG": "false",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.1/32",
        "FETCH_ALLOWED_PORTS": str(pictures_port),
        "SECRET_KEY": "benchmarks",
        **environment,
    }
    folder = Path(tempfile.mkdtemp(dir=SCRATCH))
    # Not before the end: for minutes, ext4 looks through the inodes of deleted files to make new ones.
    atexit.register(shutil.rmtree, folder)
    with run_server(folder, **settings) as server:
        yield server.port, server.process.pid


@contextmanager
def run_original() -> Iterator[tuple[int, int]]:
    port = find_free_port()
    command = [sys.executable, "-m", "gunicorn", "--workers", str(WORKERS)]
    command += ["--bind", f"127.0.0.1:{port}", "benchmarks.original_app:app"]
    with (
        tempfile.TemporaryDirectory() as folder,
        run_process(command, cwd=PROJECT, env=os.environ, log=Path(folder, "log")) as process,
    ):
        wait_until(lambda: accepts(port), process)
        yield port, process.pid


@contextmanager
def run_picture_server(pair: Pair) -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks.picture_server"]
    command += [str(pair.image1), str(pair.image2)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
