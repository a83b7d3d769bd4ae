"""Style sheets and scripts: kept for good under a name that says what is in them, and small."""

import gzip
import re

import pytest
from flask.testing import FlaskClient

STYLE = re.compile(r'href="(/static/style[^"]*\.css)"')
FOR_GOOD = "public, max-age=31536000, immutable"


@pytest.fixture
def style(client: FlaskClient) -> str:
    found = STYLE.search(client.get("/").text)
    assert found is not None
    return found[1]


def test_a_page_names_files_that_a_browser_keeps_for_good(client: FlaskClient) -> None:
    page = client.get("/").text
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(named) == 5
    for address in named:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["Cache-Control"] == FOR_GOOD, address


def test_plain_and_former_names_lead_to_the_file_of_today(client: FlaskClient, style: str) -> None:
    """A page of another version, in an open tab or of another host, names them."""
    today = client.get(style).data
    for name in ("/static/style.css", "/static/style-0123456789ab.css"):
        answer = client.get(name)
        assert (answer.status_code, answer.data) == (200, today)
        assert answer.headers["Cache-Control"] == "public, no-cache"
        same = client.get(name, headers={"If-None-Match": answer.headers["ETag"]})
        assert same.status_code == 304 and same.headers["ETag"] == answer.headers["ETag"]
    for name in ("none.css", "none-0123456789ab.css", "../app.py", "%2e%2e/app.py", ""):
        assert client.get(f"/static/{name}").status_code == 404, name


@pytest.mark.parametrize("path", ["/static/style.css", "/static/contact.js", "/embed.js"])
def test_files_come_compressed_to_who_can_read_that(client: FlaskClient, path: str) -> None:
    plain = client.get(path)
    small = client.get(path, headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data and len(small.data) < len(plain.data) / 2
    for answer in (plain, small):
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert small.headers["ETag"] != plain.headers["ETag"]
    assert small.mimetype == plain.mimetype
    refused = client.get(path, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_no_page_with_a_secret_is_compressed(client: FlaskClient) -> None:
    """Its length would tell of the secret (BREACH)."""
    answer = client.get("/", headers={"Accept-Encoding": "gzip"})
    assert "csrf_token" in answer.text and "Content-Encoding" not in answer.headers


def test_the_button_of_other_websites_keeps_its_address(client: FlaskClient) -> None:
    assert client.get("/embed.js").headers["Cache-Control"] == "public, max-age=3600"
