"""Progress: what Asterisk reports about an attempt is written down, once and in one transaction."""

import logging
from dataclasses import dataclass

from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.progress import Report, apply
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.request import Request
from asterisk_callback.services.claim import Me
from asterisk_callback.services.ports import Store, Transaction
from asterisk_callback.services.settle import complete_late, settle_ended

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    store: Store
    queues: Queues

    def report(self, report: Report, me: Me) -> Attempt | None:
        """Applies one report; returns the attempt as it now is, or None for a foreign token.

        Raises StaleWrite if the attempt belongs to another dispatcher by now (P6).
        """
        with self.store.writing() as tx:
            seen = tx.attempt_by_token(report.token)
            if seen is None:
                return None
            request = tx.lock_request(seen.request_id)
            attempt = tx.attempt_by_token(report.token)
            if request is None or attempt is None:
                return None
            return self._apply(tx, request, attempt, report, me)

    def _apply(
        self, tx: Transaction, request: Request, attempt: Attempt, report: Report, me: Me
    ) -> Attempt:
        changed = apply(attempt, report, tx.now)
        if changed is attempt:
            return attempt
        reason = type(report).__name__
        changed = tx.change_attempt(attempt, changed, actor=me.name, reason=reason, epoch=me.epoch)
        if attempt.open and not changed.open:
            settle_ended(tx, request, changed, self.queues, actor=me.name)
        elif not attempt.open and changed.disposition is not attempt.disposition:
            queue = self.queues.get(request.queue)
            complete_late(tx, request, attempt, changed, actor=me.name, queue=queue)
        return changed
