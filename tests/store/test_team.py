"""Notify mode: the team is told at least once, of everything, whoever dies in between."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.alarm import Alarm, AlarmEvent
from asterisk_callback.domain.errors import NotFound, NotPossible
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.request import RequestId, RequestState
from asterisk_callback.domain.team_notice import TeamEvent
from asterisk_callback.services.booking.booking import BookingResult
from asterisk_callback.services.booking.withdraw import withdraw
from asterisk_callback.services.calling.release import expire
from asterisk_callback.services.status.facts import read_facts
from asterisk_callback.services.status.why import Reason, explain
from asterisk_callback.services.telling.channel import Never, ServerAway, TryLater
from asterisk_callback.services.telling.operator import Alarms
from asterisk_callback.services.telling.team import News, TeamTelling
from asterisk_callback.services.telling.team_page import TeamPage
from asterisk_callback.services.telling.worker import LEASE
from asterisk_callback.store import SqlStore
from tests.factories import SERVER, Office, SetClock, callback_queue

KEY = ("sales", "webhook")


class Died(BaseException):
    """kill -9."""


@dataclass
class Team:
    """A queue in notify mode with one channel, which behaves as the test says."""

    store: SqlStore
    told: list[News] = field(default_factory=list)
    error: BaseException | None = None

    def __post_init__(self) -> None:
        queue = replace(callback_queue(), mode=DeliveryMode.NOTIFY, tells=("webhook",))
        self.office = Office(store=self.store, queues={"sales": queue})
        self.telling = TeamTelling(
            store=self.store, queues=self.office.queues, secret_key="key",
            channels={KEY: self.tell},
        )  # fmt: skip
        self.done = TeamPage(store=self.store, queues=self.office.queues)

    def tell(self, news: News) -> None:
        if self.error is not None:
            raise self.error
        self.told.append(news)

    def work(self) -> list[TeamEvent]:
        while self.telling.work_off():
            pass
        return [news.event for news in self.told]

    def why(self, request_id: RequestId) -> Reason:
        with self.store.reading() as tx:
            request = tx.requests.get(request_id)
            assert request is not None
            return explain(read_facts(tx, request, self.office.queues["sales"])).reason


def look(team: Team) -> list[tuple[AlarmEvent, Alarm]]:
    """What a dispatcher sees."""
    eyes = Alarms(store=team.store, queues=team.office.queues, server=SERVER)
    return list(eyes.look(None))


@pytest.fixture
def team(url: str, open_store: Callable[..., SqlStore], clock: SetClock) -> Team:
    return Team(open_store(url, clock))


def state(team: Team, booked: BookingResult) -> RequestState:
    return team.office.request(booked.request.id).state


def test_told_once_and_marked_done(team: Team) -> None:
    booked = team.office.submit()
    assert team.why(booked.request.id) is Reason.NOTED
    assert team.work() == [TeamEvent.ASKED]
    assert team.why(booked.request.id) is Reason.TOLD
    assert team.work() == [TeamEvent.ASKED]
    secret = team.told[0].secret
    assert state(team, booked) is RequestState.QUEUED  # to look changes nothing
    assert team.done.look(secret).request.id == booked.request.id
    team.done.mark(secret)
    team.done.mark(secret)
    assert state(team, booked) is RequestState.COMPLETED
    assert team.work() == [TeamEvent.ASKED]


def test_no_call_is_made(team: Team) -> None:
    team.office.submit()
    plenty = QueueStatus(known=True, logged_in=9, free=9)
    assert team.office.claim("sales", plenty) is None


def test_withdrawn_expired_and_another_time_are_told(team: Team, clock: SetClock) -> None:
    withdrawn, expired = team.office.submit(0), team.office.submit(1)
    assert team.work() == [TeamEvent.ASKED, TeamEvent.ASKED]
    with team.store.writing() as tx:
        request = tx.requests.lock(expired.request.id)
        assert request is not None
        later = request.evolve(due_at=clock.now + timedelta(hours=1))
        tx.requests.change(request, later, actor="customer", reason="moved")
    withdraw(team.store, withdrawn.wish)
    assert sorted(team.work()[2:]) == [TeamEvent.CHANGED, TeamEvent.WITHDRAWN]
    clock.advance(days=8)
    expire(team.store)
    assert team.work()[4:] == [TeamEvent.EXPIRED]
    with pytest.raises(NotPossible):
        team.done.mark(next(n for n in team.told if n.request.id == expired.request.id).secret)
    assert len({news.id for news in team.told}) == 5


def test_a_request_from_before_the_queue_was_set_to_notify_is_told(team: Team) -> None:
    notify = team.office.queues["sales"]
    team.office.queues = {"sales": replace(notify, mode=DeliveryMode.AGENT_FIRST)}
    team.office.submit()
    team.office.queues = {"sales": notify}
    assert team.work() == [TeamEvent.ASKED]


def test_in_vain_it_is_tried_again_after_a_pause(team: Team, clock: SetClock) -> None:
    booked = team.office.submit()
    team.error = TryLater("away")
    assert team.work() == []
    assert team.why(booked.request.id) is Reason.NOTED
    team.error = None
    assert team.work() == []  # not before its pause
    clock.advance(minutes=1)
    assert team.work() == [TeamEvent.ASKED]


@pytest.mark.case("CASES 6: a team's webhook that refuses everything")
def test_a_team_that_can_t_be_told_is_told_as_soon_as_it_can(team: Team, clock: SetClock) -> None:
    """A weekend is more than two days; nobody else knows of the wish. One try a minute in all."""
    for n in range(3):
        team.office.submit(n, scheduled_for="2026-11-30T10:00")
    tries: list[News] = []

    def refuses(news: News) -> None:
        tries.append(news)
        raise TryLater("it answered 500")

    real, team.telling = team.telling, replace(team.telling, channels={KEY: refuses})
    for _ in range(30):
        team.work()
        clock.advance(minutes=1)
    assert 10 < len(tries) <= 30
    clock.advance(hours=62)
    team.work()
    team.telling = real
    clock.advance(minutes=10)
    assert team.work() == [TeamEvent.ASKED] * 3


@pytest.mark.case("CASES 6: a team's webhook that refuses everything raises an alarm")
def test_a_team_that_was_not_told_is_an_alarm_after_ten_minutes(
    team: Team, clock: SetClock
) -> None:
    booked = team.office.submit()
    team.error = ServerAway("mail.example.org:587: Connection refused")
    team.work()
    clock.advance(minutes=9, seconds=59)
    team.work()
    assert look(team) == []
    clock.advance(seconds=1)
    [(event, alarm)] = look(team)
    assert (event, alarm.name, alarm.subject) == ("raised", "team_not_told", "sales")
    assert "a callback request by webhook (mail.example.org:587: Connection refused)" in alarm.text
    assert look(team) == []
    clock.advance(minutes=2)
    team.work()
    assert team.why(booked.request.id).value == "untold"
    team.error = None
    clock.advance(minutes=10)
    team.work()
    assert team.why(booked.request.id) is Reason.TOLD
    assert [event for event, _ in look(team)] == ["cleared"]


def test_each_wish_that_the_team_was_not_told_of_says_so(team: Team, clock: SetClock) -> None:
    """Also those that were never tried themselves: a channel that rests is tried by one."""
    wishes = [team.office.submit(n).request.id for n in range(15)]
    team.error = ServerAway("mail.example.org:587: Connection refused")
    for _ in range(2):
        team.work()
        clock.advance(minutes=10)
    team.work()
    assert {team.why(one).value for one in wishes} == {"untold"}


@pytest.mark.case("CASES 6: a team's webhook that wants no more raises an alarm")
def test_a_receiver_that_wants_no_more_is_an_alarm_at_once(team: Team) -> None:
    booked = team.office.submit()
    team.error = Never("it answered 410: it wants no more")
    team.work()
    assert [alarm.name for _, alarm in look(team)] == ["team_not_told"]
    withdraw(team.store, booked.wish)
    assert [event for event, _ in look(team)] == ["cleared"]


@pytest.mark.case("CASES 6: a team is told in order, whatever was refused meanwhile")
def test_nobody_hears_of_a_wish_after_its_end(team: Team, clock: SetClock) -> None:
    """They would ring somebody who wants no call any more."""
    booked = team.office.submit()
    team.error = TryLater("it answered 500")
    team.work()
    clock.advance(minutes=1)
    team.work()
    withdraw(team.store, booked.wish)
    team.error = None
    clock.advance(minutes=1)
    assert team.work() == []
    clock.advance(minutes=1)
    assert team.work() == [TeamEvent.WITHDRAWN]


@pytest.mark.case("CASES 4: Retry-After of a webhook's receiver")
def test_a_receiver_that_asks_for_time_is_left_alone(team: Team, clock: SetClock) -> None:
    """All that waits for it waits, and what comes meanwhile."""
    team.office.submit(0)
    team.error = TryLater("it answered 429", after=timedelta(hours=2))
    team.work()
    team.error = None
    team.office.submit(1)
    clock.advance(minutes=119)
    assert team.work() == []
    clock.advance(minutes=1)
    assert team.work() == [TeamEvent.ASKED] * 2


def test_refused_for_good(team: Team, clock: SetClock) -> None:
    team.office.submit()
    team.error = Never("no more")
    team.work()
    team.error = None
    clock.advance(hours=7)
    assert team.work() == []


@pytest.mark.parametrize("sent", [False, True], ids=["before sending", "after sending"])
def test_who_dies_over_it_loses_nothing(team: Team, clock: SetClock, sent: bool) -> None:
    """At least once: the second copy has the id of the first."""
    team.office.submit()
    real = team.tell

    def dies(news: News) -> None:
        if sent:
            real(news)
        raise Died

    channels = {KEY: dies}
    with pytest.raises(Died):
        replace(team.telling, channels=channels).work_off()
    assert team.work() == [TeamEvent.ASKED] * sent  # claimed by the one that died
    clock.advance(seconds=LEASE.total_seconds() + 1)
    assert team.work() == [TeamEvent.ASKED] * (1 + sent)
    assert len({news.id for news in team.told}) == 1


def test_two_that_look_at_once_tell_it_once(team: Team) -> None:
    team.office.submit()
    other = replace(team.telling)
    with team.store.reading() as tx:
        untold = tx.team_links.untold(["sales"], 10)
    for telling in (team.telling, other):
        for request_id in untold:
            with team.store.writing() as tx:
                telling._note_one(tx, request_id)
    assert team.work() == [TeamEvent.ASKED]


def test_a_wrong_secret(team: Team) -> None:
    with pytest.raises(NotFound):
        team.done.look("nobody's")
    with pytest.raises(NotFound):
        team.done.mark("")
