"""What Asterisk itself says of the calls, by its own clock: a second ear on AMI."""

import contextlib
import re
import socket
import threading
from collections.abc import Mapping

from sqlalchemy import select

from asterisk_callback.store import SqlStore
from asterisk_callback.store.tables.calls import attempts, audit
from tests.lab.asterisk import AMI_USER
from tests.lab.pbx import Pbx

_END = b"\r\n\r\n"
_TOKEN = re.compile(rb"(?:cb-|Token: )(\d{27})")
_STAMP = re.compile(rb"\r\nTimestamp: ([\d.]+)")
_EVENTS = (b"Event: Newchannel", b"Event: AgentConnect", b"Event: UserEvent")
_ENDED = b"Leg: customer"
# What the trail calls a report, and the event that brings it.
_REPORTS = {"AgentAnswers": "agent", "AttemptEnds": "ended"}
Times = dict[str, dict[str, float]]


class Observer:
    """Listens from its making to close(). Keeps bytes: reading them has time afterwards."""

    def __init__(self, pbx: Pbx) -> None:
        self._line = socket.create_connection(("127.0.0.1", pbx.ami_port))
        self._heard: list[bytes] = []
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        told = f"Action: Login\r\nUsername: {AMI_USER}\r\nSecret: {pbx.secret}\r\n"
        self._line.sendall(told.encode() + b"Events: call,user,agent" + _END)
        self._ready.wait(30)

    def _listen(self) -> None:
        rest = b""
        with contextlib.suppress(OSError):
            while data := self._line.recv(1 << 18):
                *messages, rest = (rest + data).split(_END)
                self._heard += [one for one in messages if one.startswith(_EVENTS)]
                if any(b"Authentication accepted" in one for one in messages):
                    self._ready.set()

    def close(self) -> Times:
        """When the first channel, the agent who picked up, and the end of each token were."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._line.close()
        found: Times = {"channel": {}, "agent": {}, "ended": {}}
        for one in self._heard:
            token, stamp = _TOKEN.search(one), _STAMP.search(one)
            if token is None or stamp is None:
                continue
            what = "channel"
            if one.startswith(b"Event: AgentConnect"):
                what = "agent"
            elif one.startswith(b"Event: UserEvent"):
                if _ENDED not in one:
                    continue
                what = "ended"
            found[what].setdefault(token[1].decode(), float(stamp[1]))
        return found


def lateness(store: SqlStore, seen: Mapping[str, Mapping[str, float]]) -> list[float]:
    """By how many seconds each report was written after Asterisk's event: the trail has the
    transaction's own instant."""
    written = (
        select(attempts.c.token, audit.c.reason, audit.c.at)
        .join_from(audit, attempts, audit.c.attempt_id == attempts.c.id)
        .where(audit.c.reason.in_(_REPORTS))
        .order_by(audit.c.id)
    )
    found: dict[tuple[str, str], float] = {}
    with store.reading() as tx:
        for token, reason, at in tx.connection.execute(written):
            told = seen[_REPORTS[reason]].get(token)
            if told is not None:
                found.setdefault((token, reason), at.timestamp() - told)
    return list(found.values())


def numbers(store: SqlStore) -> Mapping[str, str]:
    """Whose number each token called, as digits."""
    with store.reading() as tx:
        rows = tx.connection.execute(select(attempts.c.token, attempts.c.e164))
        return {token: e164.lstrip("+") for token, e164 in rows}


def unsent(store: SqlStore, seen: Mapping[str, Mapping[str, float]]) -> int:
    """The most attempts at a time that were claimed, and that Asterisk did not know yet."""
    with store.reading() as tx:
        rows = tx.connection.execute(select(attempts.c.token, attempts.c.claimed_at)).all()
    steps = [(claimed.timestamp(), 1) for token, claimed in rows if token in seen["channel"]]
    steps += [(seen["channel"][token], -1) for token, _ in rows if token in seen["channel"]]
    most = now = 0
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return most
