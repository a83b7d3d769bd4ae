"""The tables of the agents' consoles: who has one open, what is offered there, and the wrap-ups."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from asterisk_callback.store.tables.calls import IS_UNENDED
from asterisk_callback.store.tables.metadata import Utc, metadata

# A row for each user who has ever had a console open. left_at: the browser said that it goes away.
consoles = Table(
    "console",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("seen_at", Utc, nullable=False),
    Column("left_at", Utc),
)

offers = Table(
    "offer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("callback_request.id"), nullable=False, index=True),
    Column("user_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("member", String(80), nullable=False),
    Column("offered_at", Utc, nullable=False, index=True),
    Column("answer_by", Utc, nullable=False),
    Column("taken_at", Utc),
    Column("number", String(16)),
    Column("asked_at", Utc),
    Column("refusal", String(255), nullable=False, server_default=""),
    Column("cancelled_at", Utc),
    Column("ended_at", Utc),
    Column("outcome", String(16)),
    Column("attempt_id", ForeignKey("attempt.id")),
)
# One thing at a time on a console, and one agent at a time at work on a request: held by the
# database itself.
Index(
    "uq_open_offer_user",
    offers.c.user_id,
    unique=True,
    sqlite_where=IS_UNENDED,
    postgresql_where=IS_UNENDED,
)
IS_TAKEN = text("taken_at IS NOT NULL AND ended_at IS NULL")
Index(
    "uq_taken_offer_request",
    offers.c.request_id,
    unique=True,
    sqlite_where=IS_TAKEN,
    postgresql_where=IS_TAKEN,
)

wrap_ups = Table(
    "wrap_up",
    metadata,
    Column("attempt_id", ForeignKey("attempt.id"), primary_key=True),
    Column("user_id", ForeignKey("account.id"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("code", String(80), nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("again", ForeignKey("callback_request.id")),
    Column("never", Boolean, nullable=False, server_default=text("false")),
)
