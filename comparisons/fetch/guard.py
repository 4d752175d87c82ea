"""The one place where a connection is opened: to a checked address, before a deadline."""

import contextlib
import ipaddress
import queue
import socket
import threading
import time
from dataclasses import dataclass

from .addresses import is_allowed
from .deadline import Deadline
from .errors import AddressNotAllowed, FetchTimedOut, HostUnreachable, TooManyLookups
from .policy import Policy

# Names being looked up at once in this process, those that nobody waits for any more included. A name
# service that does not answer keeps each for 10 to 40 seconds, and the comparisons of two deadlines leave
# no more than half of these behind: whoever names such hosts does not keep others from theirs.
LOOKUPS = threading.BoundedSemaphore(128)
# Of one host. A name can have thousands of addresses, and each would be knocked at.
MAX_ATTEMPTS = 8


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
        :raises TooManyLookups: the name could not be looked up now.
        """
        started_at = time.monotonic()
        addresses = resolve_host(host, port, self.deadline)
        # An unknown name is refused like a forbidden address: the answer must not tell which
        # names exist inside.
        if not addresses or not all(is_allowed(a, port, self.policy) for a in addresses):
            if addresses != [host]:
                self._hide_lookup_time(started_at)
            raise AddressNotAllowed("the URL's host is unknown or its address is not allowed")
        failure: OSError | None = None
        for address in addresses[:MAX_ATTEMPTS]:
            self.deadline.check()
            try:
                return self._open_connection(address, port)
            except OSError as error:
                failure = error
        self.deadline.check()
        if isinstance(failure, TimeoutError):
            raise FetchTimedOut("the image's host does not answer") from failure
        raise HostUnreachable("the image's host can't be reached") from failure

    def _hide_lookup_time(self, started_at: float) -> None:
        """Wait for the next full step: the name service is quicker with names that it knows."""
        step_seconds = self.policy.refusal_step_seconds
        left_seconds = -(time.monotonic() - started_at) % step_seconds
        time.sleep(min(left_seconds, self.deadline.remaining_seconds))

    def _open_connection(self, address: str, port: int) -> socket.socket:
        timeout_seconds = min(self.policy.idle_seconds, self.deadline.remaining_seconds)
        with contextlib.ExitStack() as stack:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            connection = stack.enter_context(socket.socket(family))
            connection.settimeout(timeout_seconds)
            # Before it is there: a host that never answers keeps us waiting for it.
            self.deadline.watch(connection)
            connection.connect((address, port))
            if not is_allowed(connection.getpeername()[0], port, self.policy):
                raise AddressNotAllowed("the connection leads to an address that is not allowed")
            stack.pop_all()
            return connection


def resolve_host(host: str, port: int, deadline: Deadline) -> list[str]:
    """Look up a host's addresses: an empty list if there is no such name. An address is its own.

    :raises FetchTimedOut: there was no answer before the deadline.
    :raises TooManyLookups: as many are waited for as the process looks up at once.
    """
    with contextlib.suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    answer: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, ValueError):
            found = []
        finally:
            LOOKUPS.release()
        answer.put(list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)))

    if not LOOKUPS.acquire(blocking=False):
        raise TooManyLookups("too many host names are being looked up; try again soon")
    # getaddrinfo can't be interrupted: a thread that takes too long is left to end by itself.
    threading.Thread(target=look_up, daemon=True).start()
    try:
        with deadline.cancellation.waking(lambda: answer.put([])):
            found = answer.get(timeout=deadline.remaining_seconds)
    except queue.Empty:
        raise FetchTimedOut("the image took too long to download") from None
    deadline.cancellation.check()
    return found
