from collections.abc import Iterator

import pytest

from .processes import Server, run_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server, with limits that tests reach quickly."""
    with run_server(
        tmp_path_factory.mktemp("server"),
        FETCH_MAX_BYTES="100000",
        FETCH_TIMEOUT_SECONDS="3",
        MAX_PIXELS="1000000",
    ) as server:
        yield server
