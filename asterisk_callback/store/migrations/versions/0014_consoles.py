"""Agents' consoles: who has one open, what is offered there, what is said of a call afterwards"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UTC = sa.DateTime(timezone=True)
UNENDED = sa.text("ended_at IS NULL")
TAKEN = sa.text("taken_at IS NOT NULL AND ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "console",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", UTC, nullable=False),
        sa.Column("left_at", UTC, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("member", sa.String(length=80), nullable=False),
        sa.Column("offered_at", UTC, nullable=False),
        sa.Column("answer_by", UTC, nullable=False),
        sa.Column("taken_at", UTC, nullable=True),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.Column("asked_at", UTC, nullable=True),
        sa.Column("refusal", sa.String(length=255), server_default="", nullable=False),
        sa.Column("cancelled_at", UTC, nullable=True),
        sa.Column("ended_at", UTC, nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["callback_request.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_offer_request_id", "offer", ["request_id"])
    op.create_index("ix_offer_user_id", "offer", ["user_id"])
    op.create_index("ix_offer_offered_at", "offer", ["offered_at"])
    for name, column, where in (
        ("uq_open_offer_user", "user_id", UNENDED),
        ("uq_taken_offer_request", "request_id", TAKEN),
    ):
        op.create_index(
            name, "offer", [column], unique=True, sqlite_where=where, postgresql_where=where
        )
    op.create_table(
        "wrap_up",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("code", sa.String(length=80), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("again", sa.Integer(), nullable=True),
        sa.Column("never", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"]),
        sa.ForeignKeyConstraint(["again"], ["callback_request.id"]),
        sa.PrimaryKeyConstraint("attempt_id"),
    )
    op.add_column("attempt", sa.Column("dropped_at", UTC, nullable=True))


def downgrade() -> None:
    op.drop_column("attempt", "dropped_at")
    op.drop_table("wrap_up")
    op.drop_table("offer")
    op.drop_table("console")
