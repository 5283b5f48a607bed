"""Ordered copies: what they are copies of."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = (
    *("title", "author", "pages", "published", "volume", "part", "part_kind", "host", "host_author"),
    *("edition", "publisher", "place", "number", "number_kind", "wanted_as", "scope"),
)


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("title_id", NUMBER, autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in WORDS),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name=op.f("fk_articles_title_id")),
        sa.PrimaryKeyConstraint("title_id", name=op.f("pk_articles")),
    )


def downgrade() -> None:
    op.drop_table("articles")
