"""The outboxes in memory: nothing is in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from asterisk_callback.domain.request import RequestId
from tests.memory_store.repository import MemoryRepository

if TYPE_CHECKING:  # a product of before does not have it (tests/wild/before.sh)
    from asterisk_callback.domain.customer_message import ReachedBy
    from asterisk_callback.domain.team_notice import NotTold, TeamLink


class MemoryMessages(MemoryRepository):
    def undelivered(self, before: datetime, reach: "ReachedBy | None" = None) -> None:
        return None


class MemoryTeamLinks(MemoryRepository):
    def get(self, request_id: RequestId) -> "TeamLink | None":
        return None


class MemoryTeamNotes(MemoryRepository):
    def not_told(self, before: datetime) -> Sequence["NotTold"]:
        return []
