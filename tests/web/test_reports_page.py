"""The reports' page and its files: for whom, of which queues, and with whose numbers."""

import csv
from dataclasses import replace
from io import StringIO

from asterisk_callback.domain.account import Grant, Role
from tests.web.house import NUMBER, OTHER_NUMBER, SALES, SUPPORT, House
from tests.web.insider import Insider
from tests.web.page import text_of

DAYS = "since=2026-11-01&until=2026-11-30"


def insider(house: House, role: Role, *queues: str) -> Insider:
    house.queues.update({"support": SUPPORT, "sales": SALES})  # type: ignore[attr-defined]
    users = replace(house.accounts.users, queues=tuple(house.queues))
    house.accounts = replace(house.accounts, users=users)
    house.user("helen", *(Grant(role, one) for one in queues or ("",)))
    house.submit(NUMBER)
    house.submit(OTHER_NUMBER, queue="sales", topic="=1+1")
    made = Insider(house.app().test_client())
    made.sign_in("helen")
    return made


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


def test_what_a_supervisor_reads(house: House) -> None:
    helen = insider(house, Role.SUPERVISOR)
    said = text_of(helen.get(f"/reports?{DAYS}"))
    assert "Wishes asked 2" in said and "No promise was due" in said
    assert "Sun 1 Nov to Mon 30 Nov 2026" in said
    assert "Wishes asked 2" in text_of(helen.get("/reports"))  # today
    figures = helen.get(f"/reports/figures.csv?{DAYS}")
    assert figures.mimetype == "text/csv"
    assert "figures.csv" in figures.headers["Content-Disposition"]
    asked = {"by": "all", "name": "", "figure": "wishes_asked", "value": "2"}
    assert asked in rows(figures.text)
    listed = rows(helen.get(f"/reports/requests.csv?{DAYS}").text)
    assert sorted(one["queue"] for one in listed) == ["sales", "support"]
    assert all("•" in one["number"] for one in listed)


def test_only_their_queues(house: House) -> None:
    helen = insider(house, Role.SUPERVISOR, "sales")
    assert "Wishes asked 1" in text_of(helen.get(f"/reports?{DAYS}"))
    (one,) = rows(helen.get(f"/reports/requests.csv?{DAYS}").text)
    assert one["queue"] == "sales"
    for path in ("", "/figures.csv", "/requests.csv"):
        assert helen.get(f"/reports{path}?{DAYS}&queue=support").status_code == 404
        assert helen.get(f"/reports{path}?{DAYS}&queue=sales").status_code == 200


def test_whole_numbers_for_administrators(house: House) -> None:
    listed = rows(insider(house, Role.ADMINISTRATOR).get(f"/reports/requests.csv?{DAYS}").text)
    assert all(one["number"].startswith("'+44") for one in listed)


def test_not_for_agents(house: House) -> None:
    helen = insider(house, Role.AGENT)
    for path in ("", "/figures.csv", "/requests.csv"):
        assert helen.get(f"/reports{path}").status_code == 403


def test_days_that_are_none(house: House) -> None:
    helen = insider(house, Role.SUPERVISOR)
    for days in ("since=2026-11-30&until=2026-11-01", "since=tomorrow", "until=9999-12-31"):
        page = helen.get(f"/reports?{days}")
        assert page.status_code == 422 and 'role="alert"' in page.text
        assert helen.get(f"/reports/figures.csv?{days}").status_code == 400
