"""Remembering how far the database had come, so that a restored one is not trusted to dial."""

import logging

from asterisk_callback.dispatcher.context import Desk
from asterisk_callback.services.calling.restored import next_mark, went_back
from asterisk_callback.telephony import restore_mark as witness

log = logging.getLogger(__name__)


class Memory:
    """Asterisk's memory and this process's own. The mark is raised at the start, and at each
    reconciliation if attempts were made since the last one; only after it was compared."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._highest = 0
        self._asked = False
        self._sent: int | None = None

    def ask_again(self) -> None:
        """Asterisk was away, or this is the start: it is asked before the next attempt."""
        self._asked = False

    async def compare(self) -> None:
        """Holds everything if the database has gone back, else lets Asterisk know of a new mark.

        Raises StoreUnavailable, NotReady and NoAnswer: then nobody is called yet.
        """
        desk, link = self._desk, self._desk.switchboard.link
        installation = await desk.read(lambda tx: tx.installation())
        if not self._asked:
            seen = await witness.ask(link, installation, desk.settings.server.instance) or 0
            self._asked = True
            if seen < self._highest:
                self._sent = None  # it has forgotten: it is told again
            self._highest = max(self._highest, seen)
        remembered = self._highest
        if await desk.read(lambda tx: tx.mark()) < remembered:
            hold = await desk.write(lambda tx: went_back(tx, remembered))
            log.error("the database has gone back in time: %s", hold or "another one saw it, too")
        if desk.sent == self._sent:
            return
        sent = desk.sent
        self._highest = await desk.write(next_mark)
        self._sent = sent
        await witness.tell(link, installation, self._highest, desk.settings.server.instance)
