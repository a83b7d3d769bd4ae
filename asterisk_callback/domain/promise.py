"""When a promise counts as kept: one rule for the board and for the reports."""

from datetime import datetime, timedelta

from asterisk_callback.domain.request import RequestState

MINUTE = timedelta(minutes=1)
# Ended, and nobody talked.
IN_VAIN = (RequestState.FAILED, RequestState.EXPIRED)
# Ended, and nobody is owed a call any more.
OVER = (RequestState.CANCELLED, RequestState.COMPLETED)


def in_time(
    end: datetime,
    rang_at: datetime | None,
    *,
    withdrawn: bool,
    state: RequestState,
    now: datetime,
) -> bool | None:
    """Was, or is, the call there by `end`? None: nobody can say yet, or it was taken back.

    By whole minutes, as clocks show them, and as `end` is: by 14:12 lasts until 14:13. rang_at: the
    first ring, state: of the request. All aware UTC.
    """
    if rang_at is not None:
        return rang_at < end + MINUTE
    if withdrawn or state in OVER:
        return None
    if state in IN_VAIN:
        return False
    return False if now >= end + MINUTE else None
