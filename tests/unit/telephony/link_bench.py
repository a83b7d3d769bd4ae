"""An AmiLink on a ScriptedAmi, with everything that it reported written down."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from asterisk_callback.telephony.link import AmiAddress, AmiLink, Event, LinkState, LinkTimings
from tests.unit.telephony.scripted_ami import LONG, ScriptedAmi

QUICK = LinkTimings(
    connect=LONG,
    login=LONG,
    boot=LONG,
    action=LONG,
    ping_every=LONG,
    ping_deadline=LONG,
    backoff_first=0.02,
    backoff_max=0.05,
)


class Bench:
    """The link, the events and the states it told of, and what its event handler is to do."""

    def __init__(self, port: int, secret: str, timings: LinkTimings) -> None:
        self.events: list[Event] = []
        self.states: list[LinkState] = []
        self.poison: str | None = None  # the handler raises at this event
        self.link = AmiLink(
            AmiAddress("127.0.0.1", port, "callback", secret),
            on_event=self._on_event,
            on_state=self.states.append,
            variables=frozenset({"CALLBACK_ID", "CALLBACK_QUEUE"}),
            timings=timings,
        )

    def _on_event(self, event: Event) -> None:
        self.events.append(event)
        if event["Event"] == self.poison:
            raise RuntimeError("a handler's fault")

    def names(self) -> list[str]:
        return [event["Event"] for event in self.events]


@contextlib.asynccontextmanager
async def bench(
    ami: ScriptedAmi, *, secret: str = "s3cret", timings: LinkTimings = QUICK, ready: bool = True
) -> AsyncIterator[Bench]:
    """A running link; with `ready` it is READY on entry. Cancelled and awaited on exit."""
    it = Bench(ami.port, secret, timings)
    task = asyncio.create_task(it.link.run())
    try:
        if ready:
            await it.link.wait_ready(LONG)
        yield it
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
