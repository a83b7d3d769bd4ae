"""The network around the client that made a wish, and requests by when they were made"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wish", sa.Column("network", sa.String(length=64)))
    op.create_index("ix_wish_network", "wish", ["network", "created_at"])
    op.create_index("ix_request_made", "callback_request", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_request_made", "callback_request")
    op.drop_index("ix_wish_network", "wish")
    op.drop_column("wish", "network")
