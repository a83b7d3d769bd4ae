"""Consoles in memory: nobody has one open. What they do is judged on the real databases."""

from collections.abc import Sequence

from asterisk_callback.domain.offer import Offer
from asterisk_callback.domain.request import RequestId
from tests.memory_store.base import Base


class Consoles(Base):
    def open_offers(self) -> Sequence[Offer]:
        return ()

    def offers_open(self) -> bool:
        return False

    def end_offers(self, request_id: RequestId) -> None:
        pass

    def consoles_open(self, queue: str) -> int:
        return 0

    def silence_wrap_ups(self, request_id: RequestId) -> None:
        pass
