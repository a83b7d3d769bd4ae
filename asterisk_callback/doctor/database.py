"""The database: reachable, durable, with the right tables."""

import sqlite3
from collections.abc import Iterator

from asterisk_callback import bootstrap
from asterisk_callback.config import Settings
from asterisk_callback.doctor import accounts, postgresql, writing
from asterisk_callback.doctor.finding import Finding, ok, warning, wrong
from asterisk_callback.domain.alarm import AlarmName
from asterisk_callback.domain.errors import CallbackError
from asterisk_callback.domain.hold import HoldKind
from asterisk_callback.services.telling.operator import orphans
from asterisk_callback.store import SqlStore

_MEND = {
    AlarmName.TRUNK: "look at the trunk: asterisk -rx 'pjsip show endpoints'; it is probed again",
    AlarmName.UNKNOWN: "asterisk-callback requests show REQUEST; cancel it if they did talk",
    AlarmName.DIALPLAN: "see what is said of asterisk.dialplan below",
    AlarmName.FOREIGN_AGI: "let that script ask its own server; [gate] listen is a port that "
    "nobody else may use (FreePBX's own FastAGI has 4573)",
    AlarmName.SECOND_OWNER: "stop the other one, or give it a database and a [dispatcher] name of "
    "its own",
    AlarmName.FULL: "asterisk-callback requests list shows them; asterisk-callback suppress "
    "NUMBER keeps it from being rung, and [limits] has the limits",
    AlarmName.TEAM: "mend [queues.NAME.notify], its mail server or its receiver, and tell the team "
    "meanwhile: asterisk-callback requests list",
    AlarmName.MAIL: "see what is said of mail below",
    AlarmName.SMS: "see what is said of channels.sms below",
    AlarmName.ALARM: "mend [alarms], its mail server or its receiver",
    AlarmName.OVERTAKEN: "asterisk-callback reload; it names whatever is wrong in the file",
    AlarmName.DATABASE: "see what is said of database.writable",
    AlarmName.NO_QUEUE: "see what is said of queues.gone and asterisk.queue",
    AlarmName.CLOCK: "let both machines ask one time server (timedatectl set-ntp true)",
    AlarmName.NO_RIGHT: "see what is said of asterisk.rights below",
    AlarmName.NO_DIALPLAN: "see what is said of asterisk.dialplan and asterisk.modules below",
    AlarmName.GATE: "see what is said of asterisk.gate below; firewalls, [gate] listen and "
    "CALLBACK_GATE have to agree",
    AlarmName.NO_LINK: "see what is said of asterisk.link below; is a dispatcher running?",
}

# Before it, a rare race of two processes at a checkpoint could corrupt a file in WAL mode.
_SQLITE_SOUND = (3, 51, 3)


def check(settings: Settings) -> Iterator[Finding]:
    try:
        store = bootstrap.store(settings)
        found, needed = bootstrap.schema(store)
    except CallbackError as error:
        yield wrong(
            "database.reachable",
            f"{bootstrap.database_name(settings)}: {error.sentence}",
            "start the database, or mend [database] url",
        )
        return
    yield ok("database.reachable", f"{bootstrap.database_name(settings)} answers")
    if found == needed:
        yield ok("database.tables", f"its tables are those of this version ({found})")
        yield from writing.check(store, bootstrap.database_file(settings))
        yield from _holds(store)
        yield from _orphans(store, settings)
        yield from _alarms(store)
        yield from accounts.check(store, settings)
    else:
        state, _, mend = bootstrap.other_tables(found, needed).partition("; run: ")
        yield wrong("database.tables", f"it {state}", mend or "install that version")
    if store.dialect == "sqlite":
        yield _sqlite()
    else:
        yield _postgresql(store)
        yield from postgresql.check(store)
    store.close()


def _orphans(store: SqlStore, settings: Settings) -> Iterator[Finding]:
    with store.reading() as tx:
        found = tx.requests.open_by_queue()
    for queue, count in sorted(found.items()):
        if queue not in settings.queues:
            what, _, fix = orphans(queue, count).partition("; ")
            yield wrong("queues.gone", what, fix)


def _holds(store: SqlStore) -> Iterator[Finding]:
    with store.reading() as tx:
        holds, unoffered = tx.holds.active(), tx.holds.active(HoldKind.INTAKE)
    for hold in holds:
        yield warning(
            "dialling.stopped", str(hold), f"asterisk-callback dialling resume {hold.scope}".strip()
        )
    if not holds:
        yield ok("dialling.stopped", "dialling is not stopped")
    for hold in unoffered:
        mend = f"asterisk-callback intake resume {hold.scope}".strip()
        yield warning("intake.stopped", str(hold), mend)


def _alarms(store: SqlStore) -> Iterator[Finding]:
    with store.reading() as tx:
        alarms = [alarm for alarm in tx.alarms.standing() if alarm.name is not AlarmName.HELD]
    for alarm in alarms:
        since = f"{alarm.raised_at:%Y-%m-%d %H:%M} UTC"
        yield warning(f"alarm.{alarm.name}", f"{alarm.text} (since {since})", _MEND[alarm.name])


def _sqlite() -> Finding:
    """synchronous=FULL is set by our own connections; what can't be set is the library's age."""
    name = "database.durable"
    if sqlite3.sqlite_version_info < _SQLITE_SOUND:
        return warning(
            name,
            f"SQLite {sqlite3.sqlite_version} can, very rarely, damage its file (mended in 3.51.3)",
            "back it up every day: asterisk-callback db backup FILE; or use PostgreSQL",
        )
    return ok(name, f"SQLite {sqlite3.sqlite_version}, every commit is on the disk")


def _postgresql(store: SqlStore) -> Finding:
    name = "database.durable"
    with store.connect() as connection:
        mode = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
        fsync = connection.exec_driver_sql("SHOW fsync").scalar_one()
    if mode == "off" or fsync == "off":
        setting = "fsync" if fsync == "off" else "synchronous_commit"
        return wrong(
            name,
            f"PostgreSQL runs with {setting} = off: an accepted request can be lost in a crash",
            f"set {setting} = on for this database",
        )
    return ok(name, f"PostgreSQL commits durably (synchronous_commit = {mode})")
