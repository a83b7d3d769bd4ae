"""Rows and tables in memory: columns, their defaults and what they refuse are those of store/."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Integer, Table
from sqlalchemy.exc import IntegrityError, StatementError

from asterisk_callback.domain.request import RequestState
from asterisk_callback.store.tables.metadata import metadata

Key = Any
OPEN = frozenset(state for state in RequestState if state.is_open)
Rows = dict[Key, "Row"]
Tables = dict[str, Rows]
TABLES: Mapping[str, Table] = metadata.tables


class Row(dict[str, Any]):
    """One version of a row; never changed. `domain`: the object that was made of it, once."""

    __slots__ = ("domain",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.domain: Any = None

    __getattr__ = dict.__getitem__


def _default(column: Column[Any]) -> Any:
    if column.server_default is None:
        return None
    text = str(column.server_default.arg)  # type: ignore[attr-defined]
    if isinstance(column.type, Boolean):
        return text == "true"
    return int(text) if isinstance(column.type, Integer) else text


_BLANK = {name: {c.name: _default(c) for c in table.columns} for name, table in TABLES.items()}
_NEEDED = {
    name: tuple(c.name for c in table.columns if not c.nullable) for name, table in TABLES.items()
}

# What must be unique, among which rows: P3 and the identities (store/tables.py).
_Unique = tuple[tuple[str, ...], Callable[[Row], bool]]
_UNIQUE: Mapping[str, tuple[_Unique, ...]] = {
    "callback_request": ((("queue", "e164"), lambda row: row["state"] in OPEN),),
    "wish": (
        (("public_id",), lambda row: True),
        (("secret_hash",), lambda row: True),
        (("scope", "key"), lambda row: row["key"] is not None),
    ),
    "alarm": ((("name", "server", "subject"), lambda row: row["cleared_at"] is None),),
    "attempt": (
        (("token",), lambda row: True),
        (("request_id",), lambda row: row["ended_at"] is None),
        (("e164",), lambda row: row["ended_at"] is None),
    ),
}


def new_row(table: str, values: Mapping[str, Any]) -> Row:
    """Raises KeyError for a column that the table has not, IntegrityError for a missing value,
    StatementError for a naive instant."""
    blank = _BLANK[table]
    for name in values:
        blank[name]
    row = Row(blank | checked(values))
    for name in _NEEDED[table]:
        if row[name] is None:
            raise _refused(f"NOT NULL constraint failed: {table}.{name}")
    return row


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Instants in UTC, as they would come out of a database again."""
    return {
        name: _instant(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _instant(value: datetime) -> datetime:
    if value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise StatementError("a naive datetime never reaches the database", None, None, None)
    return value.astimezone(UTC)


def require_unique(table: str, rows: Rows, row: Row) -> None:
    """Raises IntegrityError if another row has the same value where only one may."""
    for columns, counts in _UNIQUE.get(table, ()):
        if not counts(row):
            continue
        for other in rows.values():
            if (
                other["id"] != row["id"]
                and counts(other)
                and all(other[name] == row[name] for name in columns)
            ):
                raise _refused(f"UNIQUE constraint failed: {table} ({', '.join(columns)})")


def _refused(why: str) -> IntegrityError:
    return IntegrityError(None, None, Exception(why))
