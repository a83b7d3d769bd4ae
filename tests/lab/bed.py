"""PBX and world together: the usual test bed."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from .pbx import SALES, SUPPORT, Pbx, Queue
from .trees import tree
from .waiting import PATIENCE, until
from .world import World


class Bed:
    """A PBX of `version` with the world around it. start() returns when every agent is registered.

    The PBX's trunk is called `trunk`; the other arguments are those of Pbx.
    """

    def __init__(
        self,
        version: str = "22",
        world_version: str = "22",
        dialplan_includes: Sequence[Path] = (),
        manager_includes: Sequence[Path] = (),
        queues: Sequence[Queue] = (SUPPORT, SALES),
        agents: Sequence[str] = ("1001", "1002", "1003"),
        trunks: Mapping[str, int] | None = None,
        extra_files: Mapping[str, str] | None = None,
    ) -> None:
        self.pbx = Pbx(
            tree(version), dialplan_includes=dialplan_includes, manager_includes=manager_includes,
            queues=queues, agents=agents, extra_files=extra_files,
        )  # fmt: skip
        self.world = World(tree(world_version), self.pbx.sip_port, agents)
        self.pbx.trunks = {"trunk": self.world.trunk_port, **(trunks or {})}
        self.pbx.configure()

    def start(self) -> "Bed":
        """Start both at once and wait for the agents."""
        try:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda part: part.start(), (self.pbx, self.world)))
            self.wait_agents()
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """End both."""
        self.world.close()
        self.pbx.close()

    def reset(self) -> None:
        """Between tests: no calls, no behaviours, empty logs, every agent free."""
        for channel in self.pbx.channels():
            self.pbx.ami.action("Hangup", Channel=channel)
        self.world.reset()
        self.pbx.wait_idle()
        self.wait_agents()

    def wait_agents(self, *agents: str, timeout: float = PATIENCE) -> None:
        """Wait until these agents (default: all) are reachable and free at the PBX."""
        for agent in agents or self.pbx.agents:
            until(
                partial(self.agent_is_free, agent),
                timeout, f"agent {agent} to be free at the PBX", 0.05,
            )  # fmt: skip

    def agent_state(self, agent: str) -> str:
        """Device state at the PBX: NOT_INUSE, BUSY, RINGING, UNAVAILABLE, ..."""
        found = self.pbx.ami.action("Getvar", Variable=f"DEVICE_STATE(PJSIP/{agent})")
        return found.get("Value", "")

    def agent_is_free(self, agent: str) -> bool:
        """True if the PBX could ring this agent now."""
        return self.agent_state(agent) == "NOT_INUSE"

    def log_out(self, agent: str) -> None:
        """Unregister an agent's phone and wait until the PBX knows."""
        self.world.unregister(agent)
        until(
            lambda: self.agent_state(agent) == "UNAVAILABLE", PATIENCE, f"agent {agent} to be gone"
        )

    def log_in(self, agent: str) -> None:
        """Register it again and wait until the PBX knows."""
        self.world.register(agent)
        self.wait_agents(agent)

    def restart_pbx(self) -> None:
        """kill -9 the PBX, start it again, wait until the phones are back."""
        self.pbx.restart()
        for agent in self.pbx.agents:
            self.world.register(agent)
        self.wait_agents()

    def __enter__(self) -> "Bed":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()
