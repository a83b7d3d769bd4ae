"""When a call is made: not before its time, and one number at a time."""

from datetime import UTC, datetime, timedelta

from tests.lab import behaviours
from tests.lab.calls import AT_ONCE, Call, ask
from tests.lab.deployment import Deployment, wall
from tests.lab.fixtures import on_22_and_16
from tests.lab.speed import scaled
from tests.lab.waiting import until

TALKS = behaviours.answer(after=0.1, talk=0.2)


@on_22_and_16
def test_a_chosen_time_is_kept(lab: Deployment) -> None:
    number = lab.number()
    lab.bed.world.customer(number, TALKS)
    lab.bed.world.agent("1001", AT_ONCE)
    due = datetime.now(UTC) + timedelta(seconds=scaled(2))
    code, body = lab.api(
        "POST", "", {"phone": number, "queue": "support", "scheduled_for": due.isoformat()}
    )
    assert (code, body["status"]) == (201, "scheduled")
    call = Call(lab, number, body["status_url"].rpartition("/")[2])
    call.wait("completed")
    agent = lab.bed.world.wait_agent_invite("1001")
    assert wall(agent.at) >= due.timestamp()
    [attempt] = call.record.attempts
    # P8: within a second. The clock of the wish is the test's own; the machine may be busy.
    assert timedelta(0) <= attempt.claimed_at - due < timedelta(seconds=scaled(3))
    call.rings(1)


def test_a_time_typed_into_the_form(lab: Deployment) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    call = ask(lab, TALKS, when="later", slot=f"{day}T10:15")
    assert lab.status(call.secret) == "scheduled"
    assert "10:15" in lab.page(call.secret).words
    lab.cancel(call.secret)
    assert lab.status(call.secret) == "cancelled"
    call.rings(0)


@on_22_and_16
def test_two_requests_for_one_number_in_one_queue_are_one_call(lab: Deployment) -> None:
    first = ask(lab, TALKS, behaviours.ring())
    second = ask(lab, number=first.number, agents={})
    assert first.secret != second.secret
    assert lab.record(second.secret).request.id == first.record.request.id
    first.agent_answers("1001")
    first.wait("completed")
    second.wait("completed")
    assert lab.status(second.secret) == "completed"
    first.rings(1)


def test_the_second_wish_cancels_only_itself(lab: Deployment) -> None:
    first = ask(lab, TALKS, behaviours.ring())
    second = ask(lab, number=first.number, agents={})
    lab.cancel(second.secret)
    assert lab.status(second.secret) == "cancelled"
    first.agent_answers("1001")
    first.wait("completed")
    first.rings(1)


@on_22_and_16
def test_one_number_in_two_queues_is_never_on_the_line_twice(lab: Deployment) -> None:
    support = ask(lab, behaviours.answer(after=0.1), AT_ONCE, queue="support")
    support.wait("talking")
    sales = ask(lab, number=support.number, agents={}, queue="sales")
    assert sales.record.request.id != support.record.request.id
    until(lambda: any(one.reason == "this number is on the line" for one in sales.record.trail),
          20.0, "the claim to see that the number is on the line")  # fmt: skip
    assert sales.record.attempts == ()
    support.world.customer(support.number, TALKS)
    support.world.wait_answered(support.number)
    support.world.hang_up(support.number)
    support.wait("completed")
    sales.wait("completed")
    sales.rings(2)
    ended_at = support.attempt.ended_at
    assert ended_at is not None
    second = support.world.invites_for(support.number)[1]
    assert wall(second.at) >= ended_at.timestamp()
    assert [invite.number for invite in support.world.agent_invites] == ["1001", "1003"]
