"""What asks the gate together, and what is asked alone."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.gate import Answer, GateRefusal, RefusalReason
from asterisk_callback.telephony import gate_lane
from asterisk_callback.telephony.gate_lane import GateLane

NO = GateRefusal(reason=RefusalReason.ENDED)
ALONE = GateRefusal(reason=RefusalReason.HELD)
PATIENCE = 60.0


class Gate:
    """Answers groups once `goes_on` is set. busy: what somebody else is at work on."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.alone: list[str] = []
        self.busy: set[str] = set()
        self.error: Exception | None = None
        self.goes_on = threading.Event()
        self.goes_on.set()

    def ask(self, token: str) -> Answer:
        self.alone.append(token)
        return ALONE

    def ask_all(self, tokens: Sequence[str]) -> Sequence[Answer | None]:
        self.groups.append(list(tokens))
        assert self.goes_on.wait(PATIENCE)
        if self.error is not None:
            raise self.error
        return [None if token in self.busy else NO for token in tokens]


async def _asked(gate: Gate, *tokens: str) -> list[Answer | BaseException]:
    """The first is under way while the others come."""
    lane = GateLane(gate)
    gate.goes_on.clear()
    first = asyncio.create_task(lane.ask(tokens[0]))
    while not gate.groups:
        await asyncio.sleep(0)
    others = [asyncio.create_task(lane.ask(one)) for one in tokens[1:]]
    await asyncio.sleep(0)
    gate.goes_on.set()
    return await asyncio.gather(first, *others, return_exceptions=True)


def test_all_that_come_while_one_is_asked_are_the_next_group() -> None:
    gate = Gate()
    assert asyncio.run(_asked(gate, "a", "b", "c", "d")) == [NO] * 4
    assert gate.groups == [["a"], ["b", "c", "d"]]


def test_no_group_is_larger_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_lane, "AT_ONCE", 2)
    gate = Gate()
    assert asyncio.run(_asked(gate, "a", "b", "c", "d")) == [NO] * 4
    assert gate.groups == [["a"], ["b", "c"], ["d"]]


def test_what_stays_busy_is_asked_alone_and_holds_nobody_up() -> None:
    gate = Gate()
    gate.busy = {"b"}
    assert asyncio.run(_asked(gate, "a", "b", "c")) == [NO, ALONE, NO]
    assert gate.groups == [["a"], ["b", "c"], *[["b"]] * gate_lane.TRIES]
    assert gate.alone == ["b"]


def test_a_group_that_fails_is_asked_one_by_one(caplog: pytest.LogCaptureFixture) -> None:
    gate = Gate()
    gate.error = ValueError("a row that nobody can read")
    assert asyncio.run(_asked(gate, "a", "b", "c")) == [ALONE] * 3
    assert sorted(gate.alone) == ["a", "b", "c"] and "each is asked alone" in caplog.text


def test_without_a_database_nobody_hears_a_word() -> None:
    gate = Gate()
    gate.error = StoreUnavailable("away")
    assert asyncio.run(_asked(gate, "a", "b")) == [gate.error] * 2
    assert gate.alone == []


def test_whose_connection_was_closed_is_not_asked_for() -> None:
    gate = Gate()

    async def scene() -> None:
        lane = GateLane(gate)
        gate.goes_on.clear()
        first = asyncio.create_task(lane.ask("a"))
        while not gate.groups:
            await asyncio.sleep(0)
        gone = asyncio.create_task(lane.ask("b"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        gate.goes_on.set()
        assert await first == NO and await lane.ask("c") == NO

    asyncio.run(scene())
    assert gate.groups == [["a"], ["c"]]
