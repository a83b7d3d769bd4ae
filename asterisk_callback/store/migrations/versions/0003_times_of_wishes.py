"""Times of wishes: what was promised, in whose zone, by which rules; callers in a queue"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _columns() -> list[sa.Column[Any]]:
    """New ones at each call: a column belongs to the table that it was added to."""
    return [
        sa.Column("own_zone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("tzdata", sa.String(length=32), nullable=True),
        sa.Column("promised_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moves", sa.Integer(), server_default="0", nullable=False),
        sa.Column("email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("locale", sa.String(length=16), server_default="en", nullable=False),
    ]


def upgrade() -> None:
    for column in _columns():
        op.add_column("wish", column)
    # What was the request's only wish is the wish's own now.
    for name in ("tzdata", "email", "locale"):
        op.execute(
            f"UPDATE wish SET {name} = (SELECT {name} FROM callback_request"  # noqa: S608
            " WHERE callback_request.id = wish.request_id) WHERE id IN"
            " (SELECT min(id) FROM wish GROUP BY request_id)"
        )
    op.create_index("ix_wish_due", "wish", ["due_at"])
    callers = sa.Column("callers", sa.Integer(), server_default="0", nullable=False)
    op.add_column("queue_facts", callers)


def downgrade() -> None:
    op.drop_column("queue_facts", "callers")
    op.drop_index("ix_wish_due", table_name="wish")
    for column in reversed(_columns()):
        op.drop_column("wish", column.name)
