"""The status page tells the truth at each step, and only to those who have its address."""

import re

import pytest
from flask import Flask

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.request import RequestId
from asterisk_callback.services.booking.withdraw import cancel as company_cancels
from tests.web.house import House
from tests.web.page import Visitor, text_of
from tests.web.test_form import KEPT, PROMISE


def shown(visitor: Visitor, path: str) -> str:
    """The page and its fragment, which must say the same."""
    page, fragment = visitor.client.get(path), visitor.client.get(f"{path}/fragment")
    assert page.status_code == fragment.status_code == 200
    assert text_of(fragment) in text_of(page)
    return text_of(page)


def test_from_waiting_to_done(visitor: Visitor, house: House) -> None:
    path = visitor.book()
    assert "being restarted" in shown(visitor, path)
    house.at_work(QueueStatus(known=True))
    assert "Nobody is at work" in shown(visitor, path)
    house.at_work(QueueStatus(known=True, logged_in=6))
    assert "All six of us in Support are on calls." in shown(visitor, path)
    house.at_work()
    assert "You are next" in shown(visitor, path) and PROMISE in shown(visitor, path)
    attempt = house.claimed()
    assert "Any moment now" in shown(visitor, path) and PROMISE in shown(visitor, path)
    house.ends(attempt, Disposition.AGENT_NO_ANSWER, rung=False)
    house.clock.pass_(seconds=6)
    attempt = house.talking()
    assert "You’re talking with us" in shown(visitor, path)
    assert "Cancel this call" not in shown(visitor, path)
    house.ends(attempt, Disposition.ANSWERED)
    page = shown(visitor, path)
    assert "We called you at 14:01" in page and "We rang" not in page
    assert "/static/status" not in visitor.client.get(path).text


def test_who_waits_on_hold_was_called_when_they_picked_up(visitor: Visitor, house: House) -> None:
    """On a line that gives no ringing the customer's answer is the first sign; the agent may come
    after the promised time."""
    house.at_work()
    path = visitor.book()
    attempt = house.passed()
    with house.store.writing() as tx:
        picked_up = attempt.evolve(picked_up_at=tx.now, rung=True)
        tx.attempts.change(attempt, picked_up, actor="test", reason="picked up")
    house.clock.pass_(minutes=20)
    house.connects(attempt)
    house.ends(attempt, Disposition.ANSWERED)
    page = shown(visitor, path)
    assert "Promise kept" in page and "late" not in page


def test_ringing_busy_and_again(visitor: Visitor, house: House) -> None:
    path = visitor.book()
    attempt = house.ringing()
    page = shown(visitor, path)
    assert "Your phone is ringing" in page and "Cancel this call" in page
    house.ends(attempt, Disposition.BUSY)
    page = shown(visitor, path)
    assert "We ring again at 14:06" in page and page.startswith("We ring again at 14:06 ·")
    assert "We rang, your line was busy" in page and "could not reach you" in page


@pytest.mark.parametrize(
    ("disposition", "words"),
    [
        (Disposition.REJECTED, "The call was declined, so we don’t ring again."),
        (Disposition.BUSY, "We don’t ring again by ourselves."),
    ],
)
def test_failed(visitor: Visitor, house: House, disposition: Disposition, words: str) -> None:
    path = visitor.book()
    for _ in range(1 if disposition is Disposition.REJECTED else 3):
        house.ends(house.ringing(), disposition)
        house.clock.pass_(minutes=6)
        house.released()
    page = shown(visitor, path)
    assert "We could not reach you" in page and words in page and "Ask for a new call" in page


def test_expired(visitor: Visitor, house: House) -> None:
    path = visitor.book()
    house.clock.pass_(hours=25)
    house.expired()
    page = shown(visitor, path)
    assert "We did not manage to call you" in page and "You asked for a call Yesterday" in page


def test_a_chosen_time_comes(visitor: Visitor, house: House) -> None:
    path = visitor.book(when="later", slot="2026-11-25T10:15")
    page = shown(visitor, path)
    assert "We call you on Wednesday 25 November at 10:15" in page
    house.clock.pass_(days=1, hours=20, minutes=20)
    house.released()
    house.at_work(QueueStatus(known=True))
    assert "You chose 10:15" in shown(visitor, path) and KEPT in shown(visitor, path)


def test_a_foreign_zone_is_named(visitor: Visitor, house: House) -> None:
    booked = house.submit(scheduled_for="2026-11-24T10:15", time_zone="America/New_York")
    page = shown(visitor, f"/c/{booked.secret}")
    assert "We call you tomorrow at 10:15" in page and "New York time." in page


def test_people_before_you(visitor: Visitor, house: House) -> None:
    house.at_work(QueueStatus(known=True, logged_in=6))
    for number in range(2):
        house.submit(phone=f"020 7946 015{number}")
        house.clock.pass_(seconds=1)
    path = visitor.book()
    page = shown(visitor, path)
    assert "You’re number 3 in line" in page and "Two people asked before you." in page


@pytest.mark.parametrize("disposition", [None, *Disposition])
def test_every_disposition_has_words(house: House, disposition: Disposition | None) -> None:
    said = disposition.rule.words.customer if disposition else ""
    words = _macro(house.app(), "step", {"kind": "ringing", "words": said})
    assert re.match(r"(We|You) ", words)


def _macro(app: Flask, name: str, argument: object) -> str:
    module = app.jinja_env.get_template("customer/_status_words.html").module
    return str(getattr(module, name)(argument)).strip()


def test_cancel(visitor: Visitor) -> None:
    path = visitor.book()
    answer = visitor.cancel(path)
    assert answer.status_code == 303 and answer.location == path
    page = shown(visitor, path)
    assert "You cancelled this call" in page and "Cancel this call" not in page
    assert visitor.client.get(path).text.count('class="split ended"') == 1


def test_cancelled_by_the_company(visitor: Visitor, house: House) -> None:
    path = visitor.book()
    with house.store.reading() as tx:
        request = tx.requests.get(RequestId(1))
    assert request is not None
    company_cancels(house.store, request, actor="operator")
    page = shown(visitor, path)
    assert "We had to cancel your call" in page and "We won’t ring about this any more" in page
    assert "We cancelled this call" in page and "You cancelled" not in page


def test_cancel_while_it_rings(visitor: Visitor, house: House) -> None:
    path = visitor.book()
    attempt = house.ringing()
    assert visitor.cancel(path).status_code == 303
    house.ends(attempt, Disposition.ABANDONED)
    assert "You cancelled this call" in shown(visitor, path)


def test_cancel_too_late_is_said(visitor: Visitor, house: House) -> None:
    path = visitor.book()
    form = visitor.client.get(path)
    house.talking()
    token = re.search(r'name="csrf_token" value="([^"]*)"', form.text)
    assert token is not None
    answer = visitor.client.post(f"{path}/cancel", data={"csrf_token": token[1]})
    assert answer.status_code == 409 and "You are talking with us right now" in text_of(answer)


def test_cancel_needs_our_form(visitor: Visitor) -> None:
    path = visitor.book()
    answer = visitor.client.post(f"{path}/cancel")
    assert answer.status_code == 400 and "Nothing was changed yet" in text_of(answer)
    assert KEPT in shown(visitor, path)


def test_the_fragment_changes_exactly_when_the_page_does(visitor: Visitor, house: House) -> None:
    house.at_work()
    path = visitor.book()
    first = visitor.client.get(f"{path}/fragment")
    again = {"If-None-Match": first.headers["ETag"]}
    assert first.headers["ETag"].strip('"') in visitor.client.get(path).text
    house.clock.pass_(seconds=20)
    same = visitor.client.get(f"{path}/fragment", headers=again)
    assert same.status_code == 304 and not same.data
    house.ringing()
    assert visitor.client.get(f"{path}/fragment", headers=again).status_code == 200


def test_without_script_the_page_reloads_itself_unless_that_is_stopped(visitor: Visitor) -> None:
    path = visitor.book()
    page = visitor.client.get(path).text
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page
    assert "http-equiv" not in visitor.client.get(f"{path}?steady=").text
    visitor.cancel(path)
    assert "http-equiv" not in visitor.client.get(path).text


def test_unknown_pages_look_alike(visitor: Visitor) -> None:
    path = visitor.book()
    almost = path[:-1] + ("A" if path[-1] != "A" else "B")
    paths = [almost, "/c/x", f"/c/{'x' * 5000}", "/c/%00", "/nothing", "/q/nobody"]
    answers = [visitor.client.get(path) for path in (*paths, f"{almost}/fragment")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


def test_the_database_is_away(house: House) -> None:
    class Away:
        def by_secret(self, _: str) -> None:
            raise StoreUnavailable("secret detail")

    answer = house.app(statuses=Away()).test_client().get("/c/whatever")
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "60"
    assert "secret detail" not in answer.text


def test_the_page_expires(visitor: Visitor, house: House) -> None:
    path = visitor.book()
    house.clock.pass_(days=3)
    visitor.cancel(path)
    house.clock.pass_(days=29, hours=23)
    assert "This page disappears today" in shown(visitor, path)
    house.clock.pass_(hours=2)
    gone, unknown = visitor.client.get(path), visitor.client.get("/c/x")
    assert gone.status_code == unknown.status_code == 404 and gone.data == unknown.data
    assert visitor.client.get(f"{path}/fragment").status_code == 404
    assert visitor.client.head(path).status_code == 404


def test_nobody_keeps_the_page_or_is_told_of_it(visitor: Visitor) -> None:
    path = visitor.book()
    for answer in (visitor.client.get(path), visitor.client.head(path)):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_joined_wish_tells_nothing_of_the_other(visitor: Visitor, house: House) -> None:
    house.at_work()
    first = visitor.book(name="Ada", topic="A bill")
    later = house.submit(scheduled_for="2026-11-23T16:00", name="Eve")
    page = shown(visitor, f"/c/{later.secret}")
    assert "We call you today at 16:00" in page and "asked before you" not in page
    attempt = house.claimed()
    assert "We call you today at 16:00" in shown(visitor, f"/c/{later.secret}")
    house.ends(attempt, Disposition.AGENT_NO_ANSWER, rung=False)
    assert visitor.cancel(first).status_code == 303
    assert "We call you today at 16:00" in shown(visitor, f"/c/{later.secret}")


def test_how_many_tries_there_were_and_may_be(visitor: Visitor, house: House) -> None:
    path = visitor.book()
    for nth in ("first", "second"):
        house.ends(house.ringing(), Disposition.BUSY)
        assert f"That was the {nth} of at most 3 tries." in shown(visitor, path)
        house.clock.pass_(minutes=6)
        house.released()
    house.ends(house.ringing(), Disposition.BUSY)
    assert "of at most" not in shown(visitor, path)


def test_who_joins_learns_of_no_try_before(visitor: Visitor, house: House) -> None:
    visitor.book()
    house.ends(house.ringing(), Disposition.BUSY)
    house.clock.pass_(seconds=1)
    path = visitor.book()
    house.clock.pass_(minutes=6)
    house.released()
    house.ends(house.ringing(), Disposition.BUSY)
    page = shown(visitor, path)
    assert "We rang, your line was busy" in page and "of at most" not in page


def test_the_address_that_we_write_to_is_masked(visitor: Visitor, house: House) -> None:
    page = shown(visitor, visitor.book(email="maria@example.org"))
    assert "We write to m•••@example.org" in page and "maria" not in page
    assert "We write to" not in shown(visitor, visitor.book(phone="020 7946 0123"))


@pytest.mark.case("CASES 8: the line is to be kept free only where the call is near")
def test_to_keep_the_line_free_is_said_where_the_call_is_near(
    visitor: Visitor, house: House
) -> None:
    path = visitor.book()
    assert PROMISE not in shown(visitor, path), "nothing of ours runs"
    house.at_work(QueueStatus(known=True))
    assert PROMISE not in shown(visitor, path), "nobody is at work"
    house.at_work(QueueStatus(known=True, logged_in=1, callers=9))
    page = shown(visitor, path)
    assert "We call you between" in page and PROMISE not in page, "in half an hour and more"
    house.at_work()
    assert PROMISE in shown(visitor, path)
