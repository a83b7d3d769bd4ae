"""Whether a team knows of its request, and who withdrew a wish: columns in place of remarks"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# The request's remark said so until now; when it was, the trail knows.
_KNOWN = """
UPDATE team_link SET {column} = coalesce(
    (SELECT {last}(audit.at) FROM audit WHERE audit.request_id = team_link.request_id
        AND audit.actor = 'postman' AND ({reasons})),
    (SELECT created_at FROM callback_request WHERE callback_request.id = team_link.request_id))
WHERE request_id IN (SELECT id FROM callback_request WHERE note = '{note}')
"""
_TOLD = {
    "column": "told_at",
    "last": "max",
    "reasons": "audit.reason LIKE 'told by %'",
    "note": "the team was told",
}
_UNTOLD = {
    "column": "untold_at",
    "last": "min",
    "reasons": "audit.reason LIKE 'not told by %' OR audit.reason LIKE 'never told by %'",
    "note": "the team could not be told",
}
# The trail has the company's cancelling of a request at the very instant of its wishes' end.
_WITHDRAWN = """
UPDATE wish SET withdrawn_by = CASE WHEN EXISTS (
    SELECT 1 FROM audit WHERE audit.request_id = wish.request_id
        AND audit.event = 'called_off' AND audit.at = wish.withdrawn_at)
    THEN 'company' ELSE 'customer' END
WHERE withdrawn_at IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("team_link", sa.Column("told_at", sa.DateTime(timezone=True)))
    op.add_column("team_link", sa.Column("untold_at", sa.DateTime(timezone=True)))
    op.add_column("wish", sa.Column("withdrawn_by", sa.String(length=16)))
    for values in (_TOLD, _UNTOLD):
        op.execute(_KNOWN.format(**values))
    op.execute(_WITHDRAWN)


def downgrade() -> None:
    op.drop_column("wish", "withdrawn_by")
    op.drop_column("team_link", "untold_at")
    op.drop_column("team_link", "told_at")
