import os
import signal
import time
from pathlib import Path

from .checkouts import copy_project, provide_environment


def test_ctrl_c_ends_an_idle_server_at_once(tmp_path: Path) -> None:
    """A terminal interrupts everything in its foreground: the server's workers as well."""
    checkout = provide_environment(copy_project(tmp_path / "a folder"))

    with checkout.serve() as running:
        # The workers too have come up by then.
        time.sleep(2)
        interrupted_at = time.monotonic()
        os.killpg(running.process.pid, signal.SIGINT)
        ended = running.wait_for_all()

    assert ended
    assert time.monotonic() - interrupted_at < 5
