"""The one place where a connection is opened: to a checked address, before a deadline."""

import queue
import socket
import threading
from dataclasses import dataclass

from .addresses import is_allowed
from .deadline import Deadline
from .errors import AddressNotAllowed, HostUnreachable
from .policy import Policy


@dataclass(frozen=True)
class Guard:
    """Opens the connections for one image."""

    policy: Policy
    deadline: Deadline

    def connect(self, host: str, port: int) -> socket.socket:
        """Resolve once, check every address of the answer, and connect to one of them.

        :raises AddressNotAllowed: the port or any address is not allowed; nothing was connected to.
        :raises HostUnreachable: the name is unknown, or no address accepts the connection.
        :raises FetchTimedOut: the deadline passed.
        """
        addresses = resolve_host(host, port, self.deadline)
        if not all(is_allowed(address, port, self.policy) for address in addresses):
            raise AddressNotAllowed("the URL leads to an address that is not allowed")
        failure: OSError | None = None
        for address in addresses:
            self.deadline.check()
            try:
                return self._open_connection(address, port)
            except OSError as error:
                failure = error
        self.deadline.check()
        raise HostUnreachable("the image's host can't be reached") from failure

    def _open_connection(self, address: str, port: int) -> socket.socket:
        timeout_seconds = min(self.policy.idle_seconds, self.deadline.remaining_seconds)
        connection = socket.create_connection((address, port), timeout_seconds)
        self.deadline.watch(connection)
        return connection


def resolve_host(host: str, port: int, deadline: Deadline) -> list[str]:
    """Look up a host's addresses, giving up at the deadline."""
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)))
        except (OSError, ValueError) as error:
            answers.put(error)

    # getaddrinfo can't be interrupted: a thread that takes too long is left to end by itself.
    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=max(0, deadline.remaining_seconds))
    except queue.Empty:
        deadline.check()
        raise
    if isinstance(answer, Exception):
        raise HostUnreachable("the name of the image's host can't be resolved") from answer
    return answer
