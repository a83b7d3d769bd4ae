"""The tables. Their history is in migrations/; a test holds the two against each other."""

from collections.abc import Callable

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    ScalarSelect,
    String,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    select,
    text,
)

from asterisk_callback.domain.request import RequestState
from asterisk_callback.store.tables.metadata import Utc, metadata


# The predicates of partial indexes, and the very words of the queries that are to use them: a state
# that is bound as a value can't be matched by a plan that PostgreSQL keeps for all values, and
# SQLite wants the list of an IN in the same order.
def _in_states(rule: Callable[[RequestState], bool]) -> TextClause:
    """The states of a rule of the domain, which is so written once."""
    names = ", ".join(f"'{state}'" for state in RequestState if rule(state))
    return text(f"state IN ({names})")


IS_OPEN = _in_states(lambda state: state.is_open)
IS_ENDED = _in_states(lambda state: not state.is_open)
MAY_EXPIRE = _in_states(lambda state: state.may_expire)
IS_UNENDED = text("ended_at IS NULL")

requests = Table(
    "callback_request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("queue", String(64), nullable=False),
    Column("e164", String(16), nullable=False),
    Column("region", String(2), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("line_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("wall_time", String(32)),
    Column("zone", String(64)),
    Column("tzdata", String(32)),
    Column("name", String(80), nullable=False, server_default=""),
    Column("topic", String(80), nullable=False, server_default=""),
    Column("about", String(500), nullable=False, server_default=""),
    Column("email", String(254), nullable=False, server_default=""),
    Column("locale", String(16), nullable=False, server_default="en"),
    Column("rings", Integer, nullable=False, server_default="0"),
    Column("note", String(255), nullable=False, server_default=""),
    Column("ended_at", Utc),
)
# P3: at most one open request per number and queue, held by the database itself.
Index(
    "uq_open_request",
    requests.c.queue,
    requests.c.e164,
    unique=True,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)
IS_SCHEDULED = text("state = 'scheduled'")
IS_QUEUED = text("state = 'queued'")
Index(
    "ix_due",
    requests.c.due_at,
    requests.c.id,
    sqlite_where=IS_SCHEDULED,
    postgresql_where=IS_SCHEDULED,
)
Index(
    "ix_line",
    requests.c.queue,
    requests.c.line_at,
    requests.c.id,
    sqlite_where=IS_QUEUED,
    postgresql_where=IS_QUEUED,
)
Index("ix_expiry", requests.c.expires_at, sqlite_where=MAY_EXPIRE, postgresql_where=MAY_EXPIRE)
# A queued request that is put off: when is the next one due?
Index("ix_put_off", requests.c.due_at, sqlite_where=IS_QUEUED, postgresql_where=IS_QUEUED)
Index("ix_request_number", requests.c.e164, requests.c.created_at)
Index("ix_request_region", requests.c.region, requests.c.created_at)
Index("ix_request_made", requests.c.created_at)
HAS_ENDED = text("ended_at IS NOT NULL")
Index(
    "ix_request_ended",
    requests.c.ended_at,
    sqlite_where=HAS_ENDED,
    postgresql_where=HAS_ENDED,
)

wishes = Table(
    "wish",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("callback_request.id"), nullable=False, index=True),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("nonce", String(64), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("asap", Boolean, nullable=False),
    Column("wall_time", String(32)),
    Column("zone", String(64)),
    Column("withdrawn_at", Utc),
    Column("scope", String(64), nullable=False),
    Column("key", String(255)),
    Column("body_hash", String(64)),
    Column("address", String(64)),
    Column("network", String(64)),
    Column("own_zone", Boolean, nullable=False, server_default=text("false")),
    Column("tzdata", String(32)),
    Column("promised_from", Utc),
    Column("promised_to", Utc),
    Column("moves", Integer, nullable=False, server_default="0"),
    Column("numbers", Integer, nullable=False, server_default="1"),
    Column("joined_at", Utc),
    Column("after_attempt", Integer),
    Column("name", String(80), nullable=False, server_default=""),
    Column("topic", String(80), nullable=False, server_default=""),
    Column("about", String(500), nullable=False, server_default=""),
    Column("email", String(254), nullable=False, server_default=""),
    Column("locale", String(16), nullable=False, server_default="en"),
    Column("page", String(200), nullable=False, server_default=""),
    Column("erased_at", Utc),
    Column("moved_at", Utc),
    Column("former", String(64)),
    Column("withdrawn_by", String(16)),
    UniqueConstraint("scope", "key"),
    Index("ix_wish_address", "address", "created_at"),
    Index("ix_wish_network", "network", "created_at"),
    Index("ix_wish_due", "due_at"),
    Index("ix_wish_promised", "promised_from"),
    Index("ix_wish_made", "created_at"),
)
# Wish.stands.
STANDS = wishes.c.withdrawn_at.is_(None)
IS_WITHDRAWN = text("withdrawn_at IS NOT NULL")
Index(
    "ix_wish_withdrawn",
    wishes.c.withdrawn_at,
    sqlite_where=IS_WITHDRAWN,
    postgresql_where=IS_WITHDRAWN,
)
HAS_JOINED = text("joined_at IS NOT NULL")
Index(
    "ix_wish_joined",
    wishes.c.address,
    wishes.c.joined_at,
    sqlite_where=HAS_JOINED,
    postgresql_where=HAS_JOINED,
)

attempts = Table(
    "attempt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("callback_request.id"), nullable=False, index=True),
    Column("token", String(27), nullable=False, unique=True),
    Column("server", String(64), nullable=False),
    Column("trunk", String(64), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("e164", String(16), nullable=False),
    Column("claimed_at", Utc, nullable=False),
    Column("gate_by", Utc, nullable=False),
    Column("mode", String(16), nullable=False, server_default="agent_first"),
    Column("agent_rang_at", Utc),
    Column("agent_at", Utc),
    Column("agent", String(128)),
    Column("member", String(128)),
    Column("gate_at", Utc),
    Column("ringing_at", Utc),
    Column("picked_up_at", Utc),
    Column("answered_at", Utc),
    Column("hangup_asked_at", Utc),
    Column("hangup_sent_at", Utc),
    Column("dropped_at", Utc),
    Column("left_at", Utc),
    Column("ended_at", Utc),
    Column("disposition", String(16)),
    Column("rung", Boolean, nullable=False, server_default=text("false")),
    Column("cause", Integer),
    Column("detail", Text, nullable=False, server_default=""),
)
# P3: at most one open attempt per request, and per number whatever the queue.
for _name, _column in (("request", attempts.c.request_id), ("number", attempts.c.e164)):
    Index(
        f"uq_open_attempt_{_name}",
        _column,
        unique=True,
        sqlite_where=IS_UNENDED,
        postgresql_where=IS_UNENDED,
    )
PASSED_GATE = text("gate_at IS NOT NULL")
Index("ix_gate", attempts.c.gate_at, sqlite_where=PASSED_GATE, postgresql_where=PASSED_GATE)
Index("ix_attempt_claimed", attempts.c.claimed_at)
Index("ix_attempt_number", attempts.c.e164, attempts.c.gate_at)
Index("ix_trunk_tail", attempts.c.server, attempts.c.trunk, attempts.c.ended_at)
IS_TO_END = text(
    "(hangup_asked_at IS NOT NULL OR dropped_at IS NOT NULL) AND hangup_sent_at IS NULL"
)
IS_TALK = text("answered_at IS NOT NULL")
IS_UNKNOWN = text("disposition = 'unknown'")
for _name, _where in (("to_end", IS_TO_END), ("talk", IS_TALK), ("unknown", IS_UNKNOWN)):
    Index(
        f"ix_{_name}",
        attempts.c.server,
        *((attempts.c.ended_at,) if _where is not IS_TO_END else ()),
        sqlite_where=_where,
        postgresql_where=_where,
    )


def queue_of_attempt() -> ScalarSelect[str]:
    """The callback queue of an attempt, looked up attempt by attempt. Of a join a planner may begin
    with all requests that the queue ever had; the few attempts are to be looked at first."""
    mine = select(requests.c.queue).where(requests.c.id == attempts.c.request_id)
    return mine.correlate(attempts).scalar_subquery()


audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("request_id", ForeignKey("callback_request.id"), index=True),
    Column("attempt_id", ForeignKey("attempt.id")),
    Column("actor", String(64), nullable=False),
    Column("event", String(64), nullable=False),
    Column("old", String(16)),
    Column("new", String(16)),
    Column("reason", Text, nullable=False, server_default=""),
)

suppressions = Table(
    "suppression",
    metadata,
    Column("e164", String(16), primary_key=True),
    Column("created_at", Utc, nullable=False),
    Column("reason", String(255), nullable=False, server_default=""),
)

# Who came and was refused: another installation, a second dispatcher of one name, AGI scripts of
# others. kind: the alarm's name.
strangers = Table(
    "stranger",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("subject", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", Utc, nullable=False),
)

# One row. last: the last epoch given out; each start of a dispatcher takes the next one.
# installation: a random name of this database, which its copies keep. mark: grows while there are
# calls; Asterisk remembers it, too, so that a copy put in its place is found out.
OWNER_NAME = 120  # characters of it that are kept
