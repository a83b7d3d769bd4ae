"""Alarms: raised once, cleared once, told once on each channel, and never with a number in them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from asterisk_callback.domain.alarm import AlarmEvent, AlarmName
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.progress import AttemptEnds, CustomerRings
from asterisk_callback.services.board.reassign import ReassignService
from asterisk_callback.services.booking.booking import Origin, Submission
from asterisk_callback.services.calling import holds
from asterisk_callback.services.telling.operator import LINK_GRACE, UNKNOWN_FOR, Alarms, Unready
from tests.factories import SERVER, UNLIMITED, Office, SetClock, callback_queue, number

RAISED, CLEARED = AlarmEvent.RAISED, AlarmEvent.CLEARED
SEC = timedelta(seconds=1)


def alarms(office: Office, channels: Sequence[str] = ()) -> Alarms:
    return Alarms(
        store=office.store,
        queues=office.queues,
        server=SERVER,
        channels=channels,
        limits=office.guard.limits,
        home=office.guard.rules.home,
    )


def look(office: Office, unready_for: timedelta | None = None) -> list[tuple[str, str]]:
    unready = Unready(name=AlarmName.NO_LINK, since=unready_for) if unready_for else None
    return looks(office, unready)


def looks(office: Office, unready: Unready | None) -> list[tuple[str, str]]:
    return [(event.value, one.name.value) for event, one in alarms(office).look(unready)]


def _same(shown: datetime | None) -> datetime | None:
    return shown


def ends(office: Office, attempt: Attempt, disposition: Disposition) -> None:
    office.gate.ask(attempt.token)
    rung = disposition is not Disposition.TRUNK_FAULT
    report = AttemptEnds(token=attempt.token, disposition=disposition, rung=rung)
    office.progress.report(report, office.me)


def test_all_is_well(office: Office) -> None:
    office.attempt()
    assert look(office) == []


def test_a_trunk_that_fails_alarms_until_a_call_rings(office: Office, clock: SetClock) -> None:
    ends(office, office.attempt(0), Disposition.TRUNK_FAULT)
    assert look(office) == [("raised", "trunk_paused")]
    clock.advance(minutes=2)
    assert look(office) == []  # once; and until a probe rings it is not over
    probe = office.claim()
    assert probe is not None
    office.gate.ask(probe.attempt.token)
    office.progress.report(CustomerRings(token=probe.attempt.token), office.me)
    ends(office, probe.attempt, Disposition.BUSY)
    assert look(office) == [("cleared", "trunk_paused")]
    assert look(office) == []
    with office.store.reading() as tx:
        assert tx.alarms.standing() == []
        (past,) = tx.alarms.standing(past=5)
    assert past.cleared_at is not None
    assert number(0)[4:] not in past.text


@pytest.mark.case("CASES 7: a full block, a full country")
def test_a_full_block_and_a_full_country(office: Office, clock: SetClock) -> None:
    office.limits = replace(UNLIMITED, requests_per_block=2, requests_per_country=1)
    office.submit(1)
    assert look(office) == []
    office.submit(2)
    office.queues = {"sales": callback_queue(regions=("GB", "DE"))}
    german = Submission(phone="+4930901820", queue="sales")
    office.booking.submit(german, Origin(scope="site", actor="customer"))
    assert sorted(look(office)) == [("raised", "numbers_full")] * 2
    with office.store.reading() as tx:
        texts = {one.subject: one.text for one in tx.alarms.standing()}
    assert "a block of numbers got all 2" in texts[""] and "DE got all 1" in texts["DE"]
    clock.advance(hours=24, seconds=1)
    assert look(office) == [("cleared", "numbers_full")] * 2


@pytest.mark.case("CASES 6: a queue renamed with open wishes")
def test_requests_of_a_queue_that_is_gone(office: Office) -> None:
    office.submit(1)
    renamed = replace(alarms(office), known=frozenset({"helpdesk"}))
    assert [one.name for _, one in renamed.look(None)] == [AlarmName.NO_QUEUE]
    with office.store.reading() as tx:
        (alarm,) = tx.alarms.standing()
    assert alarm.subject == "sales"
    assert "1 callback request waits" in alarm.text and "give --from sales --to" in alarm.text
    office.queues = {"helpdesk": callback_queue("helpdesk")}
    giving = ReassignService(store=office.store, queues=office.queues, guard=office.guard)
    assert giving.give_all("sales", "helpdesk", actor="operator") == (1, [])
    assert [event.value for event, _ in renamed.look(None)] == ["cleared"]


@pytest.mark.case("CASES 6: an Asterisk queue that is not there")
def test_an_asterisk_queue_that_is_not_there(office: Office) -> None:
    missing = ["600"]
    watch = replace(alarms(office), missing_queues=lambda: missing)
    ((_, alarm),) = watch.look(None)
    assert (alarm.name, alarm.subject) == (AlarmName.NO_QUEUE, "600")
    missing.clear()
    assert [one for one, _ in watch.look(None)] == [CLEARED]


@pytest.mark.case("CASES 6: a clock an hour off against Asterisk")
def test_asterisks_clock_is_an_hour_off(office: Office, clock: SetClock) -> None:
    shows = [clock.now + timedelta(minutes=60)]
    watch = replace(alarms(office), asterisk_clock=lambda: shows[0])
    ((event, alarm),) = watch.look(None)
    assert (event, alarm.name, alarm.subject) == (RAISED, AlarmName.CLOCK, "asterisk")
    assert "60 min ahead of the database's" in alarm.text
    shows[0] = clock.now - SEC
    assert [one for one, _ in watch.look(None)] == [CLEARED]


def test_an_unknown_outcome_is_told_for_an_hour(office: Office, clock: SetClock) -> None:
    attempt = office.attempt()
    ends(office, attempt, Disposition.UNKNOWN)
    assert look(office) == [("raised", "unknown_outcomes")]
    with office.store.reading() as tx:
        (alarm,) = tx.alarms.standing()
    assert f"request {attempt.request_id}" in alarm.text
    clock.now += UNKNOWN_FOR + SEC
    assert look(office) == [("cleared", "unknown_outcomes")]


def test_no_link_for_a_while(office: Office) -> None:
    assert look(office, LINK_GRACE) == []
    assert look(office, LINK_GRACE + SEC) == [("raised", "no_link")]
    # Another dispatcher that has only just begun to miss it leaves the alarm as it is.
    assert look(office, SEC) == []
    assert look(office) == [("cleared", "no_link")]


def test_two_dispatchers_that_see_other_faults_clear_none_of_each_other_s(office: Office) -> None:
    """Or somebody would be told of each again and again, every 10 s."""
    with office.store.writing() as tx:
        for name in ("one", "two"):
            tx.servers.register(name, SERVER, timedelta(seconds=15))
        shows = tx.now + 61 * SEC
    faults = {
        "one": (Unready(name=AlarmName.GATE, text="mute"), shows),
        "two": (Unready(name=AlarmName.NO_LINK, since=LINK_GRACE + SEC), None),
    }
    said = []
    for me in ("one", "two") * 3:
        unready, shown = faults[me]
        eyes = replace(alarms(office), me=me, asterisk_clock=partial(_same, shown))
        said += [(event.value, alarm.name.value) for event, alarm in eyes.look(unready)]
    assert said == [("raised", "gate_unreachable"), ("raised", "clock_off"), ("raised", "no_link")]


@pytest.mark.case("CASES 6: what keeps calls from being placed is an alarm")
@pytest.mark.parametrize("name", [AlarmName.NO_RIGHT, AlarmName.NO_DIALPLAN, AlarmName.GATE])
def test_what_mends_itself_by_nobody_is_told_at_once(office: Office, name: AlarmName) -> None:
    assert looks(office, Unready(name=name, text="why")) == [("raised", name.value)]
    with office.store.reading() as tx:
        assert [one.text for one in tx.alarms.standing()] == ["why"]
    # A dispatcher that has only just started knows nothing yet, and changes nothing.
    assert looks(office, Unready(name=None)) == []
    assert looks(office, None) == [("cleared", name.value)]


def test_one_link_is_enough(office: Office) -> None:
    lease = timedelta(seconds=15)
    with office.store.writing() as tx:
        epoch = tx.servers.register("d2", SERVER, lease)
        tx.servers.renew_lease("d2", epoch, lease, True, "")
    assert look(office, LINK_GRACE + SEC) == []


def test_a_hold_alarms_without_its_reason(office: Office) -> None:
    with office.store.writing() as tx:
        holds.stop(tx, "sales", actor="ada", reason="+44 7400 123456 complained")
    assert look(office) == [("raised", "dialling_stopped")]
    with office.store.reading() as tx:
        (alarm,) = tx.alarms.standing()
    assert alarm.subject == "sales" and "123456" not in alarm.text
    with office.store.writing() as tx:
        holds.resume(tx, "sales", actor="ada")
    assert look(office) == [("cleared", "dialling_stopped")]
