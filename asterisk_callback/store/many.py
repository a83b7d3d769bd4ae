"""Statements that take any number of rows as one bound JSON text.

So there is one text for each, whatever the number: SQLAlchemy compiles it once, and PostgreSQL
keeps its plan. The same shape on both databases. What is put into a text are names of columns.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, TextClause, text
from sqlalchemy.dialects import postgresql

_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]
Rows = Sequence[Mapping[str, Any]]


class Many:
    """A statement on `given`, the rows. form: its text, in which {given} stands for them. columns:
    of the rows; each by the name of a column of the table, or as (name, column) for one that has
    that column's type."""

    def __init__(self, form: str, table: Table, columns: Iterable[str | tuple[str, str]]) -> None:
        self._form = form
        self._table = table
        pairs = [(one, one) if isinstance(one, str) else one for one in columns]
        self._columns = dict(pairs)

    def execute(self, connection: Connection, rows: Rows, **values: Any) -> int:
        """How many rows of the database it concerned. values: bound beside the rows."""
        sqlite = connection.dialect.name == "sqlite"
        given = json.dumps(rows, default=_sqlite if sqlite else datetime.isoformat)
        done = connection.execute(self._statement(sqlite), {"rows": given, **values})
        return int(done.rowcount)

    @cache  # noqa: B019 - there are a few of them, each as old as its module
    def _statement(self, sqlite: bool) -> TextClause:
        if sqlite:
            picked = ", ".join(f"json_extract(value, '$.{one}') AS {one}" for one in self._columns)
            given = f"(SELECT {picked} FROM json_each(:rows)) AS given"  # noqa: S608
        else:
            types = ", ".join(
                f"{one} {self._table.c[column].type.compile(_POSTGRESQL)}"
                for one, column in self._columns.items()
            )
            given = f"json_to_recordset(CAST(:rows AS json)) AS given({types})"
        return text(self._form.format(given=given))


def insert_many(table: Table) -> Many:
    """New rows, without their ids, which nobody asks for."""
    names = [column.name for column in table.columns if not column.primary_key]
    quoted = ", ".join(f'"{name}"' for name in names)
    form = f"INSERT INTO {table.name} ({quoted}) SELECT {quoted} FROM {{given}}"  # noqa: S608
    return Many(form, table, names)


def _sqlite(value: datetime) -> str:
    """As SQLAlchemy writes instants there: without their zone, which is UTC."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
