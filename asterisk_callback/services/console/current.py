"""What an agent has in hand: an offer, or a call of their phone, one thing at a time."""

from datetime import datetime

from asterisk_callback.domain.account import Role, User
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.console import ConsoleRules, Offer
from asterisk_callback.domain.queue import CallbackQueue
from asterisk_callback.services.ports import Transaction
from asterisk_callback.services.status import in_hand
from asterisk_callback.store.transaction import SqlTransaction


def call_of(tx: Transaction, user: User, rules: ConsoleRules) -> Attempt | None:
    """The call of this agent's phone: one that goes on, or one that is over for them (it may go on
    with a colleague to whom they handed it) and is still to be wrapped up. In the modes in which
    the Asterisk queue rings, theirs is the one that they took."""
    return in_hand.call_of(tx, user, rules.wrap_up_for)


def wrap_up_until(attempt: Attempt, rules: ConsoleRules) -> datetime | None:
    """When the time to wrap a call up is over; None while it goes on."""
    over = attempt.over_for_agent_at
    return over + rules.wrap_up_for if over else None


def still_theirs(tx: SqlTransaction, queue: CallbackQueue, offer: Offer) -> bool:
    """May whoever has this offer still have it? A role that was taken away, or another phone, takes
    it from them."""
    user = tx.accounts.get(offer.user_id)
    return user is not None and user.may(Role.AGENT, queue.name) and user.member == offer.member
