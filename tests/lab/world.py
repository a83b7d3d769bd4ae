"""The world around the PBX under test: agents' phones, and customers across a SIP trunk.

A second Asterisk plays the phones; a raw SIP socket in front of it is the trunk's far end and keeps
the log of INVITEs (`invites`). Configure the PBX's trunk to `trunk_port`.
"""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from . import world_files
from .ami import AmiTimeout, Packet
from .asterisk import Asterisk
from .behaviours import Behaviour
from .invites import Invite, digits
from .sip_responder import SipResponder
from .speed import Deadline
from .trees import Tree
from .waiting import PATIENCE, LabError, until


class World:
    """Phones and PSTN for a PBX whose SIP port is `pbx_port`. Numbers compare by their digits.

    A party without a behaviour answers at once and talks until somebody hangs up.
    """

    def __init__(
        self,
        tree: Tree,
        pbx_port: int,
        agents: Sequence[str] = ("1001", "1002", "1003"),
        extra_files: Mapping[str, str] | None = None,
    ) -> None:
        self.agents = tuple(agents)
        self.pbx_port = pbx_port
        # transmit_silence: a phone sends audio all the time (AMD needs it)
        self.asterisk = Asterisk(
            tree, {**world_files.files(agents, pbx_port), **(extra_files or {})}, name="world",
            options="transmit_silence = yes",
        )  # fmt: skip
        self.trunk = SipResponder(forward_to=self.asterisk.sip_port)
        self._dialled: dict[str, int] = {}  # agent: which of its answered calls is the dialled one

    @property
    def trunk_port(self) -> int:
        """UDP port of the trunk's far end."""
        return self.trunk.port

    def start(self) -> "World":
        """Start far end and phones; they register by themselves (see wait_registered)."""
        self.trunk.start()
        self.asterisk.start()
        return self

    def close(self) -> None:
        """End everything."""
        self.trunk.close()
        self.asterisk.close()

    def reset(self) -> None:
        """Between tests: hang up all, forget behaviours and logs, register every agent."""
        ami = self.asterisk.ami
        for channel in self.asterisk.channels():
            ami.action("Hangup", Channel=channel)
        self.asterisk.wait_idle()
        for number in {i.number for i in self.invites} | set(self.agents):
            self.customer(number, Behaviour("answer:0:3600:440"))
        self.trunk.invites.clear()
        self._dialled.clear()
        self._log_start = ami.mark()
        for agent in self.agents:
            if not self._registered(agent):
                self.register(agent)

    _log_start = 0

    # -- behaviours

    def customer(self, number: str, behaviour: Behaviour) -> None:
        """What the subscriber `number` (or the network for it) does from now on."""
        if behaviour.sip is not None:
            self.trunk.behave(number, behaviour)
        else:
            self.trunk.behave(number, None)
            self._set(number, behaviour)

    def agent(self, name: str, behaviour: Behaviour) -> None:
        """What the phone of agent `name` does from now on; a raw SIP status is impossible here."""
        if not behaviour.phone:
            raise LabError("an agent's phone cannot play a raw SIP behaviour")
        self._set(name, behaviour)

    def _set(self, number: str, behaviour: Behaviour) -> None:
        self.asterisk.ami.action("Setvar", Variable=f"B_{digits(number)}", Value=behaviour.phone)

    # -- the far end's logs

    @property
    def invites(self) -> list[Invite]:
        """Every INVITE the trunk's far end got, at its arrival."""
        return self.trunk.invites.all()

    def invites_for(self, number: str) -> list[Invite]:
        """Those for one number."""
        return self.trunk.invites.all(number)

    def wait_invite(
        self, number: str, timeout: float = PATIENCE, nth: int = 1, status: int = 0
    ) -> Invite:
        """Wait for the `nth` INVITE for a customer, or until `status` was answered to it."""
        return self.trunk.invites.wait(number, timeout, nth, status)

    @property
    def agent_invites(self) -> list[Invite]:
        """Every call that arrived at an agent's phone."""
        ami = self.asterisk.ami
        return [
            Invite(ami.times[place], p["Number"], p.get("From", ""), p.get("CallId", ""),
                   p.get("FromName", ""))
            for place, p in enumerate(ami.log[self._log_start :], self._log_start)
            if p.get("UserEvent") == "PhoneRings" and p.get("Number") in self.agents
        ]  # fmt: skip

    def wait_agent_invite(self, name: str, timeout: float = PATIENCE, nth: int = 1) -> Invite:
        """Wait for the `nth` call at an agent's phone."""
        self._wait("PhoneRings", name, timeout, nth)
        return [i for i in self.agent_invites if i.number == name][nth - 1]

    def wait_rings(self, number: str, timeout: float = PATIENCE, nth: int = 1) -> None:
        """Wait until the phone of a party (agent or customer) has reported its `nth` call."""
        self._wait("PhoneRings", number, timeout, nth)

    def wait_answered(self, number: str, timeout: float = PATIENCE, nth: int = 1) -> None:
        """Wait until a party (agent or customer) has answered its `nth` call."""
        self._wait("PhoneAnswers", number, timeout, nth)

    def wait_ended(self, number: str, timeout: float = PATIENCE, nth: int = 1) -> Packet:
        """Wait until a party's `nth` call is over; the event carries Cause."""
        return self._wait("PhoneEnds", number, timeout, nth)

    # -- what the parties do

    def answer(self, number: str) -> None:
        """The ringing party (behaviour ring()) answers now."""
        self._redirect(number, "phones", "talk")

    def hang_up(self, number: str, cause: int = 16) -> None:
        """The party hangs up, or refuses the ringing call (cause 21 rejects, 17 busy)."""
        ami = self.asterisk.ami
        self._accepted(ami.action("Hangup", Channel=self._channel(number), Cause=cause), number)

    def transfer(self, agent: str, target: str) -> None:
        """Blind transfer: the agent's phone sends REFER to the PBX's extension `target`."""
        self._redirect(agent, "transfer", target)

    def transfer_attended(self, agent: str, target: str) -> None:
        """Attended transfer: the agent's phone rings `target` on a second line, talks, and sends a
        REFER with Replaces (RFC 3891) on the first."""
        first, ami = self._channel(agent), self.asterisk.ami
        self.agent_calls(agent, target)
        self.wait_answered(target)
        until(lambda: self._channel(agent) != first, PATIENCE, "the second line")
        second = self._channel(agent)
        call_id, ours, theirs = (
            ami.action("Getvar", Channel=second, Variable=f"CHANNEL(pjsip,{name})")["Value"]
            for name in ("call-id", "local_tag", "remote_tag")
        )
        to = f"sip:{target}@127.0.0.1:{self.pbx_port}"
        replaces = f"Replaces={call_id}%3Bto-tag%3D{theirs}%3Bfrom-tag%3D{ours}"
        ami.action("Setvar", Channel=first, Variable="REFER_TO", Value=f"{to}?{replaces}")
        answer = ami.action("Redirect", Channel=first, Context="attended", Exten="s", Priority=1)
        self._accepted(answer, agent)

    def send_digits(self, number: str, keys: str) -> None:
        """The party presses keys with a gap between them, as a finger does: without one Asterisk
        may take two equal ones for one (AST_MIN_DTMF_GAP is 45 ms)."""
        channel = self._channel(number)
        for key in keys:
            time.sleep(0.1)
            self._accepted(self.asterisk.ami.action("PlayDTMF", Channel=channel, Digit=key), number)

    def call_pbx(self, extension: str, caller: str = "4930555") -> None:
        """A live caller rings the PBX over the trunk, and talks once answered."""
        self._originate("pbx", extension, caller)

    def agent_calls(self, agent: str, extension: str) -> None:
        """An agent dials an extension of the PBX."""
        self._dialled[agent] = len(self._events("PhoneAnswers", agent)) + 1
        self._originate(f"line-{agent}", extension, agent)

    def _originate(self, endpoint: str, extension: str, caller: str) -> None:
        answer = self.asterisk.ami.action(
            "Originate", Channel=f"PJSIP/{extension}@{endpoint}", Context="phones", Exten="talk",
            Priority=1, CallerID=f"<{caller}>", Timeout=60000, Async="true",
            Variable=[f"NUM={digits(caller)}", "B=answer:0:3600:700"],
        )  # fmt: skip
        self._accepted(answer, caller)

    def heard(self, number: str) -> Path:
        """Recording of what the party heard in its latest call (see audio.levels).

        Of a call that an agent dialled: once the PBX has answered it, never of the one before.
        """
        if number in self._dialled:
            self.wait_answered(number, nth=self._dialled.pop(number))
        answered = self._events("PhoneAnswers", number)
        if not answered:
            raise LabError(f"{number} has not answered a call")
        return Path(answered[-1]["Heard"])

    # -- registration

    def register(self, agent: str, timeout: float = PATIENCE) -> None:
        """Log an agent's phone in at the PBX (1 s: Asterisk waits before it registers)."""
        self.asterisk.ami.action("PJSIPRegister", Registration=f"line-{agent}")
        self.wait_registered(agent, timeout=timeout)

    def unregister(self, agent: str, timeout: float = PATIENCE) -> None:
        """Log an agent's phone out."""
        self.asterisk.ami.action("PJSIPUnregister", Registration=f"line-{agent}")
        until(lambda: not self._registered(agent), timeout, f"agent {agent} to log out")

    def wait_registered(self, *agents: str, timeout: float = PATIENCE) -> None:
        """Wait until these agents (all without arguments) are registered."""
        for agent in agents or self.agents:
            until(partial(self._registered, agent), timeout, f"agent {agent} to register", 0.05)

    def _registered(self, agent: str) -> bool:
        details = self.asterisk.ami.listing("PJSIPShowRegistrationsOutbound")
        return any(
            p.get("ObjectName") == f"line-{agent}" and p.get("Status") == "Registered"
            for p in details
        )

    # -- inside

    def _events(self, kind: str, number: str) -> list[Packet]:
        return self.asterisk.ami.events(
            "UserEvent", self._log_start, UserEvent=kind, Number=digits(number)
        )

    def _wait(self, kind: str, number: str, timeout: float, nth: int) -> Packet:
        ami, place = self.asterisk.ami, self._log_start
        limit = Deadline(timeout)
        try:
            for _ in range(nth):
                found = ami.event(
                    "UserEvent", limit.left(), place,
                    UserEvent=kind, Number=digits(number),
                )  # fmt: skip
                place = next(i for i in range(place, len(ami.log)) if ami.log[i] is found) + 1
        except AmiTimeout as error:
            raise LabError(f"waited {timeout:g} s for {kind} {nth} of {number}") from error
        return found

    def _channel(self, number: str) -> str:
        ended = {p["Uniqueid"] for p in self._events("PhoneEnds", number)}
        rang = self._events("PhoneRings", number) + self._events("PhoneAnswers", number)
        live = [p["Channel"] for p in rang if p["Uniqueid"] not in ended]
        if not live:
            raise LabError(f"{number} has no call")
        return live[-1]

    def _redirect(self, number: str, context: str, extension: str) -> None:
        answer = self.asterisk.ami.action(
            "Redirect", Channel=self._channel(number), Context=context, Exten=extension, Priority=1
        )
        self._accepted(answer, number)

    @staticmethod
    def _accepted(answer: Packet, number: str) -> None:
        if answer.get("Response") != "Success":
            raise LabError(f"{number}: the world's Asterisk said {answer.get('Message')}")
