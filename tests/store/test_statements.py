"""Statements that are built once: what they bind has a type, and nothing that is given is lost."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

import pytest
from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.types import NullType

import asterisk_callback.store as stores
from asterisk_callback.store import SqlStore
from asterisk_callback.store.lease_queue import LeaseQueue
from tests.factories import NOW

# Numbers: both databases take them without a type.
NUMBERS = {"most", "last", "after", "block_digits", "param_1"}


def statements() -> Iterator[tuple[str, Any]]:
    for module in pkgutil.iter_modules(stores.__path__, f"{stores.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for key, one in value.items() if isinstance(value, dict) else [("", value)]:
                for part, statement in parts(one):
                    if isinstance(statement, (Select, Update, Insert, Delete)):
                        yield f"{module.name}.{name} {key} {part}", statement


def parts(value: object) -> Iterator[tuple[str, Any]]:
    """Of a lease queue what it builds when it is first asked for; without a lease only its ends."""
    if not isinstance(value, LeaseQueue):
        yield "", value
        return
    leased = "next_at" in value.table.c
    for name, what in vars(LeaseQueue).items():
        if isinstance(what, cached_property) and (leased or name in ("_finish", "_last", "_prune")):
            yield name, getattr(value, name)


def test_what_a_statement_binds_has_a_type() -> None:
    """Without one SQLite compares another text for the same instant, and finds it never equal."""
    found = dict(statements())
    assert len(found) > 150
    bare = [
        f"{where}: {bind.key}"
        for where, statement in found.items()
        for bind in statement.compile().binds.values()
        if isinstance(bind.type, NullType) and bind.key not in NUMBERS
    ]
    assert bare == []


@pytest.mark.parametrize("what", ["requests", "attempts", "wishes"])
def test_a_field_that_there_is_not_is_refused(store: SqlStore, what: str) -> None:
    """Else a mistyped one would be lost without a word."""
    fields: dict[str, datetime | str] = {"no_such_field": NOW}
    if what == "requests":
        fields["actor"] = "test"
    with store.writing() as tx:
        add: Any = getattr(tx, what).add
        with pytest.raises(TypeError, match="no_such_field"):
            add(**fields)
