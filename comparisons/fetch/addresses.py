from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from .policy import Policy

# From the special-purpose registries, spelled out because `is_global` of Python 3.11 lets several
# of these through. https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-
NOT_PUBLIC_V4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # shared, behind carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # the metadata service of Azure, on a public address
        "169.254.0.0/16",  # link local, metadata services
        "172.16.0.0/12",  # private use
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # automatic multicast tunneling
        "192.88.99.0/24",  # 6to4 relay
        "192.168.0.0/16",  # private use
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, limited broadcast
    )
]
PUBLIC_V6 = IPv6Network("2000::/3")
NOT_PUBLIC_V6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
]
LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
# ISATAP puts an IPv4 address behind this interface identifier: RFC 5214, section 6.1.
ISATAP_IDENTIFIERS = {0x0000_5EFE, 0x0200_5EFE}


def is_allowed(address: str, port: int, policy: Policy) -> bool:
    """Tell whether the policy allows a connection to an IP address and port."""
    ip = ip_address(address)
    if is_in(ip, LOOPBACK) and is_one_of(port, policy.loopback_ports):
        return True
    return is_one_of(port, policy.allowed_ports) and (
        is_public(ip) or is_in(ip, policy.allowed_networks)
    )


def is_one_of(port: int, allowed_ports: Iterable[range]) -> bool:
    return any(port in ports for ports in allowed_ports)


def is_in(ip: IPv4Address | IPv6Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(ip in network for network in networks)


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv4Address):
        return not is_in(ip, NOT_PUBLIC_V4)
    return (
        ip in PUBLIC_V6
        and not is_in(ip, NOT_PUBLIC_V6)
        and int(ip) >> 32 & 0xFFFF_FFFF not in ISATAP_IDENTIFIERS
    )
