from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What may be downloaded. Times and sizes are per image, over all its redirects.

    ``allowed_networks`` are allowed beside the public addresses, and this machine's own at its
    ``loopback_ports``, whatever else is. ``timeout_seconds`` is the deadline
    for everything; ``idle_seconds`` bounds each connection attempt and each wait for more bytes. A name
    is refused after a whole number of ``refusal_step_seconds``, above 0, whether it is known or not.
    """

    allowed_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    allowed_ports: tuple[range, ...] = (range(80, 81), range(443, 444))
    loopback_ports: tuple[range, ...] = ()
    timeout_seconds: float = 20
    idle_seconds: float = 10
    refusal_step_seconds: float = 0.5
    max_bytes: int = 20_000_000
    max_redirects: int = 3
