"""What goes wrong in a run. Each seed allows some kinds of fault and not others, so that rare ones
are not drowned by the common ones (swarm testing)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.run import Run


class Faults:
    """Strikes at random until `until`; `heal` mends everything that is broken. only: the kinds of
    fault, by name, instead of the seed's choice."""

    def __init__(self, run: "Run", until: float, only: tuple[str, ...] = ()) -> None:
        self.run = run
        self.universe = run.universe
        self.rng = run.universe.rng
        self.until = until
        kinds: list[Callable[[], None]] = [
            self.kill_dispatcher, self.freeze_dispatcher, self.replace_frozen, self.stop_dispatcher,
            self.kill_after_commit, self.kill_asterisk, self.restart_asterisk, self.freeze_asterisk,
            self.cut_link, self.partition, self.deaf_gate, self.lossy_gate, self.database_away,
            self.flaky_database, self.kill_web, self.agent_leaves, self.trunk_down, self.suppress,
            self.repeated_events, self.duplicate_originates,
        ]  # fmt: skip
        share = self.rng.choice([0.0, 0.15, 0.3, 0.6, 1.0])
        self.kinds = [kind for kind in kinds if self.rng.random() < share]
        if only:
            self.kinds = [kind for kind in kinds if kind.__name__ in only]
        self.every = self.rng.choice([4.0, 10.0, 25.0])
        self.die_at_commit = 0.0

    def begin(self) -> None:
        self._next()

    def _next(self) -> None:
        if self.kinds:
            self.run.god.later(self.rng.expovariate(1 / self.every), self._strike)

    def _strike(self) -> None:
        if self.universe.now >= self.until:
            return
        kind = self.rng.choice(self.kinds)
        self.universe.note("fault", kind.__name__)
        kind()
        self._next()

    def _some_time(self) -> float:
        return self.rng.choice([0.5, 3.0, 12.0, 40.0]) * (0.5 + self.rng.random())

    def _later(self, work: Callable[[], None]) -> None:
        self.run.god.later(self._some_time(), work)

    # --- dispatchers ------------------------------------------------------------------------

    def kill_dispatcher(self) -> None:
        host = self.rng.choice(self.run.hosts)
        host.kill()
        self._later(host.ensure)

    def kill_after_commit(self) -> None:
        """Somebody dies between a commit and hearing of it, soon."""
        self.die_at_commit = 0.3
        self.run.god.later(5.0, self._spare)

    def _spare(self) -> None:
        self.die_at_commit = 0.0

    def at_commit(self) -> None:
        if self.die_at_commit and self.rng.random() < self.die_at_commit:
            for host in self.run.hosts:
                if host.process is self.universe.running and self.universe.now < self.until:
                    host.kill()
                    self._later(host.ensure)

    def freeze_dispatcher(self) -> None:
        host = self.rng.choice(self.run.hosts)
        if host.process is not None:
            host.process.freeze(self._some_time())

    def replace_frozen(self) -> None:
        """Frozen, taken for dead, started anew under its name; then the old one wakes up."""
        host = self.rng.choice(self.run.hosts)
        if host.process is not None:
            host.process.freeze(self._some_time())
            host.start()

    def stop_dispatcher(self) -> None:
        host = self.rng.choice(self.run.hosts)
        host.stop()
        self._later(host.ensure)

    # --- Asterisk and the ways to it -----------------------------------------------------------

    def kill_asterisk(self) -> None:
        self.run.asterisk.kill()

    def restart_asterisk(self) -> None:
        self.run.asterisk.stop()

    def freeze_asterisk(self) -> None:
        self.run.asterisk.process.freeze(self._some_time())

    def cut_link(self) -> None:
        for session in list(self.run.asterisk.door.sessions):
            if self.rng.random() < 0.6:
                session.connection.cut()

    def partition(self) -> None:
        for session in self.run.asterisk.door.sessions:
            if self.rng.random() < 0.6:
                session.connection.hold(self._some_time())

    def deaf_gate(self) -> None:
        self.run.gates.deaf_until = self.universe.now + self._some_time()

    def lossy_gate(self) -> None:
        self.run.gates.loses_answer = 0.5
        self._later(self._gate_answers)

    def _gate_answers(self) -> None:
        self.run.gates.loses_answer = 0.0

    def repeated_events(self) -> None:
        for session in self.run.asterisk.door.sessions:
            session.repeats = 0.3

    def duplicate_originates(self) -> None:
        self.run.asterisk.duplicates = 0.5

    def agent_leaves(self) -> None:
        agent = self.rng.choice(self.run.far_end.agents)
        agent.logged_in = not agent.logged_in
        self.run.asterisk.tell_state(agent)

    def trunk_down(self) -> None:
        self.run.far_end.trunk_down = True
        self._later(self._trunk_up)

    def _trunk_up(self) -> None:
        self.run.far_end.trunk_down = False

    # --- database, web, operator ----------------------------------------------------------------

    def database_away(self) -> None:
        self.run.store.away_until = self.universe.now + self._some_time()

    def flaky_database(self) -> None:
        self.run.store.fails = self.run.store.loses_reply = 0.1
        self._later(self._steady)

    def _steady(self) -> None:
        self.run.store.fails = self.run.store.loses_reply = 0.0

    def kill_web(self) -> None:
        self.run.customers.web.kill()
        self.run.customers.start_web()

    def suppress(self) -> None:
        self.run.customers.suppress(self.rng.randrange(4))

    # --- the end of all faults --------------------------------------------------------------------

    def heal(self) -> None:
        self.universe.note("fault", "all faults end")
        self.die_at_commit = 0.0
        self.run.store.away_until = 0.0
        self.run.gates.deaf_until = 0.0
        self._steady()
        self._gate_answers()
        self._trunk_up()
        self.run.ensure_asterisk()
        self.run.asterisk.process.frozen_until = 0.0
        self.run.asterisk.duplicates = 0.0
        for agent in self.run.far_end.agents:
            agent.logged_in = True
            self.run.asterisk.tell_state(agent)
        for host in self.run.hosts:
            host.wake()
            host.ensure()
        self.run.far_end.kind = 0.8
