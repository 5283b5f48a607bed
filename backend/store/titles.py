"""When two records are the same work: by ISBN or ISSN, else by author, title and year as they are compared."""

from dataclasses import dataclass

from backend.store.identifiers import compared_title, isbn13, issn_key
from backend.store.statement import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleIntake:
    """A title as a catalogue has it. `record` is the catalogue's own number; `isbn` and `issn` are as printed."""

    title: str
    author: str = ""
    year: int | None = None
    isbn: str = ""
    issn: str = ""  # of a serial itself, not of the series that a book is a part of
    record: str | None = None


def match_key(title: TitleIntake) -> str:
    """The same for the same work at every library.

    `isbn:9788203362347`, or `issn:00280836`, or `work:hamsun knut|sult|1890`.
    """
    number, serial = isbn13(title.isbn), issn_key(title.issn)
    if number is not None:
        return f"isbn:{number}"
    if serial is not None:
        return serial
    author = " ".join(sorted(compared_title(title.author).split()))  # "Hamsun, Knut" is "Knut Hamsun"
    return f"work:{author}|{compared_title(title.title)}|{title.year or ''}"


def title_row(title: TitleIntake) -> dict[str, Scalar]:
    """The columns of `titles`, without its number and library."""
    return {
        "record": title.record,
        "isbn": isbn13(title.isbn),
        "title": title.title,
        "title_key": compared_title(title.title),
        "author": title.author,
        "year": title.year,
        "match_key": match_key(title),
    }
