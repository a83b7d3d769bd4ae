"""What a hold stops: dialling, or the taking of new wishes"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.Column("kind", sa.String(length=16), server_default="dialling", nullable=False)
    op.add_column("hold", kind)
    with op.batch_alter_table("hold") as batch_op:
        batch_op.drop_constraint("pk_hold", type_="primary")
        batch_op.create_primary_key("pk_hold", ["kind", "scope"])


def downgrade() -> None:
    op.execute("DELETE FROM hold WHERE kind <> 'dialling'")
    with op.batch_alter_table("hold") as batch_op:
        batch_op.drop_constraint("pk_hold", type_="primary")
        batch_op.create_primary_key("pk_hold", ["scope"])
        batch_op.drop_column("kind")
