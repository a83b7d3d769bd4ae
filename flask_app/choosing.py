"""The form's view model: what a visitor can choose from."""

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from asterisk_callback.domain import phone
from asterisk_callback.domain.queue import CallbackQueue, regions_of
from flask_app import languages
from flask_app.parts import Parts


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    code: str
    name: str
    calling_code: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What the form offers. of: the one queue whose own page this is, or empty.

    first_day, last_day: ISO dates in the company's zone. caller_ids: what we ring from.
    """

    of: str
    queues: tuple[CallbackQueue, ...]
    regions: tuple[Region, ...]
    topics: tuple[str, ...]
    caller_ids: tuple[str, ...]
    example: str
    first_day: str
    last_day: str
    place: str


def everything(parts: Parts) -> Choices:
    """The choices of the general contact page."""
    return _choices(parts, "", tuple(parts.queues.values()))


def only(parts: Parts, queue: str) -> Choices:
    """The choices of one department's own page."""
    return _choices(parts, queue, (parts.queues[queue],))


def _choices(parts: Parts, of: str, queues: tuple[CallbackQueue, ...]) -> Choices:
    rules = parts.number_rules
    codes = sorted(regions_of(queues, rules) | {rules.home}, key=languages.region_name)
    codes.sort(key=lambda code: code != rules.home)
    furthest = max(queue.slots.days_ahead for queue in queues)
    today = parts.clock().astimezone(ZoneInfo(parts.company.zone)).date()
    return Choices(
        of=of,
        queues=queues,
        regions=tuple(
            Region(
                code=code, name=languages.region_name(code), calling_code=phone.calling_code(code)
            )
            for code in codes
        ),
        topics=tuple(dict.fromkeys(topic for queue in queues for topic in queue.topics)),
        caller_ids=tuple(dict.fromkeys(queue.trunk.caller_id for queue in queues)),
        example=phone.example(rules.home),
        first_day=today.isoformat(),
        last_day=(today + timedelta(days=furthest)).isoformat(),
        place=languages.place(parts.company.zone),
    )
