"""The tables of notify mode: the team's page of each request, and what it is to be told."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from asterisk_callback.store.tables.calls import Utc, metadata

team_links = Table(
    "team_link",
    metadata,
    Column("request_id", ForeignKey("callback_request.id"), primary_key=True),
    Column("nonce", String(32), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("due_at", Utc, nullable=False),
    Column("number", Integer, nullable=False),
    Column("closed_at", Utc),
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
UNDONE = text("done_at IS NULL")
Index("ix_team_note_next", team_notes.c.next_at, sqlite_where=UNDONE, postgresql_where=UNDONE)
