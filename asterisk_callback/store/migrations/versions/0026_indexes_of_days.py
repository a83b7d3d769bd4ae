"""Indexes with which a day's report and a team's news take the same time on a table of any size"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_request_ended": ("callback_request", "ended_at", "ended_at IS NOT NULL"),
    "ix_wish_made": ("wish", "created_at", None),
    "ix_wish_withdrawn": ("wish", "withdrawn_at", "withdrawn_at IS NOT NULL"),
    "ix_attempt_claimed": ("attempt", "claimed_at", None),
    "ix_team_link_open": ("team_link", "request_id", "closed_at IS NULL"),
}


def upgrade() -> None:
    for name, (table, column, words) in INDEXES.items():
        where = sa.text(words) if words else None
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, (table, _, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
