"""Tables of orders between libraries: what was offered and awaits the patron's word."""

from sqlalchemy import Column, Table

from backend.columns import Day, Instant, flag, key, refers, some, words
from backend.tables import metadata

offers = Table(
    "offers",
    metadata,
    key(),  # the number that the hold will bear
    words("library", default=None),  # where it will be collected
    refers("patron", "patrons"),
    refers("title_id", "titles"),
    words("supplier", default=None),
    words("pickup"),  # as it was wished, empty for no wish
    Column("expires", Day),
    flag("queue"),
    refers("request", "requests", nullable=True),  # the partner's number for it
    Column("made_at", Instant, nullable=False),
    Column("closed_at", Instant),
)
some("ix_offers_request", offers.c.request, where="request is not null")
