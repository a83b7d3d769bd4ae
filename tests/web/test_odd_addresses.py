"""Addresses that no page leads to: numbers that no row can have, and paths that are no paths."""

import pytest
from werkzeug.routing import Rule

from asterisk_callback.domain.account import Grant, Role
from flask_app.shared.integers import MOST, bounded
from tests.web.house import MASKED, House
from tests.web.insider import Insider
from tests.web.page import text_of

HUGE = (MOST + 1, 2**63, 2**64, 10**30, "9" * 5000)


def everything(house: House) -> Insider:
    grants = (Grant(Role.AGENT), Grant(Role.SUPERVISOR), Grant(Role.ADMINISTRATOR))
    house.user("helen", *grants)
    insider = Insider(house.app().test_client())
    insider.sign_in("helen")
    return insider


def with_integers(house: House) -> list[Rule]:
    return [rule for rule in house.app().url_map.iter_rules() if "<int:" in rule.rule]


@pytest.mark.case("CASES 7: integers beyond 64 bit in a path")
def test_a_number_that_no_row_can_have_is_no_page(house: House) -> None:
    helen = everything(house)
    rules = with_integers(house)
    assert len(rules) > 15
    for rule in rules:
        before, rest = rule.rule.split("<", 1)
        after = rest.partition(">")[2]
        for huge in HUGE:
            path = f"{before}{huge}{after}"
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            assert helen.client.open(path, method=method).status_code in (404, 405), path[:80]


@pytest.mark.case("CASES 7: integers beyond 64 bit in a query")
def test_a_number_that_no_row_can_have_in_a_field(house: House) -> None:
    house.submit()
    helen = everything(house)
    for huge in (*HUGE, -1, "x"):
        for field in ("start", "picked"):
            assert helen.get(f"/board?{field}={huge}").status_code == 200, field
        assert helen.post(f"/agent/drop?of={huge}").status_code < 500
        assert helen.post("/board/cancel", id=str(huge)).status_code < 500
        assert helen.post("/board/cancel", shown=str(huge), all="1").status_code < 500


def test_bounded() -> None:
    assert (bounded("0"), bounded(str(MOST))) == (0, MOST)
    for text in ("-1", str(MOST + 1), "9" * 5000, "", "x"):
        with pytest.raises(ValueError, match=r"."):
            bounded(text)


@pytest.mark.case("CASES 7: //name with a forged Host")
def test_no_redirect_leads_to_the_host_that_a_request_names(house: House) -> None:
    client = house.client()
    for path in ("//q/support", "/q//support", "//", "/q/support/", "/login//", "/%2f%2fname"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in answer.headers.get("Location", ""), path
        assert answer.status_code in (200, 404, 303), path


@pytest.mark.case("CASES 4: status addresses with a glued tail")
@pytest.mark.parametrize(
    "tail", [".", ">", ")", "%20", ").", "%3E%0A", "&gt;", "%E2%80%9D", "/", ","]
)
def test_an_address_with_the_end_of_its_sentence(house: House, tail: str) -> None:
    client, booked = house.client(), house.submit()
    found = client.get(f"/c/{booked.secret}{tail}", follow_redirects=True)
    assert found.status_code == 200 and MASKED in text_of(found)
    assert client.get(f"/q/support{tail}", follow_redirects=True).status_code == 200
    lost = client.get(f"/c/nobody{tail}", follow_redirects=True)
    assert (lost.status_code, lost.data) == (404, client.get("/c/nobody").data)
    answer = client.get(f"/c/{booked.secret}{tail}", headers={"Host": "evil.example"})
    assert "evil" not in answer.headers.get("Location", "")
