"""Heartbeat: somebody outside hears, again and again, that calls can be placed.

Whoever is down can't say so; whoever listens outside notices that the heartbeat has stopped.
"""

import asyncio
import logging
from typing import Protocol

from asterisk_callback.dispatcher.context import DispatcherContext

log = logging.getLogger(__name__)

_LOOK_EVERY = 1.0


class Beat(Protocol):
    def beat(self) -> None:
        """Blocks for some seconds at most. Raises OSError if nobody heard it."""
        ...


async def keep_beating(context: DispatcherContext, beat: Beat | None) -> None:
    """Beats as soon as this dispatcher can dial, and as long as it can. None: nobody listens."""
    loop = asyncio.get_running_loop()
    pause, again, heard = context.settings.beat_every.total_seconds(), loop.time(), True
    while beat is not None:
        if context.can_dial and loop.time() >= again:
            again = loop.time() + pause
            try:
                await asyncio.to_thread(beat.beat)
                heard = True
            except OSError as error:
                log.log(logging.WARNING if heard else logging.DEBUG, "heartbeat: %s", error)
                heard = False
            except Exception:
                # No call depends on it.
                log.exception("heartbeat")
        await asyncio.sleep(min(_LOOK_EVERY, pause))
