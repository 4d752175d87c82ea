"""Transactions that write, one after the other where the database takes them so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

WRITER = threading.Lock()
# After which SQLite is asked all the same.
PATIENCE_SECONDS = 5


@contextmanager
def writing() -> Iterator[None]:
    """Begin a transaction, or a part of the one that has begun.

    SQLite has one writer at a time. All others ask again and again, ever more seldom, so that of many
    at once some wait for seconds: of those who come here in a process, one at a time asks.

    What is to be done on the commit is to be asked for after the block: within, it keeps others waiting.
    """
    is_queueing = connection.vendor == "sqlite" and not connection.in_atomic_block
    has_place = is_queueing and WRITER.acquire(timeout=PATIENCE_SECONDS)
    try:
        with transaction.atomic():
            yield
    finally:
        if has_place:
            WRITER.release()
