"""The doctor's own AMI link, and what is heard on it."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Sequence
from types import TracebackType

from asterisk_callback.telephony import contract
from asterisk_callback.telephony.ami import AmiAddress, LinkState, LinkTimings
from asterisk_callback.telephony.link import AmiLink, Response
from asterisk_callback.telephony.pending import Event
from asterisk_callback.telephony.wire import FieldValue

# Maximum duration of a test call, in seconds: the dialplan's own limit (CALLBACK_GATE_SECONDS, 5 as
# shipped) and the way there and back.
PROBE_SECONDS = 12.0

_UNDER_WAY = (LinkState.CONNECTING, LinkState.LOGGING_IN, LinkState.BOOTING)


class DoctorAmi:
    """Open inside `async with`. worst: the first state that was not good, and its reason.

    instance: the name of this installation among several on that Asterisk, or "".
    """

    def __init__(self, address: AmiAddress, timings: LinkTimings, instance: str = "") -> None:
        self.instance = instance
        self.worst = (LinkState.CLOSED, "The link was not tried.")
        self.events: list[Event] = []
        self.heard = asyncio.Event()
        self._settled = asyncio.Event()
        self._limit = timings.connect + timings.login + timings.boot + 5
        self.link = AmiLink(
            address,
            on_event=self._take,
            on_state=self._state,
            variables=contract.ORIGINATE_VARIABLES,
            timings=timings,
        )

    async def __aenter__(self) -> "DoctorAmi":
        self._task = asyncio.create_task(self.link.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    def named(self, name: str) -> str:
        """A context's name, or a place in one, as this installation has it."""
        return contract.of_instance(name, self.instance)

    async def settled(self) -> None:
        """Waits until the link is ready, or failed for the first time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limit):
                await self._settled.wait()

    async def call(
        self, place: str, action_id: str = "", variables: Sequence[str] = ()
    ) -> Response:
        """Places a test call between this place of our dialplan (extension@context) and a wait, and
        returns Asterisk's direct answer; what the dialplan tells there comes as an event.
        variables: NAME=value."""
        fields: dict[str, FieldValue] = {
            "ActionID": action_id or f"doctor-{secrets.token_hex(8)}",
            "Channel": self.named(f"Local/{place}/n"),
            "Context": self.named(contract.CONTEXT_DOCTOR),
            "Exten": "wait",
            "Priority": 1,
            "Timeout": int(PROBE_SECONDS * 1000),
            "Async": "true",
        }
        if variables:
            fields["Variable"] = list(variables)
        return await self.link.action("Originate", fields)

    async def wait_for(self, wanted: Callable[[Event], bool], seconds: float) -> Event | None:
        """The first event like that since the link is up, or None."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    self.heard.clear()
                    for event in self.events:
                        if wanted(event):
                            return event
                    await self.heard.wait()
        return None

    def _take(self, event: Event) -> None:
        # Only what the doctor's own probe causes: a busy PBX says very much.
        if event.get("Event") in ("UserEvent", "OriginateResponse"):
            self.events.append(event)
            self.heard.set()

    def _state(self, state: LinkState) -> None:
        if state in _UNDER_WAY or self._settled.is_set():
            return
        self.worst = (state, self.link.reason)
        self._settled.set()
