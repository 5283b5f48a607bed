"""Requests and exchanges of partners; a request's digest in the journal; the day of a recall."""

from typing import Any

import sqlalchemy as sa
from alembic import op

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def where(condition: str) -> dict[str, Any]:
    """The rows of a partial index, for both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


revision = "0010"
down_revision = "0001"
branch_labels = None
depends_on = None


def words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), server_default="", nullable=False) for name in names]


def upgrade() -> None:
    op.add_column("journal", sa.Column("request", sa.Text(), nullable=True))
    op.create_index("ix_journal_request", "journal", ["account", "request"], **where("request is not null and granted"))
    op.add_column("loans", sa.Column("recalled_on", sa.Text(), nullable=True))
    requests()
    exchanges()


def requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("hold", NUMBER, nullable=True),
        sa.Column("item", NUMBER, nullable=True),
        sa.Column("patron", NUMBER, nullable=True),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("renewable", sa.Boolean(create_constraint=False), server_default=sa.true(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hold"], ["holds.id"], name=op.f("fk_requests_hold")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_requests_item")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.id"], name=op.f("fk_requests_patron")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
    )
    op.create_index("uq_requests_number", "requests", ["library", "account", "agency", "number"], unique=True)
    op.create_index("ix_requests_hold", "requests", ["hold"], **where("hold is not null"))
    op.create_index("ix_requests_item", "requests", ["item"], **where("item is not null"))


def exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *words("account", "agency", "library"),
        sa.Column("direction", sa.Text(), server_default="in", nullable=False),
        *words("service", "request", "address"),
        sa.Column("valid", sa.Boolean(create_constraint=False), server_default=sa.false(), nullable=False),
        *words("verdict", "quirks", "answer", "effect"),
        sa.Column("micros", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("status", sa.Integer(), server_default="200", nullable=False),
        *words("question", "reply"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
    )
    op.create_index("ix_exchanges_at", "exchanges", ["at"])
    op.create_index("ix_exchanges_account", "exchanges", ["account", "id"])


def downgrade() -> None:
    op.drop_table("exchanges")
    op.drop_table("requests")
    op.drop_column("loans", "recalled_on")
    op.drop_index("ix_journal_request", "journal")
    op.drop_column("journal", "request")
