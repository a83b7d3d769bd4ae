"""Codes of a second factor, judged: guesses meet pauses that grow, and their owner is told.

A code is one of a million, and three are right at any moment. Whoever guesses them knows the
password already, so a count per quarter of an hour is not enough: wrong codes in a row are counted
until a right one, for as long as it takes. Each browser in which the owner has signed in before has
a count of its own, and a new password ends them all: nobody is kept out by somebody else's guesses.
"""

from datetime import datetime, timedelta

from asterisk_callback.domain.account import NoticeKind, TooManyTries, User, UserId
from asterisk_callback.services.accounts import second_factor
from asterisk_callback.store.transaction import SqlTransaction

# So many in a row are slips. The next one waits, and each after it for twice as long: 1,100 guesses
# a year, one of 300 of which is right.
FREE = 3
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=8)
FORGOTTEN_AFTER = timedelta(days=90)


def confirming(user_id: UserId) -> str:
    """The counter of what is confirmed in a session. No text that is typed at the door hashes to
    it."""
    return f"confirm:{user_id}"


def judge(tx: SqlTransaction, user: User, typed: str, *, counter: str, address: str) -> str:
    """Uses up a right code, and returns which kind it was; "" for a wrong one, which is counted: so
    let the transaction end well. Raises TooManyTries during a pause, when nothing is judged."""
    tx.lock(f"codes:{counter}")
    before = tx.sessions.guesses(counter)
    wrong = before.wrong if before else 0
    if before is not None:
        _refuse_during_pause(tx.now, before.last_at + pause_after(wrong))
    how = second_factor.fits(tx, user, typed)
    if how is not None:
        tx.sessions.forget_guesses(who=counter)
        return how
    wrong += 1
    tx.sessions.forget_guesses(before=tx.now - FORGOTTEN_AFTER)
    tx.sessions.put_guesses(counter, user.id, wrong)
    if wrong >= FREE:
        _tell(tx, user, f"{wrong} wrong codes in a row, the last one from {address}")
    return ""


def pause_after(wrong: int) -> timedelta:
    """How long no code is judged after so many wrong ones in a row."""
    if wrong < FREE:
        return timedelta(0)
    return min(LONGEST, FIRST * int(2 ** min(wrong - FREE, 20)))


def _refuse_during_pause(now: datetime, until: datetime) -> None:
    left = until - now
    if left > timedelta(0):
        minutes = -(-left // timedelta(minutes=1))
        span = f"{minutes} minutes" if minutes > 1 else "a minute"
        raise TooManyTries(
            f"Too many wrong codes in a row. The next one is judged in {span}.",
            retry_after=max(1, int(left.total_seconds())),
        )


def _tell(tx: SqlTransaction, user: User, what: str) -> None:
    """In place of what they were told of it before: the last count says it all."""
    tx.accounts.forget_notices(user.id, kind=NoticeKind.CODES)
    tx.accounts.add_notice(user.id, NoticeKind.CODES, actor="", detail=what)
