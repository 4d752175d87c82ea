"""Connections to the database are only kept while there are queries to run."""

from django.db import connection


def give_back_connection() -> None:
    """Return this thread's connection to the pool, if there is one.

    Call it before waiting for anything but the database: a gate, a download, another process, or a client
    that reads its answer. SQLite has no pool, so each thread keeps its connection.
    """
    is_pooled = connection.settings_dict.get("OPTIONS", {}).get("pool")
    if is_pooled and not connection.in_atomic_block:
        connection.close()
