"""An import from file to report: rows are read, PINs hashed beside the writer, pieces written, refusals gathered."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import ValidationError

from backend.facts import Policies
from backend.model import BranchId, LibraryId
from backend.store.identifiers import IdentityHash, compared
from backend.store.intake import CHUNK, ItemIntake, PatronIntake, Result, RowRefused, Taken, take_some
from backend.store.intake_items import take_item
from backend.store.intake_patrons import take_patron
from backend.store.store import Store
from server.imports.cells import Cells
from server.imports.items import ItemCells
from server.imports.patrons import PatronCells
from server.imports.reading import Broken, Line, Sheet, read_sheet
from server.pins import hash_secret

HASHERS: Final = 2  # threads; a PIN's hash takes 12 ms and 19 MiB

C = TypeVar("C", bound=Cells)
R = TypeVar("R", PatronIntake, ItemIntake)
Write = Callable[[Sequence[R]], Sequence[Result]]  # one piece, at most CHUNK rows; raises StoreError


@dataclass(frozen=True, slots=True)
class Refused:
    """A row of the file that was not taken; `column` "" is the row as a whole."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.column}: {self.reason}" if self.column else f"line {self.line}: {self.reason}"


@dataclass(slots=True)
class Report:
    """What became of a file so far."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    refused: list[Refused] = field(default_factory=list)

    def count(self, line: int, result: Result) -> None:
        match result:
            case RowRefused(column, reason):
                self.refused.append(Refused(line, column, reason))
            case Taken.ADDED:
                self.added += 1
            case Taken.CHANGED:
                self.changed += 1
            case Taken.SAME:
                self.same += 1

    @property
    def refused_rows(self) -> int:
        return len({refused.line for refused in self.refused})

    def summary(self) -> str:
        return (
            f"{self.rows} rows: {self.added} added, {self.changed} changed, {self.same} as they were,"
            f" {self.refused_rows} refused"
        )


@dataclass(frozen=True, slots=True)
class Kind(Generic[C, R]):
    """What can be imported: how a row is read, what names it, and what is made of it."""

    cells: type[C]
    key: str  # column
    make: Callable[[C], R]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.cells.model_fields)

    @property
    def needed(self) -> tuple[str, ...]:
        return tuple(name for name, column in self.cells.model_fields.items() if column.is_required())


@dataclass(frozen=True, slots=True)
class Places:
    """What rows are checked against: the policies in force at `now`."""

    policies: Policies
    now: datetime

    def library_of(self, branch: BranchId) -> LibraryId:
        """Raises KeyError."""
        return self.policies.library_of(branch)

    def currency_of(self, library: LibraryId) -> str:
        """Raises KeyError."""
        return self.policies.of(library, self.now).currency


def patrons_kind(places: Places, identity: IdentityHash) -> Kind[PatronCells, PatronIntake]:
    """A PIN's salt is the patron's own and always the same, so that the same file gives the same tables."""

    def hash_pin(whose: str, pin: str) -> str:
        return hash_secret(pin, bytes.fromhex(identity.of(f"salt {compared(whose)}").removeprefix("hmac:"))[:16])

    return Kind(PatronCells, "card", lambda cells: cells.intake(places.library_of, hash_pin))


def items_kind(places: Places) -> Kind[ItemCells, ItemIntake]:
    return Kind(ItemCells, "barcode", lambda cells: cells.intake(places.library_of, places.currency_of))


def import_patrons(store: Store, path: Path, places: Places, identity: IdentityHash) -> Iterator[Report]:
    """The growing report after each piece. Raises FileError before anything is written, and StoreError."""
    return run(path, patrons_kind(places, identity), lambda rows: take_some(store, rows, take_patron, places.now))


def import_items(store: Store, path: Path, places: Places) -> Iterator[Report]:
    """The growing report after each piece. Raises FileError before anything is written, and StoreError."""
    return run(path, items_kind(places), lambda rows: take_some(store, rows, take_item, places.now))


def run(path: Path, kind: Kind[C, R], write: Write[R]) -> Iterator[Report]:
    """The first report says how many rows there are, the last one all."""
    sheet = read_sheet(path, kind.columns, kind.needed)
    report = Report(rows=len(sheet.lines))
    yield report
    with ThreadPoolExecutor(HASHERS) as pool:
        for piece in pieces(good_lines(sheet, kind, report)):
            made = list(pool.map(lambda row: made_of(row[1], kind), piece))
            wanted = [
                (line, row) for (line, _), row in zip(piece, made, strict=True) if not isinstance(row, RowRefused)
            ]
            for (line, _), row in zip(piece, made, strict=True):
                if isinstance(row, RowRefused):
                    report.count(line, row)
            for (line, _), result in zip(wanted, write([row for _, row in wanted]), strict=True):
                report.count(line, result)
            yield report
    report.refused.sort(key=lambda refused: refused.line)


def pieces(rows: Iterable[tuple[int, C]]) -> Iterator[list[tuple[int, C]]]:
    waiting = iter(rows)
    while piece := list(islice(waiting, CHUNK)):
        yield piece


def good_lines(sheet: Sheet, kind: Kind[C, R], report: Report) -> Iterator[tuple[int, C]]:
    """The rows that can be read, each number once; the others go into the report."""
    seen: dict[str, int] = {}
    for line in sheet.lines:
        cells = read_cells(line, kind)
        if isinstance(cells, list):
            report.refused.extend(cells)
            continue
        name = compared(getattr(cells, kind.key))
        if name in seen:
            report.refused.append(Refused(line.number, kind.key, f"stands on line {seen[name]} already"))
            continue
        seen[name] = line.number
        yield line.number, cells


def read_cells(line: Line | Broken, kind: Kind[C, R]) -> C | list[Refused]:
    """The row's values, or everything that is wrong with them."""
    if isinstance(line, Broken):
        return [Refused(line.number, "", line.reason)]
    try:
        return kind.cells.model_validate(dict(line.cells))
    except ValidationError as wrong:
        return [
            Refused(line.number, str(error["loc"][0]), worded(error["type"], error["msg"])) for error in wrong.errors()
        ]


def worded(kind: str, message: str) -> str:
    """What is wrong with a cell, in a librarian's words."""
    if kind == "string_too_short":
        return "must not be empty"
    return message.removeprefix("Value error, ").removeprefix("Input should be ").removeprefix("String should ")


def made_of(cells: C, kind: Kind[C, R]) -> R | RowRefused:
    try:
        return kind.make(cells)
    except KeyError as unknown:
        return RowRefused(
            "owner" if getattr(cells, "owner", "") in unknown.args else "home_branch",
            f"no such place: {unknown.args[0]}",
        )
