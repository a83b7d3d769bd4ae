"""What the role that we connect as may do."""

from collections.abc import Sequence

from sqlalchemy import text

from asterisk_callback.store.engine import SqlStore
from asterisk_callback.store.tables.metadata import metadata

_NEEDED = ("SELECT", "INSERT", "UPDATE", "DELETE")


def missing_rights(store: SqlStore) -> Sequence[str]:
    """The tables of ours that it may not read or write; SQLite has no roles. Raises
    StoreUnavailable."""
    if store.dialect == "sqlite":
        return []
    may = " AND ".join(f"has_table_privilege(t, '{one}')" for one in _NEEDED)
    tables = "SELECT t FROM unnest(CAST(:names AS text[])) AS t"
    query = text(f"{tables} WHERE NOT ({may}) ORDER BY t")
    names = [table.name for table in metadata.sorted_tables]
    with store.reading() as tx:
        return list(tx.connection.execute(query, {"names": names}).scalars())
