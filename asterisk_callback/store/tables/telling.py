"""The tables of notify mode: the team's page of each request, and what it is to be told."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from asterisk_callback.store.tables.metadata import Utc, metadata

team_links = Table(
    "team_link",
    metadata,
    Column("request_id", ForeignKey("callback_request.id"), primary_key=True),
    Column("nonce", String(32), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("due_at", Utc, nullable=False),
    Column("number", Integer, nullable=False),
    Column("closed_at", Utc),
    Column("told_at", Utc),
    Column("untold_at", Utc),
)

IS_UNCLOSED = text("closed_at IS NULL")
Index(
    "ix_team_link_open",
    team_links.c.request_id,
    sqlite_where=IS_UNCLOSED,
    postgresql_where=IS_UNCLOSED,
)

# A row is claimed by moving its next_at past the lease, and done once done_at is set.
team_notes = Table(
    "team_note",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("team_link.request_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("event", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("next_at", Utc, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("done_at", Utc),
    Column("outcome", String(16)),
    Column("detail", String(255), nullable=False, server_default=""),
    UniqueConstraint("request_id", "number", "channel"),
)
IS_UNDONE = text("done_at IS NULL")
Index("ix_team_note_next", team_notes.c.next_at, sqlite_where=IS_UNDONE, postgresql_where=IS_UNDONE)


# The outbox. A row is claimed by moving its next_at past the lease, and done once done_at is set.
# address: who was written to, as a keyed hash, for the limit per address. in_vain_since: nothing
# was taken since this one was not.
messages = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("wish_id", ForeignKey("wish.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("occasion", String(32), nullable=False, server_default=""),
    Column("facts", Text, nullable=False, server_default="{}"),
    Column("created_at", Utc, nullable=False),
    Column("due_at", Utc, nullable=False),
    Column("next_at", Utc, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("tried_at", Utc),
    Column("address", String(64)),
    Column("done_at", Utc),
    Column("outcome", String(16)),
    Column("detail", String(255), nullable=False, server_default=""),
    Column("in_vain_since", Utc),
    Column("server_away", Boolean, nullable=False, server_default=text("false")),
    UniqueConstraint("wish_id", "kind", "occasion"),
    Index("ix_message_address", "address", "tried_at"),
)
Index(
    "ix_outbox",
    messages.c.next_at,
    messages.c.id,
    sqlite_where=IS_UNDONE,
    postgresql_where=IS_UNDONE,
)

alarms = Table(
    "alarm",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(32), nullable=False),
    Column("server", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("raised_at", Utc, nullable=False),
    Column("cleared_at", Utc),
)
IS_RAISED = text("cleared_at IS NULL")
Index(
    "uq_raised_alarm",
    alarms.c.name,
    alarms.c.server,
    alarms.c.subject,
    unique=True,
    sqlite_where=IS_RAISED,
    postgresql_where=IS_RAISED,
)

# What is still to be told of an alarm, and to whom: a row for each channel.
alarm_notices = Table(
    "alarm_notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("alarm_id", ForeignKey("alarm.id"), nullable=False, index=True),
    Column("channel", String(16), nullable=False),
    Column("event", String(8), nullable=False),
    Column("next_at", Utc, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("done_at", Utc),
    Column("outcome", String(16)),
    Column("detail", String(255), nullable=False, server_default=""),
)
Index(
    "ix_untold",
    alarm_notices.c.next_at,
    sqlite_where=IS_UNDONE,
    postgresql_where=IS_UNDONE,
)
