"""Offers of orders between libraries."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0045"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "offers",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("patron", NUMBER, nullable=False),
        sa.Column("title_id", NUMBER, nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("pickup", sa.Text(), server_default="", nullable=False),
        sa.Column("expires", sa.Text(), nullable=True),
        sa.Column("queue", sa.Boolean(create_constraint=False), server_default=sa.false(), nullable=False),
        sa.Column("request", NUMBER, nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["patron"], ["patrons.id"], name=op.f("fk_offers_patron")),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name=op.f("fk_offers_title_id")),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name=op.f("fk_offers_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    numbered = sa.text("request is not null")
    op.create_index("ix_offers_request", "offers", ["request"], sqlite_where=numbered, postgresql_where=numbered)


def downgrade() -> None:
    op.drop_table("offers")
