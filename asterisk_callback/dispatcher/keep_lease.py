"""Watching: the lease is renewed, so that nobody takes this dispatcher for dead."""

import asyncio
import logging

from asterisk_callback.dispatcher.context import Desk
from asterisk_callback.domain.errors import StaleWrite, StoreUnavailable
from asterisk_callback.store.rolling import TablesChanged

log = logging.getLogger(__name__)


async def keep_lease(desk: Desk) -> None:
    """Renews the lease, and tells everybody whether Asterisk is there."""
    pause = desk.settings.lease.total_seconds() / 3
    while True:
        try:
            await desk.renew()
        except TablesChanged as error:
            log.error("%s; this process stops", error)
            desk.stop()
            return
        except StoreUnavailable as error:
            log.warning("the lease could not be renewed: %s", error)
        except StaleWrite as error:
            log.error("%s; this process stops", error)
            desk.stop()
            return
        await asyncio.sleep(pause)
