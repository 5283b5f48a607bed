"""Every table once: the columns, and the constraints that keep the promises circulation makes.

Instants are whole seconds since 1970 UTC, days are ISO text, amounts are whole øre beside their currency. Row ids are
handed out by `ids`, so that a decision names its rows before they are written; the journal counts for itself, because
its order is the order in which things happened.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    SmallInteger,
    Table,
    Text,
)

from backend.columns import NAMES, Day, Id, Instant, Minor, flag, key, only, refers, some, words

metadata = MetaData(naming_convention=NAMES)

# ---- people -------------------------------------------------------------------

patrons = Table(
    "patrons",
    metadata,
    key(),
    words("library", default=None),
    words("family_name"),
    words("given_name"),
    Column("birth_date", Day),
    words("category", default="adult"),
    Column("language", Text),
    words("home_branch", default=None),
    Column("expires", Day),
    flag("rules_accepted"),
    flag("guardian_consent"),
    flag("unstaffed_agreement"),
    refers("guardian", "patrons", nullable=True),
    Column("pin_hash", Text),
    Column("pin_failures", SmallInteger, nullable=False, server_default="0"),
    Column("pin_failed_on", Day),
    words("address"),
    words("email"),
    words("phone"),
    flag("wants_notices"),
    Column("created", Instant, nullable=False),
    CheckConstraint("pin_failures >= 0", name="pin_failures"),
)
Index("ix_patrons_library", patrons.c.library)

# One row for each number of each patron. A national card at two libraries is two patrons that share its value.
identifiers = Table(
    "identifiers",
    metadata,
    words("library", default=None),
    words("value", default=None),  # compared: without blanks and hyphens, upper case; identity numbers as keyed hash
    refers("patron", "patrons"),
    words("scope", default=None),  # the library's id, or the network in which the number is good
    words("kind", default=None),
    words("shown"),  # as printed on the card; never an identity number
    flag("lost"),
    Column("added", Instant, nullable=False),
    PrimaryKeyConstraint("library", "value"),
    CheckConstraint("kind in ('card', 'national', 'identity', 'user_name')", name="kind"),
    CheckConstraint("kind <> 'identity' or (shown = '' and value like 'hmac:%')", name="identity_hidden"),
)
Index("ix_identifiers_value", identifiers.c.value)
Index("ix_identifiers_patron", identifiers.c.patron)

blocks = Table(
    "blocks",
    metadata,
    key(),
    words("library", default=None),
    refers("patron", "patrons"),
    words("stops", default=None),
    words("note"),
    Column("since", Instant, nullable=False),
    Column("until", Day),
    words("reason", default="manual_block"),
    Column("lifted_at", Instant),
)
some("ix_blocks_standing", blocks.c.patron, where="lifted_at is null")

# ---- what is lent -----------------------------------------------------------------

titles = Table(
    "titles",
    metadata,
    key(),
    words("library", default=None),
    Column("record", Text),  # the catalogue's own record number
    Column("isbn", Text),  # thirteen digits
    words("title", default=None),
    words("title_key", default=None),  # compared: case, blanks and punctuation ignored
    words("author"),
    Column("year", SmallInteger),
    words("match_key", default=None),  # the same for the same work at every library of the network
)
Index("uq_titles_record", titles.c.library, titles.c.record, unique=True)
Index("ix_titles_isbn", titles.c.library, titles.c.isbn)
Index("ix_titles_title_key", titles.c.library, titles.c.title_key)
Index("ix_titles_match_key", titles.c.match_key)

items = Table(
    "items",
    metadata,
    key(),
    words("library", default=None),  # owner
    words("barcode", default=None),  # as printed
    words("barcode_key", default=None),  # compared
    refers("title_id", "titles"),
    words("material", default="book"),
    words("audience", default="adult"),
    words("loan_type", default="normal"),
    Column("language", Text),
    words("flags"),
    Column("price", Minor),
    Column("currency", Text),
    words("home_branch", default=None),
    words("present_branch", default=None),
    words("state", default="shelf"),
    Column("destination", Text),
    words("properties"),
    words("media_type", default="000"),
    words("security_marker", default="01"),
    flag("magnetic"),
    words("call_number"),
    words("collection"),
    Column("acquired", Day),
    Column("lender_due", Day),
    CheckConstraint(
        "state in ('shelf', 'hold_shelf', 'transit', 'missing', 'lost', 'damaged', 'withdrawn', 'on_order',"
        " 'in_process')",
        name="state",
    ),
    CheckConstraint("price >= 0", name="price"),
    CheckConstraint("(price is null) = (currency is null)", name="price_has_currency"),
)
Index("uq_items_barcode", items.c.barcode_key, items.c.library, unique=True)
Index("ix_items_title", items.c.title_id)

# ---- circulation ------------------------------------------------------------------

loans = Table(
    "loans",
    metadata,
    key(),
    words("library", default=None),
    words("branch", default=None),
    refers("patron", "patrons", nullable=True),  # forgotten when a closed loan no longer concerns anybody
    refers("item", "items"),
    words("account", default=None),
    Column("lent", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    words("due_on", default=None),
    Column("renewals", SmallInteger, nullable=False, server_default="0"),
    words("policy", default=None),
    words("policy_row", default=None),
    Column("item_group", Text),
    Column("fine_paid", Minor, nullable=False, server_default="0"),
    words("currency", default=None),
    flag("claimed_returned"),
    Column("billed_on", Day),
    Column("suspended_until", Day),
    Column("ill_request", Id),
    Column("recalled_on", Day),
    Column("closed_at", Instant),
    flag("undone"),  # the loan never was: it counts in no statistics
    Column("borrower", Text),  # child, adult or library; kept for statistics when the patron is forgotten
    CheckConstraint("patron is not null or closed_at is not null", name="open_has_patron"),
    CheckConstraint("fine_paid >= 0", name="fine_paid"),
    CheckConstraint("renewals >= 0", name="renewals"),
)
only("uq_loans_open_item", loans, loans.c.item, where="closed_at is null")
some("ix_loans_open_due", loans.c.due_on, where="closed_at is null")
Index("ix_loans_item", loans.c.item, loans.c.closed_at)
Index("ix_loans_patron", loans.c.patron, loans.c.closed_at)
some("ix_loans_to_forget", loans.c.closed_at, where="closed_at is not null and patron is not null")

holds = Table(
    "holds",
    metadata,
    key(),
    words("library", default=None),
    refers("patron", "patrons", nullable=True),
    refers("title_id", "titles"),
    refers("item", "items", nullable=True),
    refers("trapped", "items", nullable=True),
    words("state", default="waiting"),
    words("pickup", default=None),
    Column("placed", Instant, nullable=False),
    Column("expires", Day),
    Column("ready_on", Day),
    Column("pickup_by", Day),
    flag("suspended"),
    words("reference"),
    Column("ill_request", Id),
    Column("closed_at", Instant),
    CheckConstraint(
        "(closed_at is null and state in ('waiting', 'transit', 'ready')) or"
        " (closed_at is not null and state in ('satisfied', 'cancelled', 'expired'))",
        name="state",
    ),
    CheckConstraint("patron is not null or closed_at is not null", name="open_has_patron"),
    CheckConstraint("state not in ('transit', 'ready') or trapped is not null", name="trapped"),
)
only("uq_holds_title", holds, holds.c.patron, holds.c.title_id, where="closed_at is null and item is null")
only("uq_holds_item", holds, holds.c.patron, holds.c.item, where="closed_at is null and item is not null")
only("uq_holds_trapped", holds, holds.c.trapped, where="closed_at is null and trapped is not null")
some("ix_holds_queue", holds.c.title_id, where="closed_at is null")
some("ix_holds_patron", holds.c.patron, where="closed_at is null")
some("ix_holds_pickup", holds.c.pickup_by, where="state = 'ready'")
Index("ix_holds_trapped_item", holds.c.trapped, holds.c.closed_at)

# ---- money ------------------------------------------------------------------------

charges = Table(
    "charges",
    metadata,
    key(),
    words("library", default=None),
    refers("patron", "patrons"),
    words("kind", default=None),
    Column("amount", Minor, nullable=False),
    Column("owed", Minor, nullable=False),
    words("currency", default=None),
    Column("raised", Instant, nullable=False),
    words("policy_row", default=None),
    words("policy", default=None),
    refers("loan", "loans", nullable=True),
    refers("item", "items", nullable=True),
    words("title"),
    words("barcode"),
    words("note"),
    Column("kid", Text),
    CheckConstraint("amount >= 0", name="amount"),
    CheckConstraint("owed >= 0 and owed <= amount", name="owed"),
)
some("ix_charges_open", charges.c.patron, where="owed > 0")
some("ix_charges_loan", charges.c.loan, where="loan is not null")
some("ix_charges_kid", charges.c.kid, where="kid is not null")

payments = Table(
    "payments",
    metadata,
    key(),
    words("library", default=None),
    refers("patron", "patrons"),
    words("account", default=None),
    Column("amount", Minor, nullable=False),
    words("currency", default=None),
    words("method", default=None),
    Column("received", Instant, nullable=False),
    Column("transaction_id", Text),
    CheckConstraint("amount > 0", name="amount"),
)
only(
    "uq_payments_transaction",
    payments,
    payments.c.account,
    payments.c.transaction_id,
    where="transaction_id is not null",
)
Index("ix_payments_patron", payments.c.patron)

# What became of a charge: paid, let off, or (below zero) a credit taken back.
settlements = Table(
    "settlements",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    refers("charge", "charges"),
    refers("payment", "payments", nullable=True),
    Column("amount", Minor, nullable=False),
    Column("at", Instant, nullable=False),
    words("why"),
    CheckConstraint("amount <> 0", name="amount"),
)
Index("ix_settlements_charge", settlements.c.charge)
some("ix_settlements_payment", settlements.c.payment, where="payment is not null")

# ---- the house ----------------------------------------------------------------------

terminals = Table(
    "terminals",
    metadata,
    Column("login", Text, primary_key=True),
    words("library", default=None),
    words("branch", default=None),
    words("profile"),
    Column("password_hash", Text),
    words("settings", default="{}"),  # JSON: what differs from the profile
    flag("disabled"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    words("account", default=None),
    words("library", default=None),
    words("branch", default=None),
    words("channel", default=None),
    words("command", default=None),  # class name
    words("asked", default=None),  # JSON, without the patron's numbers and without secrets
    words("answer", default=None),  # class name
    words("outcome", default=None),  # JSON, without secrets
    flag("granted"),
    Column("reason", Text),  # of a refusal, the gravest
    Column("policy_row", Text),  # that decided
    Column("policy", Text),
    Column("patron", Id),
    Column("item", Id),
    Column("frame", Text),  # digest of the bytes as they came
    Column("transaction_id", Text),
    Column("request", Text),  # digest of another system's request number and content
)
some("ix_journal_request", journal.c.account, journal.c.request, where="request is not null and granted")
some("ix_journal_frame", journal.c.account, journal.c.id, where="frame is not null")
some("ix_journal_item", journal.c.item, journal.c.id, where="item is not null and granted")
some("ix_journal_patron", journal.c.patron, journal.c.id, where="patron is not null")
some(
    "ix_journal_transaction",
    journal.c.account,
    journal.c.transaction_id,
    where="transaction_id is not null and granted",
)

staff_notes = Table(
    "staff_notes",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    words("library", default=None),
    words("reason", default=None),
    Column("at", Instant, nullable=False),
    refers("patron", "patrons", nullable=True),
    refers("item", "items", nullable=True),
    words("text"),
    Column("done_at", Instant),
    Column("done_by", Text),
)
some("ix_staff_notes_open", staff_notes.c.library, where="done_at is null")

closures = Table(
    "closures",
    metadata,
    words("branch", default=None),
    words("day", default=None),
    words("note"),
    Column("announced_at", Instant, nullable=False),
    PrimaryKeyConstraint("branch", "day"),
)

# Row ids in blocks: SQLite counts in a table, PostgreSQL by a sequence that nobody has to wait for.
BLOCKS = {"sqlite": 1000, "postgresql": 20}  # ids booked at a time; on PostgreSQL by every command
row_ids = Sequence("row_ids", start=1, increment=BLOCKS["postgresql"], data_type=BigInteger)
ids = Table(
    "ids",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next", Id, nullable=False),
    CheckConstraint("next > 0", name="next"),
)

meta = Table("meta", metadata, Column("key", Text, primary_key=True), words("value", default=None))
