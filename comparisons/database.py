"""Connections to the database, for as long as there is something to ask."""

from django.db import connection


def give_back_connection() -> None:
    """Let others have this thread's connection, if it is one of a pool.

    To be called before waiting for anything but the database: a place, a download, another process, or a
    client that takes its answer. Connections to SQLite are each thread's own, and are kept.
    """
    is_pooled = connection.settings_dict.get("OPTIONS", {}).get("pool")
    if is_pooled and not connection.in_atomic_block:
        connection.close()
