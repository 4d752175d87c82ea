"""Many requests at once that bring the same two pictures, which the server has never seen."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.picture_server import run_picture_server
from tests.pictures import encode_noise

from .processes import Server
from .records import Stored, read_stored

CONTENTS = encode_noise(20), encode_noise(21)
HASHES = sorted(hashlib.sha256(content).hexdigest() for content in CONTENTS)
REQUESTS = 20


@dataclass(frozen=True)
class Outcome:
    statuses: list[int]
    before: Stored
    after: Stored


@pytest.fixture(scope="module")
def outcome(server: Server) -> Outcome:
    before = read_stored(server)
    with run_picture_server() as pictures, ThreadPoolExecutor(REQUESTS) as pool:
        urls = [pictures.serve(f"/{index}", content) for index, content in enumerate(CONTENTS)]
        # Half of them the other way round: the rows are then locked in another order.
        pairs = [urls, urls[::-1]] * (REQUESTS // 2)
        responses = list(pool.map(lambda pair: server.compare(*pair), pairs))
    return Outcome([response.status_code for response in responses], before, read_stored(server))


def test_all_are_answered(outcome: Outcome) -> None:
    assert outcome.statuses == [201] * REQUESTS


def test_each_is_recorded(outcome: Outcome) -> None:
    assert len(outcome.after.results) - len(outcome.before.results) == REQUESTS


def test_each_picture_is_stored_once(outcome: Outcome) -> None:
    new = outcome.after.images.items() - outcome.before.images.items()

    assert sorted(sha256 for _, sha256 in new) == HASHES


def test_no_file_is_left_that_no_row_needs(outcome: Outcome) -> None:
    assert outcome.after.files == sorted([*outcome.after.images, *outcome.after.results])
