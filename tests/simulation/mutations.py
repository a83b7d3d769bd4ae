"""The protocol with one thing wrong: shows that the simulation can fail (`--mutate NAME`).

Each mutation takes one safeguard out of the real code, as a careless change would.
"""

import asyncio
import inspect
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from asterisk_callback.dispatcher.reconciling import Reconciling
from asterisk_callback.domain.attempt import Attempt, AttemptId
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.gate import RefusalReason
from asterisk_callback.domain.progress import AttemptEnds
from asterisk_callback.services.booking import withdraw
from asterisk_callback.services.calling import claim as claiming
from asterisk_callback.services.calling import reconcile
from asterisk_callback.services.calling.gate import Gate
from asterisk_callback.services.requests import settling as settle
from asterisk_callback.store.attempts import SqlAttempts
from asterisk_callback.telephony.link import ActionTimeout, AmiLink
from tests.memory_store.attempts import MemoryAttempts
from tests.memory_store.requests import MemoryRequests

Change = tuple[Any, str, Any]
# A safeguard of the store is taken out of both stores.
STORES: tuple[Any, ...] = (SqlAttempts, MemoryAttempts)


def _always_passes() -> list[Change]:
    """The row's own guard is gone: the gate says yes to whoever asks."""

    def without(real: Callable[..., Any]) -> Callable[..., Any]:
        def pass_gate(self: Any, some: Sequence[Attempt]) -> Collection[AttemptId]:
            real(self, some)
            return [one.id for one in some]

        return pass_gate

    return [(store, "pass_gate", without(store.pass_gate)) for store in STORES]


def _gate_without_fence() -> list[Change]:
    """Neither the row's guard nor the question whether this token had its yes."""
    real = Gate._no

    def no(self: Gate, tx: Any, request: Any, attempt: Attempt) -> RefusalReason | None:
        found = real(self, tx, request, attempt)
        return None if found is RefusalReason.USED else found

    return [*_always_passes(), (Gate, "_no", no)]


def _gate_for_the_ended() -> list[Change]:
    """The gate no longer asks whether the attempt is still open."""
    real = Gate._no

    def no(self: Gate, tx: Any, request: Any, attempt: Attempt) -> RefusalReason | None:
        found = real(self, tx, request, attempt)
        return None if found in (RefusalReason.ENDED, RefusalReason.CANCELLED) else found

    return [*_always_passes(), (Gate, "_no", no)]


def _gate_without_deadline() -> list[Change]:
    real = Gate._no

    def no(self: Gate, tx: Any, request: Any, attempt: Attempt) -> RefusalReason | None:
        return real(self, tx, request, attempt.evolve(gate_by=tx.now))

    return [(Gate, "_no", no)]


def _gate_without_guard() -> list[Change]:
    """Suppression and limits are asked at the claim only."""
    real = Gate._no

    def no(self: Gate, tx: Any, request: Any, attempt: Attempt) -> RefusalReason | None:
        found = real(self, tx, request, attempt)
        return (
            None
            if found in (RefusalReason.SUPPRESSED, RefusalReason.HOUR_LIMIT, RefusalReason.AT_ONCE)
            else found
        )

    return [(Gate, "_no", no)]


def _reconcile_by_time() -> list[Change]:
    """Old enough and not in the list: not rung, whatever the gate's row says."""

    def verdict(attempt: Attempt, left: Mapping[Any, AttemptEnds]) -> AttemptEnds:
        return AttemptEnds(token=attempt.token, disposition=Disposition.NO_AGENT, rung=False)

    return [(reconcile, "_verdict", verdict)]


def _unknown_is_not_rung() -> list[Change]:
    """An outcome that was lost after the gate counts as a call that never rang."""
    from asterisk_callback.domain import progress

    real = progress._judged

    def judged(attempt: Attempt, report: AttemptEnds) -> tuple[Disposition, bool]:
        disposition, rung = real(attempt, report)
        if disposition is Disposition.UNKNOWN:
            return Disposition.AGENT_GONE, False
        return disposition, rung

    return [(progress, "_judged", judged)]


def _sent_again_without_gate() -> list[Change]:
    """An Originate without an answer is sent once more a while after the reconnect, as panoramisk
    does by itself, and the gate does not remember its yes."""
    real = AmiLink.action

    async def action(self: AmiLink, name: str, fields: Any, deadline: float | None = None) -> Any:
        try:
            return await real(self, name, fields, deadline)
        except ActionTimeout:
            if name != "Originate":
                raise
            await asyncio.sleep(20)
            await self.wait_ready(60)
            return await real(self, name, fields, deadline)

    return [(AmiLink, "action", action), *_gate_without_fence()]


def _claim_without_lease() -> list[Change]:
    return [(claiming, "leased", lambda tx, me: True)]


def _adopt_from_the_living() -> list[Change]:
    def adopt(self: Any, token: Any, me: Any) -> bool:
        with self.store.writing() as tx:
            seen = tx.attempts.by_token(token)
            if seen is None or not seen.open:
                return False
            mine = seen.evolve(owner=me.name, epoch=me.epoch)
            tx.attempts.change(seen, mine, actor=me.name, reason="adopted")
            return True

    return [(reconcile.Reconciliation, "_adopt", adopt)]


def _write_without_epoch() -> list[Change]:
    """Every dispatcher that hears an event writes it down, whosoever attempt it is."""

    def without(real: Callable[..., Attempt]) -> Callable[..., Attempt]:
        def change(
            self: Any, old: Attempt, new: Attempt, *, epoch: int | None = None, **kw: Any
        ) -> Attempt:
            return real(self, old, new, **kw)

        return change

    def change_all(
        self: Any, changes: Any, *, reasons: Any, actor: str, epoch: int | None = None
    ) -> None:
        for (old, new), told in zip(changes, reasons, strict=True):
            all_of_sql(self, [(old, new)], reasons=[told], actor=actor, epoch=old.epoch)

    all_of_sql = SqlAttempts.change_all  # in memory it is made of `change`
    return [
        *((store, "change", without(store.change)) for store in STORES),
        (SqlAttempts, "change_all", change_all),
    ]


def _cancel_leaves_attempt() -> list[Change]:
    """Cancelled before the gate, but the attempt is not closed."""
    return [(withdraw, "call_off", lambda tx, attempt, **_: attempt)]


def _retry_at_once() -> list[Change]:
    """The pause between two rings is forgotten."""
    from asterisk_callback.domain import retry

    return [(retry, "_pause", lambda reaction, in_a_row: timedelta(seconds=1))]


def _newest_first() -> list[Change]:
    """The line is served from its end."""
    from sqlalchemy import select

    from asterisk_callback.store.requests import SqlRequests, is_claimable
    from asterisk_callback.store.tables.calls import requests

    newest = select(requests).order_by(requests.c.line_at.desc(), requests.c.id.desc())

    def in_sql(self: SqlRequests, queue: str, limit: int, **_: Any) -> Any:
        query = newest.where(is_claimable("queue")).limit(limit)
        return self._locked(query, queue=queue, now=self.now)

    real = MemoryRequests.lock_claimable

    def in_memory(self: MemoryRequests, queue: str, limit: int, **_: Any) -> Any:
        return real(self, queue, 1000)[::-1][:limit]

    return [
        (SqlRequests, "lock_claimable", in_sql),
        (MemoryRequests, "lock_claimable", in_memory),
    ]


def _nothing_expires() -> list[Change]:
    from asterisk_callback.dispatcher import rounds

    return [(rounds, "expire", lambda store: 0)]


def _no_reconciliation() -> list[Change]:
    async def nothing(self: Reconciling) -> None:
        await self._context.switchboard.refresh_members()

    return [(Reconciling, "_reconcile", nothing)]


def _a_talk_answers_all() -> list[Change]:
    """Wishes made while they talked are taken for those that the talk was for."""
    return [(settle, "open_again", lambda *_, **__: None)]


MUTATIONS: Mapping[str, Callable[[], list[Change]]] = {
    "gate-without-fence": _gate_without_fence,
    "gate-for-the-ended": _gate_for_the_ended,
    "gate-without-guard": _gate_without_guard,
    "reconcile-by-time": _reconcile_by_time,
    "unknown-is-not-rung": _unknown_is_not_rung,
    "sent-again-without-gate": _sent_again_without_gate,
    "claim-without-lease": _claim_without_lease,
    "adopt-from-the-living": _adopt_from_the_living,
    "write-without-epoch": _write_without_epoch,
    "cancel-leaves-attempt": _cancel_leaves_attempt,
    "retry-at-once": _retry_at_once,
    "newest-first": _newest_first,
    "nothing-expires": _nothing_expires,
    "no-reconciliation": _no_reconciliation,
    "gate-without-deadline": _gate_without_deadline,
    "a-talk-answers-all": _a_talk_answers_all,
}

# Some only show under certain faults; with those alone a failing seed is found at once.
FOCUS: Mapping[str, tuple[str, ...]] = {
    "reconcile-by-time": ("kill_dispatcher", "kill_asterisk"),
    "unknown-is-not-rung": ("kill_asterisk", "cut_link"),
    "gate-without-fence": ("duplicate_originates", "lossy_gate", "cut_link"),
    "sent-again-without-gate": ("cut_link", "partition", "freeze_asterisk"),
    "gate-without-deadline": ("freeze_asterisk", "partition"),
    "gate-without-guard": ("suppress",),
}


class MutationFailed(Exception):
    """The mutation itself failed, which shows nothing of the safeguard that it takes away."""


def _watched(new: Any, failures: list[Exception]) -> Any:
    """`new`, whose own exceptions are noted: raised in this module, or by a call that gives it
    arguments which it does not take. What the product raises below it is the product's."""
    if not inspect.isfunction(new):
        return new

    @contextmanager
    def noting() -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if traceback.extract_tb(error.__traceback__)[-1].filename == __file__:
                failures.append(error)
            raise

    async def awaited(*args: Any, **kwargs: Any) -> Any:
        with noting():
            return await new(*args, **kwargs)

    def called(*args: Any, **kwargs: Any) -> Any:
        with noting():
            return new(*args, **kwargs)

    return awaited if inspect.iscoroutinefunction(new) else called


@contextmanager
def mutated(name: str | None) -> Iterator[None]:
    """The protocol with that safeguard missing. Raises KeyError for an unknown name, and
    MutationFailed at its end if the mutation itself failed."""
    changes = MUTATIONS[name]() if name else []
    failures: list[Exception] = []
    patches = [
        patch.object(target, attribute, _watched(new, failures))
        for target, attribute, new in changes
    ]
    try:
        for one in patches:
            one.start()
        yield
    finally:
        for one in reversed(patches):
            one.stop()
    if failures:
        raise MutationFailed(f"{name}: {failures[0]!r}") from failures[0]
