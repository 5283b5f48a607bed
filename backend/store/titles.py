"""When two records are the same work: by ISBN, else by author, title and year as they are compared."""

from dataclasses import dataclass

from backend.store.identifiers import compared_title, isbn13
from backend.store.statement import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleIntake:
    """A title as a catalogue has it. `record` is the catalogue's own number; `isbn` as printed, or nothing."""

    title: str
    author: str = ""
    year: int | None = None
    isbn: str = ""
    record: str | None = None


def match_key(title: TitleIntake) -> str:
    """The same for the same work at every library: `isbn:9788203362347`, or `work:hamsun knut|sult|1890`."""
    number = isbn13(title.isbn)
    if number is not None:
        return f"isbn:{number}"
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
