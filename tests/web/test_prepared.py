"""What is written once for all readers is right for each of them."""

import re
from pathlib import Path

from flask.testing import FlaskClient

from tests.web.house import House
from tests.web.page import Visitor

OPTIONS = re.compile(r'<select class="input" id="time_zone".*?</select>', re.S)


def zones(client: FlaskClient, path: str = "/form/parts?queue=support&time_zone=Asia/Tokyo") -> str:
    found = OPTIONS.search(client.get(path).text)
    assert found is not None
    return found[0]


def test_each_reader_gets_the_own_zone_language_and_minute(house: House) -> None:
    client = house.client()
    first = zones(client)
    assert re.findall(r'value="([^"]*)" selected', first) == ["Asia/Tokyo"]
    assert "Tokyo, 23:01" in first
    other = zones(client, "/form/parts?queue=support&time_zone=Etc/GMT-5")
    assert re.findall(r'value="([^"]*)" selected', other) == ["Etc/GMT-5"]
    assert "Etc/GMT-5" not in zones(client)
    house.clock.pass_(minutes=1)
    assert "Tokyo, 23:02" in zones(client)
    german = zones(client, "/form/parts?queue=support&time_zone=Asia/Tokyo&lang=de")
    assert "Tokio, 23:02" in german
    assert "Tokyo, 23:02" in zones(client, "/form/parts?queue=support&lang=en")


def test_the_options_are_not_written_anew_for_each_reader(house: House) -> None:
    """Four hundred of them are a fifth of the form's time."""
    from flask_app.customer import time_zones

    client = house.client()
    zones(client)
    written = time_zones._written.cache_info().misses  # type: ignore[attr-defined]
    for path in ("Asia/Tokyo", "America/Lima", "Europe/Rome"):
        zones(client, f"/form/parts?queue=support&time_zone={path}")
    assert time_zones._written.cache_info().misses == written  # type: ignore[attr-defined]


def test_a_chosen_time_is_one_reader_s_alone(visitor: Visitor) -> None:
    typed = visitor.fill(when="later", day="2026-11-25", slot="2026-11-25T10:15+00:00")
    shown = visitor.client.post("/form", data=typed).text
    assert re.search(r'value="2026-11-25T10:15\+00:00" checked', shown)
    assert "10:15+00:00" in visitor.client.get("/").text
    assert not re.search(r'name="slot" value="[^"]*" checked', visitor.client.get("/").text)


def test_times_are_written_in_each_language(tmp_path: Path) -> None:
    """Two readers of one day, whose words beside the times differ."""
    house = House(tmp_path)
    client = house.client()
    path = "/form/parts?queue=support&time_zone=Asia/Tokyo&day=2026-11-25&lang="
    try:
        english, spanish = client.get(path + "en").text, client.get(path + "es").text
    finally:
        house.close()
    assert " in London</small>" in english and " en Londres</small>" not in english
    assert " en Londres</small>" in spanish and " in London</small>" not in spanish
