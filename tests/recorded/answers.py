"""An answer as text that can be compared: what differs from run to run is replaced by a word."""

import re

from werkzeug.test import TestResponse

from tests.recorded.database import before

# Of the headers, those that a page, a browser's cache or a client of the API depends on.
_HEADERS = ("Location", "Content-Type", "Cache-Control", "Content-Language", "Retry-After")
_CHANCE = (
    (re.compile(r'(name="(?:csrf_token|key|half|token)"[^>]*? value=")[^"]*'), r"\1…"),
    (re.compile(r'(nonce=")[^"]*'), r"\1…"),
    (re.compile(r"(/static/[a-z_]+)-[0-9a-f]{12}(\.[a-z]+)"), r"\1\2"),
    (re.compile(r'(data-(?:token|page|version)=")[^"]*'), r"\1…"),
    (re.compile(r'(<meta name="csrf-token" content=")[^"]*'), r"\1…"),
    (re.compile(r"(\.db|revision|to) \d{4}\b"), r"\1 …"),
    (re.compile(r'(name="secret"[^>]*? value=")[^"]*'), r"\1…"),
    (re.compile(r"(?:\b[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b"), "…"),
    (re.compile(r'(class="qr">).*?</svg>'), r"\1…</svg>"),
    (re.compile(r"/tmp/[^ /]*/"), "…/"),
)
_SECRET = re.compile(r"(?<=/c/)[A-Za-z0-9_-]{20,}|(?<=/done/)[A-Za-z0-9_-]{20,}")
_PUBLIC = re.compile(r'(?<="id":")[A-Za-z0-9_-]{16,}(?=")|(?<=/callbacks/)[a-f0-9]{24}')


def answer(given: TestResponse) -> str:
    """Status, the headers that count, and the body."""
    status = re.sub(r"^(\d+).*", r"\1", given.status)
    headers = [f"{name}: {given.headers[name]}" for name in _HEADERS if name in given.headers]
    return settled("\n".join([status, *headers, "", given.text]))


def settled(text: str) -> str:
    """The same without what is drawn by chance; a new secret is told from one of before."""
    for pattern, word in _CHANCE:
        text = pattern.sub(word, text)
    known = _known()
    for pattern in (_SECRET, _PUBLIC):
        text = pattern.sub(lambda found: found[0] if found[0] in known else "NEW", text)
    lines = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def _known() -> set[str]:
    found = before()
    pages = {*found.status_pages.values(), *found.team_pages.values()}
    return pages | set(found.column("wish", "public_id"))
