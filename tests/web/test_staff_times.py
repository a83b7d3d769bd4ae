"""Times on the staff pages: all by one clock, as the company's country writes it, in English."""

from dataclasses import replace

from asterisk_callback.domain.account import Grant, Role
from tests.web.house import House
from tests.web.insider import Insider
from tests.web.page import text_of


def test_every_page_has_the_clock_of_the_companys_country(house: House) -> None:
    rules = replace(house.guard.rules, home="US")
    root = staff(house, number_rules=rules)
    assert "Nov 23, 2:01 PM" in text_of(root.get("/account"))
    board = text_of(root.get("/board"))
    assert "2:01 PM" in board
    reports = text_of(root.get("/reports"))
    assert "Nov 23, 2026" in reports
    for page in (board, reports, text_of(root.get("/account"))):
        assert "14:01" not in page


def test_a_browser_in_another_language_reads_english_times(house: House) -> None:
    house.submit(scheduled_for="2026-11-24T15:00")
    root = staff(house, languages=("en", "ar"))
    root.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "ar"
    page = root.get("/board")
    assert page.headers["Content-Language"] == "en"
    assert "Tue 24 Nov, 15:00–15:15" in text_of(page)
    assert root.get("/").headers["Content-Language"] == "ar"


def staff(house: House, **changes: object) -> Insider:
    house.user("root", Grant(Role.ADMINISTRATOR))
    root = Insider(house.client(**changes))
    root.sign_in("root")
    return root
