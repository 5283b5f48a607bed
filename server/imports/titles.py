"""Titles' rows, as they are made of MARC records: what circulation needs to know of a work."""

from backend.model import LibraryId
from backend.store.intake_items import CataloguedTitle
from backend.store.titles import TitleIntake
from server.imports.cells import Cells, Isbn, Issn, MaybeNumber, Text, Title, Year


class TitleCells(Cells):
    """One title of a library."""

    record: MaybeNumber = ""
    title: Title
    author: Text = ""
    isbn: Isbn = ""
    issn: Issn = ""
    year: Year = None

    def intake(self, library: LibraryId) -> CataloguedTitle:
        """The title as the store takes it, for this library."""
        return CataloguedTitle(
            library=library,
            title=TitleIntake(
                title=self.title,
                author=self.author,
                year=self.year,
                isbn=self.isbn,
                issn=self.issn,
                record=self.record or None,
            ),
        )
