"""Guesses of second factors, and what users are to be told of their accounts"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_guess",
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_code_guess_account_id_account")
        ),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_code_guess")),
    )
    op.create_index(op.f("ix_code_guess_account_id"), "code_guess", ["account_id"])
    op.create_table(
        "account_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_notice_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_notice")),
    )
    op.create_index(op.f("ix_account_notice_account_id"), "account_notice", ["account_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_account_notice_account_id"), "account_notice")
    op.drop_table("account_notice")
    op.drop_index(op.f("ix_code_guess_account_id"), "code_guess")
    op.drop_table("code_guess")
