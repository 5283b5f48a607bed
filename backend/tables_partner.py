"""Tables of other systems: the numbers they give their requests, and every exchange as it may be kept."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, true

from backend.columns import Id, Instant, flag, key, refers, some, words
from backend.tables import metadata

requests = Table(
    "requests",
    metadata,
    key(),
    words("library", default=None),
    words("account", default=None),
    words("agency", default=None),  # that counts, as agencies are compared
    words("number", default=None),
    words("service", default=None),
    refers("hold", "holds", nullable=True),
    refers("item", "items", nullable=True),
    refers("patron", "patrons", nullable=True),
    Column("due", Instant),  # the lender's
    Column("renewable", Boolean(create_constraint=False), nullable=False, server_default=true()),
    Column("made_at", Instant, nullable=False),
)
Index("uq_requests_number", requests.c.library, requests.c.account, requests.c.agency, requests.c.number, unique=True)
some("ix_requests_hold", requests.c.hold, where="hold is not null")
some("ix_requests_item", requests.c.item, where="item is not null")

# Every exchange with a partner, personal data masked; kept for as long as the configuration says.
exchanges = Table(
    "exchanges",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    words("account"),  # the partner, empty for a stranger
    words("agency"),  # as it was sent
    words("library"),
    words("direction", default="in"),
    words("service"),
    words("request"),  # agency and number, as they were sent
    words("address"),
    flag("valid"),  # by the schema
    words("verdict"),  # the faults, one a line
    words("quirks"),
    words("answer"),  # name of the response
    words("effect"),  # what circulation did, or the problems
    Column("micros", BigInteger, nullable=False, server_default="0"),  # from bytes in to bytes out
    Column("status", Integer, nullable=False, server_default="200"),  # of HTTP
    words("question"),
    words("reply"),
)
Index("ix_exchanges_at", exchanges.c.at)
Index("ix_exchanges_account", exchanges.c.account, exchanges.c.id)
