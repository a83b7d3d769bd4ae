"""gunicorn as we run it: who sends half a request, or sends it for ever, keeps nobody else out."""

import contextlib
import select
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.speed import Deadline, scaled
from tests.lab.waiting import PATIENCE

pytestmark = pytest.mark.slow

# Two threads, so that two slow clients fill it; and a deadline worth waiting for.
PROGRAM = """
import socket, sys
from asterisk_callback.commands import web_server, web_worker

def app(environ, start_response):
    body = environ["wsgi.input"].read()
    print("called with", body, flush=True)
    if environ["PATH_INFO"] == "/long":
        body = b"x" * 50_000_000
    if environ["PATH_INFO"].startswith("/where"):
        body = repr([environ[name] for name in ("SCRIPT_NAME", "PATH_INFO")]).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

web_worker.SECONDS = float(sys.argv[2])
web_worker.STALLED = max(1, round(2 * web_worker.SECONDS))
web_server.run(lambda: app, socket.socket(fileno=int(sys.argv[1])), threads=2)
"""
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Its port, and the file in which the application says when it was called."""
    listener = socket.create_server(("127.0.0.1", 0))
    said = tmp_path / "said"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(listener.fileno()), str(scaled(0.5))],
            pass_fds=[listener.fileno()],
            stdout=out,
            cwd=Path(__file__).parents[3],
        )
    port = listener.getsockname()[1]
    listener.close()
    try:
        assert post(port, b"hello") == b"hello"
        yield port, said
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(scaled(PATIENCE))


def post(port: int, body: bytes) -> bytes:
    with urllib.request.urlopen(
        f"http://127.0.0.1:{port}/", body, timeout=scaled(PATIENCE)
    ) as answer:
        return bytes(answer.read())


def drip(port: int, start: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=scaled(PATIENCE))
    client.sendall(start)
    return client


def cut(clients: list[socket.socket], dripping: bytes) -> bool:
    """Sends a byte now and then on each, until the far end has ended all of them."""
    deadline = Deadline(30)
    left = set(clients)
    while left and deadline.left() > 0:
        readable, _, _ = select.select(list(left), [], [], 0.1)
        for client in list(left):
            with contextlib.suppress(OSError):
                if client not in readable:
                    client.sendall(dripping)
                    continue
                if client.recv(1000):
                    continue
            left.discard(client)
    return not left


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\nX-Slow: ", HEAD + b"a"])
def test_slow_clients_are_cut_and_others_served(server: tuple[int, Path], start: bytes) -> None:
    port, said = server
    clients = [drip(port, start) for _ in range(4)]
    # The body is never completed by the drops: nothing more than a stale head is sent for those.
    assert cut(clients, b"" if start.startswith(b"POST") else b"a")
    for client in clients:
        client.close()
    assert post(port, b"others") == b"others"
    assert said.read_text().splitlines() == ["called with b'hello'", "called with b'others'"]


def test_half_a_body_is_no_body(server: tuple[int, Path]) -> None:
    port, said = server
    client = drip(port, HEAD + b"phone=020")
    client.close()
    assert post(port, b"others") == b"others"
    assert "phone" not in said.read_text()


def test_nobody_says_by_a_header_where_the_application_stands(server: tuple[int, Path]) -> None:
    """Some proxies pass every header on. The addresses in our pages would lead elsewhere."""
    port, _ = server
    headers = {"SCRIPT_NAME": "/where", "PATH_INFO": "/else"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/where/to", headers=headers)
    with urllib.request.urlopen(request, timeout=scaled(PATIENCE)) as answer:
        assert answer.read() == b"['', '/where/to']"


@pytest.mark.case("CASES 4: cookies of other applications over 8 kB")
def test_cookies_of_other_applications(server: tuple[int, Path]) -> None:
    """Whoever has been to all of a company's applications brings the cookies of each."""
    port, _ = server
    headers = {"Cookie": "; ".join(f"app{n}={'x' * 4000}" for n in range(7))}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/where", headers=headers)
    with urllib.request.urlopen(request, timeout=scaled(PATIENCE)) as answer:
        assert answer.status == 200


@pytest.mark.thorough
def test_who_takes_nothing_of_an_answer_keeps_nobody_out(server: tuple[int, Path]) -> None:
    port, _ = server
    clients = [drip(port, b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(2)]
    assert post(port, b"others") == b"others"
    for client in clients:
        client.close()
