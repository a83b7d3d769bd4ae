"""Callbacks that are not offered: form, embed and API say so, and nothing typed is lost."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from asterisk_callback.domain.hold import HoldKind
from asterisk_callback.domain.site import Site
from asterisk_callback.services.calling import holds
from tests.web.house import API_KEY, SALES, House
from tests.web.page import Visitor, text_of, value_of

WORDS = {
    "en": "No callbacks just now",
    "de": "Zurzeit keine Rückrufe",
    "es": "Ahora mismo no ofrecemos llamadas",
    "ar": "لا نقدّم خدمة معاودة الاتصال حاليًا",
}
API: Mapping[str, str] = {"Authorization": f"Bearer {API_KEY}"}


def stop(house: House, queue: str = "") -> None:
    with house.store.writing() as tx:
        holds.stop(tx, queue, actor="helen", reason="secret reason", kind=HoldKind.INTAKE)


@pytest.mark.parametrize("code", WORDS)
def test_the_form_says_so(house: House, client: FlaskClient, code: str) -> None:
    stop(house)
    page = client.get(f"/?lang={code}")
    assert WORDS[code] in text_of(page)
    assert "tel:02079460100" in page.text and "secret reason" not in page.text
    assert 'name="when"' not in page.text


def test_a_form_that_was_open_already(house: House, client: FlaskClient) -> None:
    visitor = Visitor(client)
    form = visitor.fill(name="Ada", when="asap")
    stop(house)
    answer = visitor.send(form)
    assert answer.status_code == 409
    assert "Nothing was accepted" in text_of(answer) and "020 7946 0100" in text_of(answer)
    assert value_of(answer, "name") == "Ada" and value_of(answer, "phone") == form["phone"]
    assert house.requests() == []


def test_another_department_takes_wishes(house: House) -> None:
    house.queues["sales"] = replace(SALES, asterisk_queue="sales")  # type: ignore[index]
    stop(house, "support")
    client = house.app().test_client()
    assert "Another one may." in text_of(client.get("/?queue=support"))
    assert "We’ll call you back" in text_of(client.get("/?queue=sales"))
    assert Visitor(client).book(queue="sales", when="asap")


def test_inside_another_website(house: House) -> None:
    sites = (Site(name="shop", origins=("https://shop.example",), queues=("support",)),)
    client = house.app(sites=sites).test_client()
    stop(house)
    assert "No callbacks just now" in text_of(client.get("/embed/shop"))


def test_the_api_says_so(house: House, client: FlaskClient) -> None:
    stop(house)
    wish = {"phone": "+442079460100", "queue": "support"}
    answer = client.post("/api/v1/callbacks", json=wish, headers=API)
    assert answer.status_code == 409 and answer.json is not None
    assert answer.json["type"] == "/problems/not-offered"
    assert "Our number is 020 7946 0100." in answer.json["detail"]
    found = client.get("/api/v1/queues/support/availability", headers=API).json
    assert found is not None
    assert (found["state"], found["slots"], found["expected_from"]) == ("not_offered", [], None)


def test_who_asked_before_can_move(house: House, client: FlaskClient) -> None:
    booked = house.submit(scheduled_for="2026-11-23T15:00")
    stop(house)
    page = client.get(f"/c/{booked.secret}")
    assert "Move" in text_of(page) and 'name="slot"' in page.text
