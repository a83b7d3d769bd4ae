"""A FastAGI server that is not ours, as FreePBX has one: it takes requests, and says nothing."""

import contextlib
import socketserver
import threading
from types import TracebackType


class _Request(socketserver.StreamRequestHandler):
    server: "ForeignAgi"

    def handle(self) -> None:
        for line in self.rfile:
            if not line.strip():
                return
            if line.startswith(b"agi_request:"):
                self.server.asked.append(line.decode().strip())


class ForeignAgi(socketserver.ThreadingTCPServer):
    """Listens inside `with` on 127.0.0.1:`port` (0: a free one); `asked` has each request."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", port), _Request)
        self.port: int = self.server_address[1]

    def __enter__(self) -> "ForeignAgi":
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self.shutdown()
        self.server_close()
