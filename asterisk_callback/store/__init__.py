"""All SQLAlchemy: tables, engine, unit of work, migrations (Alembic)."""

from asterisk_callback.store.engine import SqlStore
from asterisk_callback.store.rights import missing_rights
from asterisk_callback.store.upgrade import check_version, upgrade
from asterisk_callback.store.watch import Watch

__all__ = ["SqlStore", "Watch", "check_version", "missing_rights", "upgrade"]
