"""Partners that staff brought in while the daemon runs; those of the configuration file are not here."""

from sqlalchemy import Column, Table, Text

from backend.columns import Instant, flag, words
from backend.tables import metadata

agencies = Table(
    "agencies",
    metadata,
    Column("name", Text, primary_key=True),
    words("settings", default="{}"),  # JSON, as the configuration would have it; of secrets their argon2id hashes
    flag("disabled"),
    Column("changed", Instant, nullable=False),
)
