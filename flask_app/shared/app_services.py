"""What the web edge is handed: it builds nothing of the core itself (bootstrap does)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import current_app

from asterisk_callback.domain.languages import LANGUAGES
from asterisk_callback.domain.phone import NumberRules
from asterisk_callback.domain.queue import Queues
from asterisk_callback.domain.site import Site
from asterisk_callback.services.accounts.administering import Administering
from asterisk_callback.services.accounts.confirming import Confirming
from asterisk_callback.services.accounts.second_factor import SecondFactor
from asterisk_callback.services.accounts.sessions import SignInSessions
from asterisk_callback.services.accounts.sign_in import SignIn
from asterisk_callback.services.accounts.users import Users
from asterisk_callback.services.board.board import BoardService
from asterisk_callback.services.board.roster import Roster
from asterisk_callback.services.booking.availability import Availability
from asterisk_callback.services.booking.booking import Booking
from asterisk_callback.services.booking.move import MoveService
from asterisk_callback.services.booking.renumber import RenumberService
from asterisk_callback.services.console.phone import PhoneService
from asterisk_callback.services.console.verbs import Console
from asterisk_callback.services.console.wrap_up import WrapUps
from asterisk_callback.services.ports import Store
from asterisk_callback.services.reports import Reports
from asterisk_callback.services.status.status import Statuses
from asterisk_callback.services.telling.team_page import TeamPage


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanyFacts:
    """Who calls back. zone: an IANA name, the zone of every time that a customer chooses.

    phone: the number on which customers can ring the company, as people write it. accent: the
    colour of its pages, `#0b6e4f`, legible as the configuration demands; None: ours.
    """

    name: str
    zone: str
    phone: str
    privacy_url: str | None = None
    accent: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountServices:
    """What the inside asks of the accounts."""

    sign_in: SignIn
    sessions: SignInSessions
    users: Users
    second_factor: SecondFactor

    @property
    def confirming(self) -> Confirming:
        return Confirming(store=self.sign_in.store, passwords=self.sign_in.passwords)

    @property
    def administering(self) -> Administering:
        store = self.sign_in.store
        return Administering(store=store, users=self.users, second_factor=self.second_factor)


@dataclass(frozen=True, kw_only=True, slots=True)
class Readiness:
    """Can the service do its job? reasons: what is wrong, one sentence each, without secrets.

    alarms: how many stand. No more than the number: strangers read it.
    """

    ok: bool
    reasons: tuple[str, ...] = ()
    alarms: int = 0


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class AppServices:
    """base_url: the public address without a path, such as https://call.example.org.

    sites: the API answers 404 while none of them has a key. trusted_proxies: how many proxies in
    front of us set X-Forwarded-For and -Proto. mail: messages are sent, so the form asks for an
    address. organizer: of calendar entries, the address from which messages come. languages: of
    the pages, the company's own first.
    accounts: of those who work here; without them there is no inside. boards, reports, console and
    wrap_ups: what they see and do; phones, roster: of the agents. clock: only to say "today";
    decisions use the store's.
    """

    booking: Booking
    availability: Availability
    moving: MoveService
    renumbering: RenumberService
    statuses: Statuses
    done: TeamPage
    store: Store
    queues: Queues
    number_rules: NumberRules
    company: CompanyFacts
    secret_key: str
    base_url: str
    ready: Callable[[], Readiness]
    sites: tuple[Site, ...] = ()
    trusted_proxies: int = 0
    mail: bool = False
    organizer: str = ""
    accounts: AccountServices | None = None
    boards: BoardService | None = None
    reports: Reports | None = None
    console: Console | None = None
    wrap_ups: WrapUps | None = None
    phones: PhoneService | None = None
    roster: Roster | None = None
    languages: tuple[str, ...] = LANGUAGES
    clock: Callable[[], datetime] = _utc_now


def install(app_extensions: dict[str, object], parts: AppServices) -> None:
    app_extensions["callback_parts"] = parts


def parts() -> AppServices:
    """The parts of the app that serves the current request."""
    return cast(AppServices, current_app.extensions["callback_parts"])
