"""A customer with a browser that runs no scripts, and a program that uses the API; over HTTP."""

import html
import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from .speed import scaled
from .waiting import PATIENCE


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response. `location` is empty unless it redirects."""

    code: int
    text: str
    location: str = ""

    @property
    def words(self) -> str:
        """The visible text: no tags, one space between words."""
        body = re.sub(r"<(script|style|noscript|svg)\b.*?</\1>", " ", self.text, flags=re.S)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())

    def hidden(self, name: str) -> str:
        """The value of a hidden field; KeyError if the page has none of this name."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        if found is None:
            raise KeyError(f"no hidden field {name!r} in: {self.words[:300]}")
        return html.unescape(found[1])


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """A redirect is an answer to look at, not to follow in silence."""


class WebClient:
    """Keeps cookies over its requests. Raises OSError if nobody answers."""

    def __init__(self, base_url: str, timeout: float = PATIENCE) -> None:
        self.base_url = base_url
        self._timeout = timeout
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        no_proxy = urllib.request.ProxyHandler({})
        self._opener = urllib.request.build_opener(jar, _NoRedirect(), no_proxy)

    def get(self, path: str) -> Answer:
        """GET `path` (or a whole URL of ours)."""
        return self._open(urllib.request.Request(self._url(path)))

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """POST a form."""
        data = urllib.parse.urlencode(fields).encode()
        return self._open(urllib.request.Request(self._url(path), data))

    def fill(self, **typed: str) -> dict[str, str]:
        """The contact form's fields as just served, with what the customer typed."""
        page = self.get("/")
        served = {"csrf_token": page.hidden("csrf_token"), "key": page.hidden("key")}
        return {**served, "country": "GB", "when": "asap", **typed}

    def submit(self, **typed: str) -> Answer:
        """GET the form, fill it in, POST it: the answer to the POST."""
        return self.post("/callbacks", self.fill(**typed))

    def cancel(self, secret: str) -> Answer:
        """The cancel button of the status page."""
        page = self.get(f"/c/{secret}")
        return self.post(f"/c/{secret}/cancel", {"csrf_token": page.hidden("csrf_token")})

    def api(
        self, method: str, path: str, key: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """A call of /api/v1/callbacks`path`: status code and parsed body."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self._url(f"/api/v1/callbacks{path}"), data, method=method,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json",
                     **{name.replace("_", "-"): value for name, value in headers.items()}},
        )  # fmt: skip
        answer = self._open(request)
        return answer.code, json.loads(answer.text)

    def _url(self, path: str) -> str:
        return urllib.parse.urljoin(self.base_url + "/", path)

    def _open(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=scaled(self._timeout)) as response:
                return Answer(response.status, response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                location = error.headers.get("Location") or ""
                return Answer(error.code, error.read().decode(), location)
