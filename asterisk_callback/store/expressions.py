"""What the database must know of the domain's rules, as SQL. The rule itself stands in domain/:
each function here names it, and tests/store/test_expressions.py holds the two equal on both
databases."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, FunctionElement, and_, case, func, or_
from sqlalchemy.ext.compiler import compiles

from asterisk_callback.store.tables.metadata import Utc


class _Earliest(FunctionElement[datetime]):
    """The smallest of the values that are there; NULL if none is."""

    name = "earliest"
    type = Utc()
    inherit_cache = True


@compiles(_Earliest)
def _least(element: _Earliest, compiler: Any, **options: Any) -> str:
    return f"least({compiler.process(element.clauses, **options)})"


@compiles(_Earliest, "sqlite")
def _min(element: _Earliest, compiler: Any, **options: Any) -> str:
    """SQLite's min() is NULL if one of its values is: each is replaced by one that is there."""
    values = [compiler.process(one, **options) for one in element.clauses]
    turned = (", ".join(values[n:] + values[:n]) for n in range(len(values)))
    return f"min({', '.join(f'coalesce({one})' for one in turned)})"


def rang_at(a: FromClause) -> ColumnElement[Any]:
    """Attempt.rang_at. a: the attempt table."""
    told = _Earliest(a.c.ringing_at, a.c.picked_up_at, a.c.answered_at)
    return func.coalesce(told, case((a.c.rung, a.c.gate_at)))


def since(w: FromClause) -> ColumnElement[Any]:
    """Wish.since. w: the wish table."""
    return func.coalesce(w.c.joined_at, w.c.created_at)


def own_attempt(w: FromClause, a: FromClause) -> ColumnElement[bool]:
    """promise.is_own: the condition by which attempts are joined to a wish. w: the wish
    table."""
    return and_(
        a.c.request_id == w.c.request_id,
        a.c.claimed_at >= since(w),
        or_(w.c.withdrawn_at.is_(None), a.c.claimed_at < w.c.withdrawn_at),
    )


def rang_for(w: FromClause, a: FromClause) -> ColumnElement[Any]:
    """Of one of a wish's own attempts: when it rang for what the wish was promised, else NULL. The
    smallest of these is promise.first_ring."""
    rang = rang_at(a)
    return case((rang >= func.coalesce(w.c.moved_at, since(w)), _while_it_stood(w, rang)))


def talked_for(w: FromClause, a: FromClause) -> ColumnElement[Any]:
    """Of one of a wish's own attempts: when the talk began that was the wish's, else NULL."""
    return _while_it_stood(w, a.c.answered_at)


def _while_it_stood(w: FromClause, instant: ColumnElement[Any]) -> ColumnElement[Any]:
    return case((or_(w.c.withdrawn_at.is_(None), instant < w.c.withdrawn_at), instant))
