"""Remembering how far the database had come, so that a restored one is not trusted to dial."""

import logging

from asterisk_callback.dispatcher.context import DispatcherContext
from asterisk_callback.services.calling.restored import next_mark, went_back
from asterisk_callback.telephony import restore_mark

log = logging.getLogger(__name__)


class RestoreCheck:
    """Asterisk's memory and this process's own. The mark is raised at the start, and at each
    reconciliation if attempts were made since the last one; only after it was compared."""

    def __init__(self, context: DispatcherContext) -> None:
        self._context = context
        self._highest = 0
        self._asked = False
        self._sent: int | None = None

    def ask_again(self) -> None:
        """Asterisk was away, or this is the start: it is asked before the next attempt."""
        self._asked = False

    async def compare(self) -> None:
        """Holds everything if the database has gone back, else lets Asterisk know of a new mark.

        Raises StoreUnavailable, LinkNotReady and ActionTimeout: then nobody is called yet.
        """
        context, link = self._context, self._context.switchboard.link
        installation = await context.read(lambda tx: tx.servers.database_id())
        if not self._asked:
            seen = await restore_mark.ask(link, installation, context.settings.server.instance) or 0
            self._asked = True
            if seen < self._highest:
                self._sent = None  # it has forgotten: it is told again
            self._highest = max(self._highest, seen)
        remembered = self._highest
        if await context.read(lambda tx: tx.servers.call_counter()) < remembered:
            hold = await context.write(lambda tx: went_back(tx, remembered))
            log.error("the database has gone back in time: %s", hold or "another one saw it, too")
        if context.sent == self._sent:
            return
        sent = context.sent
        self._highest = await context.write(next_mark)
        self._sent = sent
        await restore_mark.tell(link, installation, self._highest, context.settings.server.instance)
