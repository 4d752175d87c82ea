"""The server is killed again and again while clients compare, and then looked at."""

import hashlib
import io
import itertools
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import requests
from PIL import Image

from tests.picture_server import PictureServer, run_picture_server
from tests.pictures import encode_noise

from .processes import DEADLINE_SECONDS, Server, run_server, wait_until
from .records import read_stored

CLIENTS = 4
# A life lasts as long as so many answers and a moment more, drawn at random.
ANSWERS_BEFORE_A_KILL = 3
MAX_MOMENT_SECONDS = 1.0
REPEATED_PICTURES = 4
VIEWS = ("mask", "overlay", "heatmap")


@dataclass(frozen=True)
class Acknowledged:
    """What a client knows of a comparison that it has been told is stored."""

    figures: dict[str, Any]
    contents: tuple[bytes, bytes]
    view: str


@dataclass
class Ledger:
    """What the clients have seen in all lives of the server."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    cut_off: int = 0
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Findings:
    """What is left in the end. ``violations`` is empty if all is well."""

    kills: int
    ledger: Ledger
    rows: int
    orphans: list[str]
    violations: list[str]


class Clients:
    """Threads that compare distinct and repeated pairs, as URLs and as uploads, without a pause."""

    def __init__(self, pictures: PictureServer, seed: int) -> None:
        self.ledger = Ledger()
        self._pictures = pictures
        self._random = random.Random(seed)
        self._seeds = itertools.count(1000)
        self._repeated = [encode_noise(seed) for seed in range(REPEATED_PICTURES)]
        self._lock = threading.Lock()

    @contextmanager
    def work(self, server: Server) -> Iterator[None]:
        """Compare until the block is over; by then the server should be dead."""
        over = threading.Event()
        threads = [
            threading.Thread(target=self._compare_until, args=(over, server))
            for _ in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _compare_until(self, over: threading.Event, server: Server) -> None:
        while not over.is_set():
            contents, view, as_urls = self._draw()
            try:
                response = self._send(server, contents, view, as_urls=as_urls)
            except requests.RequestException:
                with self._lock:
                    self.ledger.cut_off += 1
                return
            with self._lock:
                if response.status_code == 201:
                    known = Acknowledged(response.json(), contents, view)
                    self.ledger.acknowledged.append(known)
                else:
                    self.ledger.refused.append(response.text)

    def _draw(self) -> tuple[tuple[bytes, bytes], str, bool]:
        with self._lock:
            # Three in four pairs have a picture that nobody has sent before.
            first = self._random.choice(self._repeated)
            second = self._random.choice(self._repeated)
            if self._random.random() < 0.75:
                second = encode_noise(next(self._seeds))
            view = self._random.choice(VIEWS)
            return (first, second), view, self._random.random() < 0.5

    def _send(
        self, server: Server, contents: tuple[bytes, bytes], view: str, *, as_urls: bool
    ) -> requests.Response:
        headers = {"Accept": "application/json"}
        if not as_urls:
            files = dict(zip(("image1", "image2"), contents, strict=True))
            return server.post(files=files, data={"view": view}, headers=headers)
        urls = {
            f"image_url{number}": self._pictures.serve(f"/{digest(content)}", content)
            for number, content in enumerate(contents, start=1)
        }
        return server.post(json={**urls, "view": view}, headers=headers)


def crash_repeatedly(folder: Path, *, kills: int, seed: int) -> Findings:
    """Let clients compare, kill the server at random moments, start it again, and look at the rest."""
    moments = random.Random(seed)
    with run_picture_server() as pictures:
        clients = Clients(pictures, seed)
        for _ in range(kills):
            with run_server(folder) as server, clients.work(server):
                enough = len(clients.ledger.acknowledged) + ANSWERS_BEFORE_A_KILL
                try:
                    wait_until(
                        lambda enough=enough: len(clients.ledger.acknowledged) >= enough,  # type: ignore[misc]
                        server.process,
                    )
                    time.sleep(moments.uniform(0, MAX_MOMENT_SECONDS))
                finally:
                    server.kill()
    with run_server(folder) as server:
        return inspect(server, clients.ledger, kills)


def inspect(server: Server, ledger: Ledger, kills: int) -> Findings:
    violations = [f"refused: {text}" for text in ledger.refused]
    for known in ledger.acknowledged:
        violations += check_comparison(server, known)
    stored = read_stored(server)
    needed = {*stored.images, *stored.results}
    orphans = sorted({*stored.files} - needed)
    violations += [f"{name}: a row without a file" for name in needed - {*stored.files}]
    violations += [
        f"{name}: not the picture of its row"
        for name, sha256 in stored.images.items()
        if name in stored.files and digest((server.media / name).read_bytes()) != sha256
    ]
    violations += [
        f"{name}: not a whole picture"
        for name in stored.results
        if name in stored.files and not is_whole(server.media / name)
    ]
    *swept, _total = server.manage("prune", "--min-age-minutes", "0").splitlines()
    if sorted(swept) != orphans:
        violations.append(f"prune swept {swept}, not {orphans}")
    after = read_stored(server)
    if after.files != sorted([*after.images, *after.results]):
        violations.append("after pruning there are other files than rows")
    return Findings(kills, ledger, len(needed), orphans, violations)


def check_comparison(server: Server, known: Acknowledged) -> list[str]:
    """Get an acknowledged comparison again, and say what of it is missing or has changed."""
    address = f"{server.url}/compare/{known.figures['id']}"
    with requests.Session() as session:
        response = session.get(address, timeout=DEADLINE_SECONDS)
        if not response.ok:
            return [f"{address}: lost, {response.status_code}"]
        violations = []
        if drop_addresses(response.json()) != drop_addresses(known.figures):
            violations.append(f"{address}: other figures")
        for name, content in zip(("image1", "image2"), known.contents, strict=True):
            stored_input = session.get(f"{address}/{name}", timeout=DEADLINE_SECONDS)
            if stored_input.content != content:
                violations.append(f"{address}/{name}: other bytes")
        mask = session.get(f"{address}/mask.png", timeout=DEADLINE_SECONDS)
        if not mask.ok or count_white(mask.content) != known.figures["diff_pixels"]:
            violations.append(f"{address}/mask.png: not the mask")
        view = session.get(f"{address}/{known.view}.png", timeout=DEADLINE_SECONDS)
        if not view.ok:
            violations.append(f"{address}/{known.view}.png: lost")
    return violations


def drop_addresses(figures: dict[str, Any]) -> dict[str, Any]:
    """Leave out the links: the server has another port in each of its lives."""
    kept = {
        name: value
        for name, value in figures.items()
        if name not in {"url", "result_image", "views"}
    }
    for name in ("image1", "image2"):
        kept[name] = {key: value for key, value in kept[name].items() if key != "url"}
    return kept


def count_white(png: bytes) -> int:
    return int(np.count_nonzero(np.asarray(Image.open(io.BytesIO(png)).convert("L")) == 255))


def is_whole(path: Path) -> bool:
    try:
        with Image.open(path) as image:
            image.load()
    except (OSError, SyntaxError):
        return False
    return True


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
