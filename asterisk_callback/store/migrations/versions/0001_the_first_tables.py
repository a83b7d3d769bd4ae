"""The first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "callback_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("e164", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wall_time", sa.String(length=32), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.Column("tzdata", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=80), server_default="", nullable=False),
        sa.Column("topic", sa.String(length=80), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("locale", sa.String(length=16), server_default="en", nullable=False),
        sa.Column("rings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("note", sa.String(length=255), server_default="", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback_request")),
    )
    with op.batch_alter_table("callback_request", schema=None) as batch_op:
        batch_op.create_index(
            "ix_due",
            ["due_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'scheduled'"),
            postgresql_where=sa.text("state = 'scheduled'"),
        )
        batch_op.create_index(
            "ix_expiry",
            ["expires_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('scheduled', 'queued', 'offered')"),
            postgresql_where=sa.text("state IN ('scheduled', 'queued', 'offered')"),
        )
        batch_op.create_index(
            "ix_line",
            ["queue", "line_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.create_index("ix_request_number", ["e164", "created_at"], unique=False)
        batch_op.create_index(
            "uq_open_request",
            ["queue", "e164"],
            unique=True,
            sqlite_where=sa.text("state IN ('scheduled', 'queued', 'offered', 'in_progress')"),
            postgresql_where=sa.text("state IN ('scheduled', 'queued', 'offered', 'in_progress')"),
        )

    op.create_table(
        "dispatcher",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("server", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("alive_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reason", sa.String(length=255), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_dispatcher")),
    )
    op.create_table(
        "epoch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epoch")),
    )
    op.create_table(
        "queue_facts",
        sa.Column("server", sa.String(length=64), nullable=False),
        sa.Column("asterisk_queue", sa.String(length=128), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("logged_in", sa.Integer(), nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("server", "asterisk_queue", name=op.f("pk_queue_facts")),
    )
    op.create_table(
        "suppression",
        sa.Column("e164", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=255), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("e164", name=op.f("pk_suppression")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=27), nullable=False),
        sa.Column("server", sa.String(length=64), nullable=False),
        sa.Column("trunk", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("e164", sa.String(length=16), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gate_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent_rang_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agent", sa.String(length=128), nullable=True),
        sa.Column("gate_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ringing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hangup_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hangup_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.String(length=16), nullable=True),
        sa.Column("rung", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["callback_request.id"],
            name=op.f("fk_attempt_request_id_callback_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("token", name=op.f("uq_attempt_token")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index("ix_attempt_number", ["e164", "gate_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempt_request_id"), ["request_id"], unique=False)
        batch_op.create_index(
            "ix_gate",
            ["gate_at"],
            unique=False,
            sqlite_where=sa.text("gate_at IS NOT NULL"),
            postgresql_where=sa.text("gate_at IS NOT NULL"),
        )
        batch_op.create_index("ix_trunk_tail", ["server", "trunk", "ended_at"], unique=False)
        batch_op.create_index(
            "uq_open_attempt_number",
            ["e164"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_open_attempt_request",
            ["request_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asap", sa.Boolean(), nullable=False),
        sa.Column("wall_time", sa.String(length=32), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=True),
        sa.Column("body_hash", sa.String(length=64), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["callback_request.id"],
            name=op.f("fk_wish_request_id_callback_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint("public_id", name=op.f("uq_wish_public_id")),
        sa.UniqueConstraint("scope", "key", name=op.f("uq_wish_scope_key")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_wish_secret_hash")),
    )
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.create_index("ix_wish_address", ["address", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_wish_request_id"), ["request_id"], unique=False)

    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("old", sa.String(length=16), nullable=True),
        sa.Column("new", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_audit_attempt_id_attempt")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["callback_request.id"],
            name=op.f("fk_audit_request_id_callback_request"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_request_id"), ["request_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_request_id"))

    op.drop_table("audit")
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wish_request_id"))
        batch_op.drop_index("ix_wish_address")

    op.drop_table("wish")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_open_attempt_request",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_open_attempt_number",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_trunk_tail")
        batch_op.drop_index(
            "ix_gate",
            sqlite_where=sa.text("gate_at IS NOT NULL"),
            postgresql_where=sa.text("gate_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_attempt_request_id"))
        batch_op.drop_index("ix_attempt_number")

    op.drop_table("attempt")
    op.drop_table("suppression")
    op.drop_table("queue_facts")
    op.drop_table("epoch")
    op.drop_table("dispatcher")
    with op.batch_alter_table("callback_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_open_request",
            sqlite_where=sa.text("state IN ('scheduled', 'queued', 'offered', 'in_progress')"),
            postgresql_where=sa.text("state IN ('scheduled', 'queued', 'offered', 'in_progress')"),
        )
        batch_op.drop_index("ix_request_number")
        batch_op.drop_index(
            "ix_line",
            sqlite_where=sa.text("state = 'queued'"),
            postgresql_where=sa.text("state = 'queued'"),
        )
        batch_op.drop_index(
            "ix_expiry",
            sqlite_where=sa.text("state IN ('scheduled', 'queued', 'offered')"),
            postgresql_where=sa.text("state IN ('scheduled', 'queued', 'offered')"),
        )
        batch_op.drop_index(
            "ix_due",
            sqlite_where=sa.text("state = 'scheduled'"),
            postgresql_where=sa.text("state = 'scheduled'"),
        )

    op.drop_table("callback_request")
