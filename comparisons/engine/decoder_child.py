"""What ``decoder_process.py`` starts: ``python -m comparisons.engine.decoder_child CONNECTION MEMORY``.

Both are numbers of open files.
"""

import mmap
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection

from .decode import decode_on
from .decoder_process import MEMORY_BYTES, Reply, Request, view_planes
from .errors import DecodeError

# None has been seen to take more than some seconds.
MAX_SECONDS = 20


def main() -> None:
    # Ctrl-C is for the process that asks. This one ends when nobody asks any more.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    connection = Connection(int(sys.argv[1]))
    memory = mmap.mmap(int(sys.argv[2]), MEMORY_BYTES)
    with suppress(EOFError, ConnectionError):
        connection.send("ready")
        while True:
            request = connection.recv()
            # Ends this process even while a decoder holds the interpreter lock.
            signal.alarm(MAX_SECONDS)
            reply = answer(request, memory)
            signal.alarm(0)
            connection.send(reply)


def answer(request: Request, memory: mmap.mmap) -> Reply | DecodeError:
    try:
        picture = decode_on(memory[: request.size_bytes], request.background, request.limits)
    except DecodeError as error:
        return error
    reply = Reply(picture.width, picture.height, has_alpha=picture.alpha is not None)
    rgb, alpha, _ = view_planes(memory, reply)
    rgb[:] = picture.rgb
    if alpha is not None and picture.alpha is not None:
        alpha[:] = picture.alpha
    return reply


if __name__ == "__main__":
    main()
