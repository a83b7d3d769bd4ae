"""What an agent has in hand: an offer, or a call of their phone, one thing at a time."""

from datetime import timedelta

from asterisk_callback.domain.account import User
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.services.ports import Transaction


def busy(tx: Transaction, user: User, wrap_up_for: timedelta) -> bool:
    """Is there anything on this agent's console?"""
    return tx.offers.open_of(user.id) is not None or call_of(tx, user, wrap_up_for) is not None


def call_of(tx: Transaction, user: User, wrap_up_for: timedelta) -> Attempt | None:
    """The call of this agent's phone: one that goes on, or one that is over for them (it may go on
    with a colleague to whom they handed it) and is still to be wrapped up."""
    if user.member is None:
        return None
    since = tx.now - wrap_up_for
    for attempt in tx.attempts.of_member(user.member, since):
        over = attempt.over_for_agent_at
        if over is None:
            if attempt.mode.rules.offered or attempt.agent_at is not None:
                return attempt
        elif over >= since and _to_wrap_up(attempt) and tx.wrap_ups.get(attempt.id) is None:
            return attempt
    return None


def _to_wrap_up(attempt: Attempt) -> bool:
    """A talk; in preview also a ring without success, of which the agent knows more than we do."""
    if attempt.answered_at is not None:
        return True
    return attempt.mode.rules.offered and attempt.rung
