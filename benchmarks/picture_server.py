"""Serve two pictures on loopback, with next to no work of its own.

    python -m benchmarks.picture_server IMAGE1 IMAGE2

Prints its port. ``/1`` and ``/2`` are the files as they are; ``/1?…`` is the same picture in a file of
its own: what follows the question mark is in a comment.
"""

import socketserver
import struct
import sys
import zlib
from pathlib import Path

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIGNATURE = b"\xff\xd8"


class PictureServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, contents: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.contents = contents


class Handler(socketserver.StreamRequestHandler):
    server: PictureServer

    def handle(self) -> None:
        while request := self.rfile.readline():
            while self.rfile.readline() not in {b"\r\n", b""}:
                pass
            name, _, comment = request.split()[1].decode().removeprefix("/").partition("?")
            parts = insert_comment(self.server.contents[name], comment.encode())
            length = sum(len(part) for part in parts)
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length
            # In one packet with the head, without a copy of the picture.
            sent = self.connection.sendmsg([head, *parts])
            if sent < len(head) + length:
                self.connection.sendall(b"".join([head, *parts])[sent:])


def insert_comment(content: bytes, comment: bytes) -> list[bytes | memoryview]:
    """Put a comment behind the first part of a PNG or JPEG; return the file in pieces.

    :raises ValueError: the file is neither.
    """
    if not comment:
        return [content]
    if content.startswith(PNG_SIGNATURE):
        (header_length,) = struct.unpack_from(">I", content, 8)
        position, inserted = 20 + header_length, make_text_chunk(comment)
    elif content.startswith(JPEG_SIGNATURE):
        (segment_length,) = struct.unpack_from(">H", content, 4)
        position = 4 + segment_length
        inserted = struct.pack(">HH", 0xFFFE, 2 + len(comment)) + comment
    else:
        raise ValueError("only PNG and JPEG take a comment here")
    whole = memoryview(content)
    return [whole[:position], inserted, whole[position:]]


def make_text_chunk(comment: bytes) -> bytes:
    body = b"tEXtComment\0" + comment
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def main() -> None:
    contents = {str(number): Path(path).read_bytes() for number, path in enumerate(sys.argv[1:], 1)}
    with PictureServer(contents) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
