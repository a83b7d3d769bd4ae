"""One callback on a deployment, as a test speaks of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from asterisk_callback.domain.attempt import Attempt

from . import behaviours
from .behaviours import Behaviour
from .deployment import Deployment, Record
from .rings import assert_rings
from .waiting import PATIENCE, LabError, until
from .world import World

AT_ONCE = behaviours.answer(after=0.1)


@dataclass(frozen=True, slots=True)
class Call:
    """A callback that was asked for: `number` is the customer's."""

    lab: Deployment
    number: str
    secret: str

    @property
    def world(self) -> World:
        """The parties' phones."""
        return self.lab.bed.world

    @property
    def record(self) -> Record:
        """What the product wrote down so far."""
        return self.lab.record(self.secret)

    @property
    def attempt(self) -> Attempt:
        """The latest attempt."""
        return self.record.attempts[-1]

    def wait_attempt(self, probe: Callable[[Attempt], object], what: str) -> None:
        """Wait until the latest attempt is as `probe` says; until then there may be none."""

        def seen() -> object:
            attempts = self.record.attempts
            return attempts and probe(attempts[-1])

        until(seen, PATIENCE, what)

    def wait(self, *statuses: str, timeout: float = PATIENCE) -> None:
        """Wait for a public status."""
        self.lab.wait_status(self.secret, *statuses, timeout=timeout)

    def why(self, *reasons: str, timeout: float = PATIENCE) -> None:
        """Wait for a reason why it was not called yet."""
        self.lab.wait_why(self.secret, *reasons, timeout=timeout)

    def ended(self, *dispositions: str, timeout: float = PATIENCE) -> Record:
        """Wait until as many attempts have ended as are named, and so, in this order."""
        record = self.lab.wait_attempts(self.secret, len(dispositions), timeout)
        assert record.dispositions == list(dispositions), record.attempts
        return record

    def ended_without_a_ring(self, timeout: float = PATIENCE) -> Record:
        """Wait until an attempt has ended before the gate, for whatever reason."""
        record = self.lab.wait_attempts(self.secret, 1, timeout)
        assert record.attempts[0].gate_at is None, self.attempt
        return record

    def rings(self, count: int) -> None:
        """The far end saw exactly so many calls, and our record agrees."""
        assert_rings(self.lab, self.secret, count)

    def agent_answers(self, agent: str = "1001") -> None:
        """The agent's ringing phone is answered by hand (behaviour ring())."""
        self.world.wait_agent_invite(agent)
        self.world.answer(agent)
        self.world.wait_answered(agent)

    def customer_rings(self) -> None:
        """Wait until the far end rings the customer's phone."""
        self.world.wait_invite(self.number, status=180)
        self.world.wait_rings(self.number)  # whoever answers it by hand must know of it


def ask(
    lab: Deployment,
    customer: Behaviour | None = None,
    agents: Behaviour | Mapping[str, Behaviour] = AT_ONCE,
    *,
    number: str = "",
    queue: str = "support",
    **fields: str,
) -> Call:
    """Set how the parties behave, then ask for a callback through the real web form."""
    number = number or lab.number()
    _set(lab, number, customer, agents)
    return Call(lab, number, lab.submit(number, queue, **fields))


def ask_by_api(
    lab: Deployment, customer: Behaviour, agents: Behaviour = AT_ONCE, **fields: str
) -> tuple[Call, str]:
    """The same through the API: the call, and its public id, which only this API key may use."""
    number = lab.number()
    _set(lab, number, customer, agents)
    code, answer = lab.api("POST", "", {"phone": number, "queue": "support"} | fields)
    if code != 201:
        raise LabError(f"the API answered {code}: {answer}")
    return Call(lab, number, answer["status_url"].rpartition("/")[2]), answer["id"]


def _set(
    lab: Deployment,
    number: str,
    customer: Behaviour | None,
    agents: Behaviour | Mapping[str, Behaviour],
) -> None:
    world = lab.bed.world
    if customer is not None:
        world.customer(number, customer)
    for agent in world.agents:
        behaviour = agents if isinstance(agents, Behaviour) else agents.get(agent)
        if behaviour is not None:
            world.agent(agent, behaviour)
