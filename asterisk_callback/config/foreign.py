"""May every country that is called be called by the trunk that is to do it?"""

from asterisk_callback.config.settings import Settings
from asterisk_callback.domain.phone import calling_code
from asterisk_callback.domain.trunk import NATIONAL

Fault = tuple[tuple[str | int, ...], str]


def faults(settings: Settings) -> list[Fault]:
    """The trunks that would dial a foreign number by its national digits, which are somebody
    else's number here: each key's place, and the sentence that says what is right."""
    found: list[Fault] = []
    for name, trunk in settings.trunks.items():
        if NATIONAL not in trunk.dial or trunk.dial_foreign:
            continue
        home = trunk.country or settings.company.country
        called = {code for queue in _callers(settings, name) for code in queue}
        abroad = sorted(code for code in called if calling_code(code) != calling_code(home))
        if abroad:
            sentence = (
                f"is missing: {NATIONAL} in dial is right only for numbers of {home}, and "
                f"{', '.join(abroad)} may be called by this trunk, too"
            )
            found.append((("trunks", name, "dial_foreign"), sentence))
    return found


def _callers(settings: Settings, trunk: str) -> list[tuple[str, ...]]:
    """Of each callback queue the countries that it calls by this trunk."""
    company = settings.numbers.regions or (settings.company.country,)
    return [
        tuple(
            code
            for code in queue.regions or company
            if trunk in (queue.trunks_by_country.get(code) or queue.trunk_names)
        )
        for queue in settings.queues.values()
        if queue.mode.rules.makes_calls
    ]
