"""One Asterisk server as the dispatcher sees it: place a call once, end it, list what is live.

Everything that is sent consists of the attempt's token and of names from the configuration (P14).
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.attempt import Attempt, Token
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.progress import AgentAnswers, AttemptEnds, Report
from asterisk_callback.domain.queue import ClaimedCall
from asterisk_callback.domain.queue_member import Member
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.telephony import aside, contract, gate_word, queue_members, queue_rules
from asterisk_callback.telephony.event_filter import Needed, together
from asterisk_callback.telephony.gate_word import GateWord
from asterisk_callback.telephony.link import ActionTimeout, AmiLink, LinkNotReady, LinkState
from asterisk_callback.telephony.loaded import LoadedDialplan
from asterisk_callback.telephony.member_order_sender import MemberOrderSender
from asterisk_callback.telephony.originate import Fields, originate_fields
from asterisk_callback.telephony.queue_members import QueueMembers
from asterisk_callback.telephony.server_settings import AsteriskServer
from asterisk_callback.telephony.translate import (
    TRANSLATED,
    Context,
    left_outcome,
    picked_up,
    translate,
)
from asterisk_callback.telephony.wire import UnsafeField
from asterisk_callback.telephony.wrap_up_timer import WrapUpTimer

log = logging.getLogger(__name__)


# The events that `_take` hands to whoever listens to them.
NEEDED: Needed = together(TRANSLATED, queue_members.NEEDED, gate_word.NEEDED)

# How often it is asked what queues.conf says, and what Asterisk's clock shows.
RULES_EVERY = 30.0  # seconds

# What Asterisk answers to an action that the AMI user has no right to (manager.c).
_DENIED = "Permission denied"


class ServerConnection:
    """on_report: a report about an attempt, in the order of Asterisk's events. on_change: the link
    or a queue's members changed. trunks: by name, for what a line's silence means. queues: the
    Asterisk queues that are ours."""

    def __init__(
        self,
        server: AsteriskServer,
        *,
        on_report: Callable[[Report], None],
        on_change: Callable[[], None],
        trunk_of: Callable[[Token], Trunk | None],
        queues: Collection[str] = (),
    ) -> None:
        self.server = server
        self._queues = queues
        self._rules_at = -math.inf
        self._on_report = on_report
        self._on_change = on_change
        self._trunk_of = trunk_of
        self._members = QueueMembers()
        self._wrap_ups = WrapUpTimer(self._members.next_end, on_change)
        self._context = Context(gives_ringing=self._gives_ringing)
        # Attempts whose agent's ringing phone a colleague's device has picked up just now.
        self._picked_up: dict[Token, str] = {}
        self._window = asyncio.Semaphore(server.window)
        self._may_originate = True
        self.link = AmiLink(
            server.address,
            on_event=self._take,
            on_state=self._state,
            variables=contract.ORIGINATE_VARIABLES,
            needed=NEEDED,
            timings=server.timings,
        )
        self.dialplan = LoadedDialplan(server.instance)
        self.gate = GateWord(server.instance)
        self.orders = MemberOrderSender(self.link, server, self._ask_dialplan)
        # Since the link came up: were dialplan, rights and gate looked at?
        self._looked = False

    @property
    def linked(self) -> bool:
        """Can Asterisk be asked, and calls be ended? Not without the right to, whatever the link
        says."""
        return self.link.state is LinkState.READY and self._may_originate

    @property
    def ready(self) -> bool:
        """Can calls be placed? Not with half a dialplan, nor for a gate that nobody hears."""
        return self._looked and self.linked and not self.dialplan.fault and not self.gate.fault

    @property
    def reason(self) -> str:
        """One sentence for the operator: the state, and what mends it."""
        if self.trouble is not None:
            return self.trouble[1]
        return self.link.reason if self._looked else "Asterisk is looked at before the first call"

    @property
    def trouble(self) -> tuple[AlarmName, str] | None:
        """What keeps calls from being placed, as an alarm's name and its sentence. None: nothing,
        or it is not known yet; then `ready` says which."""
        if not self._may_originate:
            user = self.server.address.username
            return AlarmName.NO_RIGHT, (
                f"Asterisk refuses Originate: the AMI user {user!r} lacks write=originate in "
                "manager.conf"
            )
        if self.link.state is not LinkState.READY:
            return AlarmName.NO_LINK, self.link.reason
        if self.dialplan.fault:
            return AlarmName.NO_DIALPLAN, self.dialplan.fault
        return (AlarmName.GATE, self.gate.trouble) if self.gate.trouble else None

    async def look_again(self) -> None:
        """While Originate is refused: was the right given meanwhile? Asterisk reads it at the
        login, so a link without it logs in anew. Raises LinkNotReady and ActionTimeout."""
        if self._may_originate or self.link.state is not LinkState.READY:
            return
        allowed = await self.link.action("ListCommands", {})
        self._may_originate = "Originate" in allowed.fields
        if self._may_originate:
            self._on_change()
        else:
            self.link.log_in_anew()

    async def look_around(self) -> None:
        """Is our part of Asterisk there, whole and ours? And after each connect, before the first
        call: may we originate, and does Asterisk hear the gate? Raises LinkNotReady and
        ActionTimeout."""
        await self._look_at_dialplan()
        if self._looked:
            return
        if not self.dialplan.fault:
            await self.probe_gate()
            if self.gate.silent:
                await self.probe_gate()
        self._looked = True
        self._on_change()

    async def probe_gate(self) -> None:
        """Has Asterisk ask the gate, and ring nobody. Raises LinkNotReady and ActionTimeout."""
        self.gate.asked()
        if await self._ask_dialplan(f"Local/{contract.EXTEN_PROBE}@{contract.CONTEXT_DOCTOR}/n"):
            await self.gate.told()

    async def _look_at_dialplan(self) -> None:
        before = self.dialplan.fault
        await self.dialplan.look(self.link)
        if self.dialplan.fault != before:
            if self.dialplan.fault:
                log.error("nothing is dialled: %s", self.dialplan.fault)
            self._on_change()

    async def run(self) -> None:
        await self.link.run()

    def facts(self, asterisk_queue: str) -> QueueStatus:
        return self._members.facts(asterisk_queue) if self.linked else QueueStatus()

    def members(self, asterisk_queue: str) -> Sequence[Member]:
        """Who is logged in to this queue right now; nobody while Asterisk is away."""
        return self._members.of(asterisk_queue) if self.linked else ()

    def missing_queues(self) -> Sequence[str]:
        """Of the Asterisk queues that are ours, those that it does not have."""
        return self._members.missing(self._queues) if self.linked else ()

    def clock(self) -> datetime | None:
        """What Asterisk's clock shows (aware UTC); None: not known."""
        return self._members.now()

    async def refresh_members(self) -> None:
        """Asks for a full status of the queues; used after each connect and now and then."""
        if time.monotonic() - self._rules_at >= RULES_EVERY:
            self._rules_at = time.monotonic()
            for name in self._queues:
                await self.link.action(
                    "Originate", queue_rules.question(name, self.server.instance)
                )
        await self.link.list_action(
            "QueueStatus", {}, complete="QueueStatusComplete", on_complete=self._members.replace
        )
        self._wrap_ups.look_soon()
        self._on_change()

    async def originate(self, claim: ClaimedCall) -> None:
        """Sends one Originate for the attempt, and never another.

        Certainly not placed: the attempt ends here. Silence proves nothing: reconciliation decides.
        """
        token = claim.attempt.token
        async with self._window:
            try:
                fields = self._fields(claim)
                response = await self.link.action("Originate", fields)
            except LinkNotReady as error:
                self._not_placed(token, f"not sent: {error}")
            except UnsafeField as error:
                # The configuration is checked at the start, so this is a bug: said, not sent.
                log.error("attempt %s was not sent: %s", claim.attempt.id, error)
                self._not_placed(token, "not sent: the configuration has an unsafe value")
            except ActionTimeout:
                log.warning("no answer to the Originate of attempt %s", claim.attempt.id)
            else:
                if not response.success:
                    if response.message == _DENIED:
                        self._refused()
                    self._not_placed(token, f"Asterisk refused: {response.message}")

    def _fields(self, claim: ClaimedCall) -> Fields:
        """Raises UnsafeField for a phone that may not be rung."""
        member = claim.attempt.member
        if claim.attempt.mode.rules.offered and not self.server.members.allow(member or ""):
            raise UnsafeField(contract.VAR_MEMBER, "is no phone that may be rung")
        server = self.server
        return originate_fields(
            claim, server.sounds, server.codecs, server.prompts, server.instance
        )

    async def _ask_dialplan(self, channel: str, *variables: str) -> bool:
        """Runs a few lines of our dialplan that call nobody; False: Asterisk does not. Raises
        LinkNotReady and ActionTimeout."""
        fields = aside.lines(channel, self.server.instance, *variables)
        response = await self.link.action("Originate", fields)
        if response.message == _DENIED:
            self._refused()
        return response.success

    async def end(self, attempt: Attempt) -> bool:
        """Ends the call of an attempt that was cancelled, or that its agent drops. An agent on
        the line hears why, unless they wanted it so. False: Asterisk has no such call, or not yet.
        Raises LinkNotReady and ActionTimeout."""
        hears = attempt.mode.rules.agent_first and attempt.dropped_at is None
        if attempt.agent_at is not None and hears:
            told = await self.link.action(
                "Redirect",
                {
                    "Channel": contract.customer_uniqueid(attempt.token),
                    "Context": contract.of_instance(contract.CONTEXT_TELL, self.server.instance),
                    "Exten": contract.PROMPT_CANCELLED,
                    "Priority": 1,
                },
            )
            if told.success:
                return True
        ended = await self.link.action(
            "Hangup", {"Channel": contract.agent_uniqueid(attempt.token)}
        )
        return ended.success

    async def live_tokens(self) -> frozenset[Token]:
        """The tokens of all calls of ours that Asterisk has. Raises LinkNotReady and
        ActionTimeout."""
        items = await self.link.list_action(
            "CoreShowChannels", {}, complete="CoreShowChannelsComplete", deadline=15.0
        )
        ids = (item.get(key, "") for item in items for key in ("Uniqueid", "Linkedid"))
        return frozenset(token for token in map(contract.token_of, ids) if token)

    async def left_outcome(self, attempt: Attempt) -> AttemptEnds | None:
        """What the attempt's call left in Asterisk for us. Raises LinkNotReady and
        ActionTimeout."""
        trunk = self._trunk_of(attempt.token)
        family = contract.of_instance(contract.ASTDB_FAMILY, self.server.instance)
        value = await aside.stored(self.link, family, attempt.token)
        if value is None:
            return None
        return left_outcome(attempt.token, value, trunk is None or trunk.gives_ringing)

    async def forget(self, tokens: Sequence[Token]) -> bool:
        """Removes what calls left, of at most FORGOTTEN_AT_ONCE; our rights suffice only by way of
        the dialplan. False: it was not sent, or nobody knows."""
        try:
            await self._ask_dialplan(
                f"Local/{contract.EXTEN_FORGET}@{contract.CONTEXT_FORGET}/n",
                f"{contract.VAR_FORGET}={'-'.join(tokens)}",
            )
        except (LinkNotReady, ActionTimeout):
            return False
        return True

    def _refused(self) -> None:
        self._may_originate = False
        log.error("%s", self.reason)
        self._on_change()

    def _not_placed(self, token: Token, why: str) -> None:
        self._on_report(
            AttemptEnds(token=token, disposition=Disposition.NO_AGENT, rung=False, detail=why)
        )

    def _take(self, event: Mapping[str, str]) -> None:
        name = event.get("Event", "")
        if name in gate_word.NEEDED and self.gate.take(event):
            self._on_change()
        if name in queue_members.NEEDED and self._members.take(event):
            self._wrap_ups.look_soon()
            self._on_change()
        if name not in TRANSLATED:
            return
        if taken := picked_up(event):
            self._picked_up.update([taken])
        report = translate(event, self._context)
        if report is not None:
            self._on_report(self._by_whom(report))

    def _by_whom(self, report: Report) -> Report:
        """Asterisk names the member whose phone rang, also where a colleague picked the call up."""
        if not isinstance(report, AgentAnswers | AttemptEnds):
            return report
        device = self._picked_up.pop(report.token, None)
        if device is None or isinstance(report, AttemptEnds):
            return report
        member = self._members.by_device(device)
        name, interface = (member.name, member.interface) if member else (device, device)
        return replace(report, agent=name, member=interface)

    def _gives_ringing(self, token: Token) -> bool:
        trunk = self._trunk_of(token)
        return trunk is None or trunk.gives_ringing

    def _state(self, state: LinkState) -> None:
        if state is not LinkState.READY:
            self._members.clear()
            self._context.dials.clear()
            self.dialplan.forget()
            self.gate.forget()
            self._looked = False
            self._rules_at = -math.inf
        self._on_change()
