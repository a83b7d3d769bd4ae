"""Asterisk's manager interface as bytes: login, FullyBooted, actions, events to every session."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.simulation.loop import Process, Universe
from tests.simulation.network import Connection

BANNER = b"Asterisk Call Manager/9.0.0\r\n"
Fields = dict[str, str]
# An action's handler: returns what to answer, and the events of a list, if it is one.
Handler = Callable[[Fields, list[str]], tuple[Fields, list[Fields]]]


def to_bytes(fields: Mapping[str, str]) -> bytes:
    return "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode() + b"\r\n"


class AmiDoor:
    """The sessions of one Asterisk process. They end with it."""

    def __init__(
        self, universe: Universe, process: Process, handlers: Mapping[str, Handler]
    ) -> None:
        self.universe = universe
        self.process = process
        self.handlers = handlers
        self.sessions: list[Session] = []
        self.booted = False
        process.at_death.append(self._died)

    def boot(self) -> None:
        self.booted = True
        for session in self.sessions:
            session.send({"Event": "FullyBooted", "Status": "Fully Booted"})

    def accept(self, connection: Connection) -> None:
        self.sessions.append(Session(self, connection))

    def tell(self, event: Fields) -> None:
        """To every session, in its order; some sessions hear it twice."""
        for session in self.sessions:
            if session.logged_in:
                session.send(event)
                if session.repeats and self.universe.rng.random() < session.repeats:
                    later = self.universe.rng.random() * 8
                    self.process.later(later, session.send, event)

    def _died(self) -> None:
        for session in self.sessions:
            session.connection.cut()


class Session:
    def __init__(self, door: AmiDoor, connection: Connection) -> None:
        self.door = door
        self.connection = connection
        self.logged_in = False
        self.repeats = 0.0
        self._rest = b""
        connection.server_data = self._data
        connection.server_lost = self._lost
        connection.to_client(BANNER)

    def send(self, fields: Mapping[str, str]) -> None:
        self.connection.to_client(to_bytes(fields))

    def _lost(self) -> None:
        if self in self.door.sessions:
            self.door.sessions.remove(self)

    def _data(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for text in whole:
            self._action(text.decode())

    def _action(self, text: str) -> None:
        pairs = [line.partition(": ")[::2] for line in text.split("\r\n")]
        variables = [value for key, value in pairs if key.lower() == "variable"]
        fields = {key.lower(): value for key, value in pairs}
        name = fields["action"]
        if name == "Login":
            self.logged_in = True
            self._answer(fields, {"Response": "Success"})
            if self.door.booted:
                self.send({"Event": "FullyBooted", "Status": "Fully Booted"})
        elif name == "Ping":
            self._answer(fields, {"Response": "Success"})
        else:
            answer, items = self.door.handlers[name](fields, variables)
            self._answer(fields, answer)
            for item in items:
                self.send({**item, "ActionID": fields["actionid"]})

    def _answer(self, fields: Mapping[str, Any], answer: Mapping[str, str]) -> None:
        self.send({**answer, "ActionID": str(fields["actionid"])})
