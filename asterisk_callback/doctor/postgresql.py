"""What stands between us and PostgreSQL, and whose clock is right."""

from collections.abc import Iterator
from datetime import UTC, datetime

from asterisk_callback.doctor.finding import Finding, ok, warning, wrong
from asterisk_callback.domain.errors import StoreUnavailable
from asterisk_callback.services.telling.clocks import APART, apart
from asterisk_callback.store import SqlStore


def check(store: SqlStore) -> Iterator[Finding]:
    yield _clock(store)
    yield from _pooler(store)


def _clock(store: SqlStore) -> Finding:
    """Times are the database's; what pages and logs of this machine say should agree with it."""
    name = "database.clock"
    before = datetime.now(UTC)
    with store.reading() as tx:
        ahead = tx.now - before
    if abs(ahead) < APART:
        return ok(name, "its clock agrees with this machine's")
    return wrong(
        name,
        f"its clock is {apart(ahead)} this machine's",
        "set both by NTP (timedatectl); calls come by the database's clock",
    )


def _pooler(store: SqlStore) -> Iterator[Finding]:
    name = "database.pooler"
    try:
        straight = store.leads_straight()
    except StoreUnavailable as error:
        yield wrong(name, f"[database] direct_url: {error.sentence}", "mend it")
        return
    if not straight:
        yield warning(
            name,
            "url leads to a pooler, so wishes are looked for each second, and nobody is woken",
            "[database] direct_url is to lead to PostgreSQL itself",
        )
    else:
        yield ok(name, "it wakes us when there is something to do")
