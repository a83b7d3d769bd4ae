"""How long a stop goes on until an alarm says so."""

import time

from asterisk_callback.domain.alarm import Alarm

from .deployment import Deployment
from .speed import scaled
from .waiting import PATIENCE, until

# What docs/alarms.md promises of a stop that was seen to begin.
WITHIN = 60.0


class Bell:
    """Made when a stop begins."""

    def __init__(self, lab: Deployment) -> None:
        self._lab = lab
        self._since = time.time()

    def rings(self, name: str) -> Alarm:
        """Waits for the alarm of this name; fails if it came later than promised."""
        until(lambda: name in self._standing(), PATIENCE, f"the alarm {name}", 0.1)
        alarm = self._standing()[name]
        took = alarm.raised_at.timestamp() - self._since
        print(f"alarm {name}: {took:.1f} s")
        assert took <= scaled(WITHIN), alarm
        return alarm

    def is_over(self, name: str) -> None:
        """Waits until it is cleared."""
        until(lambda: name not in self._standing(), PATIENCE, f"the end of {name}", 0.1)

    def _standing(self) -> dict[str, Alarm]:
        with self._lab.store.reading() as tx:
            return {str(one.name): one for one in tx.alarms.standing()}
