"""How many numbers a wish has had"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wish", sa.Column("numbers", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("wish", "numbers")
