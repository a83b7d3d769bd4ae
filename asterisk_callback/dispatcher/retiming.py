"""At the start and once a day: have the time zone rules changed under the chosen times?"""

import asyncio
import logging

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.services.booking.retime import retime

log = logging.getLogger(__name__)
DAY, SOON = 86_400.0, 60.0


async def keep_times(context: DispatcherContext) -> None:
    while True:
        pause = DAY
        try:
            moved = await asyncio.to_thread(retime, context.store, context.queues)
        except StoreUnavailable as error:
            log.warning("the chosen times could not be looked through: %s", error)
            pause = SOON
        except Exception:
            # Calls go on; the chosen times are looked through again tomorrow.
            log.exception("the chosen times could not be looked through")
        else:
            if moved:
                log.warning("time zone rules changed: %d chosen times moved", moved)
        await asyncio.sleep(pause)
