"""Nothing is connected to that is not allowed: seen at the socket layer, whatever the way there."""

import socket
import sys
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from comparisons.fetch import (
    AddressNotAllowed,
    HostUnreachable,
    Policy,
    RedirectInvalid,
    UrlInvalid,
    fetch_image,
)
from tests.picture_server import PictureServer

from .test_addresses import SPECIAL, labelled

connected: list[str] = []
is_watching = False


def note_connection(event: str, arguments: tuple[Any, ...]) -> None:
    if is_watching and event == "socket.connect":
        connected.append(str(arguments[1][0]))


# Python tells of every connect() before it happens, whoever calls it.
sys.addaudithook(note_connection)


@pytest.fixture
def connections() -> Iterator[list[str]]:
    """The addresses that the test has tried to connect to."""
    global is_watching
    connected.clear()
    is_watching = True
    yield connected
    is_watching = False


def answer_names_with(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Let the name service give these addresses, lookup by lookup, and the last ones from then on."""
    real = socket.getaddrinfo
    left = list(answers)

    def look_up(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        if not host.endswith(".example"):
            return real(host, port, *args, **kwargs)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [found for address in addresses for found in real(address, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def as_host(address: str) -> str:
    """Write an address as a URL's host."""
    return f"[{address}]" if ip_address(address).version == 6 else address


@pytest.mark.parametrize("address", labelled(SPECIAL))
def test_to_a_special_address(address: str, connections: list[str]) -> None:
    with pytest.raises((AddressNotAllowed, UrlInvalid)):
        fetch_image(f"http://{as_host(address)}/a.png", Policy())

    assert connections == []


@pytest.mark.parametrize("address", labelled(SPECIAL))
def test_to_a_name_of_a_special_address(
    address: str, connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_names_with(monkeypatch, [address])

    with pytest.raises(AddressNotAllowed):
        fetch_image("http://inside.example/a.png", Policy())

    assert connections == []


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(["93.184.216.34", "10.0.0.1"], id="private last"),
        pytest.param(["10.0.0.1", "93.184.216.34"], id="private first"),
        pytest.param(["93.184.216.34", "::1"], id="private in v6 only"),
        pytest.param(["2606:4700:4700::1111", "127.0.0.1"], id="private in v4 only"),
    ],
)
def test_to_a_name_of_public_and_private_addresses(
    addresses: list[str], connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_names_with(monkeypatch, addresses)

    with pytest.raises(AddressNotAllowed):
        fetch_image("http://mixed.example/a.png", Policy())

    assert connections == []


@pytest.mark.allow_hosts(["127.0.0.2"])
def test_to_another_address_than_the_one_that_was_checked(
    connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_names_with(monkeypatch, ["127.0.0.2"], ["127.0.0.1"])
    policy = Policy(
        allowed_networks=(ip_network("127.0.0.2/32"),),
        allowed_ports=(range(1, 65536),),
        idle_seconds=1,
    )

    with pytest.raises(HostUnreachable):
        fetch_image("http://rebinding.example:9/a.png", policy)

    assert connections == ["127.0.0.2"]


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("127.1", id="two parts"),
        pytest.param("127.0.1", id="three parts"),
        pytest.param("2130706433", id="decimal"),
        pytest.param("0x7f000001", id="hexadecimal"),
        pytest.param("0x7f.0.0.1", id="first part in hexadecimal"),
        pytest.param("0177.0.0.1", id="octal"),
        pytest.param("017700000001", id="octal in one part"),
        pytest.param("00000177.0.0.01", id="octal with zeros in front"),
        pytest.param("127.0.0.1.", id="dot at the end"),
        pytest.param("\uff11\uff12\uff17.\uff10.\uff10.\uff11", id="fullwidth digits"),
        pytest.param("①②⑦.⓪.⓪.①", id="circled digits"),
        pytest.param("127。0。0。1", id="ideographic dots"),
        pytest.param("%31%32%37.0.0.1", id="percent-escapes"),
        pytest.param("127.0.0.1%00.example.com", id="escaped NUL"),
        pytest.param("127.0.0.\t1", id="tab"),
        pytest.param("127.0.0.1\n", id="line feed"),
        pytest.param("LOCALHOST", id="capital letters"),
        pytest.param("localhost.", id="name with a dot at the end"),
        pytest.param(
            "\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54", id="fullwidth letters"
        ),
        pytest.param("loc\u00adalhost", id="soft hyphen"),
        pytest.param("10.0.0.1\\@127.0.0.1", id="backslash"),
        pytest.param("10.0.0.1#@127.0.0.1", id="fragment before the at sign"),
        pytest.param("10.0.0.1?@127.0.0.1", id="query before the at sign"),
        pytest.param("10.0.0.1@127.0.0.1", id="host as user name"),
        pytest.param("10.0.0.1:80@127.0.0.1", id="host and port as user"),
        pytest.param("@127.0.0.1", id="empty user name"),
        pytest.param("10.0.0.1:80:80", id="two ports"),
        pytest.param("127.0.0.1:0", id="port 0"),
        pytest.param("127.0.0.1:00080", id="zeros before the port"),
        pytest.param("[::127.0.0.1]", id="v4 in v6"),
        pytest.param("[0:0:0:0:0:ffff:7f00:1]", id="v4-mapped, spelled out"),
        pytest.param("[::ffff:0:127.0.0.1]", id="v4-translated"),
        pytest.param("[64:ff9b::127.0.0.1]", id="NAT64"),
        pytest.param("[2002:7f00:1::]", id="6to4"),
        pytest.param("[fe80::1%25lo]", id="v6 with an escaped zone"),
        pytest.param("[::1", id="bracket left open"),
        pytest.param("[127.0.0.1]", id="v4 in brackets"),
    ],
)
def test_to_a_host_written_in_a_tricky_way(host: str, connections: list[str]) -> None:
    with pytest.raises((AddressNotAllowed, UrlInvalid)):
        fetch_image(f"http://{host}/a.png", Policy())

    assert connections == []


@pytest.mark.parametrize(
    "location",
    [
        pytest.param("http://127.0.0.2/", id="loopback"),
        pytest.param("http://169.254.169.254/latest/meta-data/", id="metadata service"),
        pytest.param("http://10.0.0.1/", id="private"),
        pytest.param("//10.0.0.1/", id="private, of the same scheme"),
        pytest.param("https://10.0.0.1/", id="private, over TLS"),
        pytest.param("http://[::1]/", id="v6 loopback"),
        pytest.param("http://[::ffff:10.0.0.1]/", id="v4-mapped"),
        pytest.param("http://2130706434/", id="decimal"),
        pytest.param("http://inside.invalid/", id="unknown name"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("gopher://10.0.0.1/", id="gopher"),
        pytest.param("http://user@10.0.0.1/", id="user name"),
    ],
)
def test_from_an_allowed_host_to_a_forbidden_one(
    location: str, pictures: PictureServer, connections: list[str]
) -> None:
    url = pictures.redirect("/a.png", location)
    policy = Policy(
        allowed_networks=(ip_network("127.0.0.1/32"),), allowed_ports=(range(1, 65536),)
    )

    with pytest.raises((AddressNotAllowed, RedirectInvalid)):
        fetch_image(url, policy)

    assert connections == ["127.0.0.1"]
