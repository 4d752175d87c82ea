"""Transactions that write, one after the other where the database takes them so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection, transaction

WRITER = threading.Lock()
# After which SQLite is asked all the same.
PATIENCE_SECONDS = 5


class CommitUncertain(OperationalError):
    """The connection was lost during the commit: whether it went through, nobody knows."""


@contextmanager
def writing() -> Iterator[None]:
    """Begin a transaction, or a part of the one that has begun.

    SQLite has one writer at a time. All others ask again and again, ever more seldom, so that of many
    at once some wait for seconds: of those who come here in a process, one at a time asks.

    What is to be done on the commit is to be asked for after the block: within, it keeps others waiting.

    :raises CommitUncertain: all was done but the commit, which may have been done too.
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
