"""Since when no message is taken, and when a wish was moved (for its calendar file)"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("in_vain_since", sa.DateTime(timezone=True)))
    op.add_column(
        "message",
        sa.Column("server_away", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("wish", sa.Column("moved_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("wish", "moved_at")
    op.drop_column("message", "server_away")
    op.drop_column("message", "in_vain_since")
