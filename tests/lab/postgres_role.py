"""A database of PostgreSQL as companies have it: its role is no superuser, and may lose its rights.

What is changed with `admin` is what an administrator, a failover or a full disk would do to it.
"""

import secrets

import psycopg

from .postgres import Postgres


class OwnedDatabase:
    """Empty, and owned by a role of its own. `create`: more for CREATE DATABASE."""

    def __init__(self, server: Postgres, create: str = "") -> None:
        self._server = server
        self.name, self.role = f"t_{secrets.token_hex(6)}", f"r_{secrets.token_hex(6)}"
        self.admin(f"CREATE ROLE {self.role} LOGIN")
        self.admin(f"CREATE DATABASE {self.name} OWNER {self.role} {create}")

    @property
    def url(self) -> str:
        """SQLAlchemy URL, as the role."""
        return f"postgresql+psycopg://{self.role}@/{self.name}?host={self._server.root}"

    def admin(self, statement: str, *, inside: bool = False) -> None:
        """As the superuser. inside: in this database, not beside it."""
        database = self.name if inside else "postgres"
        where = f"host={self._server.root} user=postgres dbname={database}"
        with psycopg.connect(where, autocommit=True) as connection:
            connection.execute(statement)

    def cut(self) -> None:
        """All connections to it end."""
        self.admin(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{self.name}' AND pid <> pg_backend_pid()"
        )

    def set(self, what: str) -> None:
        """A setting of the database, for connections that are made from now on: "name = value"."""
        self.admin(f"ALTER DATABASE {self.name} SET {what}")

    def turn_read_only(self) -> None:
        self.set("default_transaction_read_only = on")
        self.cut()

    def turn_writable(self) -> None:
        """Connections that were made before stay read-only, as those to a former primary do."""
        self.admin(f"ALTER DATABASE {self.name} RESET default_transaction_read_only")

    def take_rights(self) -> None:
        self._rights("REVOKE INSERT, UPDATE, DELETE", "FROM")

    def give_rights(self) -> None:
        self._rights("GRANT INSERT, UPDATE, DELETE", "TO")

    def _rights(self, what: str, preposition: str) -> None:
        statement = f"{what} ON ALL TABLES IN SCHEMA public {preposition} {self.role}"
        self.admin(statement, inside=True)
