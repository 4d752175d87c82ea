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
)
from tests.fetching import fetch_image
from tests.picture_server import PictureServer

from .test_addresses import SPECIAL, labelled

# What is refused is refused quickly here.
POLICY = Policy(refusal_step_seconds=0.01)

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
        fetch_image(f"http://{as_host(address)}/a.png", POLICY)

    assert connections == []


@pytest.mark.parametrize("address", labelled(SPECIAL))
def test_to_a_name_of_a_special_address(
    address: str, connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_names_with(monkeypatch, [address])

    with pytest.raises(AddressNotAllowed):
        fetch_image("http://inside.example/a.png", POLICY)

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
        fetch_image("http://mixed.example/a.png", POLICY)

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


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone takes 0.0.0.0 for this machine")
@pytest.mark.allow_hosts(["0.0.0.0"])
def test_that_leads_to_another_address_is_of_no_use(pictures: PictureServer) -> None:
    url = pictures.serve("/a.png", b"content").replace("127.0.0.1", "0.0.0.0")
    policy = Policy(allowed_networks=(ip_network("0.0.0.0/32"),), allowed_ports=(range(1, 65536),))

    with pytest.raises(AddressNotAllowed):
        fetch_image(url, policy)

    assert pictures.requested_paths == []


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
        pytest.param("0", id="zero"),
        pytest.param("0x0", id="zero in hexadecimal"),
        pytest.param("127.65530", id="last part of two bytes"),
        pytest.param("0X7F.0X0.0X0.0X1", id="hexadecimal in capitals"),
        pytest.param("127.0.0.1%2e", id="escaped dot at the end"),
        pytest.param("127.0.0.1%20", id="escaped space at the end"),
        pytest.param("127.0.0.1%23.example.com", id="escaped number sign"),
        pytest.param("127.0.0.1%2f.example.com", id="escaped slash"),
        pytest.param("8.8.8.8%40127.0.0.1", id="escaped at sign"),
        pytest.param("%6c%6f%63%61%6c%68%6f%73%74", id="name in percent-escapes"),
        pytest.param("8.8.8.8@8.8.4.4@127.0.0.1", id="two at signs"),
        pytest.param("127.0.0.1\\.example.com", id="backslash behind the host"),
        pytest.param("8.8.8.8 127.0.0.1", id="space between two"),
        pytest.param("127.0.0.1\r\nHost: a", id="line break and header"),
        pytest.param("127.0.0.1:80\x00.example.com", id="NUL"),
        pytest.param("\u0661\u0662\u0667.0.0.1", id="Arabic digits"),
        pytest.param("\u2488\u2488", id="digits with a dot"),
        pytest.param("127.0.0.1\u200b", id="zero width space"),
        pytest.param("127\uff0e0\uff0e0\uff0e1", id="fullwidth dots"),
        pytest.param("lo\u017fcalhost.", id="long s"),
        pytest.param("LOCALHO\u017fT", id="long s for s"),
        pytest.param("loca\u2113host", id="script l for l"),
        pytest.param("xn--localhost-", id="Punycode of nothing"),
        pytest.param("xn--", id="Punycode, empty"),
        pytest.param("fa\u00df.invalid", id="sharp s, which IDNA 2003 makes ss"),
        pytest.param("a." * 200 + "invalid", id="200 labels"),
        pytest.param("a" * 8000, id="8000 letters"),
        pytest.param("[::ffff:127.0.0.1]", id="v4-mapped"),
        pytest.param("[::1%25lo]", id="v6 loopback with a zone"),
        pytest.param("[::ffff:169.254.169.254]", id="metadata service, v4-mapped"),
        pytest.param("[0000:0000:0000:0000:0000:0000:0000:0001]", id="v6 loopback, spelled out"),
        pytest.param("[::1].example.com", id="name behind the brackets"),
        pytest.param("[::1]@8.8.8.8", id="v6 as user name"),
        pytest.param("::1", id="v6 without brackets"),
        pytest.param("127.0.0.1:\uff18\uff10", id="port in fullwidth digits"),
        pytest.param("127.0.0.1:80a", id="port and a letter"),
        pytest.param("127.0.0.1:65616", id="port of 80 + 65536"),
    ],
)
def test_to_a_host_written_in_a_tricky_way(host: str, connections: list[str]) -> None:
    with pytest.raises((AddressNotAllowed, UrlInvalid)):
        fetch_image(f"http://{host}/a.png", POLICY)

    assert connections == []


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("HTTP://127.0.0.1/", id="capitals"),
        pytest.param("http:127.0.0.1/", id="no slashes"),
        pytest.param("http:/127.0.0.1/", id="one slash"),
        pytest.param("http:///127.0.0.1/", id="three slashes"),
        pytest.param("http:\\\\127.0.0.1/", id="backslashes"),
        pytest.param("http:/\\127.0.0.1/", id="slash and backslash"),
        pytest.param("ht\ntp://127.0.0.1/", id="line feed in the scheme"),
        pytest.param("\thttp://127.0.0.1/", id="tab in front"),
        pytest.param(" http://127.0.0.1/", id="space in front"),
        pytest.param("\x00http://127.0.0.1/", id="NUL in front"),
        pytest.param("http://127.0.0.1?/a", id="query at once"),
        pytest.param("http://127.0.0.1#/a", id="fragment at once"),
        pytest.param("//127.0.0.1/", id="no scheme"),
        pytest.param("127.0.0.1/", id="host alone"),
        pytest.param("http+unix://%2Fvar%2Frun%2Fdocker.sock/", id="socket of Docker"),
        pytest.param("file://127.0.0.1/etc/passwd", id="file"),
        pytest.param("ftp://127.0.0.1/", id="ftp"),
        pytest.param("gopher://127.0.0.1:80/_GET", id="gopher"),
        pytest.param("dict://127.0.0.1:80/", id="dict"),
        pytest.param("ws://127.0.0.1/", id="WebSocket"),
        pytest.param("url:http://127.0.0.1/", id="scheme before the scheme"),
        pytest.param("jar:http://127.0.0.1!/", id="archive"),
    ],
)
def test_to_a_url_written_in_a_tricky_way(url: str, connections: list[str]) -> None:
    with pytest.raises((AddressNotAllowed, UrlInvalid)):
        fetch_image(url, POLICY)

    assert connections == []


@pytest.mark.parametrize("port", [0, 1, 22, 25, 79, 81, 444, 6379, 8080, 65535])
def test_to_a_port_that_is_not_allowed(port: int, connections: list[str]) -> None:
    with pytest.raises((AddressNotAllowed, UrlInvalid)):
        fetch_image(f"http://8.8.8.8:{port}/a.png", POLICY)

    assert connections == []


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"])
def test_to_a_proxy_of_the_environment(
    name: str, connections: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv(name, "http://127.0.0.1:80")

    for scheme in ("http", "https"):
        with pytest.raises(AddressNotAllowed):
            fetch_image(f"{scheme}://10.0.0.1/a.png", POLICY)

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
        pytest.param("data:image/png;base64,AAAA", id="data"),
        pytest.param("javascript:alert(1)", id="script"),
        pytest.param("https:\\\\10.0.0.1/", id="backslashes"),
        pytest.param("http://127.0.0.1:1@10.0.0.1/", id="allowed host as user name"),
        pytest.param("http://127.0.0.1:0/", id="port 0"),
        pytest.param("//[::1]/", id="v6 loopback, of the same scheme"),
        pytest.param("//0x7f.2/", id="hexadecimal, of the same scheme"),
        pytest.param("ht\ttp://10.0.0.1/", id="tab in the scheme"),
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
