"""The form inside other websites: who may frame it, how it does without cookies, whose wishes."""

import html
import json
import re
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.site import Site
from flask_app.embed import form_token
from flask_app.shared.headers import SECURITY
from tests.web.house import NUMBER, OFFICE, SALES, SUPPORT, House
from tests.web.page import Visitor, hidden, text_of, value_of
from tests.web.test_edge import FIELDS, HOSTILE
from tests.web.test_languages import speaks

SHOP = Site(name="shop", origins=("https://shop.example", "https://www.shop.example:8443"))
BLOG = Site(name="blog", origins=("https://blog.example",), queues=("sales",))
PROGRAM = Site(name="program", api_keys=("sixteen-characters",))


@pytest.fixture
def client(house: House) -> FlaskClient:
    house.parts.queues["sales"] = SALES  # type: ignore[index]
    return house.client(sites=(SHOP, BLOG, PROGRAM))


def fill(client: FlaskClient, path: str = "/embed/shop", **typed: str) -> dict[str, str]:
    token = {"token": hidden(client.get(path), "token")}
    return token | {"country": "GB", "phone": NUMBER, "queue": "support", "when": "asap"} | typed


def submit(client: FlaskClient, path: str = "/embed/shop", **typed: str) -> TestResponse:
    return client.post(path, data=fill(client, path, **typed))


def test_only_the_sites_pages_may_frame_it(client: FlaskClient) -> None:
    status = submit(client).location
    for path in ("/embed/shop", "/embed/shop/parts", status, f"{status}/fragment"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert "frame-ancestors https://shop.example https://www.shop.example:8443" in policy
        assert "'none'" in policy.partition("frame-ancestors")[0]
        assert "unsafe" not in policy and "*" not in policy
    for path in ("/", "/q/support", status.replace("/embed/shop", ""), "/embed/program"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert policy == SECURITY["Content-Security-Policy"]


def test_opening_hours(house: House, client: FlaskClient) -> None:
    """Folded away while the department is there, open when it is not."""
    house.parts.queues["office"] = OFFICE  # type: ignore[index]
    folded = '<details class="more" id="hours"><summary>'
    page = client.get("/embed/shop?queue=office")
    assert folded in page.text and "Monday–Friday 08:00–18:00" in text_of(page)
    parts = client.get("/embed/shop/parts?queue=office&time_zone=Europe/London").text
    assert folded in parts
    assert "When we’re here" not in client.get("/embed/shop").text
    house.clock.pass_(hours=9)
    assert '<details class="more" id="hours" open>' in client.get("/embed/shop?queue=office").text


def test_no_such_site(client: FlaskClient) -> None:
    """One that is there for its API keys only is none, either."""
    for name in ("nobody", "program", "SHOP"):
        for path in ("", "/parts", "/c/x", "/c/x/fragment"):
            answer = client.get(f"/embed/{name}{path}")
            assert answer.status_code == 404
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert client.post(f"/embed/{name}").status_code == 404
        assert client.post(f"/embed/{name}/adjust").status_code == 404


def test_nothing_sets_a_cookie(client: FlaskClient) -> None:
    booked = submit(client, "/embed/shop?lang=de")
    answers = [client.get("/embed.js"), client.get("/embed/shop?lang=ar"), booked]
    answers += [client.get(booked.location), client.get(f"{booked.location}/fragment")]
    answers += [submit(client, phone="1"), client.post("/embed/shop", data={"phone": NUMBER})]
    answers += [client.post("/embed/shop/adjust", data=fill(client))]
    for answer in answers:
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_wish_belongs_to_its_site(client: FlaskClient, house: House) -> None:
    path = submit(client).location
    assert path.startswith("/embed/shop/c/")
    secret = path.rpartition("/")[2]
    assert house.parts.statuses.by_secret(secret).wish.scope == "site:shop"
    page = client.get(path)
    assert page.status_code == 200 and f'href="/c/{secret}" target="_blank"' in page.text
    assert "csrf_token" not in page.text and NUMBER not in page.text
    assert client.get(f"/c/{secret}").status_code == 200
    assert client.get(f"/embed/blog/c/{secret}").status_code == 404
    assert client.get("/embed/shop/c/nobody").status_code == 404
    ours = house.submit(phone="020 7946 0123").secret
    assert client.get(f"/embed/shop/c/{ours}").status_code == 404


def test_only_the_sites_queues(client: FlaskClient) -> None:
    page = client.get("/embed/blog")
    assert hidden(page, "queue") == "sales" and SUPPORT.title not in page.text
    answer = submit(client, "/embed/blog", queue="support")
    assert answer.status_code == 422 and "Choose the department" in text_of(answer)
    assert submit(client, "/embed/blog", queue="sales").status_code == 303
    both = client.get("/embed/shop?queue=sales")
    assert re.search(r'value="sales" selected', both.text)


def test_sent_twice_is_one_wish(client: FlaskClient, house: House) -> None:
    form = fill(client)
    first, second = (client.post("/embed/shop", data=form) for _ in range(2))
    assert first.location == second.location
    assert len(house.requests()) == 1
    changed = client.post("/embed/shop", data=form | {"name": "Ada"})
    assert changed.status_code == 409 and "sent before" in text_of(changed)
    secret = first.location.rpartition("/")[2]
    assert f'href="/c/{secret}" target="_blank"' in changed.text
    # Its key is ours alone: a typed one changes nothing.
    assert client.post("/embed/shop", data=form | {"key": "k" * 22}).location == first.location


def page_of(house: House, answer: TestResponse) -> str:
    """The page that was kept with the wish."""
    secret = answer.location.rpartition("/")[2].partition("?")[0]
    return house.parts.statuses.by_secret(secret).wish.page


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("https://shop.example/moving?order=7#me", "https://shop.example/moving"),
        ("https://www.shop.example:8443/", "https://www.shop.example:8443/"),
        ("https://blog.example/moving", ""),  # another site's
        ("http://shop.example/", ""),
        ("javascript:alert(1)", ""),
        (f"https://shop.example/{'x' * 300}", "https://shop.example"),
    ],
)
def test_the_page_around_it(client: FlaskClient, house: House, told: str, kept: str) -> None:
    """What embed.js says of it. Nothing that is wrong with it stands in a customer's way."""
    assert hidden(client.get("/embed/shop"), "page") == ""
    wrong = submit(client, phone="1", page=told)
    assert wrong.status_code == 422 and hidden(wrong, "page") == told
    answer = submit(client, page=told)
    assert answer.status_code == 303 and page_of(house, answer) == kept


def test_asking_once_more_in_the_dialog_is_asking_there(client: FlaskClient, house: House) -> None:
    where = submit(client, "/embed/shop?lang=en", page="https://shop.example/a'b").location
    house.ends(house.talking(), Disposition.ANSWERED)
    for path in (where, where.replace("?", "/fragment?")):
        again = re.search(r'href="(/embed/shop[^"]*)"', client.get(path).text)
        assert again and html.unescape(again[1]) == "/embed/shop?lang=en#https://shop.example/a'b"


def test_our_own_page_is_told_none(client: FlaskClient, house: House) -> None:
    visitor = Visitor(client)
    assert 'name="page"' not in client.get("/").text
    answer = visitor.submit(page="https://shop.example/moving")
    assert answer.status_code == 303 and page_of(house, answer) == ""


def foreign_forms(client: FlaskClient) -> dict[str, dict[str, str]]:
    form = fill(client)
    return {
        "without": form | {"token": ""},
        "nonsense": form | {"token": "é.\0.x"},
        "changed": form | {"token": form["token"][:-3] + "AAA"},
        "of another site": form | {"token": hidden(client.get("/embed/blog"), "token")},
    }


def test_a_form_that_is_not_ours_books_nothing(client: FlaskClient, house: House) -> None:
    for form in foreign_forms(client).values():
        answer = client.post("/embed/shop", data=form | {"name": "Ada Lovelace"})
        assert answer.status_code == 400 and "Send it once more" in text_of(answer)
        assert value_of(answer, "name") == "Ada Lovelace"
        assert "cookie" not in text_of(answer)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post("/embed/shop", data=fill(client), headers=elsewhere)
    assert answer.status_code == 400 and house.requests() == []
    again = fill(client) | {"token": hidden(answer, "token")}
    here = {"Sec-Fetch-Site": "same-origin"}
    assert client.post("/embed/shop", data=again, headers=here).status_code == 303


def test_a_form_lasts_half_a_day(client: FlaskClient, house: House) -> None:
    with time_machine.travel(house.clock.now, tick=False) as clock:
        form = fill(client)
        clock.shift(form_token.LIFETIME)
        assert client.post("/embed/shop", data=form).status_code == 303
        clock.shift(timedelta(seconds=1))
        assert client.post("/embed/shop", data=form).status_code == 400


def test_other_times_without_a_script_keep_what_was_typed(client: FlaskClient) -> None:
    form = fill(client, name="Ada", time_zone="Europe/Berlin", show_zone="1")
    answer = client.post("/embed/shop/adjust", data=form)
    assert answer.status_code == 200 and value_of(answer, "name") == "Ada"
    token = hidden(answer, "token")
    assert client.post("/embed/shop", data=form | {"token": token}).status_code == 303
    parts = client.get("/embed/shop/parts?queue=support&time_zone=Europe/Berlin")
    assert parts.status_code == 200 and 'data-part="when"' in parts.text


def test_the_language_is_in_the_address(client: FlaskClient) -> None:
    page = client.get("/embed/shop?lang=ar")
    assert '<html lang="ar" dir="rtl">' in page.text
    assert 'action="/embed/shop?lang=ar"' in page.text
    status = submit(client, "/embed/shop?lang=ar").location
    assert status.endswith("?lang=ar") and 'lang="ar"' in client.get(status).text
    assert 'lang="en"' in client.get("/embed/shop").text


def test_the_script(client: FlaskClient) -> None:
    answer = client.get("/embed.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert len(answer.data) < 15_000
    words = json.loads(re.findall(r"const WORDS = (.*);", answer.text)[0])
    assert set(words) == {"en", "de", "es", "ar"} and words["ar"]["dir"] == "rtl"
    assert words["en"]["call"] == "Call me back" and all(map(all, map(dict.values, words.values())))
    same = client.get("/embed.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert same.status_code == 304
    code = re.sub(r"^\s*//.*$", "", answer.text, flags=re.M)
    for forbidden in ("fetch(", "cookie", "Storage", "innerHTML", ".style", '"*"', "eval"):
        assert forbidden not in code


@pytest.mark.parametrize("field", [*FIELDS, "token", "page"])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_hostile_text(client: FlaskClient, field: str, text: str) -> None:
    answer = submit(client, **{field: text})
    assert answer.status_code in (303, 400, 422)
    assert "<script>alert" not in answer.text
    if answer.status_code == 303:
        page = client.get(answer.location)
        assert page.status_code == 200 and "<script>alert" not in page.text


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_hostile_text_in_the_address(client: FlaskClient, text: str) -> None:
    for field in ("queue", "topic", "name", "lang", "time_zone", "day"):
        for path in ("/embed/shop", "/embed/shop/parts"):
            page = client.get(path, query_string={field: text})
            assert page.status_code == 200 and "<script>alert" not in page.text


@pytest.mark.parametrize("code", ["de", "es", "ar"])
def test_it_speaks_the_language_of_the_page_around_it(client: FlaskClient, code: str) -> None:
    path = f"/embed/shop?lang={code}"
    booked = submit(client, path)
    for answer in (client.get(path), submit(client, path, phone="1"), client.get(booked.location)):
        speaks(answer, code)
