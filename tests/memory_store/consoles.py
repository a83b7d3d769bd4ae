"""Consoles in memory: nobody has one open. What they do is judged on the real databases."""

from collections.abc import Sequence

from asterisk_callback.domain.account import User, UserId
from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.console import Offer, WrapUp
from asterisk_callback.domain.request import RequestId
from tests.memory_store.repository import MemoryRepository


class MemoryConsoles(MemoryRepository):
    def open_users(self) -> frozenset[UserId]:
        return frozenset()


class MemoryOffers(MemoryRepository):
    def open(self) -> Sequence[Offer]:
        return ()

    def withdraw_for(self, request_id: RequestId) -> None:
        pass

    def open_of(self, user_id: UserId) -> Offer | None:
        return None


class MemoryWrapUps(MemoryRepository):
    def get(self, attempt_id: AttemptId) -> WrapUp | None:
        return None

    def erase_notes(self, request_id: RequestId) -> None:
        pass


class MemoryAccounts(MemoryRepository):
    def all(self) -> Sequence[User]:
        return ()
