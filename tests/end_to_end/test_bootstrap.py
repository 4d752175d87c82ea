import shutil
import sys
from pathlib import Path

import pytest

from .checkouts import Checkout, copy_project, provide_environment

# The tools that the scripts need, and no Python of the machine's.
TOOLS = ("cat", "cmp", "cp", "dirname", "mkdir", "rm", "sh")
OLD = "import sys; sys.version_info = (3, 10, 14, 'final', 0)"
NO_VENV = "raise ModuleNotFoundError(\"No module named 'venv'\")"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return provide_environment(copy_project(tmp_path / "a folder"))


@pytest.fixture
def clone(tmp_path: Path) -> Checkout:
    """A checkout where nothing has been installed."""
    return copy_project(tmp_path / "a folder")


class Machine:
    """A PATH with nothing on it but a few tools, and the Pythons that a test adds."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "bin"
        self.path.mkdir()
        for tool in TOOLS:
            (self.path / tool).symlink_to(shutil.which(tool) or tool)

    def add_python(self, name: str, *, is_old: bool = False) -> None:
        """Add a real Python that lacks ``venv``, or thinks it is old."""
        modules = self.path.parent / f"modules of {name}"
        modules.mkdir()
        (modules / "venv.py").write_text(NO_VENV)
        if is_old:
            (modules / "sitecustomize.py").write_text(OLD)
        real = sys.executable
        python = self.path / name
        python.write_text(f'#!/bin/sh\nPYTHONPATH="{modules}" exec "{real}" "$@"\n')
        python.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def refuse(clone: Checkout, machine: Machine) -> str:
    """Run a script that can't do its work; return the one line that it says."""
    finished = clone.run("script/manage", "check", PATH=str(machine.path))
    [line] = finished.stderr.splitlines()
    assert (finished.returncode, finished.stdout) == (1, "")
    return line


def test_a_missing_python_is_named_with_the_command_that_mends_it(
    clone: Checkout, machine: Machine
) -> None:
    line = refuse(clone, machine)

    assert line.startswith("Python 3.11 or newer is needed: sudo apt install python3 ")


def test_a_python_that_is_too_old_is_named_with_the_command_that_mends_it(
    clone: Checkout, machine: Machine
) -> None:
    machine.add_python("python3", is_old=True)

    line = refuse(clone, machine)

    assert line.startswith("Python 3.11 or newer is needed: sudo apt install python3 ")


def test_a_missing_venv_module_is_named_with_the_command_that_mends_it(
    clone: Checkout, machine: Machine
) -> None:
    machine.add_python("python3")

    line = refuse(clone, machine)

    assert line.startswith("python3 lacks its venv module: sudo apt install python3.")


def test_a_newer_python_is_found_beside_an_old_one(clone: Checkout, machine: Machine) -> None:
    machine.add_python("python3", is_old=True)
    machine.add_python("python3.12")

    line = refuse(clone, machine)

    assert line.startswith("python3.12 lacks its venv module: ")


def test_nothing_is_installed_twice(checkout: Checkout) -> None:
    checkout.run("script/manage", "check")

    assert not checkout.installed.exists()


def test_changed_requirements_are_installed_once(checkout: Checkout) -> None:
    with (checkout.folder / "requirements.txt").open("a") as requirements:
        requirements.write("# Changed by a pull.\n")

    for _ in range(2):
        checkout.run("script/manage", "check")

    [installed] = checkout.installed.read_text().splitlines()
    assert installed.endswith("--requirement requirements.txt")


def test_an_interrupted_installation_is_done_again(checkout: Checkout) -> None:
    with (checkout.folder / "requirements.txt").open("a") as requirements:
        requirements.write("# Changed by a pull.\n")

    checkout.run("script/manage", "check", PIP_STATUS="1")
    checkout.run("script/manage", "check")

    assert len(checkout.installed.read_text().splitlines()) == 2


def test_a_failed_installation_ends_the_script(checkout: Checkout) -> None:
    with (checkout.folder / "requirements.txt").open("a") as requirements:
        requirements.write("# Changed by a pull.\n")

    finished = checkout.run("script/manage", "check", PIP_STATUS="1")

    assert finished.returncode == 1


POSTGRESQL = "postgres://user@127.0.0.1:1/comparisons"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "pgsql"])
def test_what_postgresql_needs_is_installed_where_the_database_is_one(
    clone: Checkout, scheme: str
) -> None:
    checkout = provide_environment(clone, "requirements.txt")

    checkout.run("script/manage", "check", DATABASE_URL=f"{scheme}://user@127.0.0.1:1/comparisons")

    [installed] = checkout.installed.read_text().splitlines()
    assert installed.endswith("--requirement requirements-scale.txt")


@pytest.mark.parametrize("script", ["script/manage", "script/run", "script/serve"])
def test_every_script_that_asks_the_database_installs_what_postgresql_needs(
    clone: Checkout, script: str
) -> None:
    checkout = provide_environment(clone, "requirements.txt")

    # Ends there.
    checkout.run(script, DATABASE_URL=POSTGRESQL, PIP_STATUS="1")

    [installed] = checkout.installed.read_text().splitlines()
    assert installed.endswith("--requirement requirements-scale.txt")


def test_what_postgresql_needs_is_installed_once_for_all_scripts(clone: Checkout) -> None:
    checkout = provide_environment(clone, "requirements.txt")

    for database_url in (POSTGRESQL, "", POSTGRESQL):
        checkout.run("script/manage", "check", DATABASE_URL=database_url)

    assert len(checkout.installed.read_text().splitlines()) == 1


def test_what_the_tests_need_holds_what_postgresql_needs(checkout: Checkout) -> None:
    checkout.run("script/manage", "check", DATABASE_URL=POSTGRESQL)

    assert not checkout.installed.exists()


def test_what_was_installed_before_other_releases_is_installed_again(checkout: Checkout) -> None:
    requirements = checkout.folder / "requirements.txt"
    before = requirements.read_text()
    requirements.write_text(f"{before}# Of another branch.\n")
    checkout.run("script/manage", "check")
    requirements.write_text(before)

    checkout.run("script/manage", "check", DATABASE_URL=POSTGRESQL)

    first, second = checkout.installed.read_text().splitlines()
    assert first.endswith("--requirement requirements.txt")
    assert second.endswith("--requirement requirements-scale.txt")
