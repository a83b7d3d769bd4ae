"""A real HTTP server that hears webhooks, and what a provider of SMS is sent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer


class Hooks(HTTPServer):
    """code: its answer to all, and codes: to the next ones before it. headers, answer: sent with
    it. drips: the answer has no end. heard: path, headers and body of each request."""

    code = 204
    answer = b""
    drips = False
    codes: list[int]
    headers: dict[str, str]
    heard: list[tuple[str, dict[str, str], bytes]]


class _Handler(BaseHTTPRequestHandler):
    server: Hooks

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.heard.append((self.path, dict(self.headers), body))
        code = self.server.codes.pop(0) if self.server.codes else self.server.code
        self.send_response(code)
        if self.server.drips:
            return self._drip()
        if code == 302:
            self.send_header("Location", "/elsewhere")
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    do_GET = do_POST

    def _drip(self) -> None:
        """Until the other end hangs up: what is sent then fails."""
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b".")
                threading.Event().wait(0.02)  # the pace of a slow far end

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def hook_server() -> Iterator[Hooks]:
    server = Hooks(("127.0.0.1", 0), _Handler)
    server.heard, server.headers, server.codes = [], {}, []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
