"""The tables that borrowing, returning and paying need."""

from typing import Any

import sqlalchemy as sa
from alembic import op

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def index(name: str, table: str, *columns: str, unique: bool = False, where: str | None = None) -> None:
    """`where`: only of these rows, in both databases."""
    some: dict[str, Any] = {} if where is None else {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}
    op.create_index(name, table, list(columns), unique=unique, **some)


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# In the order in which they can be dropped.
HOUSE = ("meta", "ids", "closures", "staff_notes", "journal", "terminals")
MONEY = ("settlements", "payments", "charges")
CIRCULATION = ("holds", "loans", "items", "titles")
PEOPLE = ("blocks", "identifiers", "patrons")


def upgrade() -> None:
    people()
    what_is_lent()
    circulation()
    money()
    accounts_and_journal()
    the_house()


def people() -> None:
    """Patrons, their numbers, what stops them."""
    op.create_table(
        "patrons",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), server_default="", nullable=False),
        sa.Column("given_name", sa.Text(), server_default="", nullable=False),
        sa.Column("birth_date", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), server_default="adult", nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("home_branch", sa.Text(), nullable=False),
        sa.Column("expires", sa.Text(), nullable=True),
        sa.Column("rules_accepted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("guardian_consent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("unstaffed_agreement", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("guardian", NUMBER, nullable=True),
        sa.Column("pin_hash", sa.Text(), nullable=True),
        sa.Column("pin_failures", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("pin_failed_on", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("wants_notices", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("pin_failures >= 0", name=op.f("ck_patrons_pin_failures")),
        sa.ForeignKeyConstraint(["guardian"], ["patrons.id"], name=op.f("fk_patrons_guardian")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrons")),
    )
    index("ix_patrons_library", "patrons", "library")
    op.create_table(
        "identifiers",
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("patron", NUMBER, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), server_default="", nullable=False),
        sa.Column("lost", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'identity' or (shown = '' and value like 'hmac:%')", name=op.f("ck_identifiers_identity_hidden")
        ),
        sa.CheckConstraint("kind in ('card', 'national', 'identity', 'user_name')", name=op.f("ck_identifiers_kind")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.id"], name=op.f("fk_identifiers_patron")),
        sa.PrimaryKeyConstraint("library", "value", name=op.f("pk_identifiers")),
    )
    index("ix_identifiers_patron", "identifiers", "patron")
    index("ix_identifiers_value", "identifiers", "value")
    op.create_table(
        "blocks",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("patron", NUMBER, nullable=False),
        sa.Column("stops", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="manual_block", nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["patron"], ["patrons.id"], name=op.f("fk_blocks_patron")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
    )
    index("ix_blocks_standing", "blocks", "patron", where="lifted_at is null")


def what_is_lent() -> None:
    """Titles and copies."""
    op.create_table(
        "titles",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("isbn", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("match_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_titles")),
    )
    index("ix_titles_isbn", "titles", "library", "isbn")
    index("ix_titles_match_key", "titles", "match_key")
    index("ix_titles_title_key", "titles", "library", "title_key")
    index("uq_titles_record", "titles", "library", "record", unique=True)
    op.create_table(
        "items",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("barcode", sa.Text(), nullable=False),
        sa.Column("barcode_key", sa.Text(), nullable=False),
        sa.Column("title_id", NUMBER, nullable=False),
        sa.Column("material", sa.Text(), server_default="book", nullable=False),
        sa.Column("audience", sa.Text(), server_default="adult", nullable=False),
        sa.Column("loan_type", sa.Text(), server_default="normal", nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("flags", sa.Text(), server_default="", nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("home_branch", sa.Text(), nullable=False),
        sa.Column("present_branch", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="shelf", nullable=False),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("properties", sa.Text(), server_default="", nullable=False),
        sa.Column("media_type", sa.Text(), server_default="000", nullable=False),
        sa.Column("security_marker", sa.Text(), server_default="01", nullable=False),
        sa.Column("magnetic", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("call_number", sa.Text(), server_default="", nullable=False),
        sa.Column("collection", sa.Text(), server_default="", nullable=False),
        sa.Column("acquired", sa.Text(), nullable=True),
        sa.Column("lender_due", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('shelf', 'hold_shelf', 'transit', 'missing', 'lost', 'damaged', 'withdrawn', 'on_order',"
            " 'in_process')",
            name=op.f("ck_items_state"),
        ),
        sa.CheckConstraint("(price is null) = (currency is null)", name=op.f("ck_items_price_has_currency")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_items_price")),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name=op.f("fk_items_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
    )
    index("ix_items_title", "items", "title_id")
    index("uq_items_barcode", "items", "barcode_key", "library", unique=True)


def circulation() -> None:
    """Loans and holds."""
    op.create_table(
        "loans",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("patron", NUMBER, nullable=True),
        sa.Column("item", NUMBER, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("lent", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("renewals", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("policy_row", sa.Text(), nullable=False),
        sa.Column("item_group", sa.Text(), nullable=True),
        sa.Column("fine_paid", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("claimed_returned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("billed_on", sa.Text(), nullable=True),
        sa.Column("suspended_until", sa.Text(), nullable=True),
        sa.Column("ill_request", NUMBER, nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("undone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("fine_paid >= 0", name=op.f("ck_loans_fine_paid")),
        sa.CheckConstraint("patron is not null or closed_at is not null", name=op.f("ck_loans_open_has_patron")),
        sa.CheckConstraint("renewals >= 0", name=op.f("ck_loans_renewals")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_loans_item")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.id"], name=op.f("fk_loans_patron")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loans")),
    )
    index("ix_loans_item", "loans", "item", "closed_at")
    index("ix_loans_open_due", "loans", "due_on", where="closed_at is null")
    index("ix_loans_patron", "loans", "patron", "closed_at")
    index("uq_loans_open_item", "loans", "item", unique=True, where="closed_at is null")
    op.create_table(
        "holds",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("patron", NUMBER, nullable=True),
        sa.Column("title_id", NUMBER, nullable=False),
        sa.Column("item", NUMBER, nullable=True),
        sa.Column("trapped", NUMBER, nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("pickup", sa.Text(), nullable=False),
        sa.Column("placed", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.Text(), nullable=True),
        sa.Column("ready_on", sa.Text(), nullable=True),
        sa.Column("pickup_by", sa.Text(), nullable=True),
        sa.Column("suspended", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("ill_request", NUMBER, nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(closed_at is null and state in ('waiting', 'transit', 'ready')) or"
            " (closed_at is not null and state in ('satisfied', 'cancelled', 'expired'))",
            name=op.f("ck_holds_state"),
        ),
        sa.CheckConstraint("state not in ('transit', 'ready') or trapped is not null", name=op.f("ck_holds_trapped")),
        sa.CheckConstraint("patron is not null or closed_at is not null", name=op.f("ck_holds_open_has_patron")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_holds_item")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.id"], name=op.f("fk_holds_patron")),
        sa.ForeignKeyConstraint(["title_id"], ["titles.id"], name=op.f("fk_holds_title_id")),
        sa.ForeignKeyConstraint(["trapped"], ["items.id"], name=op.f("fk_holds_trapped")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    index("ix_holds_patron", "holds", "patron", where="closed_at is null")
    index("ix_holds_queue", "holds", "title_id", where="closed_at is null")
    index("ix_holds_trapped_item", "holds", "trapped", "closed_at")
    index("uq_holds_item", "holds", "patron", "item", unique=True, where="closed_at is null and item is not null")
    index("uq_holds_title", "holds", "patron", "title_id", unique=True, where="closed_at is null and item is null")
    index("uq_holds_trapped", "holds", "trapped", unique=True, where="closed_at is null and trapped is not null")


def money() -> None:
    """Charges, payments, and what settled which."""
    op.create_table(
        "charges",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("patron", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("owed", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("raised", sa.BigInteger(), nullable=False),
        sa.Column("policy_row", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("loan", NUMBER, nullable=True),
        sa.Column("item", NUMBER, nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("barcode", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("kid", sa.Text(), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_charges_amount")),
        sa.CheckConstraint("owed >= 0 and owed <= amount", name=op.f("ck_charges_owed")),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_charges_item")),
        sa.ForeignKeyConstraint(["loan"], ["loans.id"], name=op.f("fk_charges_loan")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.id"], name=op.f("fk_charges_patron")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charges")),
    )
    index("ix_charges_kid", "charges", "kid", where="kid is not null")
    index("ix_charges_loan", "charges", "loan", where="loan is not null")
    index("ix_charges_open", "charges", "patron", where="owed > 0")
    op.create_table(
        "payments",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("patron", NUMBER, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_amount")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.id"], name=op.f("fk_payments_patron")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
    )
    index("ix_payments_patron", "payments", "patron")
    index(
        "uq_payments_transaction",
        "payments",
        "account",
        "transaction_id",
        unique=True,
        where="transaction_id is not null",
    )
    op.create_table(
        "settlements",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("charge", NUMBER, nullable=False),
        sa.Column("payment", NUMBER, nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_settlements_amount")),
        sa.ForeignKeyConstraint(["charge"], ["charges.id"], name=op.f("fk_settlements_charge")),
        sa.ForeignKeyConstraint(["payment"], ["payments.id"], name=op.f("fk_settlements_payment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
    )
    index("ix_settlements_charge", "settlements", "charge")
    index("ix_settlements_payment", "settlements", "payment", where="payment is not null")


def accounts_and_journal() -> None:
    """Terminals that may ask, and all that was asked."""
    op.create_table(
        "terminals",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), server_default="", nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("settings", sa.Text(), server_default="{}", nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("login", name=op.f("pk_terminals")),
    )
    op.create_table(
        "journal",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("granted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("policy_row", sa.Text(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("patron", NUMBER, nullable=True),
        sa.Column("item", NUMBER, nullable=True),
        sa.Column("frame", sa.Text(), nullable=True),
        sa.Column("transaction_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    index("ix_journal_frame", "journal", "account", "id", where="frame is not null")
    index("ix_journal_item", "journal", "item", "id", where="item is not null and granted")
    index("ix_journal_patron", "journal", "patron", "id", where="patron is not null")
    booked = "transaction_id is not null and granted"
    index("ix_journal_transaction", "journal", "account", "transaction_id", where=booked)


def the_house() -> None:
    """Work for staff, closed days, and where ids come from."""
    op.create_table(
        "staff_notes",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("library", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("patron", NUMBER, nullable=True),
        sa.Column("item", NUMBER, nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["items.id"], name=op.f("fk_staff_notes_item")),
        sa.ForeignKeyConstraint(["patron"], ["patrons.id"], name=op.f("fk_staff_notes_patron")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notes")),
    )
    index("ix_staff_notes_open", "staff_notes", "library", where="done_at is null")
    op.create_table(
        "closures",
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("announced_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("branch", "day", name=op.f("pk_closures")),
    )
    op.create_table(
        "ids",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next", NUMBER, nullable=False),
        sa.CheckConstraint("next > 0", name=op.f("ck_ids_next")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ids")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.execute("insert into ids (name, next) values ('row', 1)")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("row_ids", start=1, increment=20, data_type=sa.BigInteger)))


def downgrade() -> None:
    for table in (*HOUSE, *MONEY, *CIRCULATION, *PEOPLE):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop sequence row_ids")
