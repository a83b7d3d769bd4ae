"""Agents at their consoles who take whatever they are offered, and call it back.

They act through the services, as the pages of the console do, in a thread of their own, until told
to stop.
"""

import contextlib
import threading

from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.services.console.view import CurrentOffer, Stage
from tests.lab.consoles import Desk
from tests.lab.deployment import Deployment
from tests.lab.speed import scaled
from tests.lab.waiting import PATIENCE


class Robot:
    """The agent whose phone is PJSIP/NAME. While `held` is set they look on, and do nothing."""

    def __init__(self, lab: Deployment, name: str, queue: str) -> None:
        self.desk = Desk.open(lab, name, queue)
        self.held = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join(scaled(PATIENCE))

    def _run(self) -> None:
        while not self._stop.wait(0.1):
            # A refusal, a database that is away, somebody who was faster: they try again.
            with contextlib.suppress(CallbackError):
                found = self.desk.see().in_hand
                if found is not None and not self.held.is_set():
                    self._act(found)

    def _act(self, found: CurrentOffer) -> None:
        desk = self.desk
        match found.stage:
            case Stage.OFFERED if found.offer is not None:
                desk.console.take(desk.user, found.offer.id)
            case Stage.CHECKING if found.offer is not None:
                desk.console.call_back(desk.user, found.offer.id, found.number)
            case Stage.WRAP_UP if found.attempt is not None:
                desk.wrap_ups.save(
                    desk.user, found.attempt.id, code="", note="", again=None, never=False
                )
            case Stage.CANCELLED:
                desk.drop()
            case _:
                pass
