"""What a hold stops: dialling, or the taking of new wishes. The board finds a day's promises"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = sa.Column("kind", sa.String(length=16), server_default="dialling", nullable=False)
    op.add_column("hold", kind)
    with op.batch_alter_table("hold") as batch_op:
        batch_op.drop_constraint("pk_hold", type_="primary")
        batch_op.create_primary_key("pk_hold", ["kind", "scope"])
    op.create_index("ix_wish_promised", "wish", ["promised_from"])


def downgrade() -> None:
    op.drop_index("ix_wish_promised", table_name="wish")
    op.execute("DELETE FROM hold WHERE kind <> 'dialling'")
    with op.batch_alter_table("hold") as batch_op:
        batch_op.drop_constraint("pk_hold", type_="primary")
        batch_op.create_primary_key("pk_hold", ["scope"])
        batch_op.drop_column("kind")
