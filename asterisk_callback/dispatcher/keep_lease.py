"""Watching: the lease is renewed, so that nobody takes this dispatcher for dead."""

import asyncio
import logging

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.domain.errors import StaleWrite, StoreUnavailable
from asterisk_callback.store.rolling import TablesChanged

log = logging.getLogger(__name__)


async def keep_lease(context: DispatcherContext) -> None:
    """Renews the lease, and tells everybody whether Asterisk is there."""
    pause = context.settings.lease.total_seconds() / 3
    while True:
        try:
            await context.renew()
        except TablesChanged as error:
            log.error("%s; this process stops", error)
            context.stop()
            return
        except StoreUnavailable as error:
            log.warning("the lease could not be renewed: %s", error)
        except StaleWrite as error:
            log.error("%s; this process stops", error)
            context.stop()
            return
        await asyncio.sleep(pause)
