"""When a wrap-up ends is worked out once for a group of events, and acted on when it is over."""

import asyncio
import math

import pytest

from asterisk_callback.telephony.wrap_up_timer import WrapUpTimer


def test_many_events_are_one_look_and_each_end_is_told() -> None:
    ends: list[float | None] = [0.01, 0.01, None]
    asked = 0

    async def scene() -> None:
        over = asyncio.Queue[None]()

        def next_end() -> float | None:
            nonlocal asked
            asked += 1
            return ends.pop(0)

        timer = WrapUpTimer(next_end, lambda: over.put_nowait(None))
        for _ in range(50):
            timer.look_soon()
        await over.get()
        await over.get()

    asyncio.run(asyncio.wait_for(scene(), 30))
    assert asked == 3 and not ends


@pytest.mark.parametrize("after", [None, math.inf, 0.0])
def test_without_a_known_end_nothing_is_waited_for(after: float | None) -> None:
    async def scene() -> None:
        looked = asyncio.Event()

        def next_end() -> float | None:
            looked.set()
            return after

        timer = WrapUpTimer(next_end, lambda: pytest.fail("nothing was over"))
        timer.look_soon()
        await looked.wait()
        await asyncio.sleep(0)
        assert timer._ends is None

    asyncio.run(asyncio.wait_for(scene(), 30))
