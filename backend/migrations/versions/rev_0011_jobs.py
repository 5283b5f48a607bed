"""The tables of daily jobs and of the post, and the indexes that find what is due."""

from typing import Any

import sqlalchemy as sa
from alembic import op

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def where(condition: str) -> dict[str, Any]:
    """The rows of a partial index, for both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("sent_notices", "outbox", "invoices", "leases", "job_runs", "dead_addresses")


def upgrade() -> None:
    runs_and_invoices()
    notices()
    op.create_index("ix_holds_pickup", "holds", ["pickup_by"], unique=False, **where("state = 'ready'"))
    op.create_index(
        "ix_loans_to_forget",
        "loans",
        ["closed_at"],
        unique=False,
        **where("closed_at is not null and patron is not null"),
    )


def runs_and_invoices() -> None:
    """Whose turn it is, what is done, what is billed."""
    op.create_table(
        "dead_addresses",
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_dead_addresses")),
    )
    op.create_table(
        "job_runs",
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("library", "day", "job", name=op.f("pk_job_runs")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "invoices",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("patron", NUMBER, nullable=False),
        sa.Column("addressed_to", NUMBER, nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("issued", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_invoices_amount")),
        sa.ForeignKeyConstraint(["addressed_to"], ["patrons.id"], name=op.f("fk_invoices_addressed_to")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.id"], name=op.f("fk_invoices_patron")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
    )
    op.create_index("ix_invoices_issued", "invoices", ["library", "issued"], unique=False)
    op.create_index("uq_invoices_kid", "invoices", ["kid"], unique=True)


def notices() -> None:
    """What is to go out, and what went out."""
    op.create_table(
        "outbox",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("addressee", NUMBER, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("given_up_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("channel in ('email', 'sms', 'post')", name=op.f("ck_outbox_channel")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_attempts")),
        sa.ForeignKeyConstraint(["addressee"], ["patrons.id"], name=op.f("fk_outbox_addressee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_sent", "outbox", ["sent_at"], unique=False, **where("sent_at is not null"))
    op.create_index(
        "ix_outbox_waiting", "outbox", ["next_try"], unique=False, **where("sent_at is null and given_up_at is null")
    )
    op.create_table(
        "sent_notices",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("loan", NUMBER, nullable=True),
        sa.Column("hold", NUMBER, nullable=True),
        sa.Column("for_day", sa.Text(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("sent_on", sa.Text(), nullable=False),
        sa.Column("policy_row", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("charge", NUMBER, nullable=True),
        sa.CheckConstraint("kind in ('before_due', 'after_due', 'hold_ready')", name=op.f("ck_sent_notices_kind")),
        sa.CheckConstraint("(loan is null) <> (hold is null)", name=op.f("ck_sent_notices_about_one")),
        sa.ForeignKeyConstraint(["charge"], ["charges.id"], name=op.f("fk_sent_notices_charge")),
        sa.ForeignKeyConstraint(["hold"], ["holds.id"], name=op.f("fk_sent_notices_hold")),
        sa.ForeignKeyConstraint(["loan"], ["loans.id"], name=op.f("fk_sent_notices_loan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_notices")),
    )
    op.create_index(
        "uq_sent_notices_hold", "sent_notices", ["hold", "for_day"], unique=True, **where("hold is not null")
    )
    op.create_index(
        "uq_sent_notices_loan",
        "sent_notices",
        ["loan", "kind", "for_day", "step"],
        unique=True,
        **where("loan is not null"),
    )


def downgrade() -> None:
    op.drop_index("ix_loans_to_forget", "loans")
    op.drop_index("ix_holds_pickup", "holds")
    for table in TABLES:
        op.drop_table(table)
