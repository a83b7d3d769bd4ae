"""gunicorn as we run it, under more connections of one address than there are threads."""

import contextlib
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.waiting import PATIENCE

pytestmark = pytest.mark.slow

# Half a head, so that each is read for longer than the test takes; the application that is asked
# for /wait does not answer before the test is over.
PROGRAM = """
import socket, sys, threading
from asterisk_callback.commands import web_server, web_worker

def app(environ, start_response):
    if environ["PATH_INFO"] == "/wait":
        threading.Event().wait(60)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]

web_worker.SECONDS = 120.0
web_server.run(lambda: app, socket.socket(fileno=int(sys.argv[1])), 8, *map(int, sys.argv[2:]))
"""
MANY = 64


@contextmanager
def served(*proxies: int) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=MANY * 2)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(listener.fileno()), *map(str, proxies)],
        pass_fds=[listener.fileno()],
        cwd=Path(__file__).parents[3],
    )
    port = listener.getsockname()[1]
    listener.close()
    try:
        yield port
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(PATIENCE)


def ask(port: int, path: str, **headers: str) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return bytes(answer.read())


def many(port: int, said: bytes) -> contextlib.ExitStack:
    """64 connections that have said this, and stay."""
    held = contextlib.ExitStack()
    for _ in range(MANY):
        client = held.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
        client.sendall(said)
    return held


@pytest.mark.case("CASES 7: 64 connections of one address to public pages")
@pytest.mark.parametrize(
    "said", [b"GET / HTTP/1.1\r\nX-Slow: ", b""], ids=["half a head", "nothing"]
)
def test_64_slow_connections_and_the_inside(said: bytes) -> None:
    """From the same address: the worst of it, an attacker in the office."""
    with served() as port:
        assert ask(port, "/") == b"ok"
        with many(port, said):
            assert ask(port, "/board") == ask(port, "/healthz") == b"ok"


@pytest.mark.thorough
@pytest.mark.case("CASES 7: 64 connections of one address behind a proxy")
def test_64_requests_in_work_and_everybody_else() -> None:
    with served(1) as port:
        said = b"GET /wait HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.66\r\n\r\n"
        with many(port, said):
            assert ask(port, "/", **{"X-Forwarded-For": "192.0.2.7"}) == b"ok"
            assert ask(port, "/login", **{"X-Forwarded-For": "192.0.2.66"}) == b"ok"


@pytest.mark.case("CASES 7: more connections of one address than there may be")
def test_nobody_takes_the_last_connection() -> None:
    with served() as port, contextlib.ExitStack() as held:
        for _ in range(6):
            held.enter_context(many(port, b""))
        assert ask(port, "/") == b"ok"
