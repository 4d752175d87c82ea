import os
import re
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from .checkouts import Checkout, Running, copy_project, provide_environment
from .processes import DEADLINE_SECONDS

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SAMPLES = "static/samples/before.png", "static/samples/after.png"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return provide_environment(copy_project(tmp_path / "a folder"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """``script/run`` with nothing configured but the port."""
    folder = tmp_path_factory.mktemp("running") / "a folder"
    with provide_environment(copy_project(folder)).serve() as running:
        yield running


@pytest.mark.parametrize(
    ("label", "path"),
    [
        pytest.param("Page", "/", id="page"),
        pytest.param("API docs", "/docs", id="docs"),
        pytest.param("Admin", "/admin/", id="admin"),
    ],
)
def test_run_says_where_things_are(label: str, path: str, running: Running) -> None:
    [address] = re.findall(rf"^ *{label} +(\S+)", running.output, re.MULTILINE)

    assert address == running.url + path
    assert requests.get(address, timeout=DEADLINE_SECONDS).ok


def test_run_says_how_to_make_an_account(running: Running) -> None:
    assert "script/manage createsuperuser" in running.output


def test_the_printed_curl_command_gives_a_picture_as_pasted(
    running: Running, tmp_path: Path
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    lines = running.output.splitlines()
    [start] = [number for number, line in enumerate(lines) if line.strip().startswith("curl ")]
    command = "\n".join(lines[start : lines.index("", start)])

    finished = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, check=True, timeout=60
    )

    assert finished.stdout.startswith(b"HTTP/1.1 201 ")
    assert (tmp_path / "difference.png").read_bytes().startswith(PNG_SIGNATURE)


def test_run_does_not_install_what_is_installed(checkout: Checkout) -> None:
    with checkout.serve():
        pass

    assert not checkout.installed.exists()


def end_by_sigterm(process: subprocess.Popen[bytes]) -> None:
    process.terminate()


def end_by_ctrl_c(process: subprocess.Popen[bytes]) -> None:
    """Do what a terminal does: it interrupts everything in its foreground."""
    os.killpg(process.pid, signal.SIGINT)


@pytest.mark.parametrize(
    "end",
    [pytest.param(end_by_sigterm, id="SIGTERM"), pytest.param(end_by_ctrl_c, id="Ctrl-C")],
)
def test_run_ends_with_all_that_it_started(
    end: Callable[[subprocess.Popen[bytes]], None], checkout: Checkout
) -> None:
    with checkout.serve() as running:
        end(running.process)

        assert running.wait_for_all()


def test_a_port_in_use_is_said_in_one_line(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        finished = checkout.run("script/run", PORT=str(port))

    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == f"Port {port} is in use: PORT={port + 1} script/run\n"


def test_the_secret_key_is_made_once(checkout: Checkout) -> None:
    first = checkout.read_setting("SECRET_KEY")

    assert len(first.strip()) >= 50
    assert checkout.read_setting("SECRET_KEY") == first


def test_the_secret_key_is_readable_by_its_owner_alone(checkout: Checkout) -> None:
    checkout.read_setting("SECRET_KEY")

    assert stat.S_IMODE((checkout.folder / "data/secret_key").stat().st_mode) == 0o600


def test_each_checkout_has_a_secret_key_of_its_own(tmp_path: Path) -> None:
    checkouts = [provide_environment(copy_project(tmp_path / name)) for name in "ab"]

    keys = {checkout.read_setting("SECRET_KEY") for checkout in checkouts}

    assert len(keys) == 2


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("DEBUG", "false", "False", id="DEBUG"),
        pytest.param("SECRET_KEY", "mine", "mine", id="SECRET_KEY"),
        pytest.param("FETCH_ALLOWED_NETWORKS", "", "[]", id="FETCH_ALLOWED_NETWORKS"),
        pytest.param("FETCH_ALLOWED_PORTS", "443", "[range(443, 444)]", id="FETCH_ALLOWED_PORTS"),
        pytest.param("FETCH_LOOPBACK_PORTS", "", "[]", id="FETCH_LOOPBACK_PORTS"),
    ],
)
def test_the_environment_wins_over_the_development_profile(
    name: str, value: str, expected: str, checkout: Checkout
) -> None:
    setting = checkout.read_setting(name, **{name: value})

    assert setting.strip() == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param({}, "[range(1, 65536)]", id="by default"),
        pytest.param({"FETCH_ALLOWED_PORTS": "443"}, "[range(443, 444)]", id="with ports named"),
        pytest.param({"FETCH_ALLOWED_NETWORKS": "10.0.0.0/8"}, "[]", id="with networks named"),
        pytest.param({"FETCH_ALLOWED_NETWORKS": ""}, "[]", id="with no network"),
    ],
)
def test_the_development_profile_opens_this_machine_where_nothing_else_is_named(
    variables: dict[str, str], expected: str, checkout: Checkout
) -> None:
    setting = checkout.read_setting("FETCH_LOOPBACK_PORTS", **variables)

    assert setting.strip() == expected


def test_the_samples_are_refused_where_the_environment_allows_no_network(
    checkout: Checkout,
) -> None:
    with checkout.serve(FETCH_ALLOWED_NETWORKS="", DEBUG="false") as running:
        urls = {
            f"image_url{number}": f"{running.url}/{path}" for number, path in enumerate(SAMPLES, 1)
        }
        response = requests.post(f"{running.url}/compare", json=urls, timeout=DEADLINE_SECONDS)

    assert (response.status_code, response.json()["code"]) == (422, "address_not_allowed")
