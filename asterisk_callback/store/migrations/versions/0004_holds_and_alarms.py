"""Holds and alarms"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("epoch", sa.Column("installation", sa.String(length=12), nullable=True))
    op.add_column("epoch", sa.Column("mark", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "hold",
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_hold")),
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("server", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    raised = sa.text("cleared_at IS NULL")
    op.create_index(
        "uq_raised_alarm",
        "alarm",
        ["name", "server", "subject"],
        unique=True,
        sqlite_where=raised,
        postgresql_where=raised,
    )
    op.create_table(
        "alarm_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alarm_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("event", sa.String(length=8), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarm.id"], name=op.f("fk_alarm_notice_alarm_id_alarm")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_notice")),
    )
    op.create_index("ix_alarm_notice_alarm_id", "alarm_notice", ["alarm_id"])
    untold = sa.text("told_at IS NULL")
    op.create_index(
        "ix_untold", "alarm_notice", ["next_at"], sqlite_where=untold, postgresql_where=untold
    )


def downgrade() -> None:
    op.drop_table("alarm_notice")
    op.drop_table("alarm")
    op.drop_table("hold")
    with op.batch_alter_table("epoch") as batch_op:
        batch_op.drop_column("mark")
        batch_op.drop_column("installation")
