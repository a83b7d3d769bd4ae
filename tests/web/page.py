"""A page as its reader gets it, and a client that fills in the form as it was served."""

import html
import re
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.house import NUMBER


def text_of(answer: TestResponse) -> str:
    """The visible text: no tags, one space between words."""
    body = re.sub(r"<(script|style|noscript)\b.*?</\1>", " ", answer.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def hidden(answer: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None, f"the page has no hidden field {name!r}"
    return html.unescape(found[1])


def value_of(answer: TestResponse, name: str) -> str:
    """What stands in the text field of that name."""
    field = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', answer.text)
    assert field is not None, f"the page has no field {name!r}"
    value = re.search(r'\bvalue="([^"]*)"', field[0])
    assert value is not None
    return html.unescape(value[1])


@dataclass
class Visitor:
    """Somebody with a browser that does not run scripts."""

    client: FlaskClient

    def fill(self, path: str = "/", **typed: str) -> dict[str, str]:
        """The form's fields as this page served them, with what the visitor typed."""
        page = self.client.get(path)
        assert page.status_code == 200
        served = {"csrf_token": hidden(page, "csrf_token"), "key": hidden(page, "key")}
        return served | {"country": "GB", "phone": NUMBER, "queue": "support"} | typed

    def send(self, form: dict[str, str]) -> TestResponse:
        return self.client.post("/callbacks", data=form)

    def submit(self, **typed: str) -> TestResponse:
        return self.send(self.fill(**typed))

    def book(self, **typed: str) -> str:
        """The path of the status page."""
        answer = self.submit(**typed)
        assert answer.status_code == 303, text_of(answer)
        return answer.location

    def cancel(self, path: str) -> TestResponse:
        token = hidden(self.client.get(path), "csrf_token")
        return self.client.post(f"{path}/cancel", data={"csrf_token": token})
