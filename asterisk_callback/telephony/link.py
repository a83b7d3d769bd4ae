"""The supervised AMI link to one Asterisk server: connect, log in, wait for the boot, keep alive,
try again.

An action belongs to the connection it was written on and ends with it; nothing is ever sent twice.
"""

import asyncio
import itertools
import logging
import uuid
from collections.abc import Callable, Mapping

from asterisk_callback.telephony.ami import (
    ActionRefused,
    ActionTimeout,
    AmiAddress,
    Backoff,
    LinkFault,
    LinkNotReady,
    LinkState,
    LinkTimings,
    Response,
    boot_silent,
    login_refused,
    silent,
    unreachable,
)
from asterisk_callback.telephony.event_filter import EventFilter, Needed
from asterisk_callback.telephony.pending import Event
from asterisk_callback.telephony.session import AmiConnection
from asterisk_callback.telephony.wire import FieldValue, safe_action

__all__ = [
    "ActionRefused",
    "ActionTimeout",
    "AmiAddress",
    "AmiLink",
    "Event",
    "LinkNotReady",
    "LinkState",
    "LinkTimings",
    "Response",
]

log = logging.getLogger(__name__)

_BOOTED = "FullyBooted"


class AmiLink:
    """One Asterisk server. `run()` is the one task that holds the link; everything else uses it.

    `on_event(event)`: every event, one at a time and in order, as a dict of text; must not block;
    what it raises is logged. `on_state(state)`: at each change; READY comes after the FullyBooted
    of that connection and before any later event. `variables`: the channel variables an action may
    set (see `safe_action`). `needed`: the events that
    `on_event` is to get, if not all. Raises UnsafeField at once if user or secret could not be
    sent.
    """

    def __init__(
        self,
        address: AmiAddress,
        *,
        on_event: Callable[[Event], None],
        on_state: Callable[[LinkState], None],
        variables: frozenset[str] = frozenset(),
        needed: Needed | None = None,
        timings: LinkTimings | None = None,
    ) -> None:
        self.address = address
        self.timings = timings or LinkTimings()
        self.state = LinkState.CLOSED
        self.reason = "The link was not started yet."
        self._variables = variables
        self._filter = None if needed is None else EventFilter({**needed, _BOOTED: ""})
        self._on_event = on_event
        self._on_state = on_state
        self._session: AmiConnection | None = None
        self._ready = asyncio.Event()
        self._running = False
        # Random per process: an answer to a former process's action must never look like ours.
        self._ids = (f"link-{uuid.uuid4().hex[:12]}-{n}" for n in itertools.count(1))
        safe_action(self._login_fields(), variables)

    async def run(self) -> None:
        """Hold the link until cancelled; then the socket is closed. To be called once."""
        if self._running:
            raise RuntimeError("this link is already running")
        self._running = True
        backoff = Backoff(self.timings)
        try:
            while True:
                if await self._one_connection():
                    backoff.reset()
                await asyncio.sleep(backoff.next())
        finally:
            self._running = False
            self._set(LinkState.CLOSED, "The link was closed by us.")

    async def action(
        self, name: str, fields: Mapping[str, FieldValue], deadline: float | None = None
    ) -> Response:
        """Send one action, wait for its direct answer (not for the events that it causes).

        `fields` may bring its own `ActionID`. `deadline` in seconds, default `timings.action`.
        Raises UnsafeField and LinkNotReady: certainly not sent. ActionTimeout: may have been
        executed; never send it again.
        """
        response, _ = await self._ready_session().request(
            self._fields(name, fields), self.timings.action if deadline is None else deadline
        )
        return response

    async def list_action(
        self,
        name: str,
        fields: Mapping[str, FieldValue],
        *,
        complete: str,
        deadline: float | None = None,
        on_complete: Callable[[list[Event]], None] | None = None,
    ) -> list[Event]:
        """Send an action that answers with a list of events, up to the event `complete`; return the
        items.

        The items are not given to `on_event`. `on_complete(items)` is called in stream order,
        before the next event: use it where a list must not overwrite what later events told. Raises
        as `action` does, and ActionRefused (with Asterisk's message) if the answer was an error.
        """

        def answered(response: Response, items: list[Event]) -> None:
            if on_complete is None or not response.success:
                return
            try:
                on_complete(items)
            except Exception:
                log.exception("the handler of the list that %s ends failed", complete)

        response, items = await self._ready_session().request(
            self._fields(name, fields),
            self.timings.action if deadline is None else deadline,
            complete=complete,
            on_answer=answered,
        )
        if not response.success:
            raise ActionRefused(response.message)
        return items

    def log_in_anew(self) -> None:
        """Drop the connection there is; run() makes the next one."""
        if self._session is not None:
            self._session.drop(LinkFault(LinkState.LOST, "We log in anew, to learn our rights"))

    async def wait_ready(self, timeout: float) -> None:
        """Wait until READY, at most `timeout` seconds; then LinkNotReady with the reason why
        not."""
        try:
            async with asyncio.timeout(timeout):
                await self._ready.wait()
        except TimeoutError:
            raise LinkNotReady(self.reason) from None

    def _ready_session(self) -> AmiConnection:
        if self.state is not LinkState.READY or self._session is None:
            raise LinkNotReady(self.reason)
        return self._session

    def _fields(self, name: str, fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
        return {"ActionID": next(self._ids), **fields, "Action": name}

    def _login_fields(self) -> dict[str, FieldValue]:
        user = {"Username": self.address.username, "Secret": self.address.secret, "Events": "on"}
        return self._fields("Login", user)

    async def _one_connection(self) -> bool:
        """From connect to loss. True if the connection proved good, so that the backoff starts
        afresh."""
        before = (
            f"; before that: {self.reason}"
            if self.reason and self.state is not LinkState.CLOSED
            else ""
        )
        session = AmiConnection(self._variables, self._take_event, self._take_loss, self._filter)
        self._session = session
        self._set(LinkState.CONNECTING, f"Connecting to {self.address}{before}")
        try:
            await self._open(session)
            if session.fault is None:
                await self._log_in(session)
            if session.fault is None:
                await self._wait_for_boot(session)
            return await self._keep_alive(session)
        finally:
            session.drop(LinkFault(LinkState.CLOSED, "The link was closed by us."))
            self._session = None

    async def _open(self, session: AmiConnection) -> None:
        try:
            async with asyncio.timeout(self.timings.connect):
                await session.open(self.address.host, self.address.port, self.address.tls)
        except (OSError, UnicodeError) as error:  # UnicodeError: a host name that is none
            session.drop(unreachable(self.address, error))

    async def _log_in(self, session: AmiConnection) -> None:
        def answered(response: Response, _: list[Event]) -> None:
            # At its place in the stream: FullyBooted, or the end of the connection, may be in the
            # same packet.
            if response.success:
                self._set(
                    LinkState.BOOTING, f"Logged in at {self.address}, waiting for FullyBooted"
                )
            else:
                session.drop(login_refused(self.address, response.message))

        self._set(
            LinkState.LOGGING_IN, f"Logging in at {self.address} as {self.address.username!r}"
        )
        await self._ask(session, self._login_fields(), self.timings.login, answered)

    async def _wait_for_boot(self, session: AmiConnection) -> None:
        try:
            async with asyncio.timeout(self.timings.boot):
                await session.until_lost(self._ready)
        except TimeoutError:
            session.drop(boot_silent(self.address, self.timings.boot))

    async def _keep_alive(self, session: AmiConnection) -> bool:
        """Ping until the connection is lost. True once a ping was answered."""
        proven = False
        while session.fault is None:
            try:
                async with asyncio.timeout(self.timings.ping_every):
                    await session.lost.wait()
            except TimeoutError:
                proven |= await self._ask(
                    session, self._fields("Ping", {}), self.timings.ping_deadline
                )
        return proven

    async def _ask(
        self,
        session: AmiConnection,
        fields: Mapping[str, FieldValue],
        deadline: float,
        on_answer: Callable[[Response, list[Event]], None] | None = None,
    ) -> bool:
        """Send an action of the link's own; no answer ends the connection. True if answered."""
        try:
            await session.request(fields, deadline, on_answer=on_answer)
        except (ActionTimeout, LinkNotReady):
            session.drop(silent(self.address, deadline))
            return False
        return True

    def _take_event(self, event: Event) -> None:
        if event.get("Event") == _BOOTED and self.state is LinkState.BOOTING:
            self._set(LinkState.READY, f"Connected to Asterisk at {self.address}")
        self._on_event(event)

    def _take_loss(self, session: AmiConnection, fault: LinkFault) -> None:
        if session is self._session:
            self._set(fault.state, fault.reason)

    def _set(self, state: LinkState, reason: str) -> None:
        if state is self.state:
            self.reason = reason
            return
        good = state in (
            LinkState.CONNECTING,
            LinkState.LOGGING_IN,
            LinkState.BOOTING,
            LinkState.READY,
        )
        log.log(
            logging.INFO if good or state is LinkState.CLOSED else logging.WARNING,
            "AMI link: %s",
            reason,
        )
        self.state, self.reason = state, reason
        if state is LinkState.READY:
            self._ready.set()
        else:
            self._ready.clear()
        try:
            self._on_state(state)
        except Exception:
            log.exception("the handler of the link's state %s failed", state)
