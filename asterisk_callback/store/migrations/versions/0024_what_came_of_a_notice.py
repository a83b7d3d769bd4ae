"""What came of each notice of an alarm: told, refused for good, or given up"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Both databases rename it in the index ix_untold, too.
    op.execute("ALTER TABLE alarm_notice RENAME COLUMN told_at TO done_at")
    op.add_column("alarm_notice", sa.Column("outcome", sa.String(length=16)))
    op.add_column(
        "alarm_notice",
        sa.Column("detail", sa.String(length=255), nullable=False, server_default=""),
    )
    op.execute("UPDATE alarm_notice SET outcome = 'sent' WHERE done_at IS NOT NULL")


def downgrade() -> None:
    op.drop_column("alarm_notice", "detail")
    op.drop_column("alarm_notice", "outcome")
    op.execute("ALTER TABLE alarm_notice RENAME COLUMN done_at TO told_at")
