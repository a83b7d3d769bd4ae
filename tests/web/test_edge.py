"""What holds for every route: headers, access, hostile input, no number where none belongs."""

import logging
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from asterisk_callback.domain.client_network import around, counted
from flask_app.shared.app_services import Readiness
from flask_app.shared.headers import SECURITY
from tests.web.conftest import Api
from tests.web.house import NUMBER, House
from tests.web.page import Visitor, text_of, value_of

# Who may use a route. A new route without a row here fails the test below.
ACCESS = {
    "static": "everybody",
    "theme.sheet": "everybody",
    "contact.form": "everybody",
    "contact.form_of_queue": "everybody",
    "contact.fragment": "everybody",
    "contact.adjust": "our form",
    "contact.submit": "our form",
    "customer.status": "secret",
    "customer.fragment": "secret",
    "customer.calendar": "secret",
    "customer.deleted": "everybody",
    "done.page": "secret",
    "done.mark": "our form",
    "change.now": "secret and our form",
    "change.move": "secret and our form",
    "change.number": "secret and our form",
    "change.cancel": "secret and our form",
    "change.erase": "secret and our form",
    "embed_script": "everybody",
    "embed.form": "site",
    "embed.fragment": "site",
    "embed.adjust": "site",
    "embed.submit": "site and our form",
    "embed.status": "site and secret",
    "embed.status_fragment": "site and secret",
    "api.describe": "everybody",
    "api.availability": "key",
    "api.create": "key",
    "api.read": "key",
    "api.move": "key",
    "api.cancel": "key",
    "health.alive": "everybody",
    "health.ready": "everybody",
}
ARGUMENTS = {
    "queue": "nobody",
    "secret": "nobody",
    "public_id": "nobody",
    "site": "nobody",
    "filename": "no.css",
}


def test_every_route_has_its_access_rule(house: House) -> None:
    app = house.app(accounts=None)  # the inside has its own table: test_access.py
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ACCESS)
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: ARGUMENTS[found[1]], rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            code = client.open(path, method=method).status_code
            match ACCESS[rule.endpoint]:
                case "key":
                    assert code == 401, rule
                case "our form":
                    assert code == 400, rule
                case "secret" | "secret and our form" | "site" | "site and our form":
                    assert code == 404, rule
                case "site and secret":
                    assert code == 404, rule
                case _:
                    assert code in (200, 404), rule


def test_headers_on_every_answer(visitor: Visitor, api: Api) -> None:
    path = visitor.book()
    client = visitor.client
    answers = [client.get(p) for p in ("/", "/q/support", path, f"{path}/fragment", "/nothing")]
    answers += [client.get(p) for p in ("/healthz", "/readyz", "/static/style.css", "/callbacks")]
    answers += [api("GET", "/x"), api("POST"), visitor.submit(phone=""), visitor.cancel(path)]
    answers += [client.post("/callbacks", data={"name": "x" * 20_000})]
    codes = {answer.status_code for answer in answers}
    assert codes >= {200, 303, 404, 405, 413, 415, 422}
    for answer in answers:
        assert dict(answer.headers).items() >= SECURITY.items()
        answer.close()
    for answer in (client.get(path), client.get(f"{path}/fragment"), api("GET", "/x")):
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.case("CASES 7: only over TLS, once it is there")
def test_browsers_are_told_to_come_over_tls_only(house: House) -> None:
    for base_url, told in (("https://call.example.org", "max-age=31536000"), ("http://x", None)):
        client = house.app(base_url=base_url).test_client()
        for path in ("/", "/nothing", "/login", "/static/style.css", "/healthz"):
            with client.get(path) as answer:
                assert answer.headers.get("Strict-Transport-Security") == told, path


@pytest.mark.case("CASES 7: status pages are not to be found by search")
def test_search_engines_find_the_form_and_nothing_else(visitor: Visitor) -> None:
    path = visitor.book()
    for hidden_one in (path, f"{path}/fragment", f"{path}?open=move", "/login", "/nothing"):
        assert visitor.client.get(hidden_one).headers["X-Robots-Tag"] == "noindex", hidden_one
    for found in ("/", "/q/support"):
        assert "X-Robots-Tag" not in visitor.client.get(found).headers


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [("/", "text/html", "Try again in a minute"), ("/api/", "application/problem+json", "store")],
)
def test_the_server_refuses_in_our_words(house: House, path: str, kind: str, said: str) -> None:
    """Where too much is asked at once, before the application is."""
    head, _, body = house.app().refusal(path).partition(b"\r\n\r\n")  # type: ignore[attr-defined]
    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 503 SERVICE UNAVAILABLE" and said in body.decode()
    headers = dict(line.split(": ", 1) for line in lines[1:])
    assert headers.items() >= SECURITY.items() and "Set-Cookie" not in headers
    assert headers["Content-Type"].startswith(kind) and headers["Cache-Control"] == "no-store"
    assert (headers["Retry-After"], headers["Connection"]) == ("60", "close")
    assert int(headers["Content-Length"]) == len(body)


class Hosts(HTMLParser):
    """Whatever the policy would block: other hosts, inline script and style."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "link", "img"):
            address = given.get("src") or given.get("href") or ""
            if not address.startswith("/static/"):
                self.found.append(f"{tag} {address}")
        self.found += [f"{tag} {name}" for name in given if name == "style" or name[:2] == "on"]


def test_no_inline_script_no_other_host(visitor: Visitor) -> None:
    for path in ("/", visitor.book(), "/nothing"):
        page = Hosts()
        page.feed(visitor.client.get(path).text)
        assert page.found == []


HOSTILE = [
    "a\r\nAction: Originate",
    "${SHELL(reboot)}",
    "a,b|c;d",
    "a&b=c",
    "nul\0byte",
    "x" * 10_000,
    "\u202e0010 6497 020",
    "аdа",  # Cyrillic look-alikes
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    "{{ 7*7 }}",
    "' OR 1=1; --",
]
FIELDS: tuple[str, ...] = (
    "phone",
    "country",
    "queue",
    "when",
    "day",
    "slot",
    "time_zone",
    "zone_known",
)
FIELDS += ("name", "topic", "about", "email", "key")


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_hostile_text_in_the_form(visitor: Visitor, field: str, text: str) -> None:
    answer = visitor.submit(**{field: text})
    assert answer.status_code in (303, 422)
    if answer.status_code == 422:
        assert "thing to fix" in text_of(answer)
        assert "<script>alert" not in answer.text
        if field in ("phone", "name", "email"):
            assert value_of(answer, field) == text
    else:
        fine = ("name", "topic", "about", "key", "day", "slot", "country", "zone_known")
        assert field in fine
        page = visitor.client.get(answer.location)
        assert page.status_code == 200 and "<script>alert" not in page.text


@pytest.mark.parametrize(
    "field",
    [
        *("phone", "queue", "name", "topic", "about", "email"),
        *("locale", "scheduled_for", "time_zone", "other"),
    ],
)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_hostile_text_in_the_api(api: Api, field: str, text: str) -> None:
    answer = api("POST", json={"phone": NUMBER, "queue": "support"} | {field: text})
    assert answer.status_code in (201, 422), answer.text
    if answer.status_code == 422:
        # A queue or a number of 10 kB is refused in one sentence, whichever it was.
        assert answer.json["field"] in (field, "phone")
    else:
        assert field in ("name", "topic", "about", "locale")


@pytest.mark.parametrize("field", ["scheduled_for", "time_zone", "other"])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_hostile_text_in_a_move(api: Api, field: str, text: str) -> None:
    made = api("POST", json={"phone": NUMBER, "queue": "support"}).json["id"]
    body = {"scheduled_for": "2026-11-24T10:15"} | {field: text}
    answer = api("PATCH", f"/{made}", json=body)
    assert answer.status_code == 422 and answer.json["field"][:5] == field[:5], answer.text
    assert api("GET", f"/{made}").json["scheduled_for"] is None


def test_too_large_a_form(visitor: Visitor) -> None:
    answer = visitor.submit(name="x" * 20_000)
    assert answer.status_code == 413 and "too much at once" in text_of(answer)


def test_no_number_in_addresses_and_logs(
    visitor: Visitor, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path = visitor.book()
    page = visitor.client.get(path).text
    api("POST", json={"phone": NUMBER, "queue": "support"})
    visitor.submit(phone="0909 879 0000")
    logged = re.sub(r"\D", "", caplog.text)
    assert "2079460100" not in logged and "9098790000" not in logged
    assert "tel:" in page and not re.search(r'(href|action|src)="/[^"]*\d{7}', page)


def test_something_breaks(house: House, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def by_secret(self, *_: str) -> None:
            raise RuntimeError("inner detail")

        by_public_id = by_secret

    app = house.app(statuses=Broken())
    app.testing = False
    client = app.test_client()
    page = client.get("/c/s3cret-address")
    assert page.status_code == 500 and "inner detail" not in page.text
    assert "went wrong on our side" in text_of(page) and "020 7946 0100" in text_of(page)
    key = {"Authorization": f"Bearer {house.sites[0].api_keys[0]}"}
    answer = client.get("/api/v1/callbacks/x", headers=key)
    assert answer.status_code == 500 and "inner detail" not in answer.text
    assert answer.mimetype == "application/problem+json"
    assert "inner detail" in caplog.text and "customer.status" in caplog.text
    assert "s3cret-address" not in caplog.text


def test_health(house: House, client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200
    house.readiness = Readiness(ok=False, reasons=("The database needs an upgrade.",), alarms=2)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "not ready",
        "reasons": ["The database needs an upgrade."],
        "alarms": 2,
    }
    assert client.get("/healthz").status_code == 200


@pytest.mark.case("CASES 7: addresses that can be chosen")
@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.7", "::ffff:192.0.2.7", "2002:c000:207::1", "2002:c000:207:9:8:7:6:5",
        "64:ff9b::192.0.2.7", "::192.0.2.7", "2001:0:1234:5678:0:ffff:3fff:fdf8",
    ],
)  # fmt: skip
def test_what_carries_an_ipv4_address_counts_as_that(text: str) -> None:
    assert counted(text) == "192.0.2.7"
    assert around(counted(text)) == "192.0.2.7"


@pytest.mark.case("CASES 7: addresses that can be chosen")
def test_one_network_is_one_address() -> None:
    assert counted("2001:db8:1:2:3:4:5:6") == counted("2001:db8:1:ff::9") == "2001:db8:1::/56"
    assert counted("2001:db8:1:100::9") == "2001:db8:1:100::/56"
    assert around("2001:db8:1:100::/56") == around("2001:db8:1:ff00::/56") == "2001:db8:1::/48"
    assert around("2001:db8:2::/56") == "2001:db8:2::/48"
    assert counted("fe80::1%eth0") == "fe80::/56"
    assert (counted("::1"), counted("::"), around("unknown")) == ("::/56", "::/56", "unknown")


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.7:5060", "192.0.2.7"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1::/56"),
        ("[2001:db8:1:2::9]", "2001:db8:1::/56"),
        ("", "unknown"),
        ("unknown", "unknown"),
        ("_hidden", "unknown"),
        ("192.0.2.7.", "unknown"),
        ("[", "unknown"),
        ("x" * 10_000, "unknown"),
    ],
)
def test_what_proxies_write(text: str, network: str) -> None:
    assert counted(text) == network


def test_a_company_without_a_telephone_number_shows_none(house: House) -> None:
    client = house.app(company=replace(house.parts.company, phone="")).test_client()
    for path in ("/", "/nothing"):
        assert "tel:" not in client.get(path).text


def test_the_company_has_its_own_colour(house: House) -> None:
    client = house.app(company=replace(house.parts.company, accent="#7a1f5c")).test_client()
    for path in ("/", "/nothing"):
        page = client.get(path).text
        assert page.index("/theme.css") > page.index("/static/tokens-")
    sheet = client.get("/theme.css")
    assert sheet.mimetype == "text/css" and "--accent: #7a1f5c;" in sheet.text
    assert "no-store" not in sheet.headers["Cache-Control"]
    known = {"If-None-Match": sheet.headers["ETag"]}
    assert client.get("/theme.css", headers=known).status_code == 304
    plain = house.app().test_client()
    assert "theme.css" not in plain.get("/").text
    assert plain.get("/theme.css").status_code == 404


def test_the_privacy_page_is_linked(house: House) -> None:
    company = replace(house.parts.company, privacy_url="https://larkmoor.example/privacy")
    page = house.app(company=company).test_client().get("/")
    assert page.text.count('href="https://larkmoor.example/privacy"') == 2
