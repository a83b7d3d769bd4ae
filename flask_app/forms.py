"""The contact form: what was typed, and what can be said about it before asking the services."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from asterisk_callback.domain import phone
from asterisk_callback.domain.errors import InvalidInput
from asterisk_callback.domain.phone import NumberRules
from asterisk_callback.domain.queue import Queues
from asterisk_callback.services.booking import Submission
from flask_app import languages

_KEY = re.compile(r"[A-Za-z0-9_-]{22,64}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """The fields word for word, so that no error costs the customer a second typing.

    key: one per rendered form, so that submitting it twice is one wish.
    """

    country: str = ""
    phone: str = ""
    queue: str = ""
    when: str = "asap"
    date: str = ""
    time: str = ""
    name: str = ""
    topic: str = ""
    email: str = ""
    key: str = ""

    @property
    def later(self) -> bool:
        return self.when == "later"

    def with_new_key(self) -> "Typed":
        return replace(self, key=new_key())


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What is wrong with one field. Either the domain's sentence or a code that the template
    has the words for."""

    field: str
    sentence: str = ""
    code: str = ""


def new_key() -> str:
    return secrets.token_urlsafe(16)


def read(form: Mapping[str, str]) -> Typed:
    """The form as it came in. A key that we can't have made is replaced by a new one."""
    names = {field.name for field in fields(Typed)}
    typed = Typed(**{name: text for name, text in form.items() if name in names})
    return typed if _KEY.fullmatch(typed.key) else typed.with_new_key()


def check(typed: Typed, queues: Queues, rules: NumberRules) -> list[Problem]:
    """Everything that can be said at once, in the order of the page. Booking judges again."""
    problems = []
    if typed.queue not in queues:
        problems.append(Problem(field="queue", code="queue"))
    try:
        chosen = queues.get(typed.queue)
        asked = chosen.number_rules(rules) if chosen else rules
        phone.parse(typed.phone, asked, country=typed.country)
    except InvalidInput as error:
        problems.append(problem_of(error))
    if typed.when not in ("asap", "later"):
        problems.append(Problem(field="when", code="when"))
    if typed.later and not _DATE.fullmatch(typed.date):
        problems.append(Problem(field="date", code="date"))
    if typed.later and not _TIME.fullmatch(typed.time):
        problems.append(Problem(field="time", code="time"))
    return problems


def problem_of(error: InvalidInput) -> Problem:
    """The domain's error at the form's field."""
    field = {"scheduled_for": "date", "time_zone": "date"}.get(error.field or "", error.field)
    return Problem(field=field or "phone", sentence=languages.say(error))


def submission(typed: Typed) -> Submission:
    """What booking gets: the chosen time is wall time in the company's zone."""
    return Submission(
        phone=typed.phone,
        queue=typed.queue,
        country=typed.country or None,
        name=typed.name,
        topic=typed.topic,
        email=typed.email,
        locale=languages.chosen(),
        scheduled_for=f"{typed.date}T{typed.time}" if typed.later else None,
    )
