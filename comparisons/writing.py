"""Transactions that write: SQLite gets one at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection, transaction

WRITER = threading.Lock()
# After this time, a thread stops queueing here and leaves the waiting to SQLite.
PATIENCE_SECONDS = 5


class CommitUncertain(OperationalError):
    """The connection was lost during the commit, so it is unknown whether the commit took place."""


@contextmanager
def writing() -> Iterator[None]:
    """Begin a transaction, or a savepoint within one.

    SQLite has one writer at a time. The others poll for the lock, less and less often, so among many
    writers some would wait for seconds. A lock lets only one thread of this process poll.

    Register ``on_commit`` callbacks after the block: within it, they would run while the lock is held.

    :raises CommitUncertain: the connection was lost during the commit, which may have taken place.
    """
    is_queueing = connection.vendor == "sqlite" and not connection.in_atomic_block
    has_place = is_queueing and WRITER.acquire(timeout=PATIENCE_SECONDS)
    is_done = False
    try:
        with transaction.atomic():
            yield
            is_done = True
    except (InterfaceError, OperationalError) as error:
        if is_done and connection.vendor != "sqlite":
            raise CommitUncertain(*error.args) from error
        raise
    finally:
        if has_place:
            WRITER.release()
