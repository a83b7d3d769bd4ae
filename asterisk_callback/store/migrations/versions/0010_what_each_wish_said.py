"""Each wish has its own name, topic and note, and knows which call it came after"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Until now a request had them, from the wish that it was made for: of the same instant, as both
# are written in one transaction.
_COPY = """
UPDATE wish SET
  name = (SELECT r.name FROM callback_request r WHERE r.id = wish.request_id),
  topic = (SELECT r.topic FROM callback_request r WHERE r.id = wish.request_id),
  about = (SELECT r.about FROM callback_request r WHERE r.id = wish.request_id)
WHERE wish.id IN (
  SELECT min(w.id) FROM wish w JOIN callback_request r ON r.id = w.request_id
  WHERE coalesce(w.joined_at, w.created_at) = r.created_at GROUP BY w.request_id
)
"""
# Calls that go on now: who joined during the talk, by the clock, as this was told until now.
_MARK = """
UPDATE wish SET after_attempt = (
  SELECT max(a.id) FROM attempt a
  WHERE a.request_id = wish.request_id AND a.ended_at IS NULL
    AND a.answered_at < coalesce(wish.joined_at, wish.created_at)
)
"""


def upgrade() -> None:
    for name, length in (("name", 80), ("topic", 80), ("about", 500)):
        text = sa.Column(name, sa.String(length=length), server_default="", nullable=False)
        op.add_column("wish", text)
    op.add_column("wish", sa.Column("after_attempt", sa.Integer(), nullable=True))
    op.execute(_COPY)
    op.execute(_MARK)


def downgrade() -> None:
    for name in ("after_attempt", "about", "topic", "name"):
        op.drop_column("wish", name)
