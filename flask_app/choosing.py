"""The form's view model: what a visitor can choose from, but for the times (timetable.py)."""

from dataclasses import dataclass

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
    """What the form offers. of: the one queue whose own page this is, or empty. chosen: the queue
    whose times and questions are shown."""

    of: str
    queues: tuple[CallbackQueue, ...]
    chosen: CallbackQueue
    regions: tuple[Region, ...]
    example: str


def of_page(parts: Parts, of: str, queue: str) -> Choices:
    """The choices of the general page, or of one department's own page; with `queue` chosen, if
    the page has it."""
    queues = (parts.queues[of],) if of in parts.queues else tuple(parts.queues.values())
    rules = parts.number_rules
    codes = sorted(regions_of(queues, rules) | {rules.home}, key=languages.region_name)
    codes.sort(key=lambda code: code != rules.home)
    return Choices(
        of=of if of in parts.queues else "",
        queues=queues,
        chosen=next((one for one in queues if one.name == queue), queues[0]),
        regions=tuple(
            Region(
                code=code, name=languages.region_name(code), calling_code=phone.calling_code(code)
            )
            for code in codes
        ),
        example=phone.example(rules.home),
    )
