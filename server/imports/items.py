"""Items' rows: one column a field; what each means stands in docs/import.md, which a test holds to this table."""

from typing import Final

from backend.model import LibraryId
from backend.store.intake import ItemIntake
from backend.store.statement import Scalar
from backend.store.titles import TitleIntake
from server.imports.cells import (
    Audience,
    Cells,
    Day,
    Flag,
    Isbn,
    Issn,
    Language,
    MaybeNumber,
    MediaType,
    Number,
    Price,
    SecurityMarker,
    Text,
    Title,
    Word,
    Words,
    Year,
)
from server.media import media_type

OF_THE_TITLE: Final = frozenset({"title", "author", "isbn", "issn", "year", "record"})
NOT_COLUMNS: Final = OF_THE_TITLE | {"barcode", "owner"}  # of the table `items`


class ItemCells(Cells):
    """One copy."""

    barcode: Number
    title: Title
    home_branch: Number
    author: Text = ""
    isbn: Isbn = ""
    issn: Issn = ""
    year: Year = None
    record: MaybeNumber = ""
    material: Word = "book"
    loan_type: Word = "normal"
    audience: Audience = "adult"
    language: Language
    price: Price = None
    owner: MaybeNumber = ""
    flags: Words = ""
    security_marker: SecurityMarker = "01"
    media_type: MediaType = None
    magnetic: Flag = False
    call_number: Text = ""
    collection: Text = ""
    acquired: Day = None

    def intake(self, library: LibraryId, currency: str) -> ItemIntake:
        """`library` owns the copy, and its price is in `currency`."""
        values: dict[str, Scalar] = {
            column: getattr(self, column) for column in self.model_fields_set if column not in NOT_COLUMNS
        }
        if values.get("media_type") is None:
            values.pop("media_type", None)
        if "material" in values and "media_type" not in values:
            values["media_type"] = media_type(self.material)
        if "price" in values:
            values["currency"] = currency if self.price is not None else None
        return ItemIntake(
            library=library,
            barcode=self.barcode,
            title=TitleIntake(
                title=self.title,
                author=self.author,
                year=self.year,
                isbn=self.isbn,
                issn=self.issn,
                record=self.record or None,
            ),
            values=values,
        )
