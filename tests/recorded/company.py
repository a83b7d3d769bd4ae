"""The company of before, with the product of now over its rows, and a clock that stands still.

Only the outermost surfaces are asked, so that the same file works on the product of any version:
the WSGI application as `bootstrap` wires it, and the command line.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from os import environ
from pathlib import Path
from typing import Any
from unittest import mock

import time_machine
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from asterisk_callback import bootstrap, config
from asterisk_callback.cli import cli
from asterisk_callback.store import SqlStore
from tests.recorded.database import API_KEY, CONFIGURATION, PASSWORD, before, fill
from tests.web.page import hidden

PAGE = {"Accept": "text/html"}
_URL = "ASTERISK_CALLBACK_DATABASE__URL"


@cache
def _filled() -> bytes:
    """The bytes of the filled SQLite database: a copy costs nothing."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "filled.db")
        store = SqlStore(f"sqlite:///{file}")
        fill(store)
        store.close()
        return file.read_bytes()


class _Compiled(BytecodeCache):
    """Templates are compiled once a process: there are more apps than templates."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


@dataclass
class Company:
    """One database of its own, at the instant of `before().now`."""

    configuration: Path
    app: Flask
    _browsers: dict[str, FlaskClient] = field(default_factory=dict)

    def browser(self, login: str = "") -> FlaskClient:
        """The browser of who is signed in by this name; without one, of a customer."""
        if login not in self._browsers:
            client = self._browsers[login] = self.app.test_client()
            if login:
                token = hidden(client.get("/login", headers=PAGE), "csrf_token")
                typed = {"csrf_token": token, "login": login, "password": PASSWORD}
                assert client.post("/login", data=typed, headers=PAGE).status_code == 303
        return self._browsers[login]

    def get(self, path: str, login: str = "", **headers: str) -> TestResponse:
        return self.browser(login).get(path, headers=PAGE | headers)

    def post(
        self, path: str, typed: Mapping[str, str], *, on: str, login: str = ""
    ) -> TestResponse:
        """Sends a form as the page `on` served it."""
        token = hidden(self.get(on, login), "csrf_token")
        data = {"csrf_token": token, **typed}
        return self.browser(login).post(path, data=data, headers=PAGE)

    def api(self, method: str, path: str, **more: Any) -> TestResponse:
        key = {"Authorization": f"Bearer {API_KEY}"}
        return self.browser().open(f"/api/v1{path}", method=method, headers=key, **more)

    def run(self, *words: str) -> str:
        """What a command says, and with which exit code it ends."""
        line = ["--config", str(self.configuration), *words]
        already = len(_MADE)
        result = CliRunner().invoke(cli, line, prog_name="asterisk-callback")
        _close(already)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return f"{result.output}\nexit {result.exit_code}\n"


@contextmanager
def company(url: str = "") -> Iterator[Company]:
    """The company over a database of its own. url: of one that is filled already, and is not given
    back as it was."""
    with tempfile.TemporaryDirectory() as name, mock.patch.dict(environ):
        folder = Path(name)
        configuration = folder / "callback.toml"
        shutil.copy(CONFIGURATION, configuration)
        if url:
            environ[_URL] = url
        else:
            (folder / "callback.db").write_bytes(_filled())
        with time_machine.travel(before().now, tick=False), _on_our_clock():
            settings = config.load(configuration, environ)
            store = bootstrap.store(settings)
            app = bootstrap.web_app(settings, store)
            app.jinja_env.bytecode_cache = _COMPILED
            yield Company(configuration, app)


# The stores that are open: a command leaves its own to the end of its process.
_MADE: list[SqlStore] = []


def _close(already: int) -> None:
    """All but the first `already` ones."""
    while len(_MADE) > already:
        _MADE.pop().close()


@contextmanager
def _on_our_clock() -> Iterator[None]:
    """PostgreSQL has a clock of its own, which does not stand still: nobody asks it here."""
    original, already = SqlStore.__init__, len(_MADE)

    def made(self: SqlStore, *words: Any, **given: Any) -> None:
        original(self, *words, **{"clock": lambda: datetime.now(UTC), **given})
        _MADE.append(self)

    with mock.patch.object(SqlStore, "__init__", made):
        try:
            yield
        finally:
            _close(already)
