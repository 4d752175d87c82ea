"""Expected values from https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-."""

from ipaddress import ip_address, ip_network

import pytest

from comparisons.fetch import Policy
from comparisons.fetch.addresses import is_allowed, is_public

SPECIAL = {
    "this network, first": "0.0.0.0",
    "this network, last": "0.255.255.255",
    "private 10, first": "10.0.0.0",
    "private 10, last": "10.255.255.255",
    "carrier-grade NAT, first": "100.64.0.0",
    "carrier-grade NAT, last": "100.127.255.255",
    "loopback": "127.0.0.1",
    "loopback, last": "127.255.255.255",
    "Azure's metadata service": "168.63.129.16",
    "link local, first": "169.254.0.0",
    "metadata service": "169.254.169.254",
    "private 172, first": "172.16.0.0",
    "private 172, last": "172.31.255.255",
    "protocol assignments": "192.0.0.8",
    "documentation 1": "192.0.2.1",
    "AS112 v4": "192.31.196.1",
    "multicast tunnels": "192.52.193.1",
    "6to4 relay": "192.88.99.1",
    "private 192, first": "192.168.0.0",
    "private 192, last": "192.168.255.255",
    "direct delegation AS112": "192.175.48.1",
    "benchmarking, first": "198.18.0.0",
    "benchmarking, last": "198.19.255.255",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "multicast, first": "224.0.0.0",
    "multicast, last": "239.255.255.255",
    "reserved": "240.0.0.1",
    "limited broadcast": "255.255.255.255",
    "v6 unspecified": "::",
    "v6 loopback": "::1",
    "v4-compatible": "::8.8.8.8",
    "v4-mapped loopback": "::ffff:127.0.0.1",
    "v4-mapped public": "::ffff:8.8.8.8",
    "NAT64 of loopback": "64:ff9b::7f00:1",
    "local NAT64": "64:ff9b:1::1",
    "discard only": "100::1",
    "Teredo": "2001::1",
    "v6 benchmarking": "2001:2::1",
    "ORCHID": "2001:10::1",
    "ORCHIDv2": "2001:20::1",
    "protocol assignments v6, last": "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "v6 documentation": "2001:db8::1",
    "6to4 of loopback": "2002:7f00:1::",
    "AS112 v6": "2620:4f:8000::1",
    "newer v6 documentation": "3fff::1",
    "v6 never allotted": "4000::1",
    "segment routing": "5f00::1",
    "unique local": "fc00::1",
    "unique local, own": "fd12:3456:789a::1",
    "v6 link local": "fe80::1",
    "v6 link local with a zone": "fe80::1%lo",
    "site local": "fec0::1",
    "v6 multicast": "ff02::1",
    "ISATAP of loopback": "2a00::5efe:7f00:1",
    "ISATAP of loopback, universal bit": "2a00::200:5efe:7f00:1",
}
PUBLIC = {
    "below private 10": "9.255.255.255",
    "above private 10": "11.0.0.0",
    "below carrier-grade NAT": "100.63.255.255",
    "above carrier-grade NAT": "100.128.0.0",
    "below loopback": "126.255.255.255",
    "above loopback": "128.0.0.0",
    "beside Azure's metadata service": "168.63.129.17",
    "below link local": "169.253.255.255",
    "above link local": "169.255.0.0",
    "below private 172": "172.15.255.255",
    "above private 172": "172.32.0.0",
    "below private 192": "192.167.255.255",
    "above private 192": "192.169.0.0",
    "below benchmarking": "198.17.255.255",
    "above benchmarking": "198.20.0.0",
    "below multicast": "223.255.255.255",
    "resolver v4": "8.8.8.8",
    "resolver v6": "2606:4700:4700::1111",
    "above protocol assignments v6": "2001:200::1",
    "beside v6 documentation": "2001:db7::1",
    "above 6to4": "2003::1",
    "last of v6 unicast before documentation": "3ffe::1",
}


def labelled(table: dict[str, str]) -> list[object]:
    return [pytest.param(value, id=label) for label, value in table.items()]


@pytest.mark.parametrize("address", labelled(SPECIAL))
def test_special_address_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", labelled(PUBLIC))
def test_ordinary_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("network", "address", "allowed"),
    [
        pytest.param("10.1.0.0/16", "10.1.2.3", True, id="inside"),
        pytest.param("10.1.0.0/16", "10.2.2.3", False, id="beside"),
        pytest.param("10.1.2.3/32", "10.1.2.3", True, id="single address"),
        pytest.param("10.1.2.3/32", "10.1.2.4", False, id="next to the single address"),
        pytest.param("10.1.0.0/16", "8.8.8.8", True, id="public ones stay allowed"),
        pytest.param("fd00::/8", "fd00::1", True, id="inside, v6"),
        pytest.param("fd00::/8", "fe80::1", False, id="beside, v6"),
        pytest.param("127.0.0.0/8", "::ffff:127.0.0.1", False, id="v4-mapped is another address"),
        pytest.param("0.0.0.0/0", "::1", False, id="all of v4 is nothing of v6"),
    ],
)
def test_allowed_networks_add_to_the_public_ones(network: str, address: str, allowed: bool) -> None:
    policy = Policy(allowed_networks=(ip_network(network),))

    answer = is_allowed(address, 80, policy)

    assert answer is allowed


@pytest.mark.parametrize("port", [80, 443])
def test_web_ports_are_allowed_by_default(port: int) -> None:
    assert is_allowed("8.8.8.8", port, Policy())


@pytest.mark.parametrize("port", [22, 25, 79, 81, 442, 444, 6379, 8080])
def test_other_ports_are_refused_by_default(port: int) -> None:
    assert not is_allowed("8.8.8.8", port, Policy())


@pytest.mark.parametrize(
    ("port", "allowed"), [(7999, False), (8000, True), (8999, True), (9000, False), (80, False)]
)
def test_only_the_ports_of_the_policy_are_allowed(port: int, allowed: bool) -> None:
    policy = Policy(allowed_ports=(range(8000, 9000),))

    answer = is_allowed("8.8.8.8", port, policy)

    assert answer is allowed


def test_allowed_network_does_not_open_other_ports() -> None:
    policy = Policy(allowed_networks=(ip_network("10.0.0.0/8"),))

    answer = is_allowed("10.0.0.1", 22, policy)

    assert answer is False


LOOPBACK_PORTS = Policy(loopback_ports=(range(8000, 9000),))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "127.255.255.255", "::1"])
@pytest.mark.parametrize(
    ("port", "allowed"), [(7999, False), (8000, True), (8999, True), (9000, False), (80, False)]
)
def test_this_machine_is_allowed_at_its_own_ports(address: str, port: int, allowed: bool) -> None:
    answer = is_allowed(address, port, LOOPBACK_PORTS)

    assert answer is allowed


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_machine_is_refused_by_default(address: str) -> None:
    assert not is_allowed(address, 80, Policy())


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "::", "::ffff:127.0.0.1", "::127.0.0.1", "::2", "10.0.0.1", "8.8.8.8", "126.0.0.1"],
)
def test_ports_of_this_machine_open_no_other_address(address: str) -> None:
    assert not is_allowed(address, 8000, LOOPBACK_PORTS)


def test_ports_of_this_machine_leave_public_addresses_as_they_are() -> None:
    assert is_allowed("8.8.8.8", 443, LOOPBACK_PORTS)
