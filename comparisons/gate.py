import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from .cancellation import NEVER, Cancellation


class ServerBusy(Exception):
    """There is as much work in hand as the limits allow, and enough that waits."""

    retry_after_seconds = 5

    def __init__(self) -> None:
        super().__init__("the server has as much work in hand as it can take; try again soon")


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
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

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
        weight = min(weight, self.capacity)
        with self._changed:
            if self._queue or not self._has_room(weight):
                self._wait_for_room(weight, cancellation)
            self._weight_in_hand += weight
        try:
            yield
        finally:
            with self._changed:
                self._weight_in_hand -= weight
                self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _has_room(self, weight: int) -> bool:
        return self._weight_in_hand + weight <= self.capacity

    def _wait_for_room(self, weight: int, cancellation: Cancellation) -> None:
        if len(self._queue) >= self.queue_length:
            raise ServerBusy
        ticket = object()
        self._queue.append(ticket)
        try:
            with cancellation.waking(self._wake):
                has_place = self._changed.wait_for(
                    lambda: (
                        cancellation.is_cancelled
                        or (self._queue[0] is ticket and self._has_room(weight))
                    ),
                    self.patience_seconds,
                )
            cancellation.check()
            if not has_place:
                raise ServerBusy
        finally:
            self._queue.remove(ticket)
            self._changed.notify_all()
