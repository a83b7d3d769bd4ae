"""The dispatcher is killed, stopped, doubled, at each point of a call."""

import threading

from tests.lab.calls import Call
from tests.lab.door import TO_CLIENT, TO_SERVER
from tests.lab.waiting import PATIENCE, until

from .case import AT_ONCE, RINGS, STAYS, TALKS, Case
from .catalogue import fault
from .stage import ORIGINATE, POSTGRESQL, SQLITE

INSERT_ATTEMPT = b"INSERT INTO attempt"


def killed(case: Case) -> None:
    """kill -9, and started again after a moment."""
    case.stage.kill("one")
    case.pause(0.5)
    case.stage.start_product()


@fault("dispatcher killed before the claim's commit", (POSTGRESQL,))
def before_commit(case: Case) -> None:
    assert case.stage.sql is not None
    commit = case.stage.sql.rule(TO_SERVER, b"COMMIT", "hold", after=INSERT_ATTEMPT)
    case.ask()
    commit.wait_hit()
    killed(case)


@fault("dispatcher killed while it waits for the lock of its claim")
def before_claim(case: Case) -> None:
    with case.stage.locked("attempt"):
        submission = threading.Thread(target=case.ask)
        submission.start()
        case.pause(0.6)
        case.stage.kill("one")
    submission.join(PATIENCE)
    case.stage.start_product()


@fault("dispatcher killed after the claim, before the send")
def before_send(case: Case) -> None:
    held = case.stage.ami.rule(TO_SERVER, ORIGINATE, "hold")
    call = case.ask()
    held.wait_hit()
    case.promise(call.record.attempts, "double: sent before the commit of the claim")
    killed(case)


@fault("dispatcher killed after the send, before the answer")
def before_answer(case: Case) -> None:
    sent = case.stage.ami.rule(TO_SERVER, ORIGINATE, "late", seconds=0.01)
    answer = case.stage.ami.rule(TO_CLIENT, b"Originate successfully queued", "hold")
    case.ask()
    sent.wait_hit()
    answer.wait_hit()
    case.pause(0.3)
    killed(case)


@fault("dispatcher killed at a random instant")
def at_random(case: Case) -> None:
    case.ask()
    case.pause(1.5)
    killed(case)


@fault("dispatcher killed again and again")
def again_and_again(case: Case) -> None:
    case.ask()
    case.ask()
    for _ in range(3):
        case.pause(0.8)
        killed(case)


@fault("dispatcher killed while the agent's phone rings")
def agent_rings(case: Case) -> None:
    call = case.ask(TALKS, RINGS)
    call.world.wait_agent_invite("1001")
    case.pause(0.3)
    killed(case)
    case.end_calls()


@fault("dispatcher killed while the customer's phone rings")
def customer_rings(case: Case) -> None:
    call = case.ask(RINGS)
    call.customer_rings()
    case.pause(0.3)
    killed(case)
    case.end_calls()


@fault("dispatcher killed during the talk")
def talk(case: Case) -> None:
    call = _talking(case)
    case.pause(0.3)
    killed(case)
    call.world.hang_up(call.number)


@fault("dispatcher killed, and the call ends meanwhile")
def ends_meanwhile(case: Case) -> None:
    call = _talking(case)
    case.stage.kill("one")
    call.world.hang_up(call.number)
    case.stage.bed.pbx.wait_idle()
    case.stage.start_product()


@fault("dispatcher killed after the hangup, before the outcome is written")
def outcome(case: Case) -> None:
    call = _talking(case)
    with case.stage.locked():
        call.world.hang_up(call.number)
        case.stage.bed.pbx.wait_idle()
        case.pause(0.3)
        case.stage.kill("one")
    case.stage.start_product()


@fault("dispatcher stopped past its lease while the agent's phone rings, and continued")
def stopped_agent(case: Case) -> None:
    _stopped(case, RINGS, TALKS, lambda call: call.world.wait_agent_invite("1001"))


@fault("dispatcher stopped past its lease during the talk, and continued")
def stopped_talk(case: Case) -> None:
    _stopped(case, AT_ONCE, STAYS, lambda call: call.wait("talking"))


@fault("dispatcher stopped past its lease, another takes over, and continued", (POSTGRESQL,))
def stopped_two(case: Case) -> None:
    _second(case)
    call = case.ask(RINGS)
    call.customer_rings()
    frozen = call.attempt.owner
    case.stage.freeze(frozen)
    _wait_taken_over(call, frozen)
    case.stage.thaw(frozen)
    case.pause(0.5)
    case.end_calls()


@fault("dispatcher stopped within a transaction, another takes over, and continued", (POSTGRESQL,))
def stopped_in_transaction(case: Case) -> None:
    """It sleeps on the lock of the request's row, which whoever takes over needs."""
    assert case.stage.sql is not None
    _second(case)
    commit = case.stage.sql.rule(TO_SERVER, b"COMMIT", "hold", after=b"SET agent_rang_at")
    call = case.ask(TALKS, RINGS)
    commit.wait_hit()
    owner = call.attempt.owner
    case.stage.freeze(owner)
    _wait_taken_over(call, owner)
    case.stage.thaw(owner)
    case.agents_answer()


@fault("dispatcher stopped before its send, another takes over, and continued", (POSTGRESQL,))
def stopped_before_send(case: Case) -> None:
    _second(case)
    held = case.stage.ami.rule(TO_SERVER, ORIGINATE, "hold")
    call = case.ask()
    held.wait_hit()
    owner = call.record.attempts[0].owner
    case.stage.freeze(owner)
    # The other one must end this attempt, and place its own call.
    until(lambda: not call.record.attempts[0].open, PATIENCE, "the other to take over", 0.1)
    held.released.set()  # and now the first one's Originate arrives all the same
    case.pause(0.5)
    case.stage.thaw(owner)


@fault("dispatcher killed while another lives", (POSTGRESQL,))
def killed_of_two(case: Case) -> None:
    _second(case)
    call = case.ask(RINGS)
    call.customer_rings()
    victim = call.attempt.owner
    case.stage.kill(victim)
    _wait_taken_over(call, victim)
    case.end_calls()


@fault("two dispatchers and one due request", (POSTGRESQL,))
def two_and_one(case: Case) -> None:
    _second(case)
    for _ in range(3):
        call = case.ask()
        call.wait("completed")


@fault("a second dispatcher on one SQLite file", (SQLITE,))
def second_on_sqlite(case: Case) -> None:
    call = case.ask(RINGS)
    call.customer_rings()
    second = case.stage.start_part("two")
    case.promise(second.wait(PATIENCE) != 0, "outside: a second dispatcher on one SQLite file")
    case.promise("already serves" in case.stage.tail(), "outside: a refusal that was not said")
    case.end_calls()


@fault("graceful stop while the agent's phone rings")
def graceful(case: Case) -> None:
    call = case.ask(TALKS, RINGS)
    call.world.wait_agent_invite("1001")
    stopping = threading.Thread(target=case.stage.terminate, args=("one",))
    stopping.start()
    case.pause(0.5)
    case.agents_answer()
    stopping.join(2 * PATIENCE)
    case.stage.start_product()


@fault("graceful stop during the talk hands over", (POSTGRESQL,))
def graceful_two(case: Case) -> None:
    _second(case)
    call = _talking(case)
    leaving = call.attempt.owner
    case.stage.terminate(leaving)
    _wait_taken_over(call, leaving)
    call.world.hang_up(call.number)


def _talking(case: Case) -> Call:
    call = case.ask(STAYS)
    call.wait("talking")
    call.world.wait_answered(call.number)
    return call


def _second(case: Case) -> None:
    case.stage.start_part("two")
    case.stage.wait_ready("two")


def _wait_taken_over(call: Call, owner: str) -> None:
    other = "two" if owner == "one" else "one"
    what = f"dispatcher {other} to adopt the attempt"
    until(lambda: call.attempt.owner == other, PATIENCE, what, 0.1)


def _stopped(case: Case, agents: object, customer: object, point: object) -> None:
    call = case.ask(customer, agents)  # type: ignore[arg-type]
    point(call)  # type: ignore[operator]
    case.stage.freeze("one")
    case.stage.wait_not_ready()
    case.pause(1.0)
    case.stage.thaw("one")
    case.end_calls()
    case.part()
