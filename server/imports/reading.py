"""A CSV file into rows of text by column: the delimiter is found out, lines are counted, a byte order mark dropped.

The file is read twice, row by row: first to see that all of it is CSV, then to hand it out. It is never held whole.
A byte that is no UTF-8 costs its own row and no other; of the header it costs the file.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

DELIMITERS: Final = ",;\t"
LONGEST_CELL: Final = 10_000  # characters; more is a quotation mark that nobody closed
LONGEST_LINE: Final = 1_000_000  # bytes; more is no line of a register
NOT_A_NAME: Final = re.compile(r"[\s\-.]+")
NOT_UTF_8: Final = "is not UTF-8; save the file as UTF-8"
STRAY: Final = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of a byte; no UTF-8 is read as one


class FileError(Exception):
    """The file as a whole cannot be used; `mistakes` are one line each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `number` is the file's line on which it begins."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be read; `column` "" is the row as a whole."""

    number: int
    reason: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file: its columns, how many rows it has, and where it is."""

    path: Path
    delimiter: str
    columns: tuple[str, ...]
    count: int

    def lines(self) -> Iterator[Line | Broken]:
        """The rows in order, read as they are asked for."""
        for number, cells in filled_rows(self.path, self.delimiter):
            yield fitted(number, cells, self.columns)


def read_sheet(path: Path, known: Sequence[str], needed: Sequence[str]) -> Sheet:
    """The file, seen through once. Raises FileError when it cannot be read, or its columns are not those known."""
    delimiter = delimiter_of(path)
    header = next(numbered_rows(path, delimiter), (1, []))[1]
    if any(map(STRAY.search, header)):
        raise FileError([f"{path}: line 1: {NOT_UTF_8}"])
    columns = tuple(column_name(cell) for cell in header)
    if mistakes := refuse_columns(columns, known, needed):
        raise FileError([f"{path}: line 1: {mistake}" for mistake in mistakes])
    return Sheet(path, delimiter, columns, sum(1 for _ in filled_rows(path, delimiter)))


def filled_rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """What stands below the header, without rows that are empty."""
    rows = numbered_rows(path, delimiter)
    next(rows, None)
    return ((number, cells) for number, cells in rows if any(cells))


def numbered_lines(path: Path) -> Iterator[str]:
    """The file's lines with their ends; a byte that is no UTF-8 is a STRAY. Raises FileError when it cannot be read."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), 1):
                yield line.decode("utf-8-sig" if number == 1 else "utf-8", "surrogateescape")
    except OSError as unread:
        raise FileError([f"{path}: cannot be read: {unread.strerror}"]) from unread


def delimiter_of(path: Path) -> str:
    """Whichever of the three the header has most of."""
    header = next(numbered_lines(path), "")
    return max(DELIMITERS, key=header.count)


def numbered_rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins; raises FileError where it is no CSV."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(numbered_lines(path), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            raise FileError([f"{path}: line {number}: is no CSV: {wrong}"]) from wrong
        yield number, [cell.strip() for cell in cells]


def column_name(cell: str) -> str:
    """`Birth date` is `birth_date`."""
    return NOT_A_NAME.sub("_", cell.strip().casefold())


def refuse_columns(columns: Sequence[str], known: Sequence[str], needed: Sequence[str]) -> list[str]:
    """What is wrong with the header, in words; a column that is not known is more often misspelt than meant."""
    if not any(columns):
        return [f"no columns; expected {', '.join(needed)} and others"]
    mistakes = [unknown_column(column, known) for column in columns if column not in known]
    mistakes += [f"column {column} stands twice" for column in dict.fromkeys(columns) if columns.count(column) > 1]
    mistakes += [f"no column {column}" for column in needed if column not in columns]
    return mistakes


def unknown_column(column: str, known: Sequence[str]) -> str:
    near = get_close_matches(column, known, n=1)
    return f"unknown column {column or '(without a name)'}" + (f"; {near[0]}?" if near else "")


def fitted(number: int, cells: list[str], columns: Sequence[str]) -> Line | Broken:
    """Empty cells beyond the header are a spreadsheet's habit; missing and surplus ones a mistake."""
    while len(cells) > len(columns) and not cells[-1]:
        cells.pop()
    if len(cells) != len(columns):
        return Broken(number, f"has {len(cells)} cells where the header has {len(columns)}")
    if garbled := [column for column, cell in zip(columns, cells, strict=True) if STRAY.search(cell)]:
        return Broken(number, NOT_UTF_8, ", ".join(garbled))
    return Line(number, dict(zip(columns, cells, strict=True)))
