"""Whom a loan was made to, for statistics, once its patron is forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("loans", sa.Column("borrower", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("loans", "borrower")
