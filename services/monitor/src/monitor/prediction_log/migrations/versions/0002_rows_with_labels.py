"""An index over the rows that have a label, which may be few among many."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    labelled = sa.text("label_id IS NOT NULL")
    op.create_index(
        "predictions_with_label",
        "predictions",
        ["model", "version", "id"],
        sqlite_where=labelled,
        postgresql_where=labelled,
    )
