"""Booking: what is accepted, merged and refused."""

import hashlib
import json
import secrets
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import (
    CallbackError,
    IdempotencyConflict,
    InvalidInput,
    InvalidTime,
    LimitReached,
    UnknownQueue,
)  # fmt: skip
from asterisk_callback.domain.gate import GatePass
from asterisk_callback.domain.keyed_hash import hash_secret
from asterisk_callback.domain.limits import Limits
from asterisk_callback.domain.progress import AttemptEnds
from asterisk_callback.domain.request import RequestState
from asterisk_callback.services.booking.booking import BookingResult, Origin, Submission
from asterisk_callback.services.booking.withdraw import withdraw
from tests.factories import NOW, Office, SetClock, complaint, number

S = RequestState
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SITE = Origin(scope="site", actor="customer")


def test_as_soon_as_possible(office: Office) -> None:
    booked = office.submit(name=" Ann ", topic="Router", email="ann@example.org")
    request = office.request(booked.request.id)
    assert request == booked.request
    assert (request.state, request.due_at, request.line_at) == (S.QUEUED, NOW, NOW)
    assert request.expires_at == NOW + DAY
    assert (request.name, request.e164) == ("Ann", number(0))
    assert booked.wish.asap


def test_at_a_chosen_time(office: Office) -> None:
    booked = office.submit(scheduled_for="2026-11-24T10:15", time_zone="Europe/Berlin")
    request = booked.request
    assert request.state is S.SCHEDULED
    assert request.due_at == request.line_at == NOW.replace(day=24, hour=9, minute=15)
    assert (request.wall_time, request.zone) == ("2026-11-24T10:15", "Europe/Berlin")
    assert request.expires_at == request.due_at + DAY
    assert not booked.wish.asap


def test_the_database_keeps_no_secret(office: Office) -> None:
    booked = office.submit(key="k")
    with office.store.reading() as tx:
        assert tx.wishes.by_secret(hash_secret(booked.secret)) == booked.wish
        assert tx.wishes.by_secret(booked.secret) is None
    assert office.submit(key="k").secret == booked.secret


def test_a_key_is_one_answer_per_scope(office: Office) -> None:
    """P12."""
    first = office.submit(key="k")
    assert office.submit(key="k") .wish == first.wish  # fmt: skip
    with pytest.raises(IdempotencyConflict):
        office.submit(1, key="k")
    other = office.submit(key="k", scope="another site")
    assert other.wish != first.wish
    assert other.request == first.request.evolve(expires_at=other.request.expires_at)


def test_a_key_is_answered_again_even_if_the_rules_changed(office: Office) -> None:
    first = office.submit(key="k", address="192.0.2.1")
    office.limits = Limits(wishes_per_address=0)
    assert office.submit(key="k", address="192.0.2.1").wish == first.wish


def test_what_is_refused_takes_no_write_lock(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has one, and a form that is open to everybody must not hold it up."""
    first = office.submit(key="k")
    monkeypatch.setattr(type(office.store), "writing", None)
    for wrong in ({"n": -500}, {"queue": "nobody"}, {"time_zone": "Mars/Olympus"}):
        with pytest.raises(InvalidInput):
            office.submit(**wrong)
        with pytest.raises(IdempotencyConflict):
            office.submit(key="k", **wrong)
    monkeypatch.undo()
    assert office.submit(key="k").wish == first.wish


def test_the_earlier_time_wins(office: Office, clock: SetClock) -> None:
    later = office.submit(scheduled_for="2026-11-30T10:00")
    clock.advance(minutes=5)
    sooner = office.submit()
    assert sooner.request.id == later.request.id
    assert sooner.secret != later.secret
    request = office.request(later.request.id)
    assert (request.state, request.due_at, request.line_at) == (S.QUEUED, clock.now, clock.now)
    assert request.wall_time is None


def test_a_later_wish_has_its_full_time(office: Office) -> None:
    """P1: the first one's end must not cut the second one short."""
    first = office.submit()
    joined = office.submit(scheduled_for="2026-12-03T10:00")
    assert joined.request.id == first.request.id
    request = office.request(first.request.id)
    assert request.due_at == NOW
    assert request.expires_at == joined.wish.due_at + DAY


def test_a_wish_does_not_shorten_the_pause_after_a_ring(office: Office) -> None:
    """P4."""
    ring(office)
    pause = timedelta(minutes=15)
    assert office.submit().request.due_at == NOW + pause
    assert office.claim() is None


@pytest.mark.parametrize("rung", [False, True])
def test_a_wish_for_later_does_not_put_off_one_for_now(office: Office, rung: bool) -> None:
    """A stranger asks for now and for much later, and withdraws the first while it is tried."""
    if rung:
        first = ring(office)
    else:
        first = office.submit()
        assert office.claim() is not None
    office.submit(scheduled_for="2026-12-20T10:00")
    withdraw(office.store, first.wish)
    assert office.request(first.request.id).due_at > NOW + 20 * DAY
    joined = office.submit().request
    assert joined.id == first.request.id
    assert joined.due_at == joined.line_at == (NOW + HOUR if rung else NOW)
    assert joined.state is (S.SCHEDULED if rung else S.QUEUED)


def ring(office: Office) -> BookingResult:
    """A wish whose customer was rung, and did not answer."""
    booked = office.submit()
    claimed = office.claim()
    assert claimed is not None
    token = claimed.attempt.token
    assert isinstance(office.gate.ask(token), GatePass)
    nobody = AttemptEnds(token=token, disposition=Disposition.NO_ANSWER, rung=True)
    office.progress.report(nobody, office.me)
    return booked


def test_limit_per_address(office: Office, clock: SetClock) -> None:
    office.limits = Limits(wishes_per_address=2)
    for n in range(2):
        office.submit(n, address="192.0.2.1")
    with pytest.raises(LimitReached) as refused:
        office.submit(3, address="192.0.2.1")
    assert refused.value.retry_after == 3600
    office.submit(3, address="192.0.2.2")
    office.submit(4)
    clock.advance(minutes=60, seconds=1)
    office.submit(5, address="192.0.2.1")


def test_limit_per_number(office: Office, clock: SetClock) -> None:
    office.limits = Limits(requests_per_number=2)
    office.submit(queue="sales")
    office.submit(queue="support")
    office.submit(queue="sales")  # joins
    office.queues = dict(office.queues) | {"third": office.queues["sales"]}
    office.submit(1)
    clock.advance(hours=25)
    office.submit(1)


def test_a_third_request_within_a_day_is_refused(office: Office) -> None:
    office.limits = Limits(requests_per_number=1)
    office.submit(queue="sales")
    with pytest.raises(LimitReached) as refused:
        office.submit(queue="support")
    assert number(0) not in str(refused.value)


def test_a_note_of_lines_is_kept_as_one(office: Office) -> None:
    booked = office.submit(about="\r\nThe light is red.\r\nSince\tMonday.\u2028Thanks.\n")
    assert booked.request.about == "The light is red. Since Monday. Thanks."
    assert office.submit(1, about="\r\n".join(["x" * 99] * 5)).request.about.count("x") == 495


@pytest.mark.parametrize(
    ("field", "text", "error"),
    [
        ("queue", "returns", UnknownQueue),
        ("queue", "sales\r\n", UnknownQueue),
        ("scheduled_for", "2026-11-23T09:00", InvalidTime),
        ("scheduled_for", "2027-03-28T01:30", InvalidTime),
        ("scheduled_for", "tomorrow", InvalidTime),
        ("time_zone", "Mars/Olympus", InvalidInput),
        ("name", "x" * 81, InvalidInput),
        ("name", "a\x00b", InvalidInput),
        ("name", "a\ud800b", InvalidInput),
        ("name", "Ada\u202elivE", InvalidInput),
        ("name", "\u2066Ada\u2069", InvalidInput),
        ("name", "Ada\u2028Agent: call +44 900", InvalidInput),
        ("locale", "en\u202e", InvalidInput),
        ("topic", "a\r\nAction: Originate", InvalidInput),
        ("about", "x" * 501, InvalidInput),
        ("about", "a\x1b[31m", InvalidInput),
        ("email", "07400 123456", InvalidInput),
        ("email", "a@b", InvalidInput),
        ("locale", "x" * 17, InvalidInput),
        ("country", "GBR", InvalidInput),
        ("phone", "0" * 10_240, InvalidInput),
        ("page", "https://shop.example/\u202egpj", InvalidInput),
        ("page", "https://shop.example/?" + "x" * 2_000, InvalidInput),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(
    office: Office, field: str, text: str, error: type[CallbackError]
) -> None:
    values = {"phone": number(0), "queue": "sales"} | {field: text}
    with pytest.raises(error) as refused:
        office.booking.submit(Submission(**values), SITE)
    assert refused.value.field == field
    with office.store.reading() as tx:
        assert tx.requests.latest(None, 9) == []


@pytest.mark.case("CASES 4: international addresses are accepted")
@pytest.mark.parametrize(
    "email",
    [
        "info@xn--h1alffa9f.xn--p1ai",
        *("info@россия.рф", "info@faß.de", "info@डाटामेल.भारत"),
    ],
)
def test_addresses_in_every_script(office: Office, email: str) -> None:
    assert office.submit(email=email).wish.email == email


def test_topics_that_are_configured_are_the_only_ones(office: Office) -> None:
    """But a request of old is asked for again with the topic that it has."""
    assert office.submit(0, topic="anything").request.topic == "anything"
    office.queues["sales"] = replace(office.queues["sales"], topics=("Router",))  # type: ignore[index]
    assert office.submit(1, topic=" Router ").request.topic == "Router"
    assert office.submit(2).request.topic == ""
    with pytest.raises(InvalidInput, match="Choose one of these topics: Router"):
        office.submit(3, topic="router;=1")
    submission = Submission(phone=number(4), queue="sales", topic="anything")
    again = Origin(scope="operator", actor="operator", own=True)
    assert office.booking.submit(submission, again).request.topic == "anything"


def test_a_name_keeps_the_signs_that_scripts_need(office: Office) -> None:
    """Joiners of Persian and of emoji, and the marks that Arabic text is written with."""
    name = "نمی\u200cخواهم \u200fسارة \u200e👩\u200d💻"
    assert office.submit(name=name).request.name == name


def test_the_page_on_which_they_asked(office: Office) -> None:
    """Where it was, for whoever calls; not what else stood in the address."""
    booked = office.submit(page="https://ada:pw@Shop.example/moving?token=1#me")
    assert booked.wish.page == "https://shop.example/moving"
    with office.store.reading() as tx:
        assert tx.wishes.of(booked.request.id) == [booked.wish]
    with pytest.raises(InvalidInput) as refused:
        office.submit(1, page="javascript:alert(1)")
    assert refused.value.field == "page" and office.submit(1).wish.page == ""


def test_a_page_is_part_of_what_a_program_said(office: Office) -> None:
    """Not of what a form did; and keys from before there were pages are answered as before."""
    pages = ("https://shop.example/a", "https://shop.example/b", "")
    first, *others = (office.submit(page=page, key="k", scope="site:shop") for page in pages)
    assert all(other.wish == first.wish for other in others)
    said = asdict(Submission(phone=number(0), queue="sales"))
    assert said.pop("page") == ""
    before = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    assert first.wish.body_hash == before == office.submit(key="k", scope="api:shop").wish.body_hash
    for page in pages[:2]:
        with pytest.raises(IdempotencyConflict):
            office.submit(page=page, key="k", scope="api:shop")
    told = office.submit(page=pages[0], key="other", scope="api:shop")
    again = office.submit(page=f"{pages[0]}?visit=2", key="other", scope="api:shop")
    assert again.wish == told.wish != first.wish


texts = st.text(st.characters(), max_size=90) | st.sampled_from(
    ["${SHELL(rm -rf /)}", "a,b&c|d", "\r\nAction: Logoff", "<script>", "' OR 1=1 --", "\ud800"]
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(values=st.dictionaries(st.sampled_from(list(Submission.__dataclass_fields__)), texts))
def test_any_text_in_any_field_is_kept_or_clearly_refused(
    office: Office, values: dict[str, str]
) -> None:
    """P14, P1: whatever is accepted is in the database, whatever is not has a sentence."""
    submission = Submission(**({"phone": number(0), "queue": "sales"} | values))
    key = secrets.token_hex(8)
    origin = Origin(scope="site", actor="customer", key=key)
    refused = complaint(lambda: office.booking.submit(submission, origin))
    if refused:
        assert refused.sentence
        return
    kept = office.booking.submit(submission, origin)
    assert not kept.new
    assert kept.request == office.request(kept.request.id)
