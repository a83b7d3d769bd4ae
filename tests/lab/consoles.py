"""Agents at their consoles on a deployment, without a browser: what their pages ask of the web."""

import secrets
from dataclasses import dataclass

from asterisk_callback import bootstrap
from asterisk_callback.domain.account import Grant, Role, User
from asterisk_callback.domain.console import OfferId
from asterisk_callback.services.console.verbs import Console
from asterisk_callback.services.console.view import ConsoleView, CurrentOffer, Stage
from asterisk_callback.services.console.wrap_up import WrapUps

from .deployment import Deployment
from .waiting import PATIENCE, until


@dataclass(frozen=True, slots=True)
class Desk:
    """An agent's open console. Each look says that it is open, as the page's script does."""

    console: Console
    wrap_ups: WrapUps
    user: User

    @classmethod
    def open(cls, lab: Deployment, agent: str, queue: str = "preview", member: str = "") -> "Desk":
        """The console of a new user whose phone is `member`, unless given PJSIP/AGENT."""
        with lab.store.writing() as tx:
            member = member or f"PJSIP/{agent}"
            user = tx.accounts.user_by_member(member)
            if user is None:
                login = f"agent-{agent}-{secrets.token_hex(3)}"
                user = tx.accounts.add_user(login=login, name=f"Agent {agent}", member=member)
            tx.accounts.add_grant(user.id, Grant(Role.AGENT, queue))
            user = tx.accounts.get(user.id) or user
        desk = cls(
            bootstrap.console(lab.settings, lab.store),
            bootstrap.wrap_ups(lab.settings, lab.store),
            user,
        )
        desk.see()
        return desk

    def see(self) -> ConsoleView:
        return self.console.see(self.user)

    def wait(self, stage: Stage, timeout: float = PATIENCE) -> CurrentOffer:
        """Wait until what is on the console is at this stage."""

        def there() -> CurrentOffer | None:
            found = self.see().in_hand
            return found if found is not None and found.stage is stage else None

        until(lambda: there() is not None, timeout, f"the console to show {stage}", 0.05)
        found = self.see().in_hand
        assert found is not None
        return found

    def wait_empty(self, timeout: float = PATIENCE) -> str:
        """Wait until nothing is on it; returns what it says of that."""
        until(lambda: self.see().in_hand is None, timeout, "the console to be empty", 0.05)
        return self.see().news

    @property
    def offer(self) -> OfferId:
        found = self.see().in_hand
        assert found is not None and found.offer is not None
        return found.offer.id

    def take(self) -> CurrentOffer:
        self.wait(Stage.OFFERED)
        self.console.take(self.user, self.offer)
        return self.wait(Stage.CHECKING)

    def call_back(self, typed: str = "") -> None:
        number = typed or self.wait(Stage.CHECKING).number
        self.console.call_back(self.user, self.offer, number)

    def drop(self) -> None:
        self.console.drop(self.user)
