"""``script/run``: what may be downloaded from the developer's machine, and for whom."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from tests.chromium import find_chromium
from tests.picture_server import PictureServer, run_picture_server
from tests.pictures import plain

from .checkouts import Running, copy_project, provide_environment
from .processes import DEADLINE_SECONDS

PAGE = Path(__file__).parent / "origin_page.html"
ELSEWHERE = {"Origin": "https://pages.example"}
REFUSED = (422, "address_not_allowed")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """``script/run`` with nothing configured but the port."""
    folder = tmp_path_factory.mktemp("running") / "folder"
    with provide_environment(copy_project(folder)).serve() as running:
        yield running


def serve_pair(pictures: PictureServer) -> dict[str, str]:
    return {
        "image_url1": pictures.serve("/1.png", plain("white")),
        "image_url2": pictures.serve("/2.png", plain("black")),
    }


def post(running: Running, urls: dict[str, str], **headers: str) -> tuple[int, str | None]:
    response = requests.post(
        f"{running.url}/compare",
        json=urls,
        headers={"Accept": "application/json", **headers},
        timeout=DEADLINE_SECONDS,
    )
    return response.status_code, response.json().get("code")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="curl"),
        pytest.param({"Origin": "http://localhost:3000"}, id="a page of this machine"),
    ],
)
def test_pictures_of_this_machine_are_compared_for_it(
    headers: dict[str, str], running: Running, pictures: PictureServer
) -> None:
    assert post(running, serve_pair(pictures), **headers) == (201, None)


def test_the_samples_are_compared_for_the_page_that_offers_them(running: Running) -> None:
    page = requests.get(f"{running.url}/?sample", timeout=DEADLINE_SECONDS).text
    urls = dict(re.findall(r'name="(image_url\d)"[^>]*?value="([^"]+)"', page, re.DOTALL))

    assert len(urls) == 2
    assert post(running, urls, Origin=running.url) == (201, None)


def test_pictures_of_this_machine_are_refused_to_other_pages(
    running: Running, pictures: PictureServer
) -> None:
    assert post(running, serve_pair(pictures), **ELSEWHERE) == REFUSED
    assert pictures.requested_paths == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.0.0.2", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]"],
)
def test_other_pages_do_not_learn_what_listens_on_this_machine(
    host: str, running: Running, pictures: PictureServer
) -> None:
    open_port = pictures.url.rpartition(":")[2]

    answers = [
        requests.post(
            f"{running.url}/compare",
            json=dict.fromkeys(["image_url1", "image_url2"], f"http://{host}:{port}/"),
            headers=ELSEWHERE,
            timeout=DEADLINE_SECONDS,
        ).json()
        for port in (open_port, "1", "80")
    ]

    assert [answer.pop("code") for answer in answers] == ["address_not_allowed"] * 3
    assert answers[0]["errors"] == answers[1]["errors"] == answers[2]["errors"]
    assert pictures.requested_paths == []


def test_other_pages_reach_no_more_ports_of_public_hosts(running: Running) -> None:
    urls = dict.fromkeys(["image_url1", "image_url2"], "http://8.8.8.8:8000/")

    assert post(running, urls, **ELSEWHERE) == REFUSED
    assert post(running, urls) == REFUSED


def test_networks_that_the_environment_names_are_for_all_pages(
    tmp_path: Path, pictures: PictureServer
) -> None:
    checkout = provide_environment(copy_project(tmp_path / "folder"))

    with checkout.serve(FETCH_ALLOWED_NETWORKS="127.0.0.0/8") as running:
        # A redirect leads to nothing more than what is named.
        elsewhere = pictures.redirect("/a", pictures.url.replace("127.0.0.1", "[::1]"))
        outcomes = [
            post(running, urls, **ELSEWHERE)
            for urls in (
                serve_pair(pictures),
                dict.fromkeys(["image_url1", "image_url2"], elsewhere),
            )
        ]

    assert outcomes == [(201, None), REFUSED]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param("pages.example", [*REFUSED], id="of another origin"),
        pytest.param("localhost", [201, None], id="of this machine"),
    ],
)
def test_a_browser_says_which_page_it_is(
    host: str, expected: list[object], running: Running, tmp_path: Path
) -> None:
    browser = find_chromium()
    with run_picture_server() as pages, run_picture_server() as pictures:
        page = pages.serve("/page", PAGE.read_bytes(), Content_Type="text/html; charset=utf-8")
        query = urlencode({"base": running.url, **serve_pair(pictures)})
        command = [
            browser,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            f"--host-resolver-rules=MAP {host} 127.0.0.1",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=10000",
            "--dump-dom",
            f"{page.replace('127.0.0.1', host)}?{query}",
        ]
        finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    [outcome] = re.findall(r"<pre>(.*?)</pre>", finished.stdout)
    assert json.loads(outcome) == expected
