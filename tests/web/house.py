"""A company with a real store, the real services and the real web edge; only the clock is ours.

The dispatcher's part is played by calling the services that it calls.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache

from asterisk_callback.domain.account import Grant, Role, User
from asterisk_callback.domain.attempt import Attempt
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.limits import Limits
from asterisk_callback.domain.opening_hours import Hours, OpeningSpan
from asterisk_callback.domain.pacing import QueueStatus
from asterisk_callback.domain.phone import NumberRules
from asterisk_callback.domain.progress import (
    AgentRings,
    AttemptEnds,
    CustomerAnswers,
    CustomerRings,
)
from asterisk_callback.domain.queue import CallbackQueue, Queues
from asterisk_callback.domain.server import DispatcherIdentity
from asterisk_callback.domain.site import Site
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.services.accounts.passwords import Passwords
from asterisk_callback.services.accounts.second_factor import SecondFactor
from asterisk_callback.services.accounts.sessions import SignInSessions
from asterisk_callback.services.accounts.sign_in import SignIn
from asterisk_callback.services.accounts.users import Users
from asterisk_callback.services.board.board import BoardService
from asterisk_callback.services.board.roster import Roster
from asterisk_callback.services.booking.availability import Availability
from asterisk_callback.services.booking.booking import Booking, BookingResult, Origin, Submission
from asterisk_callback.services.booking.move import MoveService
from asterisk_callback.services.booking.renumber import RenumberService
from asterisk_callback.services.calling.claim import claim
from asterisk_callback.services.calling.gate import Gate
from asterisk_callback.services.calling.guard import Guard
from asterisk_callback.services.calling.progress import Progress
from asterisk_callback.services.calling.release import expire, release
from asterisk_callback.services.console.phone import PhoneService
from asterisk_callback.services.console.verbs import Console
from asterisk_callback.services.console.wrap_up import WrapUps
from asterisk_callback.services.reports import Reports
from asterisk_callback.services.status.status import Statuses
from asterisk_callback.services.telling.team_page import TeamPage
from flask_app import create_app
from flask_app.shared.app_services import (
    AccountServices,
    AppServices,
    CompanyFacts,
    Readiness,
    install,
)
from tests.factories import sqlite_store

MONDAY = datetime(2026, 11, 23, 14, 1, tzinfo=UTC)  # in London, in winter: the same on the wall
NUMBER = "020 7946 0100"
ZONE = "Europe/London"
OTHER_NUMBER = "020 7946 0123"
MASKED = "••• •••• •100"
PASSWORD = "four words in a row"
API_KEY = "key-of-the-shop-system"
SERVER, ASTERISK_QUEUE = "pbx", "support"
READY = QueueStatus(known=True, logged_in=6, free=1)


@dataclass
class Clock:
    now: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


def queue(name: str, title: str, topics: tuple[str, ...] = ()) -> CallbackQueue:
    trunk = Trunk(name="carrier", dial="PJSIP/{e164}@carrier", caller_id="020 7946 0100")
    return CallbackQueue(
        name=name,
        title=title,
        asterisk_queue=ASTERISK_QUEUE,
        server=SERVER,
        trunk=trunk,
        topics=topics,
    )


SUPPORT = queue("support", "Support", ("No connection", "Moving home", "A bill"))
SALES = queue("sales", "Sales")
# Open from eight to six, Monday to Friday, by the clock of London.
OFFICE = replace(
    queue("office", "Office"),
    hours=Hours(zone="Europe/London", week=((OpeningSpan(480, 1080),),) * 5 + ((),) * 2),
)


class Compiled(BytecodeCache):
    """Templates compiled once per process rather than once per app: 0.2 s a test."""

    kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


class Idle:
    """Apps that no test uses just now. All that an app keeps of its parts, but for what stands in
    the key, it asks for with each request; and making one takes 30 ms, half of a short test."""

    apps: ClassVar[dict[tuple[str, str, int, bool], list[Flask]]] = {}

    @classmethod
    def of(cls, parts: AppServices) -> list[Flask]:
        """Those that may be handed these parts."""
        inside = parts.accounts is not None
        key = parts.base_url, parts.secret_key, parts.trusted_proxies, inside
        return cls.apps.setdefault(key, [])


@dataclass
class House:
    """Everything behind one company's website."""

    folder: Path
    queues: Queues = field(default_factory=lambda: {"support": SUPPORT})
    limits: Limits = field(default_factory=Limits)
    sites: tuple[Site, ...] = (Site(name="shop", api_keys=(API_KEY,)),)
    base_url: str = "http://localhost"
    trusted_proxies: int = 0
    readiness: Readiness = field(default_factory=lambda: Readiness(ok=True))
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.store = sqlite_store(self.folder, self.clock)
        rules = NumberRules(home="GB", regions=("GB", "IE", "DE"))
        self.guard = Guard(rules=rules, limits=self.limits)
        self.booking = Booking(
            store=self.store,
            queues=self.queues,
            guard=self.guard,
            home_zone=ZONE,
            secret_key="a secret for tests",
        )
        self.passwords = Passwords(memory_kib=64, passes=1)
        sessions = SignInSessions(store=self.store, passwords=self.passwords)
        self.accounts = AccountServices(
            sign_in=SignIn(store=self.store, passwords=self.passwords, sessions=sessions),
            sessions=sessions,
            users=Users(store=self.store, passwords=self.passwords, queues=tuple(self.queues)),
            second_factor=SecondFactor(store=self.store),
        )
        self.parts = AppServices(
            booking=self.booking,
            availability=Availability(store=self.store, queues=self.queues, home_zone=ZONE),
            moving=MoveService(store=self.store, queues=self.queues, home_zone=ZONE),
            renumbering=RenumberService(store=self.store, queues=self.queues, guard=self.guard),
            statuses=Statuses(store=self.store, queues=self.queues),
            done=TeamPage(store=self.store, queues=self.queues),
            store=self.store,
            queues=self.queues,
            number_rules=rules,
            company=CompanyFacts(
                name="Larkmoor Broadband", zone="Europe/London", phone="020 7946 0100"
            ),
            secret_key="another secret for tests",
            base_url=self.base_url,
            ready=lambda: self.readiness,
            sites=self.sites,
            trusted_proxies=self.trusted_proxies,
            mail=True,
            accounts=self.accounts,
            boards=BoardService(store=self.store, queues=self.queues, guard=self.guard),
            reports=Reports(store=self.store, zone=ZONE),
            console=Console(store=self.store, queues=self.queues, guard=self.guard),
            wrap_ups=WrapUps(store=self.store, queues=self.queues, secret_key="a secret for tests"),
            phones=PhoneService(
                store=self.store,
                queues=self.queues,
                reasons=("Short break", "Lunch"),
                sleep=lambda seconds: self.asterisk(),
            ),
            roster=Roster(store=self.store, queues=self.queues),
            clock=self.clock,
        )
        self.asterisk: Callable[[], None] = lambda: None
        self._me: DispatcherIdentity | None = None
        self._lent: list[Flask] = []

    def client(self, **changes: object) -> FlaskClient:
        """A visitor's browser at an app that other tests had before; `changes` replace parts.

        A test that changes an app itself, or hears what one says only once, makes its own: app().
        """
        parts = replace(self.parts, **changes)  # type: ignore[arg-type]
        idle = Idle.of(parts)
        app = idle.pop() if idle else self.app(**changes)
        install(app.extensions, parts)
        self._lent.append(app)
        return app.test_client()

    def app(self, **changes: object) -> Flask:
        """The web app; `changes` replace parts of it."""
        app = create_app(replace(self.parts, **changes))  # type: ignore[arg-type]
        app.testing = True
        app.jinja_env.bytecode_cache = Compiled()
        return app

    def close(self) -> None:
        self.store.close()
        for app in self._lent:
            Idle.of(app.extensions["callback_parts"]).append(app)

    def submit(self, phone: str = NUMBER, queue: str = "support", **fields: str) -> BookingResult:
        """A wish past the web edge."""
        submission = Submission(phone=phone, queue=queue, **fields)
        return self.booking.submit(submission, Origin(scope="test", actor="test"))

    # those who work here
    def user(self, login: str = "anna", *grants: Grant, member: str = "") -> User:
        """Somebody who may sign in with PASSWORD. Without grants: an agent of every queue."""
        grants = grants or (Grant(Role.AGENT),)
        made = self.accounts.users.add(
            login, login.title(), member=member, grants=grants, actor="test"
        )
        self.accounts.users.set_password(made.id, PASSWORD, actor="test")
        return made

    def requests(self) -> Sequence[str]:
        """All rows of callback requests, as text."""
        with self.store.connect() as connection, connection.begin():
            rows = connection.exec_driver_sql("SELECT * FROM callback_request ORDER BY id")
            return [str(tuple(row)) for row in rows]

    # the dispatcher's part
    def at_work(self, facts: QueueStatus = READY) -> DispatcherIdentity:
        """A dispatcher is alive, its Asterisk answers, and its queue stands as `facts` say."""
        with self.store.writing() as tx:
            if self._me is None:
                epoch = tx.servers.register("tests", SERVER, timedelta(days=400))
                self._me = DispatcherIdentity(name="tests", epoch=epoch)
            tx.servers.renew_lease("tests", self._me.epoch, timedelta(days=400), True, "")
            tx.servers.put_queue_facts(SERVER, ASTERISK_QUEUE, facts)
        return self._me

    def at_work_name(self) -> DispatcherIdentity:
        """The dispatcher that was at work last."""
        return self._me or self.at_work()

    def released(self) -> None:
        release(self.store)

    def expired(self) -> None:
        expire(self.store)

    def claimed(self) -> Attempt:
        """An attempt, and the phone of the agent rings."""
        (claimed,) = claim(self.store, self.at_work(), SUPPORT, READY, self.guard)
        self._report(AgentRings(token=claimed.attempt.token, agent="Priya"))
        return claimed.attempt

    def passed(self) -> Attempt:
        """An attempt past the gate: the customer's phone is dialled."""
        attempt = self.claimed()
        Gate(store=self.store, queues=self.queues, guard=self.guard).ask(attempt.token)
        with self.store.reading() as tx:
            return tx.attempts.by_token(attempt.token) or attempt

    def ringing(self) -> Attempt:
        attempt = self.passed()
        self._report(CustomerRings(token=attempt.token))
        return attempt

    def connects(self, attempt: Attempt) -> None:
        """Agent and customer talk."""
        self._report(CustomerAnswers(token=attempt.token))

    def talking(self) -> Attempt:
        attempt = self.ringing()
        self.connects(attempt)
        return attempt

    def ends(self, attempt: Attempt, disposition: Disposition, rung: bool = True) -> None:
        self._report(AttemptEnds(token=attempt.token, disposition=disposition, rung=rung))

    def _report(self, report: AgentRings | CustomerRings | CustomerAnswers | AttemptEnds) -> None:
        progress = Progress(store=self.store, queues=self.queues)
        assert progress.report(report, self.at_work()) is not None
