"""The wrap-up: what an agent says of a call of theirs once it is over."""

from dataclasses import dataclass
from datetime import datetime

from asterisk_callback.domain.account import UserId
from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.request import RequestId

LONGEST_NOTE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class WrapUp:
    """code: one of the configured wrap-up codes, "" for none. again: the request of the call that
    was agreed on. never: this number is not to be called again. at: aware UTC."""

    attempt_id: AttemptId
    user_id: UserId
    at: datetime
    code: str = ""
    note: str = ""
    again: RequestId | None = None
    never: bool = False
