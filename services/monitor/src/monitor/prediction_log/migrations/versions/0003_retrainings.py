"""Retrainings and their steps."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "retrainings",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("retraining_id", sa.String(32), nullable=False, unique=True),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("champion", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("open_model", sa.String(64), unique=True),
        sa.Column("started", sa.Double, nullable=False),
        sa.Column("changed", sa.Double, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("applied", sa.Boolean, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("since", sa.Double, nullable=False),
        sa.Column("until", sa.Double),
        sa.Column("dataset", sa.String(64), nullable=False),
        sa.Column("must_gain", sa.Boolean, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
    )
    op.create_index("retrainings_by_model", "retrainings", ["model", "started"])
    op.create_table(
        "retraining_steps",
        sa.Column("id", Identity, primary_key=True),
        sa.Column("retraining_id", sa.String(32), nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("time", sa.Double, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.UniqueConstraint("retraining_id", "step"),
    )
