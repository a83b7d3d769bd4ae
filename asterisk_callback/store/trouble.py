"""Which errors of a database say that it is away, or can't be written; and how that is said.

Both are waited for alike: the work failed, nothing of it is kept, and it can be done again later.
Every other error is a fault of ours. SQLSTATEs: PostgreSQL's manual, appendix A; SQLite's result
codes: https://www.sqlite.org/rescode.html.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError, TimeoutError

# serialization_failure, deadlock_detected
_GAVE_WAY = ("40001", "40P01")
# A standby, or made read-only by its administrator (or by a service whose disk is nearly full).
READ_ONLY = "25006"
DISK_FULL = "53100"
# insufficient_privilege
REFUSED = "42501"
# That, and invalid_schema_name: a role sees no schema that it may use.
NO_TABLES = (REFUSED, "3F000")
# Connections, resources, the operator, the system around it, its files, its own faults.
_AWAY = ("08", "53", "57", "58", "F0", "XX")
_SQLITE_CANT_WRITE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL)
_SQLITE_AWAY = (*_SQLITE_CANT_WRITE, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_away(error: DBAPIError | TimeoutError) -> bool:
    """Whether the database, not what was asked of it, is the reason."""
    if isinstance(error, OperationalError | TimeoutError) or error.connection_invalidated:
        return True
    state = sqlstate(error)
    known = state in (READ_ONLY, REFUSED) or state[:2] in _AWAY
    return known or _result_code(error) in _SQLITE_AWAY


def sentence(error: Exception) -> str:
    """What a StoreUnavailable says."""
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()
    return f"the database {_what(error)}: {cause[0] if cause else type(error).__name__}"


def _what(error: Exception) -> str:
    state = sqlstate(error)
    if state in _GAVE_WAY:
        return "let another transaction go first"
    if state == REFUSED:
        return "refuses"
    if state in (READ_ONLY, DISK_FULL) or _result_code(error) in _SQLITE_CANT_WRITE:
        return "can't be written"
    return "does not answer"


def sqlstate(error: Exception) -> str:
    """PostgreSQL's five characters; "" of an error that has none."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def _result_code(error: Exception) -> int:
    """SQLite's primary result code: the last eight bits of the extended one. 0: none."""
    return (getattr(getattr(error, "orig", error), "sqlite_errorcode", None) or 0) & 0xFF
