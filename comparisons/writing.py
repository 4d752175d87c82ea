"""Transactions that write, one after the other where the database takes them so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from django.db import connection, transaction

WRITER = threading.Lock()


@contextmanager
def writing() -> Iterator[None]:
    """Begin a transaction, or a part of the one that has begun.

    SQLite has one writer at a time. All others ask again and again, ever more seldom, so that of many
    at once some wait for seconds: of each process, only one asks.
    """
    is_queueing = connection.vendor == "sqlite" and not connection.in_atomic_block
    with WRITER if is_queueing else nullcontext(), transaction.atomic():
        yield
