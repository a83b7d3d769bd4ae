"""Those who work here: is there somebody who lets others in, and does Asterisk know the agents?"""

from collections.abc import Iterator

from asterisk_callback.bootstrap.rules import member_rules
from asterisk_callback.config import Settings
from asterisk_callback.doctor.finding import Finding, ok, skipped, warning, wrong
from asterisk_callback.domain.account import Role, User
from asterisk_callback.store import SqlStore


def check(store: SqlStore, settings: Settings) -> Iterator[Finding]:
    """Nothing is said where nobody can sign in."""
    if not settings.inside.enabled:
        return
    server = settings.asterisk.name
    with store.reading() as tx:
        users = [one for one in tx.accounts.all() if one.disabled_at is None]
        known = {one.interface for one in tx.queue_members.of(server)}
        asked = any(
            tx.servers.queue_facts(server, queue.asterisk_queue).known
            for queue in settings.queues.values()
        )
    yield _administrator(users)
    bound = [one for one in users if one.member is not None]
    if not bound:
        return
    rules = member_rules(settings)
    yield from (_not_allowed(one) for one in bound if not rules.allow(one.member or ""))
    if not asked:
        yield skipped("accounts.member", "no dispatcher has said yet which agents Asterisk knows")
        return
    strange = [one for one in bound if one.member not in known]
    yield from map(_strange, strange)
    if not strange:
        yield ok("accounts.member", "Asterisk knows the queue member of every user who has one")


def _administrator(users: list[User]) -> Finding:
    name = "accounts.administrator"
    if any(one.may(Role.ADMINISTRATOR) for one in users):
        return ok(name, "somebody may let others in")
    return warning(
        name,
        "there is no administrator: users are managed from the command line only",
        "asterisk-callback users add NAME --role administrator",
    )


def _not_allowed(user: User) -> Finding:
    return wrong(
        f"accounts.phone.{user.login}",
        f"calls may not go to {user.member}, the queue member of {user.login}, who is offered none",
        "give them another: asterisk-callback users member "
        f"{user.login} INTERFACE; or allow it: [asterisk] members in callback.toml",
    )


def _strange(user: User) -> Finding:
    return warning(
        f"accounts.member.{user.login}",
        f"no Asterisk queue of ours knows {user.member}, the queue member of {user.login}: it is "
        "mistyped, or they are logged out of their queues",
        "compare it with: asterisk -rx 'queue show'; change it: asterisk-callback users member "
        f"{user.login} INTERFACE",
    )
