"""The members of Asterisk's queues, what agents ask of theirs, and which one took an attempt"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UTC = sa.DateTime(timezone=True)
UNDONE = sa.text("done_at IS NULL")


def upgrade() -> None:
    op.add_column("attempt", sa.Column("member", sa.String(length=128), nullable=True))
    op.create_table(
        "queue_member",
        sa.Column("server", sa.String(length=64), nullable=False),
        sa.Column("asterisk_queue", sa.String(length=128), nullable=False),
        sa.Column("interface", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("paused_reason", sa.String(length=80), server_default="", nullable=False),
        sa.Column("in_call", sa.Boolean(), nullable=False),
        sa.Column("since", UTC, nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("server", "asterisk_queue", "interface"),
    )
    op.create_table(
        "member_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("server", sa.String(length=64), nullable=False),
        sa.Column("asterisk_queue", sa.String(length=128), nullable=False),
        sa.Column("interface", sa.String(length=128), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=80), server_default="", nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("done_at", UTC, nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("detail", sa.String(length=255), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_member_order_account_id", "member_order", ["account_id"])
    op.create_index(
        "ix_member_order_undone",
        "member_order",
        ["server", "id"],
        sqlite_where=UNDONE,
        postgresql_where=UNDONE,
    )


def downgrade() -> None:
    op.drop_table("member_order")
    op.drop_table("queue_member")
    op.drop_column("attempt", "member")
