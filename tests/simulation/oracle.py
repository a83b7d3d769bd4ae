"""The promises, judged after every commit against the whole database, and at every ring against the
far end's own log. It reads the rows by itself and shares no code with what it judges."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from asterisk_callback.domain.disposition import Disposition, Reactions, RetryAction
from asterisk_callback.domain.limits import CallLimits
from asterisk_callback.domain.server import DispatcherIdentity
from tests.simulation.database import Database, Picture, Row
from tests.simulation.far_end import FarEnd
from tests.simulation.loop import START, Universe

_SENT = {"hangup_sent_at": None}
ENDED = ("completed", "failed", "cancelled", "expired")


@dataclass
class Oracle:
    """writer: the dispatcher whose process is at work, if it is one. reactions: the policy."""

    universe: Universe
    store: Database
    far_end: FarEnd
    reactions: Reactions
    most_rings: int
    limits: CallLimits
    writer: Callable[[], DispatcherIdentity | None]
    before: Picture = field(default_factory=Picture)
    rows_seen: int = 0
    moves: dict[int, str] = field(default_factory=dict)
    passed: set[int] = field(default_factory=set)
    rings_judged: int = 0
    all_ended: bool = True

    # --- after a commit ---------------------------------------------------------------------

    def committed(self) -> None:
        now = self.store.picture()
        before, self.before = self.before, now
        self._trail(now)
        self._at_most_one(now)
        self._consistent(now)
        self._answered(before, now)
        for attempt in now.attempts.values():
            old = before.attempts.get(attempt["id"])
            if old == attempt:
                continue
            self._fenced(before, old, attempt)
            if old is None:
                self._claimed(before, now, attempt)
            elif old["gate_at"] is None and attempt["gate_at"] is not None:
                self._passed(before, old, attempt)
            if old is not None:
                self._written_once(old, attempt)
            self._rang_means_rung(attempt)

    def _trail(self, now: Picture) -> None:
        """P15: it only grows, and every change of state has its row, in an unbroken chain."""
        rows = self.store.trail_after(self.rows_seen)
        if now.trail != self.rows_seen + len(rows):
            self.universe.broken("P15", "rows of the trail have gone")
        self.rows_seen += len(rows)
        for row in rows:
            self.universe.note(
                row["actor"],
                f"{row['event']} r{row['request_id']} a{row['attempt_id']}: "
                f"{row['old']} -> {row['new']} ({row['reason']})",
            )
            if row["event"] == "gate passed":
                self._said_yes(row["attempt_id"])
            if row["event"] != "request" and row["old"] is None:
                continue
            if self.moves.get(row["request_id"]) != row["old"]:
                self.universe.broken("P15", f"the trail of request {row['request_id']} has a gap")
            self.moves[row["request_id"]] = row["new"]
        for request in now.requests.values():
            if self.moves.get(request["id"]) != request["state"]:
                self.universe.broken("P15", f"request {request['id']} changed without a row")

    def _said_yes(self, attempt: int) -> None:
        """P2: at most once per token, also when its first yes was lost on the way."""
        if attempt in self.passed:
            self.universe.broken("P2", f"the gate said yes to attempt {attempt} twice")
        self.passed.add(attempt)

    def _at_most_one(self, now: Picture) -> None:
        """P3"""
        unended = [row for row in now.attempts.values() if row["ended_at"] is None]
        unfinished = [row for row in now.requests.values() if row["state"] not in ENDED]
        self.all_ended = not unfinished
        for what, keys in (
            ("open attempt per request", [row["request_id"] for row in unended]),
            ("open attempt per number", [row["e164"] for row in unended]),
            ("open request per number", [(row["queue"], row["e164"]) for row in unfinished]),
        ):
            if len(keys) != len(set(keys)):
                self.universe.broken("P3", f"more than one {what}")

    def _consistent(self, now: Picture) -> None:
        """P7: in progress means an open attempt, and the other way round."""
        under_way = {row["request_id"] for row in now.attempts.values() if row["ended_at"] is None}
        for request in now.requests.values():
            if (request["state"] == "in_progress") != (request["id"] in under_way):
                self.universe.broken("P7", f"request {request['id']} and its attempts disagree")
            if (request["ended_at"] is not None) != (request["state"] in ENDED):
                self.universe.broken("P7", f"request {request['id']}: state and end disagree")

    def _answered(self, before: Picture, now: Picture) -> None:
        """P1: a talk is the answer to the wishes from before it, not to those made since."""
        for request in now.requests.values():
            old = before.requests.get(request["id"])
            if request["state"] != "completed" or old is None or old["state"] in ENDED:
                continue
            talks = [row for row in now.attempts_of(request["id"]) if row["answered_at"]]
            last = talks[-1]
            began = min(seconds(last["answered_at"]), seconds(last["ended_at"]))
            for wish in now.wishes.values():
                mine = wish["request_id"] == request["id"] and wish["withdrawn_at"] is None
                if mine and seconds(wish["created_at"]) > began:
                    self.universe.broken("P1", f"wish {wish['id']} ended with a talk before it")
            for wish in before.wishes.values():
                if wish["request_id"] == request["id"] and wish["withdrawn_at"] is None:
                    went = now.wishes[wish["id"]]["request_id"] != request["id"]
                    if went and seconds(wish["created_at"]) < began:
                        self.universe.broken("P2", f"wish {wish['id']} goes on after its talk")

    def _fenced(self, before: Picture, old: Row | None, new: Row) -> None:
        """P6: a dispatcher writes what is its own; it adopts only with a lease, from the dead."""
        me = self.writer()
        if me is None or (old and {**old, **_SENT} == {**new, **_SENT}):
            return  # anybody may hang up what is to be hung up
        gate = old is not None and old["owner"] == new["owner"] and old["epoch"] == new["epoch"]
        if gate and old is not None and (old["gate_at"] != new["gate_at"]):
            return  # the gate is stateless and serves anybody's token
        if gate and new["disposition"] == "refused":
            return
        if (new["owner"], new["epoch"]) != (me.name, me.epoch):
            what = sorted(name for name in new if old is None or new[name] != old[name])
            self.universe.broken(
                "P6", f"{me.name} wrote {what} to attempt {new['id']} of {new['owner']}"
            )
        taken = old is None or (old["owner"], old["epoch"]) != (me.name, me.epoch)
        lease = before.leases.get(me.name)
        if taken and (lease is None or lease["epoch"] != me.epoch or self._over(lease)):
            self.universe.broken("P6", f"{me.name} took attempt {new['id']} without a lease")
        if old is not None and taken and old["owner"] != me.name:
            other = before.leases.get(old["owner"])
            if other is not None and other["epoch"] == old["epoch"] and not self._over(other):
                self.universe.broken("P6", f"{me.name} took attempt {new['id']} from the living")

    def _over(self, lease: Row) -> bool:
        return seconds(lease["alive_until"]) <= self.universe.now

    def _claimed(self, before: Picture, now: Picture, attempt: Row) -> None:
        """P18: nobody who could be claimed still stands before the one who was."""
        mine = before.requests[attempt["request_id"]]
        place = (mine["line_at"], mine["id"])
        failing = _failing(before)
        for other in before.requests.values():
            if (
                other["queue"] == mine["queue"]
                and other["state"] == now.requests[other["id"]]["state"] == "queued"
                and now.requests[other["id"]]["due_at"] == other["due_at"]
                and seconds(other["due_at"]) <= self.universe.now
                and seconds(other["expires_at"]) > self.universe.now
                and (other["line_at"], other["id"]) < place
                and (mine["e164"] in failing or other["e164"] not in failing)
            ):
                self.universe.broken(
                    "P18", f"request {mine['id']} was claimed before {other['id']}"
                )

    def _passed(self, before: Picture, old: Row, new: Row) -> None:
        """P5, P10, P13 at the gate's yes."""
        request = before.requests[new["request_id"]]
        wishes = [row for row in before.wishes.values() if row["request_id"] == request["id"]]
        standing = [row for row in wishes if row["withdrawn_at"] is None]
        if old["ended_at"] is not None or request["state"] != "in_progress":
            self.universe.broken("P5", f"attempt {new['id']} passed the gate after its end")
        if not standing:
            self.universe.broken("P10", f"attempt {new['id']} passed the gate after a cancel")
        elif min(seconds(row["due_at"]) for row in standing) > self.universe.now:
            self.universe.broken(
                "P8", f"attempt {new['id']} passed the gate before the wished time"
            )
        if new["e164"] in before.suppressed:
            self.universe.broken("P10", f"attempt {new['id']} goes to a suppressed number")
        if self.universe.now > seconds(new["gate_by"]):
            self.universe.broken("P5", f"attempt {new['id']} passed the gate after its deadline")
        for other in before.attempts_of(request["id"]):
            if other["answered_at"] is not None:
                self.universe.broken(
                    "P2", f"request {request['id']} was talked to, and rings again"
                )
        hour = [
            row
            for row in before.attempts.values()
            if row["gate_at"] is not None and seconds(row["gate_at"]) > self.universe.now - 3600
        ]
        if self.limits.per_hour is not None and len(hour) >= self.limits.per_hour:
            self.universe.broken("P13", "more calls within the hour than the limit")
        open_ones = [row for row in before.attempts.values() if row["ended_at"] is None]
        at_once = sum(row["gate_at"] is not None for row in open_ones)
        if self.limits.at_once is not None and at_once >= self.limits.at_once:
            self.universe.broken("P13", "more calls at once than the limit")

    def _written_once(self, old: Row, new: Row) -> None:
        for name in ("gate_at", "answered_at", "ended_at", "agent_at", "ringing_at", "token"):
            if old[name] is not None and new[name] != old[name]:
                self.universe.broken("P15", f"{name} of attempt {new['id']} was written twice")

    def _rang_means_rung(self, attempt: Row) -> None:
        """P4: an attempt that rang, or may have, is never counted as one that did not."""
        if attempt["ended_at"] is None or attempt["rung"]:
            return
        if any(ring.token == attempt["token"] and ring.noticed for ring in self.far_end.rings):
            self.universe.broken("P4", f"attempt {attempt['id']} rang and is not counted as a ring")

    # --- at a ring --------------------------------------------------------------------------

    def stepped(self) -> None:
        """Judges the rings of the step that was just made."""
        while self.rings_judged < len(self.far_end.rings):
            self._ring(self.rings_judged)
            self.rings_judged += 1

    def _ring(self, index: int) -> None:
        ring = self.far_end.rings[index]
        picture = self.before
        if sum(other.token == ring.token for other in self.far_end.rings) > 1:
            self.universe.broken("P2", f"the attempt of token {ring.token[:4]} rang twice")
        mine = [row for row in picture.attempts.values() if row["token"] == ring.token]
        if len(mine) != 1 or mine[0]["gate_at"] is None:
            self.universe.broken("P16", f"a ring without an attempt that passed: {ring.token[:4]}")
            return
        attempt = mine[0]
        if attempt["e164"] != f"+{ring.digits}":
            self.universe.broken("P16", f"attempt {attempt['id']} rang another number")
        if attempt["ended_at"] is not None and not attempt["rung"] and ring.disturbs:
            self.universe.broken("P4", f"attempt {attempt['id']} rings after its end")
        earlier = [
            (other, row)
            for other in self.far_end.rings[:index]
            for row in picture.attempts.values()
            if row["token"] == other.token and row["request_id"] == attempt["request_id"]
            if other.noticed
        ]
        if ring.disturbs and len(earlier) >= self.most_rings:
            self.universe.broken("P4", f"request {attempt['request_id']} rings too often")
        for other, row in earlier:
            self._pause(other.at, row, ring.at)

    def _pause(self, rang_at: float, row: Row, again_at: float) -> None:
        """P4: the policy's pause lies between two rings of a request."""
        if row["ended_at"] is None:
            self.universe.broken("P4", f"a second ring while attempt {row['id']} is open")
            return
        reaction = self.reactions[Disposition(row["disposition"])]
        shortest = reaction.after if reaction.then is RetryAction.RETRY else timedelta(0)
        since = max(rang_at, seconds(row["ended_at"]))
        if again_at - since < shortest.total_seconds() - 0.001:
            self.universe.broken("P4", f"{again_at - since:.1f} s after attempt {row['id']}")


@lru_cache(maxsize=10_000)
def seconds(instant: datetime | str) -> float:
    """An instant of the database (SQLite keeps text) in virtual seconds."""
    if isinstance(instant, str):
        instant = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    return (instant - START).total_seconds()


def _failing(before: Picture) -> set[str]:
    """The numbers that failed on the trunk since a call rang there: others go before them."""
    ended = [row for row in before.attempts.values() if row["ended_at"] and row["gate_at"]]
    found: set[str] = set()
    for row in sorted(ended, key=lambda row: (row["ended_at"], row["id"]), reverse=True):
        if row["rung"] and row["disposition"] != "trunk_fault":
            break
        if row["disposition"] == "trunk_fault":
            found.add(row["e164"])
    return found
