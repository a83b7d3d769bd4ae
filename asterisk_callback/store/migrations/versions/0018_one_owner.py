"""A database has one owner, a dispatcher's name one process; who else came is written down"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stranger",
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("dispatcher", _text("process", 160))
    op.add_column("epoch", _text("owner", 64))
    op.add_column("epoch", _text("owner_name", 120))


def downgrade() -> None:
    op.drop_column("epoch", "owner_name")
    op.drop_column("epoch", "owner")
    op.drop_column("dispatcher", "process")
    op.drop_table("stranger")


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), server_default="", nullable=False)
