"""Copies of the project in which its scripts can run, without installing anything."""

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .processes import DEADLINE_SECONDS, PROJECT, answers, find_free_port, run_process, wait_until

REQUIREMENTS = ("requirements.txt", "requirements-scale.txt", "requirements-dev.txt")
LAST_WORDS = "Ctrl-C ends it."
# Stands for .venv/bin/python: the environment of the tests, which notes what it was to install.
PYTHON = """\
#!/bin/sh
case "$*" in
"-m pip install "*) echo "$@" >> "{folder}/installed"; exit "${{PIP_STATUS:-0}}" ;;
*) exec "{executable}" "$@" ;;
esac
"""


@dataclass(frozen=True)
class Checkout:
    folder: Path

    @property
    def installed(self) -> Path:
        """What was to be installed, a line each time."""
        return self.folder / "installed"

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a script from elsewhere, to its end."""
        return subprocess.run(
            [self.folder / command[0], *command[1:]],
            cwd=self.folder.parent,
            env=clean_environment(variables),
            capture_output=True,
            text=True,
            timeout=60,
        )

    def read_setting(self, name: str, **variables: str) -> str:
        """Ask Django for a setting as ``script/manage`` sees it."""
        code = f"from django.conf import settings; print(settings.{name})"
        return self.run("script/manage", "shell", "--no-imports", "-c", code, **variables).stdout

    @contextmanager
    def serve(self, **variables: str) -> Iterator["Running"]:
        """Run ``script/run`` until it has said where things are, and end it afterwards."""
        port = find_free_port()
        log = self.folder / "log"
        lifeline, held = os.pipe()
        with (
            os.fdopen(lifeline, "rb") as lifeline_file,
            run_process(
                [str(self.folder / "script/run")],
                cwd=self.folder.parent,
                env=clean_environment({"PORT": str(port), **variables}),
                log=log,
                pass_fds=[held],
            ) as process,
        ):
            os.close(held)
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: LAST_WORDS in log.read_text() and answers(url), process)
            yield Running(url, log.read_text(), process, lifeline_file)


@dataclass(frozen=True)
class Running:
    url: str
    output: str
    process: subprocess.Popen[bytes]
    lifeline: IO[bytes]

    def wait_for_all(self) -> bool:
        """Wait for the end of all processes; each holds the other end of the lifeline until then."""
        readable, _, _ = select.select([self.lifeline], [], [], DEADLINE_SECONDS)
        return bool(readable)


def clean_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Leave out the settings that the tests have made."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR") if name in os.environ}
    return {**kept, **variables}


def copy_project(folder: Path) -> Checkout:
    """Copy what runs, as a clone has it."""
    shutil.copytree(
        PROJECT, folder, ignore=shutil.ignore_patterns(".*", "data", "__pycache__", "tests")
    )
    return Checkout(folder)


def provide_environment(checkout: Checkout, *installed: str) -> Checkout:
    """Give a checkout a ``.venv`` in which these files, or all of them, have been installed."""
    python = checkout.folder / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(PYTHON.format(folder=checkout.folder, executable=sys.executable))
    python.chmod(0o755)
    for name in installed or REQUIREMENTS:
        shutil.copy(checkout.folder / name, checkout.folder / ".venv")
    return checkout
