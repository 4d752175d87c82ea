"""Send comparisons from several clients at once, each as soon as it has its last answer.

    python -m benchmarks.load < JSON

Reads a ``Load`` and prints a ``Tally``, both as JSON. Every answer is looked at: it must be a PNG of the
right size that tells the right MSE.
"""

import http.client
import json
import math
import struct
import sys
import threading
import time
from dataclasses import asdict, dataclass, field

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Load:
    """What is sent, and what must come back.

    ``distinct`` makes each request's pictures files that nobody has sent before: ``label`` is part of
    them. Any MSE is right where ``mse`` is None.
    """

    port: int
    pictures_url: str
    clients: int
    seconds: float
    distinct: bool
    label: str
    width: int
    height: int
    mse: float | None


@dataclass
class Tally:
    elapsed_seconds: float = 0
    latencies: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    load = Load(**json.load(sys.stdin))
    tally = Tally()
    started_at = time.perf_counter()
    threads = [
        threading.Thread(target=send_until, args=(load, client, tally, started_at + load.seconds))
        for client in range(load.clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.elapsed_seconds = time.perf_counter() - started_at
    json.dump(asdict(tally), sys.stdout)


def send_until(load: Load, client: int, tally: Tally, ends_at: float) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", load.port, TIMEOUT_SECONDS)
    number = 0
    while time.perf_counter() < ends_at:
        number += 1
        body = make_body(load, f"{load.label}-{client}-{number}")
        started_at = time.perf_counter()
        try:
            response, content = send(connection, body)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            tally.wrong.append(repr(error))
            continue
        tally.latencies.append(time.perf_counter() - started_at)
        if wrong := find_wrong(load, response, content):
            tally.wrong.append(wrong)
    connection.close()


def make_body(load: Load, name: str) -> str:
    query = f"?{name}" if load.distinct else ""
    urls = {f"image_url{number}": f"{load.pictures_url}/{number}{query}" for number in (1, 2)}
    return json.dumps(urls)


def send(
    connection: http.client.HTTPConnection, body: str
) -> tuple[http.client.HTTPResponse, bytes]:
    # Connects again by itself where the server has closed the connection, as gunicorn's does.
    connection.request("POST", "/compare", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response, response.read()


def find_wrong(load: Load, response: http.client.HTTPResponse, content: bytes) -> str | None:
    if response.status not in {200, 201}:
        return f"status {response.status}: {content[:200]!r}"
    if content[:4] != b"\x89PNG" or struct.unpack_from(">II", content, 16) != (
        load.width,
        load.height,
    ):
        return "not a PNG of the right size"
    mse = float(response.headers["X-MSE"])
    if load.mse is not None and not math.isclose(mse, load.mse, rel_tol=1e-6):
        return f"MSE {mse}, not {load.mse}"
    return None


if __name__ == "__main__":
    main()
