"""Integers from outside, in paths, queries and forms: one that no row can have names nothing."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, ValidationError

# The largest id: INTEGER of PostgreSQL has 32 bits.
MOST = 2**31 - 1
_DIGITS = len(str(MOST))


class _Bounded(IntegerConverter):
    """`<int:…>` of a route: another number is no such page (404)."""

    def __init__(self, routes: Map, *args: Any, **options: Any) -> None:
        super().__init__(routes, *args, **{"max": MOST, **options})

    def to_python(self, value: str) -> Any:
        if len(value) > _DIGITS:
            raise ValidationError
        return super().to_python(value)


def bounded(text: str) -> int:
    """The number in a query's or form's field, from 0 to MOST; for `type=` of get() and getlist().
    Raises ValueError."""
    number = int(text) if len(text) <= _DIGITS else -1
    if not 0 <= number <= MOST:
        raise ValueError(f"not from 0 to {MOST}")
    return number


def register(app: Flask) -> None:
    """Before the first route."""
    app.url_map.converters["int"] = _Bounded
