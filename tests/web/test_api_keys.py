"""The API's keys: without one there is nothing, and each site sees its own."""

from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from asterisk_callback.domain.site import Site
from tests.web.api_answers import BODY, problem, with_key
from tests.web.house import API_KEY, SALES, SUPPORT, House


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", f"Basic {API_KEY}", "Bearer ü"])
def test_without_a_valid_key_there_is_nothing(client: FlaskClient, header: str) -> None:
    answer = client.post("/api/v1/callbacks", json=BODY, headers={"Authorization": header})
    problem(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_off_until_a_key_is_configured(house: House) -> None:
    for sites in ((), (Site(name="blog", origins=("https://blog.example.org",)),)):
        client = house.app(sites=sites).test_client()
        headers = {"Authorization": "Bearer "}
        problem(client.post("/api/v1/callbacks", json=BODY, headers=headers), 404, "not-found")


def test_a_site_sees_what_came_through_its_own_keys(house: House) -> None:
    """Two keys of one site are the same to us, so that one can be exchanged without a pause."""
    shop, blog = Site(name="shop", api_keys=("old", "new")), Site(name="blog", api_keys=("other",))
    client = house.app(sites=(shop, blog)).test_client()
    ids = {}
    for key in ("old", "new", "other"):
        headers = with_key(key) | {"Idempotency-Key": "1"}
        answer = client.post("/api/v1/callbacks", json=BODY, headers=headers)
        assert answer.json is not None
        ids[key] = answer.json["id"]
    assert ids["old"] == ids["new"] != ids["other"]
    mine = f"/api/v1/callbacks/{ids['old']}"
    for method in ("GET", "DELETE"):
        foreign = client.open(mine, method=method, headers=with_key("other"))
        nothing = client.open(f"{mine}x", method=method, headers=with_key("old"))
        problem(foreign, 404, "not-found")
        assert foreign.data == nothing.data
    assert client.get(mine, headers=with_key("new")).status_code == 200
    wish = house.submit("020 7946 0123").wish  # through the form
    form = client.get(f"/api/v1/callbacks/{wish.public_id}", headers=with_key("old"))
    problem(form, 404, "not-found")


def test_a_site_uses_its_own_queues(tmp_path: Path) -> None:
    house = House(tmp_path, queues={"support": SUPPORT, "sales": SALES})
    client = house.app(sites=(Site(name="shop", queues=("sales",), api_keys=("key",)),))
    post = partial(client.test_client().post, "/api/v1/callbacks", headers=with_key("key"))
    detail = problem(post(json=BODY), 422, "unknown-queue", "queue")
    assert "sales" in detail and "support" not in detail
    assert post(json=BODY | {"queue": "sales"}).status_code == 201
    house.close()
