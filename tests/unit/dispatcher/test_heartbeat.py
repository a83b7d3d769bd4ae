"""The heartbeat: a real server hears it while calls can be placed, and only then."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from asterisk_callback.dispatcher.heartbeat import keep_beating
from asterisk_callback.notify.heartbeat import Heartbeat
from tests.lab.hook_server import Hooks, hook_server
from tests.lab.waiting import PATIENCE, until


def a_heartbeat(hooks: Hooks) -> Heartbeat:
    return Heartbeat(url=f"http://127.0.0.1:{hooks.server_port}/beat?key=s3cret")


async def seen(condition: Callable[[], object], what: str) -> None:
    await asyncio.to_thread(until, condition, PATIENCE, what, 0.01)


@pytest.mark.case("CASES 6: no dispatcher at all: the outgoing heartbeat stops")
def test_it_beats_while_calls_can_be_placed() -> None:
    context = SimpleNamespace(can_dial=False, looked=0)

    class DispatcherContext:
        settings = SimpleNamespace(beat_every=timedelta(seconds=0.02))

        @property
        def can_dial(self) -> bool:
            context.looked += 1
            return bool(context.can_dial)

    async def live(hooks: Hooks) -> None:
        beating = asyncio.create_task(
            keep_beating(cast(Any, DispatcherContext()), a_heartbeat(hooks))
        )
        await seen(lambda: context.looked > 3, "looks at whether calls can be placed")
        assert not hooks.heard
        context.can_dial = True
        await seen(lambda: len(hooks.heard) > 2, "beats")
        hooks.code = 500  # what the far end says of them stops none
        heard = len(hooks.heard)
        await seen(lambda: len(hooks.heard) > heard + 2, "beats that are refused")
        hooks.code, hooks.headers["Location"] = 307, "http://led..astray/"
        heard = len(hooks.heard)
        await seen(lambda: len(hooks.heard) > heard + 2, "beats that are led astray")
        context.can_dial, before = False, context.looked
        await seen(lambda: context.looked > before + 1, "looks afterwards")
        heard = len(hooks.heard)
        await seen(lambda: context.looked > before + 4, "more looks")
        assert len(hooks.heard) == heard
        beating.cancel()

    with hook_server() as hooks:
        asyncio.run(live(hooks))
        assert {path for path, _, _ in hooks.heard} == {"/beat?key=s3cret"}


def test_without_one_there_is_nothing_to_do() -> None:
    settings = SimpleNamespace(beat_every=timedelta(hours=1))
    asyncio.run(keep_beating(cast(Any, SimpleNamespace(settings=settings)), None))


def test_a_fault_of_ours_in_it_stops_no_dispatcher() -> None:
    class Faulty:
        beats = 0

        def beat(self) -> None:
            self.beats += 1
            raise LookupError("a fault of ours")

    async def live(beat: Faulty) -> None:
        settings = SimpleNamespace(beat_every=timedelta(seconds=0.02))
        context = cast(Any, SimpleNamespace(settings=settings, can_dial=True))
        beating = asyncio.create_task(keep_beating(context, beat))
        await seen(lambda: beat.beats > 2 or beating.done(), "beats")
        assert beating.cancel()

    asyncio.run(live(Faulty()))


def test_its_address_is_in_no_message() -> None:
    with hook_server() as hooks:
        hooks.code = 404
        beat = a_heartbeat(hooks)
        with pytest.raises(OSError, match="it answered 404") as caught:
            beat.beat()
    assert "s3cret" not in repr(beat) + str(caught.value)
