"""The agents and their phones, as the web half asks for them."""

from asterisk_callback.bootstrap.rules import member_rules, queues
from asterisk_callback.config.settings import Settings
from asterisk_callback.services.board.roster import Roster
from asterisk_callback.services.console.phone import Phones
from asterisk_callback.store import SqlStore


def phones(settings: Settings, made: SqlStore) -> Phones:
    reasons = settings.console.pause_reasons
    return Phones(
        store=made, queues=queues(settings), reasons=reasons, members=member_rules(settings)
    )


def roster(settings: Settings, made: SqlStore) -> Roster:
    return Roster(store=made, queues=queues(settings))
