"""Alarms: raised once, cleared once, told once on each channel, and never with a number in them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import cast

import pytest

from asterisk_callback.doctor import database
from asterisk_callback.domain.alarm import AlarmEvent, AlarmName, Notice
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.progress import AttemptEnds, CustomerRings
from asterisk_callback.notify.operator import OperatorWords
from asterisk_callback.services.board.reassign import ReassignService
from asterisk_callback.services.booking.booking import Origin, Submission
from asterisk_callback.services.calling import holds
from asterisk_callback.services.telling.channel import (
    Envelope,
    Never,
    ServerAway,
    TransportError,
    TryLater,
    Way,
)
from asterisk_callback.services.telling.operator import LINK_GRACE, UNKNOWN_FOR, Alarms, Unready
from asterisk_callback.services.telling.outbox import Telling
from tests.factories import SERVER, UNLIMITED, Office, SetClock, callback_queue, number
from tests.post import work_off

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


@dataclass
class Listener:
    """A channel that fails as often as it is told to."""

    name: str = "listener"
    fails: int = 0
    tries: int = 0
    heard: list[Envelope] = field(default_factory=list)
    error: TransportError | None = None

    def send(self, envelope: Envelope) -> None:
        self.tries += 1
        if self.error is not None:
            raise self.error
        if self.fails:
            self.fails -= 1
            raise ServerAway("nobody there")
        self.heard.append(envelope)


def heard_by(listener: Listener) -> Way[Notice]:
    return Way(channel=listener, compose=OperatorWords())


def tell(telling: Telling) -> int:
    """Works it off; returns how many its channels took."""
    listeners = [cast(Listener, way.channel) for way in telling.channels]
    before = sum(len(one.heard) for one in listeners)
    work_off(telling)
    return sum(len(one.heard) for one in listeners) - before


def test_told_once_in_order_and_until_it_is_heard(office: Office, clock: SetClock) -> None:
    listener = Listener(fails=3)
    telling = Telling(store=office.store, channels=[heard_by(listener)])
    watch = alarms(office, ["listener"])
    with office.store.writing() as tx:
        holds.stop(tx, actor="ada")
    watch.look(None)
    with office.store.writing() as tx:
        holds.resume(tx, actor="ada")
    watch.look(None)
    tries = 0
    while len(listener.heard) < 2:
        tell(telling)
        clock.advance(seconds=10)
        tries += 1
        assert tries < 20
    assert tries > 3  # the pauses grow
    assert [one.data["event"] for one in listener.heard] == [RAISED, CLEARED]
    assert {one.data["alarm"] for one in listener.heard} == {AlarmName.HELD}
    assert tell(telling) == 0


@pytest.mark.case("CASES 4: Retry-After of a webhook's receiver")
def test_a_receiver_of_alarms_that_asks_for_time_is_left_alone(
    office: Office, clock: SetClock
) -> None:
    busy = Listener(error=TryLater("it answered 429", after=timedelta(minutes=30)))
    telling = Telling(store=office.store, channels=[heard_by(busy)])
    with office.store.writing() as tx:
        holds.stop(tx, actor="ada")
    alarms(office, ["listener"]).look(None)
    assert tell(telling) == 0
    busy.error = None
    with office.store.writing() as tx:
        holds.resume(tx, actor="ada")
    alarms(office, ["listener"]).look(None)
    clock.advance(minutes=29)
    assert tell(telling) == 0
    clock.advance(minutes=1)
    assert tell(telling) == 2


@pytest.mark.case("CASES 6: a way of telling alarms that takes nothing")
def test_a_channel_that_takes_no_alarm_is_told_by_the_others(
    office: Office, clock: SetClock
) -> None:
    deaf, other = Listener(name="email", error=TryLater("550 no")), Listener()
    telling = Telling(store=office.store, channels=[heard_by(deaf), heard_by(other)])
    watch = alarms(office, ["email", "listener"])
    with office.store.writing() as tx:
        holds.stop(tx, actor="ada")
    watch.look(None)
    tell(telling)
    clock.advance(minutes=10)
    assert [(one.name.value, one.subject) for _, one in watch.look(None)] == [
        ("alarm_not_told", "email")
    ]
    tell(telling)
    assert [one.data["alarm"] for one in other.heard] == [AlarmName.HELD, AlarmName.ALARM]
    deaf.error = None
    clock.advance(minutes=10)
    assert tell(telling) == 2
    assert [event for event, _ in watch.look(None)] == [CLEARED]


@pytest.mark.case("a receiver of alarms that is gone is not tried for ever")
def test_a_channel_that_is_gone_is_told_by_the_others_at_once(
    office: Office, clock: SetClock
) -> None:
    gone, other = Listener(name="webhook", error=Never("it answered 410")), Listener()
    telling = Telling(store=office.store, channels=[heard_by(gone), heard_by(other)])
    watch = alarms(office, ["webhook", "listener"])
    with office.store.writing() as tx:
        holds.stop(tx, actor="ada")
    watch.look(None)
    tell(telling)
    assert [(one.name.value, one.subject) for _, one in watch.look(None)] == [
        ("alarm_not_told", "webhook")
    ]
    tries = gone.tries
    for _ in range(3):
        tell(telling)
        clock.advance(minutes=10)
    assert gone.tries == tries + 1  # the alarm that it tells of nothing is one of its own
    assert [one.data["alarm"] for one in other.heard] == [AlarmName.HELD, AlarmName.ALARM]
    with office.store.writing() as tx:
        holds.resume(tx, actor="ada")
    over = [*watch.look(None), *watch.look(None)]
    assert [(event, one.name.value) for event, one in over] == [
        (CLEARED, "dialling_stopped"),
        (CLEARED, "alarm_not_told"),
    ]


def test_what_is_long_over_is_not_told_any_more(office: Office, clock: SetClock) -> None:
    """What still stands is, however late."""
    deaf = Listener(error=ServerAway("nobody there"))
    telling = Telling(store=office.store, channels=[heard_by(deaf)])
    watch = alarms(office, ["listener"])
    with office.store.writing() as tx:
        holds.stop(tx, actor="ada", scope="sales")
        holds.stop(tx, actor="ada", scope="support")
    watch.look(None)
    with office.store.writing() as tx:
        holds.resume(tx, actor="ada", scope="sales")
    watch.look(None)
    tell(telling)
    clock.advance(hours=49)
    deaf.error = None
    assert tell(telling) == 1
    assert [one.data["subject"] for one in deaf.heard] == ["support"]


def test_a_notice_that_can_t_be_made_holds_back_no_other(office: Office) -> None:
    listener = Listener()

    def compose(notice: Notice) -> Envelope:
        if notice.alarm.subject == "sales":
            raise KeyError("a fault of ours")
        return OperatorWords()(notice)

    with office.store.writing() as tx:
        holds.stop(tx, actor="ada", scope="sales")
        holds.stop(tx, actor="ada", scope="support")
    alarms(office, ["listener"]).look(None)
    way = Way(channel=listener, compose=compose)
    assert tell(Telling(store=office.store, channels=[way])) == 1
    assert [one.data["subject"] for one in listener.heard] == ["support"]


def test_while_one_dispatcher_tells_no_other_does(office: Office, clock: SetClock) -> None:
    """A mail server may take two minutes, which is longer than the first pause."""
    listener = Listener()
    second = Telling(store=office.store, channels=[heard_by(listener)])

    class Slow(Listener):
        def send(self, envelope: Envelope) -> None:
            clock.advance(minutes=2)
            assert tell(second) == 0
            super().send(envelope)

    slow = Slow()
    with office.store.writing() as tx:
        holds.stop(tx, actor="ada")
    alarms(office, ["listener"]).look(None)
    assert tell(Telling(store=office.store, channels=[heard_by(slow)])) == 1
    assert (len(slow.heard), listener.heard) == (1, [])


def test_each_alarm_says_how_it_is_mended() -> None:
    """But a stop by hand, which the doctor speaks of by itself."""
    assert set(database._MEND) == set(AlarmName) - {AlarmName.HELD}


def test_a_channel_that_was_taken_away_is_left_alone(office: Office) -> None:
    with office.store.writing() as tx:
        holds.stop(tx, actor="ada")
    alarms(office, ["pigeon"]).look(None)
    assert tell(Telling(store=office.store, channels=[heard_by(Listener())])) == 0
