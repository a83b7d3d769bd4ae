"""Agents at their consoles over one store, as bootstrap and a dispatcher's round wire them."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from asterisk_callback.domain.account import Grant, Role, User
from asterisk_callback.domain.console import ConsoleRules, OfferId
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.mode import DeliveryMode, OfferPolicy, PreviewOptions
from asterisk_callback.domain.progress import AttemptEnds, CustomerAnswers, Report
from asterisk_callback.domain.queue import ClaimedCall
from asterisk_callback.domain.request import RequestId
from asterisk_callback.services.console.call_back import CallBackService
from asterisk_callback.services.console.offering import OfferService
from asterisk_callback.services.console.verbs import Console
from asterisk_callback.services.console.view import ConsoleView, CurrentOffer, Stage
from asterisk_callback.services.console.wrap_up import WrapUps
from asterisk_callback.store import SqlStore
from tests.factories import SERVER, Office, callback_queue

RULES = ConsoleRules()


@dataclass
class PreviewOffice:
    """An office whose queue `sales` is in preview mode, and the verbs of its agents."""

    office: Office

    @classmethod
    def of(cls, store: SqlStore, **changes: Any) -> "PreviewOffice":
        preview = PreviewOptions(offer_to=changes.pop("offer_to", OfferPolicy.ONE))
        queue = callback_queue("sales", mode=DeliveryMode.PREVIEW, preview=preview, **changes)
        return cls(
            Office(store=store, queues={"sales": queue, "support": callback_queue("support")})
        )

    @property
    def store(self) -> SqlStore:
        return self.office.store

    @property
    def console(self) -> Console:
        return Console(store=self.store, queues=self.office.queues, guard=self.office.guard)

    @property
    def wrap_ups(self) -> WrapUps:
        return WrapUps(store=self.store, queues=self.office.queues, secret_key="test secret")

    @property
    def offering(self) -> OfferService:
        return OfferService(store=self.store, queues=self.office.queues, guard=self.office.guard)

    @property
    def calling(self) -> CallBackService:
        return CallBackService(store=self.store, queues=self.office.queues, guard=self.office.guard)

    def agent(self, login: str, *, queue: str = "sales", member: str | None = "") -> User:
        """A new agent whose console is open. member: PJSIP/LOGIN unless given."""
        with self.store.writing() as tx:
            phone = f"PJSIP/{login}" if member == "" else member
            user = tx.accounts.add_user(login=login, name=login.title(), member=phone)
            tx.accounts.add_grant(user.id, Grant(Role.AGENT, queue))
            user = tx.accounts.get(user.id) or user
        self.console.see(user)
        return user

    def round(self, *free: User) -> bool:
        """A dispatcher's round; free: whose phones Asterisk lists as free. Was anything offered?"""
        self.office.enrol()
        self.offering.sweep(self.office.me)
        phones = frozenset(user.member for user in free if user.member)
        return self.offering.offer(self.office.me, self.office.queues["sales"], phones)

    def see(self, user: User) -> ConsoleView:
        return self.console.see(user)

    def in_hand(self, user: User) -> CurrentOffer:
        found = self.see(user).in_hand
        assert found is not None, self.see(user).news
        return found

    def stage(self, user: User) -> Stage | None:
        found = self.see(user).in_hand
        return found.stage if found else None

    def offer_of(self, user: User) -> OfferId:
        offer = self.in_hand(user).offer
        assert offer is not None
        return offer.id

    def taken(self, user: User, *free: User) -> OfferId:
        """Offered to this agent, who took it."""
        assert self.round(user, *free)
        offer_id = self.offer_of(user)
        self.console.take(user, offer_id)
        return offer_id

    def calls(self) -> list[ClaimedCall]:
        """What the dispatcher sends in this round."""
        self.office.enrol()
        found = [self.calling.claim(self.office.me, one) for one in self.calling.asked(SERVER)]
        return [one for one in found if one is not None]

    def called(self, user: User, typed: str | None = None) -> ClaimedCall:
        """This agent took what was offered, and pressed "Call back"."""
        offer_id = self.taken(user)
        self.console.call_back(user, offer_id, typed or self.in_hand(user).number)
        [claim] = self.calls()
        return claim

    def change_queue(self, **changes: Any) -> None:
        queues = dict(self.office.queues)
        queues["sales"] = replace(queues["sales"], **changes)
        self.office = replace(self.office, queues=queues)


def wrap_up_over() -> timedelta:
    return RULES.wrap_up_for + timedelta(seconds=1)


def report(preview: PreviewOffice, one: Report) -> None:
    """What Asterisk says of a call."""
    preview.office.progress.report(one, preview.office.me)


def talked(preview: PreviewOffice, claim: ClaimedCall) -> None:
    """The gate says yes, they talk, and it is over."""
    token = claim.attempt.token
    preview.office.gate.ask(token)
    report(preview, CustomerAnswers(token=token))
    report(preview, AttemptEnds(token=token, disposition=Disposition.ANSWERED, rung=True))


def trail_of(preview: PreviewOffice, request_id: RequestId) -> list[str]:
    with preview.store.reading() as tx:
        return [one.event for one in tx.trail.of(request_id)]
