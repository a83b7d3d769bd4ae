"""One run of one fault: what was asked for, what was confirmed, and how the parties behave."""

import contextlib
import threading
from dataclasses import dataclass, field
from random import Random

from tests.lab import behaviours
from tests.lab.behaviours import Behaviour
from tests.lab.calls import Call
from tests.lab.consoles import Desk
from tests.lab.deployment_files import API_KEY
from tests.lab.waiting import PATIENCE, LabError, until
from tests.lab.web_client import WebClient
from tests.lab.world import World

from .robots import Robot
from .stage import OFFERED, OFFERED_TO_ALL, Stage

AT_ONCE = behaviours.answer(after=0.1)
TALKS = behaviours.answer(after=0.1, talk=0.3)
RINGS = behaviours.ring()
STAYS = behaviours.answer(after=0.1)
COMPLETED = frozenset({"completed"})


@dataclass
class Confirmed:
    """A wish that the product said it accepted. ends: the states in which it may end."""

    number: str
    secret: str
    ends: frozenset[str] = COMPLETED


@dataclass
class Case:
    """`confirmed` and `numbers` are what the judge holds the far end's log against; `breaches` what
    the fault itself saw broken ("lost: ...")."""

    stage: Stage
    random: Random
    confirmed: list[Confirmed] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)
    breaches: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    moved: set[str] = field(default_factory=set)  # their records' clock is not ours
    anew: set[str] = field(default_factory=set)  # asked again during the talk: a second request
    remarks: list[str] = field(default_factory=list)  # printed below the row

    robots: list[Robot] = field(default_factory=list)

    def robot(self, name: str) -> Robot:
        """An agent at a console, who acts until this run is judged."""
        Desk.open(self.stage, name, OFFERED)
        self.robots.append(Robot(self.stage, name, OFFERED_TO_ALL))
        return self.robots[-1]

    def close(self) -> None:
        for robot in self.robots:
            robot.close()

    @property
    def world(self) -> World:
        """The parties' phones."""
        return self.stage.bed.world

    def number(self) -> str:
        """A number of this run."""
        with self._lock:
            number = self.stage.number()
            while number in self.numbers:
                number = self.stage.number()
            self.numbers.add(number)
        return number

    def ask(
        self,
        customer: Behaviour = TALKS,
        agents: Behaviour = AT_ONCE,
        *,
        queue: str = "support",
        ends: frozenset[str] = COMPLETED,
    ) -> Call:
        """Ask for a callback through the form; from its 303 on it is a promise."""
        number = self.number()
        self.behave(number, customer, agents)
        call = Call(self.stage, number, self.stage.submit(number, queue))
        self.confirmed.append(Confirmed(number, call.secret, ends))
        return call

    def behave(self, number: str, customer: Behaviour, agents: Behaviour) -> None:
        """Set what the phones do."""
        self.world.customer(number, customer)
        self.agents(agents)

    def agents(self, behaviour: Behaviour) -> None:
        """Set what the agents' phones do."""
        for agent in self.world.agents:
            self.world.agent(agent, behaviour)

    def promise(self, kept: object, breach: str) -> None:
        """breach: "double: ...", "lost: ...", "stuck: ..." or "outside: ..." unless `kept`."""
        if not kept:
            self.breaches.append(breach)

    def confirm(self, number: str, secret: str, ends: frozenset[str] = COMPLETED) -> None:
        """A submission that was accepted, however it was sent."""
        self.confirmed.append(Confirmed(number, secret, ends))

    def pause(self, most: float) -> None:
        """A pause of seeded length: when the fault hits is part of the experiment."""
        threading.Event().wait(self.random.uniform(0, most))

    def part(self) -> None:
        """Both parties answer from now on, and hang up soon: the customers are patient people."""
        for number in self.numbers:
            self.world.customer(number, TALKS)
        self.agents(AT_ONCE)

    def agents_answer(self) -> None:
        """Whose phone rings answers it now, and whose phone rings later answers that."""
        self.agents(AT_ONCE)
        for agent in self.world.agents:
            for channel in self._ringing(agent):
                self._redirected(agent, channel)

    def end_calls(self) -> None:
        """Whoever still rings answers, and whoever is called back then hangs up."""
        self.agents_answer()
        for number in self.numbers:
            for channel in self._ringing(number):
                self._redirected(number, channel)
                threading.Event().wait(0.3)  # nobody hangs up in the packet that answers
            with contextlib.suppress(LabError):
                self.world.hang_up(number)

    def _ringing(self, party: str) -> list[str]:
        rang, answered, ended = (
            [p["Uniqueid"] for p in self.world._events(kind, party)]
            for kind in ("PhoneRings", "PhoneAnswers", "PhoneEnds")
        )
        return [channel for channel in rang if channel not in answered and channel not in ended]

    def _redirected(self, party: str, channel: str) -> None:
        """One that answers by itself meanwhile, or is given up, is as good."""

        def over() -> bool:
            if channel in self._ringing(party):
                with contextlib.suppress(LabError):
                    self.world.answer(party)
            return channel not in self._ringing(party)

        until(over, PATIENCE, f"{party} to answer", 0.1)

    # -- programs that speak to the web

    def web(self, port: int | None = None, timeout: float = PATIENCE) -> WebClient:
        """A browser; `port` leads through a door."""
        base = f"http://127.0.0.1:{port}" if port else self.stage.base_url
        return WebClient(base, timeout)

    def post(
        self, number: str, key: str, port: int | None = None, timeout: float = PATIENCE
    ) -> str:
        """One API submission with an idempotency key; the id in the answer. Raises OSError."""
        body = {"phone": number, "queue": "support"}
        code, answer = self.web(port, timeout).api(
            "POST", "", API_KEY, body, **{"Idempotency-Key": key}
        )
        if code not in (200, 201):
            raise LabError(f"the API answered {code}: {answer}")
        return str(answer["status_url"]).rpartition("/")[2]
