"""Alarms are told once on each channel, in their order, until somebody hears them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import pytest

from asterisk_callback.doctor import database
from asterisk_callback.domain.alarm import AlarmName, Notice
from asterisk_callback.notify.operator import OperatorWords
from asterisk_callback.services.calling import holds
from asterisk_callback.services.telling.channel import (
    Envelope,
    Never,
    ServerAway,
    TransportError,
    TryLater,
    Way,
)
from asterisk_callback.services.telling.outbox import Telling
from tests.factories import Office, SetClock
from tests.post import work_off
from tests.unit.services.telling.test_alarms import CLEARED, RAISED, alarms


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
