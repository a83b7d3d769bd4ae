"""A call is to be ended before Asterisk has its channel: once more, a round later."""

import asyncio
from types import SimpleNamespace

from asterisk_callback.domain.attempt import Attempt
from tests.dispatcher_contexts import a_context
from tests.factories import SERVER, Office, SetClock


def test_a_hang_up_that_came_too_early_is_sent_again(still_office: Office, clock: SetClock) -> None:
    asked: list[str] = []

    async def end(attempt: Attempt) -> bool:
        asked.append(attempt.token)
        return False

    attempt = still_office.attempt()
    with still_office.store.writing() as tx:
        dropped = attempt.evolve(dropped_at=tx.now)
        tx.attempts.change(attempt, dropped, actor="test", reason="dropped")
    context = a_context(still_office, SimpleNamespace(end=end))

    def left() -> int:
        with still_office.store.reading() as tx:
            return len(tx.attempts.to_hang_up(SERVER))

    asyncio.run(context.end(dropped))
    assert left() == 1
    clock.advance(seconds=11)
    asyncio.run(context.end(dropped))
    assert left() == 0  # by then it has no such call because the call is over
    assert asked == [attempt.token] * 2
