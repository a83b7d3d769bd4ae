"""The web half: Flask and what it asks.

Flask and what passwords need are loaded where they are needed, so that the dispatcher's process
never loads them.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from asterisk_callback.bootstrap.database import running_store, schema, store
from asterisk_callback.bootstrap.rules import console_rules, guard, member_rules, queues
from asterisk_callback.bootstrap.telling import done, organizer
from asterisk_callback.config.settings import Settings
from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.domain.site import Site
from asterisk_callback.services.board.board import BoardService
from asterisk_callback.services.board.roster import Roster
from asterisk_callback.services.booking.availability import Availability
from asterisk_callback.services.booking.booking import Booking
from asterisk_callback.services.booking.move import MoveService
from asterisk_callback.services.booking.renumber import RenumberService
from asterisk_callback.services.console.phone import PhoneService
from asterisk_callback.services.console.verbs import Console
from asterisk_callback.services.console.wrap_up import WrapUps
from asterisk_callback.services.reports import Reports
from asterisk_callback.services.status.status import Statuses
from asterisk_callback.store import SqlStore
from asterisk_callback.store.rolling import TablesChanged

if TYPE_CHECKING:
    from flask import Flask

    from asterisk_callback.services.accounts.passwords import Passwords
    from asterisk_callback.services.accounts.users import Users
    from flask_app.shared.app_services import AccountServices, Readiness


def booking(settings: Settings, made: SqlStore) -> Booking:
    return Booking(
        store=made,
        queues=queues(settings),
        guard=guard(settings),
        home_zone=settings.company.zone,
        secret_key=settings.web.secret_key.get_secret_value(),
    )


def statuses(settings: Settings, made: SqlStore) -> Statuses:
    return Statuses(
        store=made,
        queues=queues(settings),
        guard=guard(settings),
        keep=timedelta(days=settings.web.status_days),
    )


def console(settings: Settings, made: SqlStore) -> Console:
    return Console(
        store=made,
        queues=queues(settings),
        guard=guard(settings),
        rules=console_rules(settings),
    )


def wrap_ups(settings: Settings, made: SqlStore) -> WrapUps:
    return WrapUps(
        store=made,
        queues=queues(settings),
        secret_key=settings.web.secret_key.get_secret_value(),
        rules=console_rules(settings),
    )


def accounts(settings: Settings, made: SqlStore) -> "AccountServices":
    """Those who work here, and their way in."""
    from asterisk_callback.services.accounts.passwords import Passwords
    from asterisk_callback.services.accounts.second_factor import SecondFactor
    from asterisk_callback.services.accounts.sessions import SignInSessions
    from asterisk_callback.services.accounts.sign_in import SignIn
    from flask_app.shared.app_services import AccountServices

    passwords = Passwords()
    limits = settings.inside
    sessions = SignInSessions(
        store=made, passwords=passwords, idle=limits.idle, longest=limits.longest
    )
    return AccountServices(
        sign_in=SignIn(store=made, passwords=passwords, sessions=sessions),
        sessions=sessions,
        users=users(settings, made, passwords),
        second_factor=SecondFactor(store=made, passwords=passwords),
    )


def users(settings: Settings, made: SqlStore, passwords: "Passwords | None" = None) -> "Users":
    """What the command line asks, too."""
    from asterisk_callback.services.accounts.passwords import Passwords
    from asterisk_callback.services.accounts.users import Users

    names = tuple(settings.queues)
    return Users(
        store=made,
        passwords=passwords or Passwords(),
        queues=names,
        members=member_rules(settings),
    )


def phones(settings: Settings, made: SqlStore) -> PhoneService:
    reasons = settings.console.pause_reasons
    return PhoneService(
        store=made, queues=queues(settings), reasons=reasons, members=member_rules(settings)
    )


def roster(settings: Settings, made: SqlStore) -> Roster:
    return Roster(store=made, queues=queues(settings))


def sites(settings: Settings) -> tuple[Site, ...]:
    return tuple(
        Site(
            name=name,
            origins=given.origins,
            queues=given.queues,
            api_keys=tuple(key.get_secret_value() for key in given.api_keys),
        )
        for name, given in settings.sites.items()
    )


def web_app(settings: Settings, made: SqlStore | None = None) -> "Flask":
    """The web application on its store."""
    from flask_app import create_app
    from flask_app.shared.app_services import AppServices, CompanyFacts

    made = made or running_store(store(settings))
    company = settings.company
    return create_app(
        AppServices(
            booking=booking(settings, made),
            availability=Availability(store=made, queues=queues(settings), home_zone=company.zone),
            moving=MoveService(store=made, queues=queues(settings), home_zone=company.zone),
            renumbering=RenumberService(store=made, queues=queues(settings), guard=guard(settings)),
            statuses=statuses(settings, made),
            done=done(settings, made),
            store=made,
            queues=queues(settings),
            number_rules=guard(settings).rules,
            company=CompanyFacts(
                name=company.name,
                zone=company.zone,
                phone=company.phone,
                privacy_url=company.privacy_url,
                accent=company.accent,
            ),
            secret_key=settings.web.secret_key.get_secret_value(),
            base_url=settings.web.base_url,
            ready=lambda: readiness(made),
            sites=sites(settings),
            trusted_proxies=settings.web.trusted_proxies,
            languages=company.languages,
            mail=settings.mail is not None,
            organizer=organizer(settings),
            accounts=accounts(settings, made) if settings.inside.enabled else None,
            boards=BoardService(store=made, queues=queues(settings), guard=guard(settings)),
            reports=Reports(store=made, zone=company.zone),
            console=console(settings, made),
            wrap_ups=wrap_ups(settings, made),
            phones=phones(settings, made),
            roster=roster(settings, made),
        )
    )


def readiness(made: SqlStore) -> "Readiness":
    """Database, tables, and a live dispatcher whose Asterisk is there."""
    from flask_app.shared.app_services import Readiness

    try:
        found, needed = schema(made)
        if found != needed:
            return Readiness(ok=False, reasons=("the database needs `db upgrade`",))
        with made.reading() as tx:
            alive = [one for one in tx.servers.all() if one.alive(tx.now)]
            standing = [one.name for one in tx.alarms.standing()]
            alarms = len(standing)
    except TablesChanged:
        return Readiness(ok=False, reasons=("another version has upgraded the database",))
    except StoreUnavailable:
        return Readiness(ok=False, reasons=("the database does not answer",))
    if not alive:
        # A dispatcher that can't write does not seem to live.
        reason = "the database can't be written" if made.away else "no dispatcher is running"
        return Readiness(ok=False, reasons=(reason,), alarms=alarms)
    if not any(one.ready for one in alive):
        reasons = tuple(said for name, said in _STOPS.items() if name in standing)
        return Readiness(ok=False, reasons=reasons or (_NO_LINK,), alarms=alarms)
    return Readiness(ok=True, alarms=alarms)


# The dispatcher's own reason, and an alarm's text, name hosts and users: for the operator, not for
# the web.
_NO_LINK = "no dispatcher has a working link to Asterisk"
_STOPS = {
    AlarmName.NO_RIGHT: "Asterisk does not let us place calls",
    AlarmName.NO_DIALPLAN: "Asterisk has not got our dialplan, or a module that it needs",
    AlarmName.GATE: "Asterisk gets no answer from the gate",
}
