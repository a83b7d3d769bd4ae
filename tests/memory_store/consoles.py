"""Consoles in memory: nobody has one open. What they do is judged on the real databases."""

from collections.abc import Sequence
from datetime import datetime

from asterisk_callback.domain.account import User, UserId
from asterisk_callback.domain.attempt import Attempt, AttemptId
from asterisk_callback.domain.console import Offer, WrapUp
from asterisk_callback.domain.request import RequestId
from tests.memory_store.base import Base


class Consoles(Base):
    def open_offers(self) -> Sequence[Offer]:
        return ()

    def offers_open(self) -> bool:
        return False

    def end_offers(self, request_id: RequestId) -> None:
        pass

    def users(self) -> Sequence[User]:
        return ()

    def open_consoles(self) -> frozenset[UserId]:
        return frozenset()

    def open_offer_of(self, user_id: UserId) -> Offer | None:
        return None

    def calls_of_member(self, member: str, since: datetime) -> Sequence[Attempt]:
        return ()

    def wrap_up(self, attempt_id: AttemptId) -> WrapUp | None:
        return None

    def silence_wrap_ups(self, request_id: RequestId) -> None:
        pass
