"""The page on which somebody asked for a call"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    page = sa.Column("page", sa.String(length=200), server_default="", nullable=False)
    op.add_column("wish", page)


def downgrade() -> None:
    op.drop_column("wish", "page")
