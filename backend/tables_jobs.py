"""The tables of daily jobs and of the post: what went out and what is to go out, invoices, whose turn it is."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, PrimaryKeyConstraint, SmallInteger, Table, Text

from backend.columns import Day, Id, Instant, Minor, key, only, refers, some, words
from backend.tables import metadata

# One row for each loan or hold that a notice was about: the mark that keeps it from going out twice.
sent_notices = Table(
    "sent_notices",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    words("library", default=None),
    words("kind", default=None),
    refers("loan", "loans", nullable=True),
    refers("hold", "holds", nullable=True),
    Column("for_day", Day, nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("sent_on", Day, nullable=False),
    words("policy_row", default=None),
    words("policy", default=None),
    refers("charge", "charges", nullable=True),
    CheckConstraint("kind in ('before_due', 'after_due', 'hold_ready')", name="kind"),
    CheckConstraint("(loan is null) <> (hold is null)", name="about_one"),
)
only(
    "uq_sent_notices_loan",
    sent_notices,
    sent_notices.c.loan,
    sent_notices.c.kind,
    sent_notices.c.for_day,
    sent_notices.c.step,
    where="loan is not null",
)
only("uq_sent_notices_hold", sent_notices, sent_notices.c.hold, sent_notices.c.for_day, where="hold is not null")

invoices = Table(
    "invoices",
    metadata,
    key(),
    words("library", default=None),
    refers("patron", "patrons"),
    refers("addressed_to", "patrons"),
    Column("kid", Text, nullable=False),
    Column("amount", Minor, nullable=False),
    words("currency", default=None),
    Column("issued", Instant, nullable=False),
    CheckConstraint("amount > 0", name="amount"),
)
Index("uq_invoices_kid", invoices.c.kid, unique=True)
Index("ix_invoices_issued", invoices.c.library, invoices.c.issued)

outbox = Table(
    "outbox",
    metadata,
    key(),
    words("library", default=None),
    refers("addressee", "patrons"),
    words("channel", default=None),
    words("recipient"),
    words("language", default=None),
    words("template", default=None),
    words("data", default=None),  # JSON
    Column("created", Instant, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("next_try", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("given_up_at", Instant),
    words("error"),  # what the last attempt met
    CheckConstraint("channel in ('email', 'sms', 'post')", name="channel"),
    CheckConstraint("attempts >= 0", name="attempts"),
)
some("ix_outbox_waiting", outbox.c.next_try, where="sent_at is null and given_up_at is null")
some("ix_outbox_sent", outbox.c.sent_at, where="sent_at is not null")

# Addresses that a mail server or gateway refused for good; a patron's new address is another one.
dead_addresses = Table(
    "dead_addresses",
    metadata,
    Column("address", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    words("why"),
)

job_runs = Table(
    "job_runs",
    metadata,
    words("library", default=None),
    Column("day", Day, nullable=False),
    words("job", default=None),
    Column("finished_at", Instant, nullable=False),
    Column("done", BigInteger, nullable=False),
    PrimaryKeyConstraint("library", "day", "job"),
)

# Whoever holds one works alone, until the end of the lease.
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    words("holder", default=None),
    Column("until", Instant, nullable=False),
)
