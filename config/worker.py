"""One of the processes that answer requests; ``config.serve`` starts them.

    python -m config.worker SHUTDOWN_TIMEOUT_SECONDS LIFELINE LISTENER...

The lifeline and the listeners are file descriptors. The worker stops on SIGTERM, and at once when the other
end of its lifeline is closed.
"""

import fcntl
import logging
import os
import select
import signal
import socket
import sys
from collections.abc import Sequence

import uvicorn
from django.conf import settings

from .connections import (
    DESCRIPTORS_PER_CONNECTION,
    IDLE_TIMEOUT_SECONDS,
    MAX_LINGERING,
    ConnectionLimits,
    Places,
)
from .descriptors import raise_limit, share_out
from .front import Front
from .server import Server
from .warm_up import warm_up
from .wsgi import application

# isort: split
# Django is set up now.
from comparisons.api.limits import configured_body_limits, count_posts_per_client, count_threads

MAX_CONNECTIONS = 2048
# Three of SQLite, a file that is read or written, and up to three images that are received and spooled to disk.
DESCRIPTORS_PER_THREAD = 9


def hold_on(lifeline: int) -> None:
    """End at once when the process at the other end ends.

    The system does it by a signal: the interpreter can't react while a decoder holds the GIL.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:
        sys.exit("the main process has ended")


def make_server(shutdown_timeout_seconds: float) -> Server:
    budget = share_out(
        raise_limit(),
        connections=MAX_CONNECTIONS,
        threads=count_threads(),
        per_connection=DESCRIPTORS_PER_CONNECTION,
        per_thread=DESCRIPTORS_PER_THREAD,
        # One is closed only after the next has come.
        lingering=MAX_LINGERING + 1,
    )
    trusted_proxies = tuple(settings.TRUSTED_PROXIES)
    front = Front(
        application,
        configured_body_limits(),
        budget.threads,
        trusted_proxies,
        max_posts_per_client=count_posts_per_client(),
    )
    places = Places(
        ConnectionLimits(
            max_connections=budget.connections,
            # Never all of them.
            max_per_address=min(
                settings.MAX_CONNECTIONS_PER_ADDRESS, max(1, budget.connections // 2)
            ),
            send_timeout_seconds=settings.SEND_TIMEOUT_SECONDS,
            trusted_proxies=trusted_proxies,
        )
    )
    has_access_log = "ACCESS_LOG" in os.environ
    config = uvicorn.Config(
        front,
        interface="asgi3",
        loop="uvloop",
        ws="none",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=IDLE_TIMEOUT_SECONDS,
        log_config=None,
        log_level="info" if has_access_log else "warning",
        access_log=has_access_log,
    )
    return Server(config, front, places, shutdown_timeout_seconds)


def main(arguments: Sequence[str]) -> None:
    timeout, lifeline, *listeners = arguments
    for descriptor in (lifeline, *listeners):
        # Child processes would keep the port open.
        os.set_inheritable(int(descriptor), False)  # noqa: FBT003 - it takes no names
    hold_on(int(lifeline))
    server = make_server(float(timeout))
    warm_up(application)
    server.run([socket.socket(fileno=int(listener)) for listener in listeners])
    # Write what the log still holds back.
    logging.shutdown()
    # Don't wait for threads whose work was given up.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
