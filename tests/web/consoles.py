"""A console that shows what a test puts on it, and writes down what is asked of it.

The pages' tests bring about every stage by it; the services behind it have their own tests.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from asterisk_callback.domain.account import Grant, Role, User, UserId
from asterisk_callback.domain.attempt import Attempt, AttemptId, Token
from asterisk_callback.domain.console import Offer, OfferId
from asterisk_callback.domain.disposition import Disposition
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.domain.mode import DeliveryMode
from asterisk_callback.domain.request import Request, RequestId, RequestState
from asterisk_callback.domain.wish import Wish, WishId
from asterisk_callback.services.console.view import (
    BookedCall,
    ConsoleView,
    CurrentOffer,
    Stage,
    Today,
)
from tests.web.house import MONDAY, SUPPORT, House
from tests.web.insider import Insider

NUMBER = "+447700900123"
SHOWN = "07700 900123"
MEMBER = "PJSIP/1004"
NOTE = "We move on 1 December. Can the line be ready that day, and do we keep our number?"
NOW = MONDAY + timedelta(minutes=2)  # 14:03
EARLIER = Attempt(
    id=AttemptId(4),
    request_id=RequestId(1),
    token=Token("4" * 27),
    server="pbx",
    trunk="carrier",
    owner="tests",
    epoch=1,
    e164=NUMBER,
    claimed_at=NOW - timedelta(minutes=9),
    gate_by=NOW,
    agent="Tom",
    gate_at=NOW - timedelta(minutes=9),
    ringing_at=NOW - timedelta(minutes=9),
    ended_at=NOW - timedelta(minutes=8),
    disposition=Disposition.BUSY,
    rung=True,
)
REQUEST = Request(
    id=RequestId(1),
    queue="support",
    e164=NUMBER,
    region="GB",
    state=RequestState.OFFERED,
    created_at=NOW - timedelta(minutes=22),
    due_at=NOW - timedelta(minutes=22),
    line_at=NOW - timedelta(minutes=22),
    expires_at=NOW + timedelta(hours=20),
    rings=1,
)
WISH = Wish(
    id=WishId(1),
    request_id=RequestId(1),
    public_id="public",
    nonce="nonce",
    created_at=NOW - timedelta(minutes=22),
    due_at=NOW - timedelta(minutes=22),
    asap=True,
    zone="Europe/London",
    own_zone=True,
    promised_from=NOW + timedelta(minutes=2),
    promised_to=NOW + timedelta(minutes=9),
    name="Amira Haddad",
    topic="Moving home",
    about=NOTE,
    scope="site:larkmoor",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    wrap_up_codes: tuple[str, ...] = (
        "Solved",
        "Order placed",
        "Needs a follow-up",
        "Wrong person",
        "Voicemail",
        "Not interested",
    )
    cancel_reasons: tuple[str, ...] = (
        "Already solved",
        "Asked twice",
        "Wrong department",
        "Not a real request",
    )
    wrap_up_for: timedelta = timedelta(seconds=60)
    tell_cancelled: bool = True


def offer(offer_id: int = 7) -> Offer:
    return Offer(
        id=OfferId(offer_id),
        request_id=RequestId(1),
        user_id=UserId(1),
        member=MEMBER,
        offered_at=NOW - timedelta(seconds=6),
        answer_by=NOW + timedelta(seconds=14),
    )


def attempt(stage: Stage, attempt_id: int = 5) -> Attempt:
    """The agent's own call, as far as it has come at this stage."""
    one = replace(
        EARLIER,
        id=AttemptId(attempt_id),
        token=Token("5" * 27),
        mode=DeliveryMode.PREVIEW,
        claimed_at=NOW - timedelta(minutes=2, seconds=30),
        agent_rang_at=NOW - timedelta(minutes=2, seconds=29),
        agent_at=None,
        gate_at=None,
        ringing_at=None,
        ended_at=None,
        disposition=None,
        rung=False,
    )
    if stage is Stage.CALLING:
        return one
    gate = NOW - timedelta(minutes=2, seconds=20)
    one = replace(one, agent_at=gate, gate_at=gate, ringing_at=gate, rung=True)
    if stage is Stage.RINGING:
        return one
    one = replace(one, answered_at=NOW - timedelta(minutes=2, seconds=14))
    if stage is Stage.TALKING:
        return one
    return replace(one, ended_at=NOW, disposition=Disposition.ANSWERED)


_ENDS = {Stage.OFFERED: 14, Stage.CHECKING: 600, Stage.WRAP_UP: 60}
_CALLS = (Stage.CALLING, Stage.RINGING, Stage.TALKING, Stage.WRAP_UP)


def in_hand(stage: Stage, **changes: Any) -> CurrentOffer:
    """Amira's callback at this stage."""
    seconds = _ENDS.get(stage)
    values: dict[str, Any] = {
        "stage": stage,
        "request": REQUEST,
        "queue": SUPPORT,
        "number": NUMBER,
        "prefix": "9",
        "wish": WISH,
        "attempts": [EARLIER],
        "mode": DeliveryMode.PREVIEW,
        "offer": offer(),
        "attempt": attempt(stage) if stage in _CALLS else None,
        "until": NOW + timedelta(seconds=seconds) if seconds else None,
    }
    return CurrentOffer(**(values | changes))


@dataclass
class HandMade:
    """view: what it shows. refuses: the error of the next verb. calls: the verbs, as they came.
    before_page: what the server does before it gives out a whole page, such as to wait."""

    view: ConsoleView = field(default_factory=lambda: ConsoleView(now=NOW, in_hand=None, in_line=3))
    today: Today = field(default_factory=Today)
    rules: Rules = field(default_factory=Rules)
    refuses: CallbackError | None = None
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    after: Callable[["HandMade", str], object] = lambda console, verb: None
    before_page: Callable[[], object] = lambda: None

    def put(self, stage: Stage | None, **changes: Any) -> "HandMade":
        """Another stage, or nothing in hand. `news`, `in_line`, `now` are of the view."""
        own = {
            name: changes.pop(name)
            for name in ("news", "news_id", "in_line", "now")
            if name in changes
        }
        hand = in_hand(stage, **changes) if stage else None
        self.view = replace(self.view, in_hand=hand, **own)
        return self

    def _asked(self, verb: str, *what: Any) -> None:
        self.calls.append((verb, *what))
        if self.refuses is not None:
            refusal, self.refuses = self.refuses, None
            raise refusal
        self.after(self, verb)

    def see(self, user: User, *, opened: bool = False) -> ConsoleView:
        if opened:
            self.before_page()
        return self.view

    def day(self, user: User) -> Today:
        return self.today

    def leave(self, user: User) -> None:
        self._asked("leave")

    def take(self, user: User, offer_id: OfferId) -> None:
        self._asked("take", offer_id)

    def pass_on(self, user: User, offer_id: OfferId) -> None:
        self._asked("pass_on", offer_id)

    def call_back(self, user: User, offer_id: OfferId, typed: str) -> None:
        self._asked("call_back", offer_id, typed)

    def cancel(self, user: User, offer_id: OfferId, reason: str, tell: bool) -> None:
        self._asked("cancel", offer_id, reason, tell)

    def drop(self, user: User, request_id: RequestId | None = None) -> None:
        self._asked("drop", request_id)

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
        self._asked("save", attempt_id, code, note, again, never)


def a_day(now: datetime = NOW) -> Today:
    return Today(
        calls=9,
        kept=9,
        promised=9,
        talk=360,
        booked=(
            BookedCall(
                at=now + timedelta(minutes=27),
                name="Eva Lindqvist",
                queue="support",
                topic="A bill",
            ),
            BookedCall(at=now + timedelta(minutes=57), name="", queue="support", topic=""),
        ),
    )


def agent(house: House, console: HandMade, login: str = "priya") -> Insider:
    """Somebody at this console, signed in."""
    house.clock.now = NOW
    house.user(login, Grant(Role.AGENT), member=MEMBER)
    app = house.app(console=console, wrap_ups=console)
    one = Insider(app.test_client())
    assert one.sign_in(login).status_code == 303
    return one
