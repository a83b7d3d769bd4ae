"""The team's page of a request: what it is, and marking it done."""

from dataclasses import dataclass

from asterisk_callback.domain.errors import NotFound, NotPossible
from asterisk_callback.domain.keyed_hash import hash_secret
from asterisk_callback.domain.queue import CallbackQueue, Queues
from asterisk_callback.domain.request import Request, RequestState
from asterisk_callback.store import SqlStore


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamRequest:
    """queue is None if it was taken out of the configuration."""

    request: Request
    queue: CallbackQueue | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamPage:
    store: SqlStore
    queues: Queues

    def look(self, secret: str) -> TeamRequest:
        """Raises NotFound."""
        with self.store.reading() as tx:
            link = tx.team_links.by_hash(hash_secret(secret))
            request = tx.requests.get(link.request_id) if link else None
        return self._task(request)

    def mark(self, secret: str) -> TeamRequest:
        """The request is completed. Doing it twice is no error. Raises NotFound, and NotPossible
        if it ended otherwise."""
        with self.store.writing() as tx:
            link = tx.team_links.by_hash(hash_secret(secret))
            request = tx.requests.lock(link.request_id) if link else None
            task = self._task(request)
            if task.request.state is RequestState.COMPLETED:
                return task
            if not task.request.state.is_waiting:
                raise NotPossible("This wish has ended otherwise, so it can’t be marked done.")
            changes = {"state": RequestState.COMPLETED, "ended_at": tx.now, "note": "marked done"}
            done = task.request.evolve(**changes)
            done = tx.requests.change(task.request, done, actor="team", reason="marked done")
            return TeamRequest(request=done, queue=task.queue)

    def _task(self, request: Request | None) -> TeamRequest:
        if request is None:
            raise NotFound("There is no such page, or it was deleted.")
        return TeamRequest(request=request, queue=self.queues.get(request.queue))
