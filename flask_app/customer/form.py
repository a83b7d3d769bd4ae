"""The contact form: what was typed, and what can be said about it before asking the services."""

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace

from asterisk_callback.domain import appointment, page_address, phone
from asterisk_callback.domain.errors import AmbiguousNumber, InvalidInput
from asterisk_callback.domain.phone import NumberRules
from asterisk_callback.domain.queue import Queues
from asterisk_callback.services.booking.booking import Submission
from flask_app.shared import languages

_KEY = re.compile(r"[A-Za-z0-9_-]{22,64}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}([+-][0-9]{2}:[0-9]{2})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class FormInput:
    """The fields word for word, so that no error costs the customer a second typing.

    when: `asap`, or one of the times that we offer, or `later`: then `slot`, on `day`, which is
    the one that is opened. reading: the one that was chosen where digits can be two numbers.
    zone_known: the visitor's zone was detected or chosen, so it is theirs;
    else the times are shown in the company's. key: one per rendered form, so that submitting it
    twice is one wish. page: what the website around the form says of its own address.
    """

    country: str = ""
    phone: str = ""
    reading: str = ""
    queue: str = ""
    when: str = "asap"
    day: str = ""
    slot: str = ""
    time_zone: str = ""
    zone_known: str = ""
    name: str = ""
    topic: str = ""
    about: str = ""
    email: str = ""
    key: str = ""
    page: str = ""

    @property
    def later(self) -> bool:
        return self.when == "later"

    @property
    def time(self) -> str | None:
        """The chosen time, ISO 8601; None: as soon as possible."""
        return {"asap": None, "later": self.slot}.get(self.when, self.when)

    @property
    def written(self) -> bool:
        """A visitor wrote something into it, which must not get lost."""
        return any((self.phone, self.name, self.about, self.email))

    def with_new_key(self) -> "FormInput":
        return replace(self, key=new_key())


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldError:
    """What is wrong with one field. Either the domain's sentence or a code that the template
    has the words for; time and times: what these words name. readings: the numbers to choose from
    where digits can be more than one."""

    field: str
    sentence: str = ""
    code: str = ""
    time: str = ""
    times: str = ""
    readings: tuple[str, ...] = ()


def new_key() -> str:
    return secrets.token_urlsafe(16)


def read(form: Mapping[str, str]) -> FormInput:
    """The form as it came in. A key that we can't have made is replaced by a new one."""
    names = {field.name for field in fields(FormInput)}
    typed = FormInput(**{name: text for name, text in form.items() if name in names})
    return typed if _KEY.fullmatch(typed.key) else typed.with_new_key()


def settled(typed: FormInput, queues: Queues, rules: NumberRules) -> FormInput:
    """With the number that was chosen in place of digits that can be two; only theirs counts, or a
    choice from before would win over a number that was corrected since."""
    if not typed.reading:
        return typed
    try:
        _number(typed, queues, rules)
    except AmbiguousNumber as error:
        if typed.reading in error.readings:
            return replace(typed, phone=typed.reading, reading="")
    except InvalidInput:
        pass
    return replace(typed, reading="")


def _number(typed: FormInput, queues: Queues, rules: NumberRules) -> phone.PhoneNumber:
    chosen = queues.get(typed.queue)
    asked = chosen.number_rules(rules) if chosen else rules
    return phone.parse(typed.phone, asked, country=typed.country)


def check(typed: FormInput, queues: Queues, rules: NumberRules) -> list[FieldError]:
    """Everything that can be said at once, in the order of the page. Booking judges again."""
    problems = []
    if typed.queue not in queues:
        problems.append(FieldError(field="queue", code="queue"))
    try:
        _number(typed, queues, rules)
    except InvalidInput as error:
        problems.append(problem_of(error))
    if typed.time_zone and not is_zone(typed.time_zone):
        problems.append(FieldError(field="time_zone", code="time_zone"))
    if typed.later and not _chosen(typed):
        problems.append(FieldError(field="slot", code="slot"))
    elif not typed.later and typed.time is not None and not _TIME.fullmatch(typed.time):
        problems.append(FieldError(field="when", code="when"))
    return problems


def _chosen(typed: FormInput) -> bool:
    """Without a script a time stays chosen when another day is opened: then it is not meant."""
    return bool(_TIME.fullmatch(typed.slot)) and typed.slot.startswith(typed.day)


def is_zone(name: str) -> bool:
    try:
        appointment.zone(name)
    except InvalidInput:
        return False
    return True


def problem_of(error: InvalidInput) -> FieldError:
    """The domain's error at the form's field."""
    field = {"scheduled_for": "when"}.get(error.field or "", error.field)
    readings = error.readings if isinstance(error, AmbiguousNumber) else ()
    return FieldError(field=field or "phone", sentence=languages.say(error), readings=readings)


def submission(typed: FormInput, origins: Iterable[str] = ()) -> Submission:
    """What booking gets. A zone that is only the company's, shown for want of a better one, is not
    the visitor's: then their number says when they may be rung. origins: of the website around the
    form; the page of any other is dropped, and so is all that is no page."""
    return Submission(
        phone=typed.phone,
        queue=typed.queue,
        country=typed.country or None,
        name=typed.name,
        topic=typed.topic,
        about=typed.about,
        email=typed.email,
        locale=languages.chosen(),
        scheduled_for=typed.time,
        time_zone=typed.time_zone if typed.zone_known and typed.time_zone else None,
        page=page_address.on_one_of(origins, typed.page),
    )
