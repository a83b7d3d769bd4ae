"""The mode of an attempt, and in customer-first when the customer picked up"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    mode = sa.Column("mode", sa.String(length=16), server_default="agent_first", nullable=False)
    op.add_column("attempt", mode)
    op.add_column("attempt", sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("attempt", "picked_up_at")
    op.drop_column("attempt", "mode")
