"""What every repository shares, and what a statement that is built once needs."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Select, Table, bindparam

if TYPE_CHECKING:
    from asterisk_callback.store.transaction import SqlTransaction


def bound(names: Iterable[str]) -> dict[str, BindParameter[Any]]:
    """The values of a statement that is built once: each column's under its own name."""
    return {name: bindparam(name) for name in names}


def known(table: Table, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a new row. Raises TypeError for a name that is no column's: a statement that is
    built once would leave it out without a word."""
    if unknown := fields.keys() - table.c.keys():
        raise TypeError(f"{table.name} has no column {', '.join(sorted(unknown))}")
    return fields


class Repository:
    """What can be asked of some tables in one transaction."""

    def __init__(self, tx: "SqlTransaction") -> None:
        self.tx = tx
        self.connection = tx.connection

    @property
    def now(self) -> datetime:
        """The transaction's instant, aware UTC."""
        return self.tx.now

    def for_update(self, query: Select[Any], *, skip_locked: bool = False) -> Select[Any]:
        """Row locks; SQLite has none and needs none, its writers are alone."""
        return query if self.tx.sqlite else query.with_for_update(skip_locked=skip_locked)
