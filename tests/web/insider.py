"""Somebody who works here, with a browser that does not run scripts."""

from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.house import PASSWORD
from tests.web.page import hidden

PAGE = {"Accept": "text/html"}


@dataclass
class Insider:
    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, headers=PAGE)

    def post(self, path: str, *, on: str = "/account", **typed: str) -> TestResponse:
        """Sends a form as the page `on` served it."""
        token = hidden(self.get(on), "csrf_token")
        return self.client.post(path, data={"csrf_token": token} | typed, headers=PAGE)

    def sign_in(self, login: str = "anna", password: str = PASSWORD, **typed: str) -> TestResponse:
        return self.post("/login", on="/login", login=login, password=password, **typed)

    def code(self, asked: TestResponse, code: str) -> TestResponse:
        """The second step, on the page that asked for it."""
        typed = {name: hidden(asked, name) for name in ("csrf_token", "half", "next")}
        return self.client.post("/login/code", data=typed | {"code": code}, headers=PAGE)

    def is_in(self) -> bool:
        return self.get("/account").status_code == 200
