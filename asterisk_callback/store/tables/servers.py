"""Tables of servers, dispatchers and holds."""

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, text

from asterisk_callback.store.tables.calls import OWNER_NAME
from asterisk_callback.store.tables.metadata import Utc, metadata

dispatchers = Table(
    "dispatcher",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("server", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("alive_until", Utc, nullable=False),
    Column("ready", Boolean, nullable=False, server_default=text("false")),
    Column("reason", String(255), nullable=False, server_default=""),
    # which process holds the name, as store/process.py writes it
    Column("process", String(160), nullable=False, server_default=""),
)
epochs = Table(
    "epoch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
    Column("installation", String(12)),
    Column("mark", Integer, nullable=False, server_default="0"),
    # of the one installation that may use this database: a keyed hash, and its name for sentences
    Column("owner", String(64), nullable=False, server_default=""),
    Column("owner_name", String(OWNER_NAME), nullable=False, server_default=""),
)

# scope: a callback queue's name, or "" for all of them. kind: what is stopped, as domain/hold.py
# has it.
holds = Table(
    "hold",
    metadata,
    Column("kind", String(16), primary_key=True, server_default="dialling"),
    Column("scope", String(64), primary_key=True),
    Column("since", Utc, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
)

queue_facts = Table(
    "queue_facts",
    metadata,
    Column("server", String(64), primary_key=True),
    Column("asterisk_queue", String(128), primary_key=True),
    Column("known", Boolean, nullable=False),
    Column("logged_in", Integer, nullable=False),
    Column("free", Integer, nullable=False),
    Column("callers", Integer, nullable=False, server_default="0"),
    Column("at", Utc, nullable=False),
)
