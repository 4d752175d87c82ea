"""The very call of the original API's clients, made by the library that they make it with."""

import json
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.chromium import find_chromium
from tests.picture_server import PictureServer
from tests.pictures import plain

from .processes import DEADLINE_SECONDS, Server

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def axios_folder(pytestconfig: pytest.Config) -> Path:
    """A folder outside the sources, with axios installed: kept, so that this needs the network once."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node.js with npm is not installed")
    package = (HERE / "package.json").read_text()
    version = json.loads(package)["dependencies"]["axios"]
    folder = pytestconfig.cache.mkdir(f"axios-{version}")
    (folder / "package.json").write_text(package)
    if not (folder / "node_modules/axios/package.json").exists():
        install = [
            npm,
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
        ]
        try:
            subprocess.run(install, cwd=folder, capture_output=True, check=True, timeout=60)
        except subprocess.SubprocessError as error:
            pytest.skip(f"npm can't install axios {version}: {error}")
    return folder


def test_axios_gets_a_png_under_node(
    axios_folder: Path, server: Server, pictures: PictureServer
) -> None:
    script = shutil.copy(HERE / "axios_client.mjs", axios_folder)
    urls = [pictures.serve("/1.png", plain("white")), pictures.serve("/2.png", plain("black"))]

    finished = subprocess.run(
        ["node", script, server.url, *urls], capture_output=True, timeout=DEADLINE_SECONDS
    )

    # Under Node axios knows no blobs: it reads the bytes as text, and 0x89 is none.
    assert finished.stdout.decode().removeprefix("\N{REPLACEMENT CHARACTER}").startswith("PNG\r\n")


class ReportParser(HTMLParser):
    """Reads what the page has written into its <pre>."""

    def __init__(self) -> None:
        super().__init__()
        self.report = ""

    def handle_data(self, data: str) -> None:
        if self.lasttag == "pre" and not self.report:
            self.report = data.strip()


@pytest.fixture
def shown(
    axios_folder: Path, server: Server, pictures: PictureServer, tmp_path: Path
) -> dict[str, Any]:
    """What a page says that another server serves, after axios' call in a real browser."""
    browser = find_chromium()
    axios = (axios_folder / "node_modules/axios/dist/axios.min.js").read_bytes()
    pictures.serve("/axios.js", axios, Content_Type="text/javascript")
    page = pictures.serve(
        "/page", (HERE / "axios_page.html").read_bytes(), Content_Type="text/html; charset=utf-8"
    )
    query = {
        "base": server.url,
        "image_url1": pictures.serve("/1.png", plain("white", size=(31, 17))),
        "image_url2": pictures.serve("/2.png", plain("black", size=(31, 17))),
    }
    command = [
        browser,
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=10000",
        "--dump-dom",
        f"{page}?{urlencode(query)}",
    ]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    parser = ReportParser()
    parser.feed(finished.stdout)
    facts: dict[str, Any] = json.loads(parser.report)
    return facts


def test_a_page_of_another_origin_shows_the_blob_and_knows_its_location(
    shown: dict[str, Any], server: Server
) -> None:
    location = shown.pop("location")

    assert shown == {"type": "image/png", "naturalWidth": 31, "naturalHeight": 17}
    assert location.startswith(f"{server.url}/compare/")
