"""The customer's note, and since when a wish has stood behind its request"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    about = sa.Column("about", sa.String(length=500), server_default="", nullable=False)
    op.add_column("callback_request", about)
    op.add_column("wish", sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("wish", "joined_at")
    op.drop_column("callback_request", "about")
