"""One AMI connection, from connect to loss: panoramisk with its hazards fenced in.

Of panoramisk we use the serialiser of actions, the parser of messages and the protocol's shape.
Switched off, because they were measured to do harm: its reconnect, its queue of unanswered actions
(it dialled people twice), its futures without a deadline, its decoding of half characters, its ping
without an answer.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from asterisk_callback.telephony.ami import (
    ActionTimeout,
    LinkFault,
    LinkNotReady,
    LinkState,
    Response,
)
from asterisk_callback.telephony.event_filter import EventFilter
from asterisk_callback.telephony.pending import Event, Pending, read
from asterisk_callback.telephony.wire import BrokenStream, FieldValue, MessageSplitter, safe_action

log = logging.getLogger(__name__)

# Unsent bytes that we tolerate: beyond it Asterisk does not read, and what is written may run
# much later.
_MAX_UNSENT: Final = 128 * 1024


class _GuardedProtocol(AMIProtocol):  # type: ignore[misc]
    """Everything that is read and written passes here; nothing goes round it."""

    def __init__(self, session: "AmiConnection") -> None:
        self._session = session
        self._frames = MessageSplitter(session.keeps)
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # panoramisk does this later, in a callback of the connecting task: what came in between
        # was lost.
        self.factory, self.encoding = self._session, "utf-8"

    def send(self, data: Mapping[str, FieldValue], as_list: bool = False) -> asyncio.Future[Any]:
        """Write one action. Raises UnsafeField, LinkNotReady: then nothing was written."""
        action = Action(safe_action(data, self._session.variables))
        transport = self.transport
        if transport.is_closing() or transport.get_write_buffer_size() > _MAX_UNSENT:
            raise LinkNotReady("the connection is closing, or Asterisk does not read")
        transport.write(str(action).encode("utf-8"))
        future: asyncio.Future[Any] = action.future
        return future

    def data_received(self, data: bytes) -> None:
        try:
            for text in self._frames.feed(data):
                if self._session.fault is not None:
                    return  # a handler dropped us: what follows belongs to nobody
                self._take(text)
        except Exception as error:
            # A message that we can't digest must never leave a connection that is half alive.
            # The text of an unforeseen error may hold a number: its name must do.
            what = str(error) if isinstance(error, BrokenStream) else type(error).__name__
            self._session.drop(LinkFault(LinkState.BROKEN, f"AMI stream not understood: {what}"))
            return
        if self._frames.version is not None:
            self._session.greeted.set()

    def _take(self, text: str) -> None:
        message = read(text)
        if message is None:
            log.warning(
                "ignored an AMI message that is neither event nor response (%d characters)",
                len(text),
            )
            return
        self._session.take(message)

    def eof_received(self) -> bool:
        return False  # half-closed is closed

    def connection_lost(self, exc: Exception | None) -> None:
        why = f" ({exc})" if exc else ""
        self._session.drop(
            LinkFault(LinkState.LOST, f"Asterisk closed the AMI connection{why}; was it restarted?")
        )

    def close(self) -> None:
        """Cut at once. With linger 0 the kernel forgets unsent bytes too: an Originate left in its
        buffer would be dialled when a dead network comes back. (What already lies in a frozen
        Asterisk's own buffer will still be executed, measured: only the gate stops that.)"""
        self.closed = True
        if self.transport is None:
            return  # not connected yet; whoever connects cleans up
        plug = self.transport.get_extra_info("socket")
        try:
            if plug is not None:
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass  # already gone
        self.transport.abort()


class AmiConnection(Manager):  # type: ignore[misc]
    """A panoramisk Manager for exactly one connection.

    `on_event(event)` gets each event in order, but for those that `only` throws away;
    `on_lost(fault)` is called once, at the moment of the loss.
    """

    def __init__(
        self,
        variables: frozenset[str],
        on_event: Callable[[Event], None],
        on_lost: Callable[["AmiConnection", LinkFault], None],
        only: EventFilter | None = None,
    ) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self.variables = variables
        self.keeps = only.keeps if only is not None else None
        self.fault: LinkFault | None = None
        self.lost = asyncio.Event()
        self.greeted = asyncio.Event()
        self._on_event = on_event
        self._on_lost = on_lost
        self._pending: dict[str, Pending] = {}

    async def open(self, host: str, port: int, tls: Any) -> None:
        """Connect and wait for the banner: the secret is shown to nothing that isn't AMI. Raises
        OSError."""

        def protocol() -> _GuardedProtocol:
            self.protocol = _GuardedProtocol(self)
            return self.protocol

        await self.loop.create_connection(protocol, host, port, ssl=tls)
        await self.until_lost(self.greeted)

    async def until_lost(self, event: asyncio.Event) -> bool:
        """Wait for `event`; False if the connection was lost first."""
        waiters = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self.lost.wait())]
        try:
            await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
        return self.fault is None

    async def request(
        self,
        fields: Mapping[str, FieldValue],
        deadline: float,
        *,
        complete: str | None = None,
        on_answer: Callable[[Response, list[Event]], None] | None = None,
    ) -> tuple[Response, list[Event]]:
        """Send one action (with its ActionID) and wait at most `deadline` seconds for its answer.

        `on_answer` is called at the very place of the answer in the stream, before the next event.
        Raises UnsafeField and LinkNotReady (not sent), ActionTimeout (sent).
        """
        if self.fault is not None:
            raise LinkNotReady(self.fault.reason)
        action_id = str(fields["ActionID"])
        if action_id in self._pending:
            raise LinkNotReady(f"an action with the id {action_id} is under way")
        pending = Pending(self.loop.create_future(), complete, on_answer)
        self._pending[action_id] = pending
        try:
            self.send_action(fields)
            async with asyncio.timeout(deadline):
                return await pending.future, pending.items
        except TimeoutError:
            raise ActionTimeout(f"no answer to {fields['Action']} within {deadline:g} s") from None
        finally:
            self._pending.pop(action_id, None)

    def send_action(
        self, action: Mapping[str, FieldValue], as_list: Any = None, **kwargs: Any
    ) -> Any:
        return self.protocol.send({**action, **kwargs})

    def take(self, message: Event) -> None:
        """One whole message, in order."""
        pending = self._pending.get(message.get("ActionID", ""))
        is_event = "Event" in message
        # An OriginateResponse carries its action's id too: it is an event for all, not an answer.
        if pending is not None and (not is_event or pending.complete is not None):
            pending.take(message)
        elif is_event:
            self.dispatch(message)

    def dispatch(self, event: Event) -> None:
        """One at a time, in order; panoramisk would start a task for each and let them overtake."""
        try:
            self._on_event(event)
        except Exception:
            log.exception("the handler of the AMI event %s failed", event.get("Event"))

    def drop(self, fault: LinkFault) -> None:
        """End this connection now. Only the first fault counts; everything sent and unanswered is
        ActionTimeout."""
        if self.fault is not None:
            return
        self.fault = fault
        self.lost.set()
        if self.protocol is not None:
            self.protocol.close()
        for pending in self._pending.values():
            if not pending.future.done():
                pending.future.set_exception(
                    ActionTimeout(f"the connection ended first: {fault.reason}")
                )
        self._pending.clear()
        self._on_lost(self, fault)

    async def send_awaiting_actions(self, *_: object) -> None:
        """Nothing ever waits to be sent again."""

    def connect(self, *_: object, **__: object) -> NoReturn:
        raise RuntimeError("a Session has one connection; use open()")

    connection_made = ping = login = connect
