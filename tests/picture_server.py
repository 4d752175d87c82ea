"""A real HTTP server on loopback that serves what a test puts on it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class PictureServer:
    def __init__(self, url: str, answers: dict[str, Answer]) -> None:
        self.url = url
        self.requested_paths: list[str] = []
        self._answers = answers

    def serve(self, path: str, content: bytes, *, status: int = 200, **headers: str) -> str:
        """Serve bytes at a path; return the URL. Header names have _ for -."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(content)

        return self.answer_with(path, answer)

    def redirect(self, path: str, location: str, status: int = 302) -> str:
        return self.serve(path, b"", status=status, Location=location)

    def answer_with(self, path: str, answer: Answer) -> str:
        """Let a function write the answer for a path; return the URL."""
        self._answers[path] = answer
        return self.url + path


@contextmanager
def run_picture_server() -> Iterator[PictureServer]:
    answers: dict[str, Answer] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            pictures.requested_paths.append(self.path)
            if path in answers:
                answers[path](self)
            else:
                self.send_error(404)

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        pictures = PictureServer(f"http://127.0.0.1:{server.server_port}", answers)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield pictures
        finally:
            server.shutdown()
            thread.join()
