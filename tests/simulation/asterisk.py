"""A model of Asterisk running dialplan/extensions_callback.conf.

A call is a coroutine on Asterisk's own process, so that killing or freezing the process does to it
what it does to a real one: killed, it runs no hangup handler; restarted gracefully, it runs all.
AstDB outlives the process, but for what was written in its last second (measured).
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from asterisk_callback.telephony import contract, loaded
from tests.simulation.ami_door import AmiDoor, Fields
from tests.simulation.calls import Call, Disk
from tests.simulation.doors import GateDoors
from tests.simulation.far_end import Agent, FarEnd, Says
from tests.simulation.loop import Universe

GATE_SECONDS = 5.0
RING_FOR = 15.0
QUEUE = "agents"

# DIALSTATUS, hangup cause and the line's own word, as causes.py was measured against.
_LINE_SAYS: dict[Says, tuple[str, str, str]] = {
    Says.BUSY: ("BUSY", "17", "SIP 486 Busy Here"),
    Says.SILENT: ("NOANSWER", "19", ""),
    Says.DECLINES: ("CHANUNAVAIL", "21", "SIP 603 Decline"),
    Says.UNKNOWN_NUMBER: ("CHANUNAVAIL", "1", "SIP 404 Not Found"),
    Says.TRUNK_REFUSES: ("CHANUNAVAIL", "21", "SIP 403 Forbidden"),
    Says.CONGESTED: ("CONGESTION", "34", "SIP 503 Service Unavailable"),
}
_RINGS_FIRST = (Says.ANSWERS, Says.SILENT, Says.DECLINES)


class Asterisk:
    """One process of Asterisk, from its start to its death."""

    def __init__(self, universe: Universe, far_end: FarEnd, disk: Disk, gates: GateDoors) -> None:
        self.universe = universe
        self.far_end = far_end
        self.disk = disk
        self.gates = gates
        self.process = universe.process("asterisk")
        self.calls: dict[str, Call] = {}
        self.duplicates = 0.0
        self.door = AmiDoor(
            universe,
            self.process,
            {
                "Originate": self._originate,
                "Hangup": self._hangup,
                "Redirect": self._redirect,
                "CoreShowChannels": self._channels,
                "DBGet": self._db_get,
                "QueueStatus": self._queue_status,
                "ShowDialPlan": _our_dialplan,
                "Getvar": lambda fields, _: ({"Response": "Success", "Value": "1"}, []),
            },
        )
        self.process.later(0.4, self.door.boot)

    def kill(self) -> None:
        self.disk.crash(self.universe.now)
        self.process.kill()
        for agent in self.far_end.agents:
            agent.on_call = False

    def stop(self) -> None:
        """`core restart now`: the hangup handlers run, then the process ends."""
        for call in list(self.calls.values()):
            self._cancel(call)
        self.process.later(0.2, self._stopped)

    def _stopped(self) -> None:
        self.process.kill("stopped in good order")
        for agent in self.far_end.agents:
            agent.on_call = False

    # --- AMI ----------------------------------------------------------------------------------

    def _originate(self, fields: Fields, variables: Sequence[str]) -> tuple[Fields, list[Fields]]:
        where, _, context = fields["channel"].partition("@")
        token = where.partition("/")[2]
        if not self.door.booted:
            return {"Response": "Error", "Message": "Extension does not exist."}, []
        if context.startswith(contract.CONTEXT_FORGET):
            for left in variables[0].partition("=")[2].split("-"):
                self.process.later(self._soon(), self._forget, left)
            return {"Response": "Success"}, []
        if context.startswith(contract.CONTEXT_WITNESS):
            self.process.later(self._soon(), self._witness, token)
            return {"Response": "Success"}, []
        if context.startswith(contract.CONTEXT_DOCTOR):
            self.process.spawn(self._probe())
            return {"Response": "Success"}, []
        if context.startswith(contract.CONTEXT_FACTS):
            self.process.later(self._soon(), self._tell_rules, variables[0].partition("=")[2])
            return {"Response": "Success"}, []
        given = dict(one.partition("=")[::2] for one in variables)
        queue_for = float(given[contract.VAR_QUEUE_FOR])
        self.process.later(self._soon(), self._place, token, queue_for)
        if self.universe.rng.random() < self.duplicates:
            # Not by us: but whatever re-sends it, the phone rings once (P2).
            late = self.universe.rng.random() * 60
            self.process.later(late, self._place, token, queue_for)
        return {"Response": "Success", "Message": "Originate successfully queued"}, []

    async def _probe(self) -> None:
        """[callback-doctor] probe: asks the gates as a call does, with what is no token."""
        heard: dict[str, str] = {}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GATE_SECONDS):
                for address in self.gates.addresses:
                    heard = heard or await self.gates.ask(self.process, address, "doctor")
        told = {"Event": "UserEvent", "UserEvent": contract.EVENT_DOCTOR, "Gate": "agi://gate/gate"}
        word = {contract.FIELD_WORD: "SUCCESS" if heard else "FAILURE"}
        self.door.tell({**told, **word, "Reached": "1" if heard else ""})

    def _tell_rules(self, queue: str) -> None:
        event = {"Event": "UserEvent", "UserEvent": contract.EVENT_FACTS, "Queue": queue}
        self.door.tell(
            {**event, "RingInUse": "no", "WrapUp": "", "Now": str(int(self.universe.now))}
        )

    def _place(self, token: str, queue_for: float) -> None:
        if token in self.calls:
            self.door.tell(self._originate_response(token, "Failure", "0"))
            return
        self.universe.note("asterisk", f"places {token[:4]}")
        call = self.calls[token] = Call(token, queue_for)
        call.task = self.process.spawn(self._run(call))

    def _hangup(self, fields: Fields, _: Sequence[str]) -> tuple[Fields, list[Fields]]:
        call = self._call(fields["channel"])
        if call is None:
            return {"Response": "Error", "Message": "No such channel"}, []
        self._cancel(call)
        return {"Response": "Success"}, []

    def _redirect(self, fields: Fields, _: Sequence[str]) -> tuple[Fields, list[Fields]]:
        call = self._call(fields["channel"])
        if call is None or not call.in_customer_half:
            return {"Response": "Error", "Message": "Channel does not exist"}, []
        self._cancel(call)  # the prompt adds a second or two, and rings nobody
        return {"Response": "Success"}, []

    def _channels(self, _: Fields, __: Sequence[str]) -> tuple[Fields, list[Fields]]:
        items = [
            {"Event": "CoreShowChannel", "Uniqueid": one, "Linkedid": call.id_a}
            for call in self.calls.values()
            for one in (call.id_a, call.id_b)
        ]
        return {"Response": "Success"}, [*items, {"Event": "CoreShowChannelsComplete"}]

    def _db_get(self, fields: Fields, _: Sequence[str]) -> tuple[Fields, list[Fields]]:
        entry = self.disk.astdb.get(fields["key"])
        if entry is None:
            return {"Response": "Error", "Message": "Database entry not found"}, []
        item = {"Event": "DBGetResponse", "Family": fields["family"], "Val": entry[0]}
        return {"Response": "Success"}, [item, {"Event": "DBGetComplete"}]

    def _queue_status(self, _: Fields, __: Sequence[str]) -> tuple[Fields, list[Fields]]:
        members = [
            {
                "Event": "QueueMember",
                "Queue": QUEUE,
                "Location": agent.name,
                "Status": agent.device_state,
                "Paused": "0",
            }
            for agent in self.far_end.agents
        ]
        head = {"Event": "QueueParams", "Queue": QUEUE}
        return {"Response": "Success"}, [head, *members, {"Event": "QueueStatusComplete"}]

    def tell_state(self, agent: Agent) -> None:
        self.door.tell(
            {
                "Event": "QueueMemberStatus",
                "Queue": QUEUE,
                "Interface": agent.name,
                "Status": agent.device_state,
                "Paused": "0",
            }
        )

    def _originate_response(self, token: str, response: str, reason: str) -> Fields:
        return {
            "Event": "OriginateResponse",
            "ActionID": token,
            "Response": response,
            "Reason": reason,
            "Uniqueid": f"cb-{token}-a",
        }

    # --- the dialplan ---------------------------------------------------------------------------

    async def _run(self, call: Call) -> None:
        queue_status = ""
        try:
            queue_status = await self._queue(call)
            if call.agent is not None:
                self.door.tell(self._originate_response(call.token, "Success", "4"))
                call.in_customer_half = True
                await self._customer_half(call)
        except asyncio.CancelledError:
            pass  # hung up by somebody; the handlers run
        finally:
            if self.process.alive:
                self._end(call, queue_status)

    def _end(self, call: Call, queue_status: str) -> None:
        """Hangup handlers of both halves, in either order."""
        if call.agent is None:
            self.door.tell(self._originate_response(call.token, "Failure", "5"))
        elif not call.reported:
            self._report(call)
        status = queue_status if call.agent is None else ""
        self._user_event(call, Leg="agent", QueueStatus=status, Cause=call.cause)
        if call.agent is not None:
            call.agent.on_call = False
            self.tell_state(call.agent)
        del self.calls[call.token]

    async def _queue(self, call: Call) -> str:
        """[callback-agent]. Sets call.agent, or returns what QUEUESTATUS then says."""
        rng = self.universe.rng
        until = self.universe.now + call.queue_for
        while self.universe.now < until:
            agents = [agent for agent in self.far_end.agents if agent.logged_in]
            if not agents:
                return "JOINEMPTY"
            free = [agent for agent in agents if agent.free]
            if not free:
                await asyncio.sleep(1)
                continue
            await self._offer(call, rng.choice(free))
            if call.agent is not None:
                return ""
            await asyncio.sleep(1)
        return "TIMEOUT"

    async def _offer(self, call: Call, agent: Agent) -> None:
        rng = self.universe.rng
        agent.on_call = True
        self.tell_state(agent)
        who = {
            "Uniqueid": call.id_b,
            "MemberName": agent.name,
            "Interface": agent.name,
        }
        self.door.tell({"Event": "AgentCalled", **who})
        answers = rng.random() < 0.8
        try:
            await asyncio.sleep(0.3 + rng.random() * 5)
        finally:
            if self.process.alive and call.agent is None:
                agent.on_call = False
        if answers and agent.logged_in:
            agent.on_call = True
            call.agent = agent
            self.door.tell({"Event": "AgentConnect", **who})
        self.tell_state(agent)

    async def _customer_half(self, call: Call) -> None:
        """[callback-customer]: whisper, gate, and only by its yes callback-dial."""
        rng = self.universe.rng
        if rng.random() < 0.1:
            self.process.later(rng.random() * 20, self._cancel, call)  # the agent gives up
        await asyncio.sleep(0.5 + rng.random() * 3)
        call.asked = True
        try:
            async with asyncio.timeout(GATE_SECONDS):
                await self._ask_gates(call)
        except TimeoutError:
            pass  # the extension T: no variable that came later counts
        go = call.variables.get(contract.VAR_GO, "")
        if go == call.token:
            await self._dial(call)
        if not call.reported:
            self._report(call)
        await asyncio.sleep(1.5)  # callback-tell

    async def _ask_gates(self, call: Call) -> None:
        for address in self.gates.addresses:
            call.variables.update(await self.gates.ask(self.process, address, call.token))
            if call.variables.get(contract.VAR_GO) or call.variables.get(contract.VAR_NO):
                return

    async def _dial(self, call: Call) -> None:
        """[callback-dial]"""
        call.dial_status = "CANCEL"  # what a hangup from here on would leave
        call.cause = "0"
        ring = call.ring = self.far_end.invite(call.token, call.variables[contract.VAR_NUMBER])
        await asyncio.sleep(self._soon())
        ring.noticed = ring.disturbs
        if ring.says in _RINGS_FIRST:
            call.rang = True
            self._dial_event(call, "DialState", "RINGING")
            await asyncio.sleep(RING_FOR if ring.says is Says.SILENT else self._soon() * 200)
        if ring.says is Says.ANSWERS:
            call.dial_status, call.cause = "ANSWER", "16"
            self._dial_event(call, "DialEnd", "ANSWER")
            await asyncio.sleep(2 + self.universe.rng.random() * 40)
        else:
            call.dial_status, call.cause, call.tech = _LINE_SAYS[ring.says]
        self._report(call)

    def _dial_event(self, call: Call, event: str, status: str) -> None:
        self.door.tell(
            {"Event": event, "Uniqueid": call.id_a, "Linkedid": call.id_a, "DialStatus": status}
        )

    def _report(self, call: Call) -> None:
        """[callback-report] of the customer half: AstDB first, then the event."""
        call.reported = True
        gate = call.variables.get(contract.VAR_GO, "")[:1]
        outcome = {
            "DialStatus": call.dial_status,
            "Cause": call.cause,
            "TechCause": call.tech,
            "RingMs": "900" if call.rang else "",
            "ProgressMs": "",
            "AnsweredMs": "2000" if call.dial_status == "ANSWER" else "",
            "Gate": gate,
            "Line": "PJSIP",
        }
        assert tuple(outcome) == contract.OUTCOME_FIELDS
        self.disk.astdb[call.token] = ("|".join(outcome.values()), self.universe.now)
        said = call.variables.get(contract.VAR_GO) or call.variables.get(contract.VAR_NO)
        word = contract.WORD_HEARD if said else "FAILURE" if call.asked else ""
        self._user_event(call, Leg="customer", **outcome, **{contract.FIELD_WORD: word})

    def _user_event(self, call: Call, **fields: str) -> None:
        event = {"Event": "UserEvent", "UserEvent": contract.EVENT_LEG, "Token": call.token}
        self.door.tell({**event, **fields})

    # --- small things ---------------------------------------------------------------------------

    def _cancel(self, call: Call) -> None:
        if call.task is not None:
            call.task.cancel()

    def _call(self, uniqueid: str) -> Call | None:
        token: Any = contract.token_of(uniqueid)
        return self.calls.get(token)

    def _forget(self, token: str) -> None:
        self.disk.astdb.pop(token, None)

    def _witness(self, extension: str) -> None:
        self.disk.astdb[extension[:12]] = (extension[12:], self.universe.now)

    def _soon(self) -> float:
        return 0.001 + self.universe.rng.random() * 0.05


_SHIPPED = loaded.shipped()


def _our_dialplan(fields: Fields, _: Sequence[str]) -> tuple[Fields, list[Fields]]:
    """Each context as we ship it: that it can be otherwise is for a real Asterisk to show."""
    items = [
        {"Event": "ListDialplan", "Extension": extension, "Priority": priority,
         "Application": application, "AppData": data}
        for (extension, priority), (application, data) in _SHIPPED[fields["context"]].items()
    ]  # fmt: skip
    return {"Response": "Success"}, [*items, {"Event": "ShowDialPlanComplete"}]
