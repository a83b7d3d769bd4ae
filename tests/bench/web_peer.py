"""What the web is measured against: the smallest Flask view that inserts one row durably, on the
server that the product uses: `python -m tests.bench.web_peer DATABASE PORT THREADS`.

DATABASE: a file's path, or a postgresql:// address. The driver is used as it is, with a connection
a thread, which is the cheapest there is.
"""

import socket
import sqlite3
import sys
import threading
from collections.abc import Callable

from flask import Flask, Response, request

from asterisk_callback.commands import web_server

_MADE = "CREATE TABLE IF NOT EXISTS peer (id {key}, phone TEXT NOT NULL)"


def main(database: str, port: int, threads: int) -> None:
    listener = socket.create_server(("127.0.0.1", port), backlog=4096)
    web_server.run(lambda: make_app(database), listener, threads)


def make_app(database: str) -> Flask:
    insert = _postgresql(database) if "://" in database else _sqlite(database)
    app = Flask(__name__)

    @app.post("/")
    def keep() -> Response:
        insert(request.form["phone"])
        return Response("kept\n", 201)

    return app


def _sqlite(path: str) -> Callable[[str], object]:
    own = threading.local()

    def connected() -> sqlite3.Connection:
        made = sqlite3.connect(path, timeout=60.0, isolation_level=None)
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("PRAGMA synchronous = FULL")
        return made

    def insert(phone: str) -> None:
        if not hasattr(own, "connection"):
            own.connection = connected()
        own.connection.execute("INSERT INTO peer (phone) VALUES (?)", (phone,))

    with connected() as first:
        first.execute(_MADE.format(key="INTEGER PRIMARY KEY"))
    return insert


def _postgresql(url: str) -> Callable[[str], object]:
    import psycopg

    own = threading.local()
    given = url.replace("postgresql+psycopg:", "postgresql:")

    def insert(phone: str) -> None:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(given, autocommit=True)
        own.connection.execute("INSERT INTO peer (phone) VALUES (%s)", (phone,))

    with psycopg.connect(given, autocommit=True) as first:
        first.execute(_MADE.format(key="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"))
    return insert


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
