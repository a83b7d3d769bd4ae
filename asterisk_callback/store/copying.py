"""All rows from one database into another, empty one: from SQLite to PostgreSQL, say."""

from collections.abc import Mapping

from sqlalchemy import Connection, Integer, Table, func, select, text

from asterisk_callback.domain.errors import NotPossible
from asterisk_callback.store.engine import SqlStore
from asterisk_callback.store.tables.metadata import metadata

_AT_ONCE = 1000


def copy(source: SqlStore, target: SqlStore) -> Mapping[str, int]:
    """Every row of every table, in one transaction of `target`; how many, by table.

    Both have the tables of this version. Raises NotPossible if `target` has rows already, or if a
    dispatcher still works on `source`; StoreUnavailable.
    """
    copied = {}
    with source.reading() as read, target.writing() as write:
        alive = ", ".join(one.dispatcher for one in read.servers.all() if one.alive(read.now))
        if alive:
            raise NotPossible(f"dispatcher {alive} still works on it; stop it first")
        full = ", ".join(
            table.name for table in metadata.sorted_tables if _count(write.connection, table)
        )
        if full:
            raise NotPossible(f"the other database has rows already (in {full})")
        for table in metadata.sorted_tables:
            copied[table.name] = _rows(read.connection, write.connection, table)
            if target.dialect == "postgresql":
                _count_on(write.connection, table)
    return copied


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar() or 0


def _rows(source: Connection, target: Connection, table: Table) -> int:
    number = 0
    # By key: a row that names another one of its table names an older one.
    found = source.execute(select(table).order_by(*table.primary_key.columns))
    for part in found.mappings().partitions(_AT_ONCE):
        target.execute(table.insert(), [dict(row) for row in part])
        number += len(part)
    return number


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers new rows by a sequence, which knows nothing of rows that came with
    theirs."""
    for column in table.primary_key.columns:
        if not isinstance(column.type, Integer):
            continue
        owned = text("SELECT pg_get_serial_sequence(:table, :column)")
        names = {"table": f'"{table.name}"', "column": column.name}
        sequence = connection.execute(owned, names).scalar()
        last = connection.execute(select(func.max(column))).scalar()
        if sequence and last:
            connection.execute(select(func.setval(sequence, last)))
