"""Notify mode: the team is told at least once, of everything, whoever dies in between."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from asterisk_callback.domain.errors import NotFound, NotPossible
from asterisk_callback.domain.mode import Mode
from asterisk_callback.domain.pacing import QueueFacts
from asterisk_callback.domain.request import RequestId, RequestState
from asterisk_callback.domain.team import Event
from asterisk_callback.services.booking import Booked
from asterisk_callback.services.outbox import LEASE, Never, NotNow
from asterisk_callback.services.release import expire
from asterisk_callback.services.team.done import Done
from asterisk_callback.services.team.telling import News, TeamTelling
from asterisk_callback.services.why import Reason, explain
from asterisk_callback.services.withdraw import withdraw
from asterisk_callback.store import SqlStore
from tests.factories import Office, SetClock, callback_queue


class Died(BaseException):
    """kill -9."""


@dataclass
class Team:
    """A queue in notify mode with one channel, which behaves as the test says."""

    store: SqlStore
    told: list[News] = field(default_factory=list)
    error: BaseException | None = None

    def __post_init__(self) -> None:
        queue = replace(callback_queue(), mode=Mode.NOTIFY, tells=("webhook",))
        self.office = Office(store=self.store, queues={"sales": queue})
        self.telling = TeamTelling(
            store=self.store, queues=self.office.queues, secret_key="key",
            channels={("sales", "webhook"): self.tell},
        )  # fmt: skip
        self.done = Done(store=self.store, queues=self.office.queues)

    def tell(self, news: News) -> None:
        if self.error is not None:
            raise self.error
        self.told.append(news)

    def work(self) -> list[Event]:
        while self.telling.work_off():
            pass
        return [news.event for news in self.told]

    def why(self, request_id: RequestId) -> Reason:
        with self.store.reading() as tx:
            request = tx.request(request_id)
            assert request is not None
            return explain(tx, request, self.office.queues["sales"]).reason


@pytest.fixture
def team(url: str, open_store: Callable[..., SqlStore], clock: SetClock) -> Team:
    return Team(open_store(url, clock))


def state(team: Team, booked: Booked) -> RequestState:
    return team.office.request(booked.request.id).state


def test_told_once_and_marked_done(team: Team) -> None:
    booked = team.office.submit()
    assert team.why(booked.request.id) is Reason.NOTED
    assert team.work() == [Event.ASKED]
    assert team.why(booked.request.id) is Reason.TOLD
    assert team.work() == [Event.ASKED]
    secret = team.told[0].secret
    assert state(team, booked) is RequestState.QUEUED  # to look changes nothing
    assert team.done.look(secret).request.id == booked.request.id
    team.done.mark(secret)
    team.done.mark(secret)
    assert state(team, booked) is RequestState.COMPLETED
    assert team.work() == [Event.ASKED]


def test_no_call_is_made(team: Team) -> None:
    team.office.submit()
    plenty = QueueFacts(known=True, logged_in=9, free=9)
    assert team.office.claim("sales", plenty) is None


def test_withdrawn_expired_and_another_time_are_told(team: Team, clock: SetClock) -> None:
    withdrawn, expired = team.office.submit(0), team.office.submit(1)
    assert team.work() == [Event.ASKED, Event.ASKED]
    with team.store.writing() as tx:
        request = tx.lock_request(expired.request.id)
        assert request is not None
        later = request.evolve(due_at=clock.now + timedelta(hours=1))
        tx.change_request(request, later, actor="customer", reason="moved")
    withdraw(team.store, withdrawn.wish)
    assert sorted(team.work()[2:]) == [Event.CHANGED, Event.WITHDRAWN]
    clock.advance(days=8)
    expire(team.store)
    assert team.work()[4:] == [Event.EXPIRED]
    with pytest.raises(NotPossible):
        team.done.mark(next(n for n in team.told if n.request.id == expired.request.id).secret)
    assert len({news.id for news in team.told}) == 5


def test_a_request_from_before_the_queue_was_set_to_notify_is_told(team: Team) -> None:
    notify = team.office.queues["sales"]
    team.office.queues = {"sales": replace(notify, mode=Mode.AGENT_FIRST)}
    team.office.submit()
    team.office.queues = {"sales": notify}
    assert team.work() == [Event.ASKED]


def test_in_vain_it_is_tried_again_after_a_pause_and_given_up_after_two_days(
    team: Team, clock: SetClock
) -> None:
    booked = team.office.submit()
    team.error = NotNow("away")
    tries = 0
    assert team.work() == []
    assert team.why(booked.request.id) is Reason.NOTED
    team.error = None
    assert team.work() == []  # not before its pause
    clock.advance(minutes=1)
    assert team.work() == [Event.ASKED]
    team.error = NotNow("away")
    team.office.submit(1)
    while _due(team, clock):
        team.work()
        tries += 1
    assert 8 < tries < 20


def _due(team: Team, clock: SetClock) -> bool:
    """Moves on to the next try."""
    team.work()
    for _ in range(8 * 12):
        clock.advance(minutes=5)
        with team.store.reading() as tx:
            if tx.team_note_due():
                return True
    return False


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

    channels = {("sales", "webhook"): dies}
    with pytest.raises(Died):
        replace(team.telling, channels=channels).work_off()
    assert team.work() == [Event.ASKED] * sent  # claimed by the one that died
    clock.advance(seconds=LEASE.total_seconds() + 1)
    assert team.work() == [Event.ASKED] * (1 + sent)
    assert len({news.id for news in team.told}) == 1


def test_two_that_look_at_once_tell_it_once(team: Team) -> None:
    team.office.submit()
    other = replace(team.telling)
    with team.store.reading() as tx:
        untold = tx.team_untold(["sales"], 10)
    for telling in (team.telling, other):
        for request_id in untold:
            with team.store.writing() as tx:
                telling._note_one(tx, request_id)
    assert team.work() == [Event.ASKED]


def test_a_wrong_secret(team: Team) -> None:
    with pytest.raises(NotFound):
        team.done.look("nobody's")
    with pytest.raises(NotFound):
        team.done.mark("")
