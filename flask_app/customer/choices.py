"""The form's view model: what a visitor can choose from, but for the times (timetable.py)."""

from dataclasses import dataclass

from asterisk_callback.domain import phone
from asterisk_callback.domain.queue import CallbackQueue, Queues, regions_of
from flask_app.shared import languages
from flask_app.shared.app_services import AppServices


@dataclass(frozen=True, kw_only=True, slots=True)
class CountryChoice:
    code: str
    name: str
    calling_code: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What the form offers. chosen: the queue whose times and questions are shown."""

    queues: tuple[CallbackQueue, ...]
    chosen: CallbackQueue
    regions: tuple[CountryChoice, ...]
    example: str


def of_page(parts: AppServices, on_offer: Queues, queue: str) -> Choices:
    """The choices where these queues are on offer; with `queue` chosen, if it is one of them."""
    queues = tuple(on_offer.values())
    rules = parts.number_rules
    codes = sorted(regions_of(queues, rules) | {rules.home}, key=languages.region_name)
    codes.sort(key=lambda code: code != rules.home)
    return Choices(
        queues=queues,
        chosen=next((one for one in queues if one.name == queue), queues[0]),
        regions=tuple(
            CountryChoice(
                code=code, name=languages.region_name(code), calling_code=phone.calling_code(code)
            )
            for code in codes
        ),
        example=phone.example(rules.home),
    )
