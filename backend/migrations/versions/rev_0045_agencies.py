"""Partners beside those of the configuration file."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), server_default="{}", nullable=False),
        sa.Column("disabled", sa.Boolean(create_constraint=False), server_default=sa.false(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_agencies")),
    )


def downgrade() -> None:
    op.drop_table("agencies")
