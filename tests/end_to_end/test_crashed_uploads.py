"""What a server that is killed amid uploads leaves behind."""

import socket
from pathlib import Path

from tests.linux import needs_proc

from .processes import DEADLINE_SECONDS, Server, run_server, wait_until

LARGE = 5_000_000
PART = b'--limit\r\nContent-Disposition: form-data; name="image%d"; filename="a"\r\n\r\n%b\r\n'
URL = b'--limit\r\nContent-Disposition: form-data; name="image_url2"\r\n\r\n%b\r\n--limit--\r\n'


def begin_post(server: Server, content_type: bytes, body: bytes, length: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), DEADLINE_SECONDS)
    head = b"POST /compare HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    connection.sendall(head % (content_type, length) + body)
    return connection


def list_deleted_files(server: Server, folder: Path) -> list[Path]:
    """List the files of a folder that only a worker's descriptors know."""
    return [
        target
        for pid in server.list_workers()
        for descriptor in Path(f"/proc/{pid}/fd").iterdir()
        if (target := descriptor.readlink()).is_relative_to(folder)
    ]


@needs_proc
def test_uploads_in_hand_leave_no_file_when_the_server_is_killed(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    multipart = b"multipart/form-data; boundary=limit"
    with (
        socket.create_server(("127.0.0.1", 0)) as silent_host,
        run_server(tmp_path, TMPDIR=str(temporary)) as server,
    ):
        url = b"http://127.0.0.1:%d/" % silent_host.getsockname()[1]
        whole = PART % (1, bytes(LARGE)) + URL % url
        in_json = b'{"image_url1": "data:,%b", "image_url2": "%b"}' % (b"x" * LARGE, url)
        with (
            # One has been read, and waits for another image; one is being received.
            begin_post(server, multipart, whole, len(whole)),
            begin_post(server, b"application/json", in_json, len(in_json)),
            begin_post(server, multipart, whole[:-1], len(whole)),
        ):
            wait_until(lambda: len(list_deleted_files(server, temporary)) >= 3)
            names = [*temporary.iterdir()]
            server.kill()

        assert names == []
        assert [*temporary.iterdir()] == []
