"""What Chromium makes of pictures: a headless one loads each from a server in this process, and answers it."""

import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Error, Page, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PAGE = Path(__file__).with_name("page.html").read_bytes()
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--force-color-profile=srgb",
]
TIMEOUT_SECONDS = 20
# More, in four bytes each, are slow to send, and may exceed what a canvas can hold.
MAX_PIXELS = 60_000_000


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture as Chromium shows it on white: height x width x 3, uint8, RGB.

    ``is_complete`` is False where it shows a damaged file as far as it can.
    """

    rgb: NDArray[np.uint8]
    is_complete: bool


class NotShown(Exception):
    """Chromium refuses the file."""


class ChromiumFailed(Exception):
    """Chromium crashes on the file, takes too long or can't draw it."""


class Chromium:
    """A browser with one page, started again after it has failed.

    It loads nothing but the files that it is given.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._page: Page | None = None
        self._playwright: Playwright | None = None
        self._server = ImageServer()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def show(self, content: bytes) -> Shown:
        """Draw a file's picture on white.

        :raises NotShown: Chromium takes it for no picture.
        :raises ChromiumFailed: nothing can be said of it.
        """
        [shown] = self.show_all([content])
        if isinstance(shown, Exception):
            raise shown
        return shown

    def show_all(self, contents: Sequence[bytes]) -> list[Shown | NotShown | ChromiumFailed]:
        """Draw many in the time of a few; all are in memory at the same time.

        :raises ChromiumFailed: nothing can be said of any.
        """
        self._server.contents = contents
        try:
            page = self._page = self._page or self._open_page()
            seconds = TIMEOUT_SECONDS + len(contents) / 10
            with page.expect_response("**/answers", timeout=seconds * 1000):
                page.evaluate(f"void show({[len(content) for content in contents]}, {MAX_PIXELS})")
        except Error as error:
            self._end_browser()
            raise ChromiumFailed(error.message.splitlines()[0]) from error
        return list(read_answers(self._server.answer))

    def _open_page(self) -> Page:
        self._playwright = sync_playwright().start()
        browser = self._playwright.chromium.launch(executable_path=self._path, args=ARGUMENTS)
        page = browser.new_page()
        page.goto(self._server.url)
        return page

    def _end_browser(self) -> None:
        """End Playwright with it, which may have crashed as well."""
        if self._playwright:
            with suppress(Error):
                self._playwright.stop()
        self._playwright = self._page = None

    def close(self) -> None:
        self._end_browser()
        self._server.shutdown()
        self._server.server_close()


def find_chromium() -> str | None:
    """Get the path of the system's."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def run_chromium(path: str) -> Iterator[Chromium]:
    chromium = Chromium(path)
    try:
        yield chromium
    finally:
        chromium.close()


def read_answers(answer: bytes) -> Iterator[Shown | NotShown | ChromiumFailed]:
    description, _, pixels = answer.partition(b"\n")
    position = 0
    for fields in json.loads(description):
        if error := fields.get("error"):
            yield NotShown() if error == "refused" else ChromiumFailed(error)
            continue
        shape = fields["height"], fields["width"], 4
        rgba = np.frombuffer(pixels, np.uint8, prod(shape), position).reshape(shape)
        position += rgba.size
        yield Shown(np.ascontiguousarray(rgba[..., :3]), fields["isComplete"])


class ImageServer(ThreadingHTTPServer):
    """Serves the page and some images; keeps the last answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.contents: Sequence[bytes] = ()
        self.answer = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    server: ImageServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        if self.path == "/images":
            # Chromium finds out the format by itself, but of SVG, which has no pixels.
            self._send(b"".join(self.server.contents), "image/png")
        else:
            self._send(PAGE, "text/html")

    def do_POST(self) -> None:
        self.server.answer = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(b"", "text/plain")

    def _send(self, content: bytes, media_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass
