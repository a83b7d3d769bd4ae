"""Telling of alarms: each notice is delivered by one dispatcher, and tried until it is."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asterisk_callback.domain.alarm import Notice
from asterisk_callback.services.ports import Store
from asterisk_callback.services.telling.operator import Channel, NotDelivered

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """At least once: a crash between delivery and commit repeats a notice, which carries its id."""

    store: Store
    channels: Sequence[Channel]
    # Those whose far end asked to be left alone, and until when.
    _resting: dict[str, datetime] = field(default_factory=dict, init=False)

    def tell(self) -> int:
        """Tells what is due. Returns how many notices were delivered. Blocks while it does."""
        by_name = {channel.name: channel for channel in self.channels}
        told = 0
        while True:
            notice = self._take(list(by_name))
            if notice is None:
                return told
            told += self._deliver(by_name[notice.channel], notice)

    def _take(self, names: Sequence[str]) -> Notice | None:
        """The next that is due. It is put off before it is tried: nobody else takes it meanwhile,
        and if we die over it, somebody tries again."""
        with self.store.reading() as tx:
            names = [one for one in names if self._resting.get(one, tx.now) <= tx.now]
            if not tx.notices_due(names):
                return None
        with self.store.writing() as tx:
            tx.lock("notices")
            due = tx.notices_due(names)
            if not due:
                return None
            pause = min(FIRST_PAUSE * 2 ** min(due[0].tries, 10), LONGEST_PAUSE)
            tx.put_off_notice(due[0], tx.now + pause)
            return due[0]

    def _deliver(self, channel: Channel, notice: Notice) -> bool:
        try:
            channel.tell(notice)
        except OSError as error:
            log.warning("alarm %d was not told by %s: %s", notice.alarm.id, channel.name, error)
            self._leave_alone(channel, notice, error)
            return False
        with self.store.writing() as tx:
            tx.notice_told(notice)
        return True

    def _leave_alone(self, channel: Channel, notice: Notice, error: OSError) -> None:
        if not isinstance(error, NotDelivered) or error.after is None:
            return
        with self.store.writing() as tx:
            until = tx.now + max(error.after, FIRST_PAUSE)
            tx.put_off_notice(notice, until)
        self._resting[channel.name] = until
