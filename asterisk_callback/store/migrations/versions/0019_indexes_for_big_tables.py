"""Indexes with which rounds, limits and pages take the same time on a table of any size"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_put_off": ("callback_request", ["due_at"], "state = 'queued'"),
    "ix_wish_joined": ("wish", ["address", "joined_at"], "joined_at IS NOT NULL"),
    "ix_to_end": (
        "attempt",
        ["server"],
        "(hangup_asked_at IS NOT NULL OR dropped_at IS NOT NULL) AND hangup_sent_at IS NULL",
    ),
    "ix_talk": ("attempt", ["server", "ended_at"], "answered_at IS NOT NULL"),
    "ix_unknown": ("attempt", ["server", "ended_at"], "disposition = 'unknown'"),
}


def upgrade() -> None:
    for name, (table, columns, words) in INDEXES.items():
        where = sa.text(words)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
