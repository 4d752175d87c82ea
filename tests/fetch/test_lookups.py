"""Looking up a host's name tells nobody anything, and holds nobody up."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network
from typing import Any

import pytest

from comparisons.fetch import (
    AddressNotAllowed,
    FetchError,
    FetchTimedOut,
    HostUnreachable,
    Policy,
    TooManyLookups,
    guard,
)
from tests.fetching import fetch_image
from tests.picture_server import PictureServer

STEP_SECONDS = 0.3


def answer_names_after(
    monkeypatch: pytest.MonkeyPatch, seconds: float, addresses: list[str]
) -> None:
    """Let the name service take its time, and then know these addresses of a name; none, if it is unknown."""
    real = socket.getaddrinfo

    def look_up(_host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        time.sleep(seconds)
        if not addresses:
            raise socket.gaierror
        return [found for address in addresses for found in real(address, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("addresses", [["10.0.0.1"], []], ids=["known", "unknown"])
@pytest.mark.parametrize("lookup_seconds", [0, 0.15], ids=["at once", "late"])
def test_a_name_is_refused_after_the_same_time_whether_it_is_known_or_not(
    lookup_seconds: float, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_names_after(monkeypatch, lookup_seconds, addresses)
    started_at = time.monotonic()

    with pytest.raises(AddressNotAllowed):
        fetch_image("http://inside.example/", Policy(refusal_step_seconds=STEP_SECONDS))

    assert time.monotonic() - started_at >= STEP_SECONDS


def test_a_refusal_does_not_wait_beyond_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_names_after(monkeypatch, 0, [])
    started_at = time.monotonic()

    with pytest.raises(AddressNotAllowed):
        fetch_image("http://a.example/", Policy(refusal_step_seconds=60, timeout_seconds=0.2))

    assert time.monotonic() - started_at < 30


def test_a_port_is_refused_alike_whether_it_is_open_or_closed(pictures: PictureServer) -> None:
    open_port = int(pictures.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed_port = int(listener.getsockname()[1])
    policy = Policy(allowed_ports=(range(1, 65536),))

    refusals = [refuse(f"http://127.0.0.1:{port}/", policy) for port in (open_port, closed_port)]

    assert refusals[0] == refusals[1]
    assert pictures.requested_paths == []


def refuse(url: str, policy: Policy) -> tuple[type[FetchError], str]:
    with pytest.raises(FetchError) as refusal:
        fetch_image(url, policy)
    return type(refusal.value), str(refusal.value)


def test_no_more_than_some_of_a_thousand_addresses_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer_names_after(monkeypatch, 0, [f"127.0.{i}.{j}" for i in range(4) for j in range(1, 251)])
    tried: list[str] = []

    def refuse_connection(_guard: object, address: str, _port: int) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(guard.Guard, "_open_connection", refuse_connection)

    with pytest.raises(HostUnreachable):
        fetch_image("http://many.example/", Policy(allowed_networks=(ip_network("127.0.0.0/8"),)))

    assert tried == [f"127.0.0.{last}" for last in range(1, 1 + guard.MAX_ATTEMPTS)]


def test_no_address_is_tried_after_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    answer_names_after(monkeypatch, 0, ["127.0.0.1", "127.0.0.2"])
    tried: list[str] = []

    def refuse_late(_guard: object, address: str, _port: int) -> None:
        tried.append(address)
        time.sleep(0.4)
        raise ConnectionRefusedError

    monkeypatch.setattr(guard.Guard, "_open_connection", refuse_late)
    policy = Policy(allowed_networks=(ip_network("127.0.0.0/8"),), timeout_seconds=0.2)

    with pytest.raises(FetchTimedOut):
        fetch_image("http://slow.example/", policy)

    assert tried == ["127.0.0.1"]


def test_an_address_is_refused_at_once() -> None:
    started_at = time.monotonic()

    with pytest.raises(AddressNotAllowed):
        fetch_image("http://10.0.0.1/", Policy(refusal_step_seconds=60, timeout_seconds=60))

    assert time.monotonic() - started_at < 30


class SilentNames:
    """A name service that says nothing of names with "silent" in them before it is released.

    All others are names of this machine.
    """

    def __init__(self) -> None:
        self._released = threading.Event()
        self._waiting: list[threading.Thread] = []
        self._look_up = socket.getaddrinfo

    def getaddrinfo(self, host: str, *args: Any, **kwargs: Any) -> Any:
        if "silent" not in host:
            return self._look_up("127.0.0.1", *args, **kwargs)
        self._waiting.append(threading.current_thread())
        self._released.wait(60)
        raise socket.gaierror

    def release(self) -> None:
        self._released.set()
        for thread in self._waiting:
            thread.join()


@pytest.fixture
def silent_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[SilentNames]:
    names = SilentNames()
    monkeypatch.setattr(socket, "getaddrinfo", names.getaddrinfo)
    yield names
    names.release()


def serve_by_name(pictures: PictureServer) -> str:
    return pictures.serve("/a.png", b"content").replace("127.0.0.1", "pictures.example")


def give_up_on_silent_names(count: int) -> None:
    """Begin so many lookups at once that nobody waits for any more."""

    def give_up(number: int) -> None:
        with pytest.raises(FetchTimedOut):
            fetch_image(f"http://silent{number}.example/", Policy(timeout_seconds=0.5))

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(give_up, range(count)))


def loopback_policy() -> Policy:
    return Policy(allowed_networks=(ip_network("127.0.0.1/32"),), allowed_ports=(range(1, 65536),))


@pytest.mark.usefixtures("silent_names")
def test_silent_names_hold_no_other_up(pictures: PictureServer) -> None:
    url = serve_by_name(pictures)
    # As many as all comparisons at work leave behind within two deadlines.
    give_up_on_silent_names(48)

    content = fetch_image(url, loopback_policy())

    assert content == b"content"


def test_too_many_silent_names_are_an_error_at_once_and_none_afterwards(
    pictures: PictureServer, silent_names: SilentNames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LOOKUPS", threading.BoundedSemaphore(2))
    url = serve_by_name(pictures)
    give_up_on_silent_names(2)
    started_at = time.monotonic()

    with pytest.raises(TooManyLookups):
        fetch_image(url, loopback_policy())
    waited_seconds = time.monotonic() - started_at
    silent_names.release()

    assert waited_seconds < Policy.timeout_seconds / 2
    assert fetch_image(url, loopback_policy()) == b"content"


def test_an_address_needs_no_name_service(
    pictures: PictureServer, silent_names: SilentNames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LOOKUPS", threading.BoundedSemaphore(1))
    url = pictures.serve("/a.png", b"content")
    give_up_on_silent_names(1)

    content = fetch_image(url, loopback_policy())
    silent_names.release()

    assert content == b"content"
