"""What a library brought along: which rows of its files were taken, so that none of them is taken twice."""

from sqlalchemy import Column, PrimaryKeyConstraint, Table

from backend.columns import Id, Instant, words
from backend.tables import metadata

moved_in = Table(
    "moved_in",
    metadata,
    words("library", default=None),
    words("kind", default=None),  # loan, hold or fee
    words("key", default=None),  # keyed hash of what names the row in the file
    words("content", default=None),  # keyed hash of all of it
    Column("row", Id, nullable=False),  # of loans, holds or charges
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("library", "kind", "key"),
)
