"""The tables of the agents' phones: how Asterisk's queues see them, and what agents ask of them."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, text

from asterisk_callback.store.tables.metadata import Utc, metadata

# What a dispatcher last said of the members of one Asterisk queue; queue_facts says whether it
# still knows. at: when the row was last written.
queue_members = Table(
    "queue_member",
    metadata,
    Column("server", String(64), primary_key=True),
    Column("asterisk_queue", String(128), primary_key=True),
    Column("interface", String(128), primary_key=True),
    Column("name", String(128), nullable=False),
    Column("status", String(16), nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("paused_reason", String(80), nullable=False, server_default=""),
    Column("in_call", Boolean, nullable=False),
    Column("since", Utc, nullable=False),
    Column("at", Utc, nullable=False),
)

# An order is carried out once: by the dispatcher whose epoch is written here first.
member_orders = Table(
    "member_order",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("server", String(64), nullable=False),
    Column("asterisk_queue", String(128), nullable=False),
    Column("interface", String(128), nullable=False),
    Column("action", String(8), nullable=False),
    Column("reason", String(80), nullable=False, server_default=""),
    Column("created_at", Utc, nullable=False),
    Column("epoch", Integer),
    Column("done_at", Utc),
    Column("outcome", String(16)),
    Column("detail", String(255), nullable=False, server_default=""),
)
IS_UNDONE = text("done_at IS NULL")
Index(
    "ix_member_order_undone",
    member_orders.c.server,
    member_orders.c.id,
    sqlite_where=IS_UNDONE,
    postgresql_where=IS_UNDONE,
)
