"""Forgetting: what ended calls left in Asterisk's database is removed, many at once and aside."""

import asyncio

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.telephony.contract import FORGOTTEN_AT_ONCE

# So long it waits for company: each time costs Asterisk a call of its own.
GATHERS = 2.0
# More are left where they are: they do no harm, and a doctor can see them.
MOST = 5000


def leaves_something(attempt: Attempt) -> bool:
    """Whether the half of its call that dials the customer ran, and so left its outcome: an agent
    answered, or there is none before it. Also where the gate was never asked."""
    ran = attempt.gate_at is not None or attempt.agent_at is not None
    return ran or attempt.mode.rules.customer_first


class Forgetting:
    def __init__(self, context: DispatcherContext) -> None:
        self._context = context
        self._tokens: dict[Token, None] = {}
        self._some = asyncio.Event()

    def soon(self, token: Token) -> None:
        if len(self._tokens) < MOST:
            self._tokens[token] = None
            self._some.set()

    async def run(self) -> None:
        """One action at a time, so that a burst of ends is no burst of work for Asterisk."""
        while True:
            await self._some.wait()
            await asyncio.sleep(GATHERS)
            await self.now()

    async def now(self) -> None:
        """All that waits; also called at a stop in good order. What was not sent waits on."""
        while self._tokens and self._context.switchboard.linked:
            batch = list(self._tokens)[:FORGOTTEN_AT_ONCE]
            if not await self._context.switchboard.forget(batch):
                return
            for token in batch:
                self._tokens.pop(token, None)
        if not self._tokens:
            self._some.clear()
