"""The address of a client: where it connects from, or what a trusted proxy reports."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Networks = Sequence[IPv4Network | IPv6Network]
Client = IPv4Address | IPv6Network

# The usual network of one customer: https://www.rfc-editor.org/rfc/rfc6177#section-2
IPV6_PREFIX = 64


def parse_address(text: str) -> IPv4Address | IPv6Address:
    """:raises ValueError: the text is no IP address."""
    address = ip_address(text.partition("%")[0])
    # A listener for both protocols sees IPv4 clients like this.
    return getattr(address, "ipv4_mapped", None) or address


def is_within(address: IPv4Address | IPv6Address, networks: Networks) -> bool:
    return any(address in network for network in networks)


def group_address(address: IPv4Address | IPv6Address) -> Client:
    """Return what counts as one client: an IPv4 address or an IPv6 network."""
    if isinstance(address, IPv4Address):
        return address
    return ip_network((address, IPV6_PREFIX), strict=False)  # type: ignore[return-value]


def find_client(peer: str, forwarded_for: str, trusted_proxies: Networks) -> str:
    """Return a client's address.

    ``forwarded_for`` is the value of ``X-Forwarded-For``. Each proxy appends the address that a request came
    from, so the last one that is not a trusted proxy is the client's. Clients can forge everything before it.
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
