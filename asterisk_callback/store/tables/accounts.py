"""The tables of the accounts: who may come inside, and what became of it."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from asterisk_callback.store.tables.metadata import Utc, metadata

# Not "user": PostgreSQL keeps that word for itself.
accounts = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", String(50), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("member", String(80), unique=True),
    Column("disabled_at", Utc),
    Column("password_hash", String(255)),
    Column("totp_secret", String(64)),
    Column("totp_step", Integer, nullable=False, server_default="0"),
    Column("link_hash", String(64), unique=True),
    Column("link_until", Utc),
)

# queue: a callback queue's name, or "" for all of them.
grants = Table(
    "account_grant",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("role", String(16), primary_key=True),
    Column("queue", String(64), primary_key=True),
)

sessions = Table(
    "account_session",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("created_at", Utc, nullable=False),
    Column("last_seen_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
    Column("address", String(64), nullable=False, server_default=""),
)

recovery_codes = Table(
    "recovery_code",
    metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
)

# A row for each try to sign in, written before it is judged. who: a hash of the name that was
# typed, which may be a password in the wrong field.
tries = Table(
    "sign_in_try",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("who", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", Utc, nullable=False, index=True),
    Index("ix_sign_in_try_who", "who", "at"),
    Index("ix_sign_in_try_address", "address", "at"),
)

# Wrong codes in a row behind a right password: who may not guess on before when. who: as in
# sign_in_try, or of what is confirmed.
code_guesses = Table(
    "code_guess",
    metadata,
    Column("who", String(64), primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("wrong", Integer, nullable=False),
    Column("last_at", Utc, nullable=False),
)

# What a user has to be told of their account, until they said that they have read it.
notices = Table(
    "account_notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)

# What was done to accounts and by them; it only grows (P15), and holds no secret.
account_events = Table(
    "account_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("account_id", ForeignKey("account.id"), index=True),
    Column("actor", String(64), nullable=False),
    Column("event", String(64), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)
