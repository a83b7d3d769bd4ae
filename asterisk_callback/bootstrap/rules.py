"""From the configuration to the domain: callback queues, and whom they may call how often."""

from collections.abc import Iterable
from dataclasses import replace

from asterisk_callback.config.hours import opening
from asterisk_callback.config.limits import CallLimitSettings
from asterisk_callback.config.retry import reactions
from asterisk_callback.config.settings import QueueSettings, Settings
from asterisk_callback.config.who_is_told import tells
from asterisk_callback.domain.console import ConsoleRules
from asterisk_callback.domain.phone import NumberRules
from asterisk_callback.domain.queue import CallbackQueue, Home, Queues, regions_of
from asterisk_callback.domain.queue_member import MemberRules
from asterisk_callback.domain.trunk import Trunk
from asterisk_callback.services.calling.guard import Guard


def queues(settings: Settings) -> Queues:
    made = {name: _queue(settings, name, given) for name, given in settings.queues.items()}
    return {name: replace(queue, shares=_shares(queue, made)) for name, queue in made.items()}


def _shares(queue: CallbackQueue, queues: Queues) -> tuple[str, ...]:
    """The other callback queues whose agents are those of the same Asterisk queue."""
    return tuple(
        name
        for name, other in queues.items()
        if name != queue.name and other.asterisk_queue == queue.asterisk_queue
    )


def _queue(settings: Settings, name: str, given: QueueSettings) -> CallbackQueue:
    first, *more = _trunks(settings, given.trunk_names)
    by_country = given.trunks_by_country.items()
    return CallbackQueue(
        name=name,
        title=given.title,
        asterisk_queue=given.asterisk_queue,
        server=settings.asterisk.name,
        trunk=first,
        more_trunks=tuple(more),
        trunks_by_country={region: _trunks(settings, names) for region, names in by_country},
        whisper=given.whisper,
        mode=given.mode,
        first=given.customer_first.rules,
        preview=replace(
            given.preview.rules,
            wrap_up_for=settings.console.wrap_up_for,
            members=member_rules(settings),
        ),
        tells=tells(settings, name),
        queue_for=given.queue_for,
        queue_options=given.queue_options,
        record=given.record,
        ring_for=given.ring_for,
        lifetime=given.lifetime,
        topics=given.topics,
        asks=given.ask,
        reactions=reactions(given.retry),
        brief=given.brief_talk.rules,
        limits=given.call_limits,
        regions=given.regions,
        hours=opening(given.hours, given.zone or settings.company.zone, settings.company),
        permitted=settings.company.permitted,
        home=Home(settings.company.country, settings.company.zone),
        slots=given.slots.rules,
        max_waiting=given.max_waiting,
    )


def _trunks(settings: Settings, names: Iterable[str]) -> tuple[Trunk, ...]:
    return tuple(_trunk(settings, name) for name in names)


def _trunk(settings: Settings, name: str) -> Trunk:
    given = settings.trunks[name]
    itself = given.model_dump(exclude={"country", *CallLimitSettings.model_fields})
    country = given.country or settings.company.country
    return Trunk(name=name, country=country, limits=given.call_limits, **itself)


def console_rules(settings: Settings) -> ConsoleRules:
    return replace(settings.console.rules, members=member_rules(settings))


def member_rules(settings: Settings) -> MemberRules:
    return MemberRules(settings.asterisk.members)


def guard(settings: Settings) -> Guard:
    return Guard(
        rules=NumberRules(home=settings.company.country, **settings.numbers.model_dump()),
        limits=settings.limits.rules,
        secret_key=settings.web.secret_key.get_secret_value(),
    )


def number_rules(settings: Settings) -> NumberRules:
    """The rules of a company that rings whatever at least one of its queues may ring."""
    company = guard(settings).rules
    return replace(company, regions=regions_of(queues(settings).values(), company))
