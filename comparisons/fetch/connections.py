"""urllib3's connections, opened through the guard. The host's name stays on them, so that SNI and
certificates work as ever. A proxy that the environment names has no part in them.
"""

import socket
import ssl
from functools import cache, partial
from typing import Any

import certifi
from urllib3.connection import HTTPConnection, HTTPSConnection, port_by_scheme
from urllib3.util import Url
from urllib3.util.ssl_ import ALPN_PROTOCOLS, create_urllib3_context

from .guard import Guard
from .response import BoundedResponse


class GuardedHTTPConnection(HTTPConnection):
    def __init__(self, *args: Any, guard: Guard, **kwargs: Any) -> None:
        super().__init__(*args, timeout=guard.policy.idle_seconds, **kwargs)
        self.guard = guard
        # Anything that makes one will do.
        self.response_class = partial(  # type: ignore[assignment]
            BoundedResponse, max_bytes=guard.policy.max_bytes, deadline=guard.deadline
        )

    def _new_conn(self) -> socket.socket:
        return self.guard.connect(self._dns_host, self.port)


class GuardedHTTPSConnection(GuardedHTTPConnection, HTTPSConnection):
    """Opens the same guarded socket, and speaks TLS on it."""


def make_connection(url: Url, guard: Guard) -> GuardedHTTPConnection:
    """Make a connection to a URL's host, which opens when a request is sent."""
    # With a port, Python takes the brackets around an IPv6 address for a part of it.
    host = (url.host or "").strip("[]")
    port = url.port or port_by_scheme[str(url.scheme)]
    if url.scheme == "https":
        return GuardedHTTPSConnection(host, port, guard=guard, ssl_context=trust_authorities())
    return GuardedHTTPConnection(host, port, guard=guard)


@cache
def trust_authorities() -> ssl.SSLContext:
    """Trust the authorities of the certifi package alone. To read them takes as long as to compare."""
    context = create_urllib3_context()
    context.load_verify_locations(certifi.where())
    context.set_alpn_protocols(ALPN_PROTOCOLS)
    # urllib3 would again for each connection, and others would send what that frees.
    context.set_alpn_protocols = lambda alpn_protocols: None  # type: ignore[method-assign] # noqa: ARG005
    return context
