"""The requests that a wish stood behind before its number was changed"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wish", sa.Column("former", sa.String(length=64)))


def downgrade() -> None:
    op.drop_column("wish", "former")
