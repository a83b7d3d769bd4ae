"""The API: what it answers, what it refuses, and in which words."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.limits import Limits
from asterisk_callback.domain.phone import NumberRules
from asterisk_callback.domain.site import Site
from tests.web.api_answers import BODY, problem, with_key
from tests.web.conftest import Api
from tests.web.house import API_KEY, MASKED, NUMBER, House
from tests.web.page import text_of


def test_as_soon_as_possible(api: Api, house: House) -> None:
    house.at_work()
    answer = api("POST", json=BODY | {"name": "Ada", "topic": "A bill", "email": "a@example.org"})
    assert answer.status_code == 201
    secret = answer.json.pop("status_url").removeprefix("http://localhost/c/")
    assert house.parts.statuses.by_secret(secret).wish.public_id == answer.json["id"]
    assert answer.headers["Location"].endswith(f"/api/v1/callbacks/{answer.json['id']}")
    read = api("GET", f"/{answer.json['id']}")
    assert read.status_code == 200 and read.json["status_url"].endswith(secret)
    expected = {
        "id": answer.json["id"],
        "status": "waiting",
        "queue": "support",
        "phone_masked": MASKED,
        "scheduled_for": None,
        "expected_at": "2026-11-23T14:01:00+00:00",
        "position": 1,
        "why_waiting": "next",
    }
    assert answer.json.items() >= expected.items()
    assert set(answer.json) <= set(expected) | {"status_url"}


@pytest.mark.parametrize(
    ("wish", "moment"),
    [
        ({"scheduled_for": "2026-11-24T10:15"}, "2026-11-24T10:15:00+00:00"),
        (
            {"scheduled_for": "2026-11-24T10:15", "time_zone": "Europe/Berlin"},
            "2026-11-24T10:15:00+01:00",
        ),
        ({"scheduled_for": "2026-11-24T10:15:00-05:00"}, "2026-11-24T15:15:00+00:00"),
    ],
)
def test_at_a_time(api: Api, wish: dict[str, str], moment: str) -> None:
    answer = api("POST", json=BODY | wish)
    assert answer.status_code == 201 and answer.json["status"] == "scheduled"
    assert answer.json["scheduled_for"] == answer.json["expected_at"] == moment
    assert answer.json["why_waiting"] == "scheduled" and answer.json["position"] is None


def test_page_and_api_say_alike_when_a_call_that_was_put_off_goes_on(
    api: Api, house: House
) -> None:
    house.at_work()
    made = api("POST", json=BODY).json
    secret = made["status_url"].rpartition("/")[2]
    with house.store.writing() as tx:
        request = house.parts.statuses.by_secret(secret).request
        off = request.evolve(due_at=house.clock.now + timedelta(minutes=20))
        tx.requests.change(request, off, actor="claim", reason="refused: limit")
    read = api("GET", f"/{made['id']}").json
    assert (read["status"], read["why_waiting"]) == ("waiting", "put_off")
    assert read["expected_at"] == "2026-11-23T14:21:00+00:00"
    assert "14:21" in text_of(house.client().get(f"/c/{secret}"))


def test_the_end_of_a_call(api: Api, house: House) -> None:
    created = api("POST", json=BODY).json["id"]
    attempt = house.ringing()
    assert api("GET", f"/{created}").json["status"] == "calling"
    house.ends(attempt, Disposition.BUSY)
    waiting = api("GET", f"/{created}").json
    assert waiting["status"] == "scheduled" and waiting["why_waiting"] == "retry"
    assert waiting["expected_at"] == "2026-11-23T14:06:00+00:00"
    house.clock.pass_(minutes=6)
    house.released()
    attempt = house.talking()
    assert problem(api("DELETE", f"/{created}"), 409, "not-possible")
    house.ends(attempt, Disposition.ANSWERED)
    done = api("GET", f"/{created}").json
    assert done["status"] == "completed" and done["why_waiting"] is None
    assert problem(api("DELETE", f"/{created}"), 409, "not-possible")


def test_move(api: Api, house: House) -> None:
    made = api("POST", json=BODY).json["id"]
    new = {"scheduled_for": "2026-11-24T10:15", "time_zone": "Europe/Berlin"}
    for _ in range(2):
        answer = api("PATCH", f"/{made}", json=new)
        assert answer.status_code == 200, answer.text
        assert answer.json["scheduled_for"] == "2026-11-24T10:15:00+01:00"
    problem(api("PATCH", f"/{made}", json={}), 422, "invalid-input", "scheduled_for")
    past = {"scheduled_for": "2026-11-22T10:15"}
    problem(api("PATCH", f"/{made}", json=past), 422, "invalid-time", "scheduled_for")
    api("DELETE", f"/{made}")
    problem(api("PATCH", f"/{made}", json=new), 409, "not-possible")


def test_cancel_twice(api: Api) -> None:
    created = api("POST", json=BODY).json["id"]
    for _ in range(2):
        answer = api("DELETE", f"/{created}")
        assert answer.status_code == 200 and answer.json["status"] == "cancelled"


def test_idempotency(api: Api, house: House) -> None:
    key = {"Idempotency-Key": "order-4711"}
    first, second = (api("POST", json=BODY, headers=key) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json == second.json and first.headers["Location"] == second.headers["Location"]
    other = api("POST", json=BODY | {"name": "Ada"}, headers=key)
    problem(other, 409, "idempotency-conflict")
    assert len(house.requests()) == 1


def test_the_page_on_which_they_asked(api: Api, house: House) -> None:
    key = {"Idempotency-Key": "order-4711"}
    told = BODY | {"page": "https://Shop.example/moving?order=7#me"}
    made = api("POST", json=told, headers=key)
    assert made.status_code == 201 and "page" not in made.json
    found = house.parts.statuses.by_public_id(made.json["id"], "api:shop")
    assert found.wish.page == "https://shop.example/moving"
    assert api("POST", json=told, headers=key).json == made.json
    problem(api("POST", json=BODY, headers=key), 409, "idempotency-conflict")
    for wrong in ("moving", "javascript:alert(1)", "https://shop.example/a b"):
        said = problem(api("POST", json=BODY | {"page": wrong}), 422, "invalid-input", "page")
        assert said.startswith("This is no address of a web page.")


def test_two_wishes_for_one_number(api: Api, house: House) -> None:
    first, second = (api("POST", json=BODY).json for _ in range(2))
    assert first["id"] != second["id"] and first["status_url"] != second["status_url"]
    api("DELETE", f"/{first['id']}")
    assert api("GET", f"/{first['id']}").json["status"] == "cancelled"
    assert api("GET", f"/{second['id']}").json["status"] == "waiting"
    assert len(house.requests()) == 1


@pytest.mark.case("CASES 3: a forgotten +")
def test_digits_that_are_two_numbers_come_back_with_both(house: House) -> None:
    guard = replace(house.guard, rules=NumberRules(home="DE", regions=("DE",)))
    client = house.client(booking=replace(house.booking, guard=guard))
    answer = client.post(
        "/api/v1/callbacks",
        json=BODY | {"phone": "4915112345678"},
        headers={"Authorization": f"Bearer {API_KEY}"},
    )
    assert answer.json is not None
    problem(answer, 422, "ambiguous-number", "phone")
    assert answer.json["readings"] == ["+49 1511 2345678", "+49 491 5112345678"]
    assert house.requests() == []


@pytest.mark.case("CASES 4: null and an empty text in the API")
@pytest.mark.parametrize("empty", [None, ""])
def test_null_and_an_empty_text_are_left_out(api: Api, house: House, empty: str | None) -> None:
    fields = ("name", "topic", "about", "email", "locale", "page", "scheduled_for", "time_zone")
    made = api("POST", json=BODY | dict.fromkeys(fields, empty))
    assert made.status_code == 201 and made.json["scheduled_for"] is None, made.text
    wish = house.parts.statuses.by_secret(made.json["status_url"].rpartition("/")[2]).wish
    assert (wish.name, wish.email, wish.page, wish.zone) == ("", "", "", None)
    moved = api("PATCH", f"/{made.json['id']}", json={"scheduled_for": None})
    assert moved.status_code == 422
    when = {"scheduled_for": "2026-11-24T10:15", "time_zone": empty}
    assert api("PATCH", f"/{made.json['id']}", json=when).status_code == 200


@pytest.mark.case("CASES 4: a byte order mark in the API")
def test_a_byte_order_mark_in_front_of_the_body(api: Api) -> None:
    for codec in ("utf-8", "utf-8-sig"):
        body = json.dumps(BODY).encode(codec)
        assert api("POST", data=body, content_type="application/json").status_code == 201


@pytest.mark.parametrize(
    ("body", "name", "field"),
    [
        ({"queue": "support"}, "invalid-input", "phone"),
        ({"phone": NUMBER}, "invalid-input", "queue"),
        (BODY | {"queue": "nobody"}, "unknown-queue", "queue"),
        (BODY | {"phone": "+870 776 999 999"}, "number-not-allowed", "phone"),
        (BODY | {"phone": "123456"}, "invalid-number", "phone"),
        (BODY | {"phone": 442079460100}, "invalid-input", "phone"),
        (BODY | {"phone": None}, "invalid-input", "phone"),
        (BODY | {"queue": ""}, "invalid-input", "queue"),
        (BODY | {"name": ["Ada"]}, "invalid-input", "name"),
        (BODY | {"name": "\ud800"}, "invalid-input", "name"),
        (BODY | {"surname": "Lovelace"}, "invalid-input", "surname"),
        (BODY | {"country": "GB"}, "invalid-input", "country"),
        (BODY | {"email": "nobody"}, "invalid-input", "email"),
        (BODY | {"scheduled_for": "soon"}, "invalid-time", "scheduled_for"),
        (BODY | {"scheduled_for": "2026-11-22T10:15"}, "invalid-time", "scheduled_for"),
        (BODY | {"scheduled_for": "9999-12-31T23:59-12:00"}, "invalid-time", "scheduled_for"),
        (BODY | {"time_zone": "Mars/Olympus"}, "invalid-input", "time_zone"),
        (BODY | {"time_zone": "../../etc/passwd"}, "invalid-input", "time_zone"),
    ],
)
def test_a_field_that_can_not_be_used_is_named(
    api: Api, house: House, body: dict[str, Any], name: str, field: str
) -> None:
    problem(api("POST", data=json.dumps(body), content_type="application/json"), 422, name, field)
    assert not house.requests()


@pytest.mark.parametrize(
    ("data", "content_type", "status", "name"),
    [
        (b"phone=1", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        (b"{}", "text/plain", 415, "unsupported-media-type"),
        (b"", "application/json", 400, "bad-request"),
        (b"{", "application/json", 400, "bad-request"),
        (b"[]", "application/json", 400, "bad-request"),
        (b"\xff", "application/json", 400, "bad-request"),
        (b"[" * 9000, "application/json", 400, "bad-request"),
        (b'{"phone":"1","\\ud800":"2"}', "application/json", 400, "bad-request"),
        (b'{"phone":"1","phone":"2"}', "application/json", 400, "bad-request"),
        (
            b'{"phone": "' + b"1" * 20_000 + b'"}',
            "application/json",
            413,
            "request-entity-too-large",
        ),
    ],
)
def test_a_body_that_can_not_be_read(
    api: Api, data: bytes, content_type: str, status: int, name: str
) -> None:
    assert problem(api("POST", data=data, content_type=content_type), status, name)


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "schlüssel"])
def test_an_idempotency_key_that_can_not_be_used(api: Api, key: str) -> None:
    answer = api("POST", json=BODY, headers={"Idempotency-Key": key})
    problem(answer, 400, "bad-request", "Idempotency-Key")


def test_limits(tmp_path: Path) -> None:
    house = House(tmp_path, limits=Limits(requests_per_number=1))
    client = house.app().test_client()
    headers = {"Authorization": f"Bearer {API_KEY}"}
    created = client.post("/api/v1/callbacks", json=BODY, headers=headers).json
    assert created is not None
    client.delete(f"/api/v1/callbacks/{created['id']}", headers=headers)
    answer = client.post("/api/v1/callbacks", json=BODY, headers=headers)
    problem(answer, 429, "limit-reached")
    assert int(answer.headers["Retry-After"]) > 0
    house.close()


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_unknown_ids(api: Api, method: str) -> None:
    problem(api(method, "/no-such-id"), 404, "not-found")


def test_wrong_method_and_address(api: Api) -> None:
    answer = api("PUT")
    problem(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]
    problem(api("GET", "/a/b"), 404, "not-found")


def test_the_database_is_away(house: House) -> None:
    class Away:
        def submit(self, *_: object) -> None:
            raise StoreUnavailable("secret detail")

    client = house.app(booking=Away()).test_client()
    headers = {"Authorization": f"Bearer {API_KEY}"}
    answer = client.post("/api/v1/callbacks", json=BODY, headers=headers)
    assert "secret" not in problem(answer, 503, "store-unavailable")
    assert answer.headers["Retry-After"] == "60"


def test_its_own_description(house: House, client: FlaskClient) -> None:
    """For everybody, once there is an API."""
    described = client.get("/api/v1/openapi.json").json
    assert described is not None and described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": "http://localhost/api/v1"}]
    rules = {
        (rule.rule.removeprefix("/api/v1").replace("<public_id>", "{id}"), method.lower())
        for rule in house.app().url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("api.") and rule.endpoint != "api.describe"
    }
    told = {(path, method) for path, found in described["paths"].items() for method in found}
    assert told == {(re.sub(r"<(\w+)>", r"{\1}", path), method) for path, method in rules}
    problem(house.app(sites=()).test_client().get("/api/v1/openapi.json"), 404, "not-found")


@pytest.mark.parametrize(
    ("accept", "status"),
    [("application/json", 404), ("*/*", 404), ("text/html", 406), ("text/html, */*;q=0.1", 404)],
)
def test_what_the_client_accepts(api: Api, accept: str, status: int) -> None:
    assert api("GET", "/x", headers={"Accept": accept}).status_code == status


def test_head_and_options(api: Api) -> None:
    path = f"/{api('POST', json=BODY).json['id']}"
    head = api("HEAD", path)
    assert (head.status_code, head.data) == (200, b"")
    assert set(api("OPTIONS", path).headers["Allow"].split(", ")) >= {"GET", "DELETE", "HEAD"}
    assert (
        "Access-Control-Allow-Origin"
        not in api("GET", path, headers={"Origin": "https://x"}).headers
    )


def test_when_a_queue_can_call(client: FlaskClient, house: House) -> None:
    house.at_work()
    path = "/api/v1/queues/support/availability"
    found = client.get(f"{path}?time_zone=Europe/Berlin", headers=with_key(API_KEY)).json
    assert found is not None
    assert (found["queue"], found["state"], found["opens_at"]) == ("support", "open", None)
    assert found["time_zone"] == "Europe/Berlin" and found["expected_to"].endswith("+01:00")
    free = found["slots"][0]["at"]
    body = BODY | {"scheduled_for": free, "time_zone": "Europe/Berlin"}
    answer = client.post("/api/v1/callbacks", json=body, headers=with_key(API_KEY))
    assert answer.status_code == 201, answer.text
    for query in ("Mars/Olympus", "", "x" * 10_000, "../../etc/passwd", "a%00b", "a%0d%0ab"):
        wrong = client.get(f"{path}?time_zone={query}", headers=with_key(API_KEY))
        assert wrong.status_code in (200, 422) and (query == "") == (wrong.status_code == 200)
    site = Site(name="blog", queues=("sales",), api_keys=("key",))
    other = house.app(sites=(site,)).test_client()
    problem(other.get(path, headers=with_key("key")), 404, "not-found")
