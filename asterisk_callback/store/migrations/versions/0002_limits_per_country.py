"""Limits per country"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_request_region", "callback_request", ["region", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_request_region", table_name="callback_request")
