"""What ``decoder_process.py`` starts: ``python -m comparisons.engine.decoder_child CONNECTION MEMORY``.

Both are numbers of open files.
"""

import fcntl
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import ceil
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from pathlib import Path

from PIL import AvifImagePlugin

from .composite import lay_on
from .decode import decode_image
from .decoder_process import KEPT_BYTES, Answer, Request
from .errors import DecodeError, ImageUnsupported
from .shared_memory import SharedMemory

# What a decoder may take beside what it takes for each pixel: threads, tables, the file once or twice.
SPARE_BYTES = 400_000_000
# Animated WebP takes most: two canvases in a frame's decoder, its rows, Pillow's picture and ours.
MAX_BYTES_PER_PIXEL = 32
MAX_AVIF_THREADS = 2


def main() -> None:
    # Ctrl-C is for the process that asks. This one ends when nobody asks any more.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGIO, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    set_limit(resource.RLIMIT_CORE, 0)
    # Each would map memory of its own, on machines of many cores more than is allowed.
    AvifImagePlugin.DEFAULT_MAX_THREADS = MAX_AVIF_THREADS
    silence_libraries()
    connection = Connection(int(sys.argv[1]))
    with SharedMemory(KEPT_BYTES, int(sys.argv[2])) as kept_memory:
        pass
    with suppress(EOFError, ConnectionError):
        connection.send("ready")
        while True:
            connection.send(answer_next(connection, kept_memory))


def silence_libraries() -> None:
    """Leave standard error to Python: libtiff writes lines about each damaged row, and a file has thousands."""
    sys.stderr = os.fdopen(os.dup(sys.stderr.fileno()), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def answer_next(connection: Connection, kept_memory: SharedMemory) -> Answer:
    request = connection.recv()
    set_limit(resource.RLIMIT_AS, resource.RLIM_INFINITY)
    if request.uses_kept_memory:
        memory = kept_memory
    else:
        with SharedMemory(request.memory_bytes, recv_handle(connection)) as memory:
            pass
    limit_resources(request)
    with ending_with(connection):
        return work(request, memory)


@contextmanager
def ending_with(connection: Connection) -> Iterator[None]:
    """End this process if the connection does, whatever it does in the block.

    Nothing comes meanwhile but its end, which makes the system send SIGIO.
    """
    flags = fcntl.fcntl(connection, fcntl.F_GETFL)
    fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(connection, fcntl.F_SETFL, flags | os.O_ASYNC)
    yield
    fcntl.fcntl(connection, fcntl.F_SETFL, flags)


def limit_resources(request: Request) -> None:
    """Limit what this request may take, beside what the process has taken already."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = ceil(used.ru_utime + used.ru_stime) + request.processor_seconds
    mapped_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    size_bytes = mapped_bytes + SPARE_BYTES + MAX_BYTES_PER_PIXEL * request.pixels
    set_limit(resource.RLIMIT_CPU, seconds)
    set_limit(resource.RLIMIT_AS, size_bytes)


def set_limit(kind: int, limit: int) -> None:
    """Set the limit, or as much as whoever has started the service allows."""
    _, highest = resource.getrlimit(kind)
    if highest != resource.RLIM_INFINITY:
        limit = highest if limit == resource.RLIM_INFINITY else min(limit, highest)
    resource.setrlimit(kind, (limit, highest))


def work(request: Request, memory: SharedMemory) -> Answer:
    try:
        content = memory.map[: request.size_bytes]
        picture = decode_image(content, request.limits, request.color_profiles)
        if request.background is not None:
            picture = lay_on(picture, request.background)
        return memory.write_picture(picture)
    except DecodeError as error:
        return error
    except MemoryError:
        return ImageUnsupported("the image takes more memory to decode than its size allows for")


if __name__ == "__main__":
    main()
