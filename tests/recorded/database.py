"""The database of before: rows of every state, as the product of revision 0023 left them.

They were written once by its own services, on a clock that was moved by hand from the Monday to the
Wednesday of one week; `before.json` holds them as SQLite keeps them, with the secrets of the pages.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Connection, DateTime, MetaData, Table, text

from asterisk_callback.store import SqlStore, upgrade

HERE = Path(__file__).parent
CONFIGURATION = HERE / "callback.toml"
# Of the site "shop", in the configuration.
API_KEY = "key-of-the-shop-system-0123456789"
# Everybody's who works there.
PASSWORD = "four words in a row"


@dataclass(frozen=True, kw_only=True, slots=True)
class Before:
    """What the file holds."""

    now: datetime  # Aware UTC: when the last row was written, and the instant of each recording.
    revision: str
    status_pages: Mapping[int, str]  # The secret of each wish's page, by the wish's id.
    team_pages: Mapping[int, str]  # The same in notify mode, by the request's id.
    tables: Mapping[str, Mapping[str, Any]]  # columns and rows, parents before children

    def column(self, table: str, name: str) -> list[Any]:
        """All values of one column, in the order of the rows."""
        at = self.tables[table]["columns"].index(name)
        return [row[at] for row in self.tables[table]["rows"]]


@cache
def before() -> Before:
    found = json.loads((HERE / "before.json").read_text())
    return Before(
        now=datetime.fromisoformat(found["now"]),
        revision=found["revision"],
        status_pages={int(key): value for key, value in found["status_pages"].items()},
        team_pages={int(key): value for key, value in found["team_pages"].items()},
        tables=found["tables"],
    )


def fill(store: SqlStore) -> None:
    """Makes the tables of before in an empty database, fills them, and upgrades to those of now."""
    upgrade(store, before().revision)
    with store.connect() as connection, connection.begin():
        found = MetaData()
        found.reflect(connection)
        for table in reversed(found.sorted_tables):
            if table.name in before().tables:
                connection.execute(table.delete())  # migrations leave a row here and there
        for name in before().tables:
            _insert(connection, found.tables[name])
    upgrade(store)


def _insert(connection: Connection, table: Table) -> None:
    given = before().tables[table.name]
    columns = [table.c[name] for name in given["columns"]]
    zone = None if connection.dialect.name == "sqlite" else UTC
    rows = [
        {
            column.name: _value(column.type, value, zone)
            for column, value in zip(columns, row, strict=True)
        }
        for row in given["rows"]
    ]
    connection.execute(table.insert(), rows)
    counted = "id" in table.c and isinstance(rows[0]["id"], int)
    if connection.dialect.name == "postgresql" and counted:
        top = max(row["id"] for row in rows)
        sequence = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :top)")
        connection.execute(sequence, {"name": table.name, "top": top})


def _value(kind: Any, value: Any, zone: Any) -> Any:
    """What a driver takes. SQLite keeps instants as texts, and truth as a number."""
    if value is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=zone)
    return bool(value) if isinstance(kind, Boolean) else value
