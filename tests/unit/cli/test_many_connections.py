"""gunicorn as we run it, under more connections of one address than there are threads."""

import contextlib
import select
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
import os, signal, socket, sys, threading
from asterisk_callback.commands import web_server, web_worker

def app(environ, start_response):
    if environ["PATH_INFO"] == "/wait":
        threading.Event().wait(600)
    if environ["PATH_INFO"] == "/stop":
        os.kill(os.getpid(), signal.SIGTERM)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]

web_worker.SECONDS = 120.0
web_worker.WAITS = float(sys.argv[2])
if web_worker.WAITS < 600:
    web_worker.QUIET = 600.0
web_server._FINISHES = int(sys.argv[3])
web_server.run(lambda: app, socket.socket(fileno=int(sys.argv[1])), 8, *map(int, sys.argv[4:]))
"""
MANY = 64


@contextmanager
def served(*proxies: int, waits: float = 600.0, grace: int = 16) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=MANY * 2)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *map(str, (listener.fileno(), waits, grace, *proxies))],
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


@pytest.mark.case("CASES 7: several addresses that hold every thread together")
def test_four_addresses_that_flood_and_everybody_else() -> None:
    with served(1) as port, contextlib.ExitStack() as held:
        for n in range(4):
            said = f"GET /wait HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.{66 + n}\r\n\r\n"
            held.enter_context(many(port, said.encode()))
        for n in range(3):
            assert ask(port, "/", **{"X-Forwarded-For": f"192.0.2.{n}"}) == b"ok"


def test_who_still_waits_at_the_end_of_the_grace_is_told_so() -> None:
    """A stop in good order answers whoever it can, and cuts nobody off in silence."""
    said = b"GET /wait HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.66\r\n\r\n"
    with served(1, grace=1) as port, many(port, said), contextlib.ExitStack() as held:
        last = held.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
        last.sendall(said)
        ask(port, "/stop", **{"X-Forwarded-For": "x"})
        assert last.recv(4096).startswith(b"HTTP/1.1 503 ")


def test_who_has_to_make_room_is_told_so() -> None:
    """Requests of one address beyond what is held: each is answered, none is cut off in silence."""
    with served(waits=500.0) as port, contextlib.ExitStack() as held:
        clients, refused = list[socket.socket](), list[bytes]()
        for _ in range(320):  # 8 threads: 288 connections
            client = held.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            client.sendall(b"POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b")
            clients.append(client)
        while len(refused) < 32:
            readable, _, _ = select.select(clients, [], [], PATIENCE)
            assert readable, f"{len(refused)} of 320 were answered"
            for client in readable:
                refused.append(client.recv(4096))
                clients.remove(client)
        for answer in refused:
            assert answer.startswith(b"HTTP/1.1 503 ") and b"\r\nRetry-After: 60\r\n" in answer


def test_who_waits_too_long_for_a_turn_is_told_so() -> None:
    said = b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"
    with served(waits=0.5) as port, many(port, said), contextlib.ExitStack() as held:
        last = held.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
        last.sendall(said)
        assert last.recv(4096).startswith(b"HTTP/1.1 503 ")


@pytest.mark.case("CASES 7: more connections of one address than there may be")
def test_nobody_takes_the_last_connection() -> None:
    with served() as port, contextlib.ExitStack() as held:
        for _ in range(6):
            held.enter_context(many(port, b""))
        assert ask(port, "/") == b"ok"
