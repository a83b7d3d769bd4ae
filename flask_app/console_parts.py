"""What the console's pages ask of the services, and nothing beyond it."""

from datetime import timedelta
from typing import Protocol

from asterisk_callback.domain.account import User
from asterisk_callback.domain.attempt import AttemptId
from asterisk_callback.domain.offer import OfferId
from asterisk_callback.services.console.view import ConsoleView, Today


class Rules(Protocol):
    """tell_cancelled: whether "Tell the customer" is ticked at first."""

    @property
    def wrap_up_codes(self) -> tuple[str, ...]: ...
    @property
    def cancel_reasons(self) -> tuple[str, ...]: ...
    @property
    def wrap_up_for(self) -> timedelta: ...
    @property
    def tell_cancelled(self) -> bool: ...


class Console(Protocol):
    """The verbs of who works at a console. Each raises NotPossible for what can't be done now."""

    @property
    def rules(self) -> Rules: ...
    def see(self, user: User) -> ConsoleView: ...
    def leave(self, user: User) -> None: ...
    def take(self, user: User, offer_id: OfferId) -> None: ...
    def pass_on(self, user: User, offer_id: OfferId) -> None: ...
    def call_back(self, user: User, offer_id: OfferId, typed: str) -> None: ...
    def cancel(self, user: User, offer_id: OfferId, reason: str, tell: bool) -> None: ...
    def drop(self, user: User) -> None: ...
    def day(self, user: User) -> Today: ...


class WrapUps(Protocol):
    def save(
        self,
        user: User,
        attempt_id: AttemptId,
        *,
        code: str,
        note: str,
        again: str | None,
        never: bool,
    ) -> None:
        """again: wall time without offset in the zone of the callback queue."""
        ...
