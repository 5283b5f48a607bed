"""What ordered copies are copies of; title and author stand in `titles`, too, for every list of holds."""

from dataclasses import fields

from sqlalchemy import Column, ForeignKey, Table

from backend.columns import Id, words
from backend.copy_commands import Article
from backend.tables import metadata

ARTICLE = tuple(field.name for field in fields(Article))
articles = Table(
    "articles",
    metadata,
    Column("title_id", Id, ForeignKey("titles.id"), primary_key=True, autoincrement=False),
    *(words(name) for name in ARTICLE),
)
