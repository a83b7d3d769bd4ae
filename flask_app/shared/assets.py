"""Style sheets, scripts and icons, prepared once a process: each has a name that says what is in
it, so that a browser keeps it for good (RFC 8246), and lies compressed beside itself.

Pages name `style.css` by `url_for`, as Flask has it, and get `style-1a2b3c4d5e6f.css`. The plain
name, and one of another version's pages, lead to today's file, which is asked for each time.

Only what is the same for everybody is compressed here: in a page with a secret, and something that
a stranger chose, the length of what is compressed tells of both (BREACH).
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request

FOR_GOOD = "public, max-age=31536000, immutable"
ASKED_EACH_TIME = "public, no-cache"
_HASH = 12  # hexadecimal digits
_MARKED = re.compile(rf"(.+)-([0-9a-f]{{{_HASH}}})(\.[a-z]+)")
# Below it, or where little is won, the header costs more.
_WORTH = 0.9


@dataclass(frozen=True, kw_only=True, slots=True)
class Asset:
    """mark: of its content. packed: by gzip; None where that wins nothing."""

    name: str
    mark: str
    mimetype: str
    body: bytes
    packed: bytes | None

    @property
    def marked_name(self) -> str:
        stem, _, suffix = self.name.rpartition(".")
        return f"{stem}-{self.mark}.{suffix}"


def register(app: Flask) -> None:
    """In place of Flask's own view of the folder `static`."""
    assert app.static_folder is not None
    known = _prepared(Path(app.static_folder))

    @app.url_defaults
    def _by_mark(endpoint: str, values: dict[str, Any]) -> None:
        asset = known.get(values.get("filename", "")) if endpoint == "static" else None
        if asset is not None:
            values["filename"] = asset.marked_name

    def static(filename: str) -> Response:
        return _answer(known, filename)

    app.view_functions["static"] = static


def packed(body: bytes) -> bytes | None:
    """By gzip, the same bytes each time; None where that wins nothing."""
    made = gzip.compress(body, 9, mtime=0)
    return made if len(made) < _WORTH * len(body) else None


def answer_for_all(body: bytes, small: bytes | None, mimetype: str) -> Response:
    """The one of both that whoever asks can read; 304 if they have it. small: see `packed`."""
    zipped = small is not None and request.accept_encodings.quality("gzip") > 0
    answer = Response(small if zipped else body, mimetype=mimetype)
    if zipped:
        answer.content_encoding = "gzip"
    if small is not None:
        answer.vary.add("Accept-Encoding")
    answer.add_etag()
    return answer


def _answer(known: dict[str, Asset], filename: str) -> Response:
    marked = _MARKED.fullmatch(filename)
    asset = known.get(f"{marked[1]}{marked[3]}" if marked else filename)
    if asset is None:
        abort(404)
    answer = answer_for_all(asset.body, asset.packed, asset.mimetype)
    lasts = marked is not None and marked[2] == asset.mark
    answer.headers["Cache-Control"] = FOR_GOOD if lasts else ASKED_EACH_TIME
    answer.make_conditional(request)
    return answer


@cache
def _prepared(folder: Path) -> dict[str, Asset]:
    found = {}
    for file in sorted(folder.iterdir()):
        if not file.is_file():
            continue
        body = file.read_bytes()
        found[file.name] = Asset(
            name=file.name,
            mark=hashlib.sha256(body).hexdigest()[:_HASH],
            mimetype=mimetypes.guess_type(file.name)[0] or "application/octet-stream",
            body=body,
            packed=packed(body),
        )
    return found
