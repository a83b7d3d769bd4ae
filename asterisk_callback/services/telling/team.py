"""Telling the team: found by comparing what it was told with what is, so that nothing is missed.

No hook in booking, moving or cancelling: a request that is open and was not told is told, whatever
crashed in between, also one that was made before its queue was set to notify.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from asterisk_callback.domain.customer_message import IN_VAIN_FOR
from asterisk_callback.domain.keyed_hash import derive, hash_secret
from asterisk_callback.domain.outbox import TO_TEAMS, DeliveryOutcome
from asterisk_callback.domain.queue import CallbackQueue, Queues
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.team_notice import TOLD, UNTOLD, TeamEvent, TeamLink, TeamNote
from asterisk_callback.services.telling.channel import TransportError
from asterisk_callback.services.telling.delivery import OurFault, Rests
from asterisk_callback.services.telling.worker import LEASE, Taken, Worker
from asterisk_callback.store import SqlStore
from asterisk_callback.store.transaction import SqlTransaction

BATCH = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """One thing to tell. id: the same at every try, so that a receiver can drop what comes twice.
    secret: of the page on which the request is marked done."""

    id: str
    event: TeamEvent
    request: Request
    queue: CallbackQueue
    secret: str


# Tells it; raises a TransportError.
Tell = Callable[[News], None]


def secret_of(key: str, nonce: str) -> str:
    """The secret of the page on which a request is marked done."""
    return derive(key, f"done:{nonce}")


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamTelling(Worker[TeamNote, News]):
    """channels: by the callback queue's name and the channel's."""

    store: SqlStore
    queues: Queues
    secret_key: str
    channels: Mapping[tuple[str, str], Tell]
    # Of those that took nothing just now.
    _rests: Rests = field(default_factory=Rests, init=False)

    def _take(self) -> Taken[TeamNote, News] | bool:
        """Notes what is to be told first."""
        noted = self._note()
        with self.store.reading() as tx:
            if not tx.team_notes.any_due():
                return noted
        with self.store.writing() as tx:
            note = tx.team_notes.claim(LEASE)
            request = tx.requests.get(note.request_id) if note else None
            if note is None:
                return noted
            tell, news = self._news(note, request)
            if tell is None or news is None:
                tx.team_notes.finish(
                    note, DeliveryOutcome.DROPPED, "this queue tells nobody this way"
                )
                return True
            if note.event in _OF_OPEN and not news.request.open:
                # Whoever read it now would ring somebody who wants no call any more.
                tx.team_notes.finish(note, DeliveryOutcome.DROPPED, "it has ended meanwhile")
                return True
            rest = self._rests.of((news.queue.name, note.channel), tx.now)
            if rest is not None:
                if tx.now - note.created_at >= IN_VAIN_FOR:
                    request = tx.requests.lock(note.request_id)
                    _remark_untold(tx, request, f"not told by {note.channel}: {rest.why}")
                tx.team_notes.postpone(note, rest.until, rest.why)
                return True
        return Taken(
            row=note,
            news=news,
            send=tell,
            what=f"note {note.id} by {note.channel}",
            tries=note.tries,
            channel=(news.queue.name, note.channel),
        )

    def _note(self) -> bool:
        names = [name for name, queue in self.queues.items() if not queue.mode.rules.makes_calls]
        if not names:
            return False
        with self.store.reading() as tx:
            untold = tx.team_links.untold(names, BATCH)
        for request_id in untold:
            with self.store.writing() as tx:
                self._note_one(tx, request_id)
        return bool(untold)

    def _note_one(self, tx: SqlTransaction, request_id: RequestId) -> None:
        request = tx.requests.lock(request_id)
        if request is None or request.queue not in self.queues:
            return
        link, event = tx.team_links.get(request_id), TeamEvent.ASKED
        if link is None:
            if not request.open:
                return
            nonce = secrets.token_urlsafe(18)
            link = TeamLink(request_id=request_id, nonce=nonce, due_at=request.due_at, number=1)
        elif link.closed_at is not None or (request.open and link.due_at == request.due_at):
            return  # another process was faster
        else:
            told = _changed(request)
            link = replace(
                link,
                due_at=request.due_at,
                number=link.number + 1,
                closed_at=None if request.open else tx.now,
            )
            if told is None:
                self._put(tx, link)
                return
            event = told
        self._put(tx, link)
        for channel in self.queues[request.queue].tells:
            tx.team_notes.add(link, event, channel)

    def _put(self, tx: SqlTransaction, link: TeamLink) -> None:
        tx.team_links.put(link, hash_secret(secret_of(self.secret_key, link.nonce)))

    def _news(self, note: TeamNote, request: Request | None) -> tuple[Tell | None, News | None]:
        queue = self.queues.get(request.queue) if request else None
        if request is None or queue is None:
            return None, None
        # From what the row says, not from its number: after a restore numbers come again.
        text = f"{self.secret_key}:{note.nonce}:{note.number}:{note.channel}"
        news = News(
            id=f"callback-{hashlib.sha256(text.encode()).hexdigest()[:32]}",
            event=note.event,
            request=request,
            queue=queue,
            secret=secret_of(self.secret_key, note.nonce),
        )
        return self.channels.get((queue.name, note.channel)), news

    def _is_of_channel(self, error: TransportError) -> bool:
        """What it tells of differs little: whatever it takes not now it takes not of another."""
        return not isinstance(error, OurFault)

    def _sent(self, taken: Taken[TeamNote, News]) -> None:
        note = taken.row
        with self.store.writing() as tx:
            request = tx.requests.lock(note.request_id)
            tx.team_notes.finish(note, DeliveryOutcome.SENT)
            if request is not None and request.state.is_waiting:
                tx.team_links.mark_told(request.id)
                remark = request.evolve(note=TOLD)
                reason = f"told by {note.channel}: {note.event}"
                tx.requests.change(request, remark, actor="postman", reason=reason)

    def _later(self, taken: Taken[TeamNote, News], error: TransportError) -> datetime:
        """What an open request is about is told however long it takes."""
        note, why = taken.row, error.sentence
        with self.store.writing() as tx:
            request = tx.requests.lock(note.request_id)
            if tx.now - note.created_at >= IN_VAIN_FOR:
                _remark_untold(tx, request, f"not told by {note.channel}: {why}")
            if TO_TEAMS.is_over(note.created_at, tx.now) and not (request and request.open):
                tx.team_notes.finish(note, DeliveryOutcome.GAVE_UP, why)
            else:
                until = TO_TEAMS.next_try(note.tries, tx.now, error.after)
                tx.team_notes.postpone(note, until, why)
            return TO_TEAMS.rest_until(tx.now, error.after)

    def _refused(self, taken: Taken[TeamNote, News], why: str) -> None:
        note = taken.row
        with self.store.writing() as tx:
            reason = f"never told by {note.channel}: {why}"
            _remark_untold(tx, tx.requests.lock(note.request_id), reason)
            tx.team_notes.finish(note, DeliveryOutcome.REFUSED, why)


_OF_OPEN = (TeamEvent.ASKED, TeamEvent.CHANGED)


def _remark_untold(tx: SqlTransaction, request: Request | None, reason: str) -> None:
    """Nobody of the team knows of this wish; what one of several channels told stays said."""
    if request is None or not request.state.is_waiting:
        return
    link = tx.team_links.get(request.id)
    if link is not None and link.told_at is None and link.untold_at is None:
        tx.team_links.mark_untold(request.id)
        new = request.evolve(note=UNTOLD)
        tx.requests.change(request, new, actor="postman", reason=reason[:255])


def _changed(request: Request) -> TeamEvent | None:
    """What the team does not know yet; None if it is nothing that it need be told."""
    if request.open:
        return TeamEvent.CHANGED
    if request.state is RequestState.CANCELLED:
        return TeamEvent.WITHDRAWN
    return None if request.state is RequestState.COMPLETED else TeamEvent.EXPIRED
