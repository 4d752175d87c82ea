import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .cancellation import NEVER, Cancellation


class ServerBusy(Exception):
    """There is as much work in hand as the limits allow, and enough that waits."""

    retry_after_seconds = 5

    def __init__(self) -> None:
        super().__init__("the server has as much work in hand as it can take; try again soon")


@dataclass(eq=False)
class Ticket:
    """Somebody who waits for a place; ``changed`` wakes them."""

    weight: int
    changed: threading.Event = field(default_factory=threading.Event)
    has_place: bool = False


class Gate:
    """Lets work in by its weight, as much at a time as ``capacity``.

    Up to ``queue_length`` callers wait, at most ``patience_seconds`` each, and go in the order they
    came: a heavy one is not overtaken for ever by light ones. Work heavier than the whole capacity is
    let in alone.
    """

    def __init__(self, *, capacity: int, queue_length: int, patience_seconds: float) -> None:
        self.capacity = capacity
        self.queue_length = queue_length
        self.patience_seconds = patience_seconds
        self._weight_in_hand = 0
        self._queue: deque[Ticket] = deque()
        self._lock = threading.Lock()

    @property
    def weight_in_hand(self) -> int:
        return self._weight_in_hand

    @contextmanager
    def admit(self, weight: int, cancellation: Cancellation = NEVER) -> Iterator[None]:
        """Hold a place for the block.

        :raises ServerBusy: at once if the queue is full, or after waiting in vain.
        :raises Cancelled: before there was a place.
        """
        cancellation.check()
        ticket = Ticket(min(weight, self.capacity))
        with self._lock:
            waiting = len(self._queue)
            self._queue.append(ticket)
            self._let_in()
            if not ticket.has_place and waiting >= self.queue_length:
                self._queue.remove(ticket)
                raise ServerBusy
        try:
            if not ticket.has_place:
                self._wait(ticket, cancellation)
            yield
        finally:
            self._leave(ticket)

    def _wait(self, ticket: Ticket, cancellation: Cancellation) -> None:
        with cancellation.waking(ticket.changed.set):
            ticket.changed.wait(self.patience_seconds)
        cancellation.check()
        with self._lock:
            if not ticket.has_place:
                raise ServerBusy

    def _let_in(self) -> None:
        """Give places to those who have waited longest, and wake them: nobody else."""
        while (
            self._queue
            and self._weight_in_hand + (weight := self._queue[0].weight) <= self.capacity
        ):
            ticket = self._queue.popleft()
            self._weight_in_hand += weight
            ticket.has_place = True
            ticket.changed.set()

    def _leave(self, ticket: Ticket) -> None:
        with self._lock:
            if ticket.has_place:
                self._weight_in_hand -= ticket.weight
            else:
                self._queue.remove(ticket)
            self._let_in()
