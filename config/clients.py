"""Who a client is: by the address that it connects from, or what a proxy says of it."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Networks = Sequence[IPv4Network | IPv6Network]

# What one customer has: https://www.rfc-editor.org/rfc/rfc6177#section-2
IPV6_PREFIX = 64


def parse_address(text: str) -> IPv4Address | IPv6Address:
    """:raises ValueError: it is none."""
    address = ip_address(text.partition("%")[0])
    # So do IPv4's clients look to a listener of both.
    return getattr(address, "ipv4_mapped", None) or address


def is_within(address: IPv4Address | IPv6Address, networks: Networks) -> bool:
    return any(address in network for network in networks)


def group_address(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Network:
    """Tell what counts as one client."""
    if isinstance(address, IPv4Address):
        return address
    return ip_network((address, IPV6_PREFIX), strict=False)  # type: ignore[return-value]


def find_client(peer: str, forwarded_for: str, trusted_proxies: Networks) -> str:
    """Tell a client's address.

    ``forwarded_for`` is what ``X-Forwarded-For`` holds, to which each proxy adds where a request came from:
    the last address that is no proxy of ours is what one of ours has seen. What stands before it, and
    what anybody else says, is the client's own invention.
    """
    client = parse_address(peer)
    for text in reversed(forwarded_for.split(",")):
        if not is_within(client, trusted_proxies):
            break
        try:
            client = parse_address(text.strip())
        except ValueError:
            break
    return str(client)
