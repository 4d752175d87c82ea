"""The one place where a connection is opened: to a checked address, before a deadline."""

import contextlib
import queue
import socket
import threading
from dataclasses import dataclass

from .addresses import is_allowed
from .deadline import Deadline
from .errors import AddressNotAllowed, FetchTimedOut, HostUnreachable
from .policy import Policy

# Names being looked up at once in this process, those that nobody waits for any more included.
LOOKUPS = threading.BoundedSemaphore(32)


@dataclass(frozen=True)
class Guard:
    """Opens the connections for one image."""

    policy: Policy
    deadline: Deadline

    def connect(self, host: str, port: int) -> socket.socket:
        """Resolve once, check every address of the answer, and connect to one of them.

        :raises AddressNotAllowed: the name is unknown, the port or any address is not allowed;
            nothing was connected to.
        :raises HostUnreachable: no address accepts the connection.
        :raises FetchTimedOut: the deadline passed.
        """
        addresses = resolve_host(host, port, self.deadline)
        # An unknown name is refused like a forbidden address: the answer must not tell which
        # names exist inside.
        if not addresses or not all(is_allowed(a, port, self.policy) for a in addresses):
            raise AddressNotAllowed("the URL's host is unknown or its address is not allowed")
        failure: OSError | None = None
        for address in addresses:
            self.deadline.check()
            try:
                return self._open_connection(address, port)
            except OSError as error:
                failure = error
        self.deadline.check()
        if isinstance(failure, TimeoutError):
            raise FetchTimedOut("the image's host does not answer") from failure
        raise HostUnreachable("the image's host can't be reached") from failure

    def _open_connection(self, address: str, port: int) -> socket.socket:
        timeout_seconds = min(self.policy.idle_seconds, self.deadline.remaining_seconds)
        connection = socket.create_connection((address, port), timeout_seconds)
        self.deadline.watch(connection)
        if not is_allowed(connection.getpeername()[0], port, self.policy):
            connection.close()
            raise AddressNotAllowed("the connection leads to an address that is not allowed")
        return connection


def resolve_host(host: str, port: int, deadline: Deadline) -> list[str]:
    """Look up a host's addresses: an empty list if there is no such name.

    :raises FetchTimedOut: there was no answer before the deadline.
    """
    answer: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError):
            found = []
        finally:
            LOOKUPS.release()
        answer.put(list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)))

    # getaddrinfo can't be interrupted: a thread that takes too long is left to end by itself.
    if LOOKUPS.acquire(timeout=deadline.remaining_seconds):
        threading.Thread(target=look_up, daemon=True).start()
        with contextlib.suppress(queue.Empty):
            return answer.get(timeout=max(0, deadline.remaining_seconds))
    raise FetchTimedOut("the image took too long to download")
