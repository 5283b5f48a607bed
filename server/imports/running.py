"""An import from file to report: its rows go to the office in pieces, and what became of each is counted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from backend.numbers import compared
from server.imports.reading import Broken, Line, Sheet, read_sheet
from server.imports.taking import KINDS
from server.office.client import Office
from server.office.orders import MOST_ROWS, Import, RowTaken

Hand = Callable[[Sequence[Mapping[str, str]]], Sequence[RowTaken]]  # at most MOST_ROWS rows; one answer each, in order


@dataclass(frozen=True, slots=True)
class Refused:
    """A row of the file that was not taken; `column` "" is the row as a whole, `unit` what `line` counts."""

    line: int
    column: str
    reason: str
    unit: str = "line"

    def __str__(self) -> str:
        about = f"{self.column}: " if self.column else ""
        return f"{self.unit} {self.line}: {about}{self.reason}"


@dataclass(slots=True)
class Report:
    """What became of a file so far."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    refused: list[Refused] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Rows that have been dealt with."""
        return self.added + self.changed + self.same + len(self.refused)

    def count(self, line: int, taken: RowTaken, unit: str = "line") -> None:
        """What became of one row, by its place in the file: a line, or what `unit` says."""
        match taken.became:
            case "refused":
                self.refused.append(Refused(line, taken.column, taken.reason, unit))
            case "added":
                self.added += 1
            case "changed":
                self.changed += 1
            case "same":
                self.same += 1

    def summary(self) -> str:
        """One line for people."""
        return (
            f"{self.rows} rows: {self.added} added, {self.changed} changed, {self.same} as they were,"
            f" {len(self.refused)} refused"
        )


def import_file(office: Office, kind: str, path: Path, library: str) -> Iterator[Report]:
    """The growing report after each piece. Raises FileError before anything is written, OfficeError and StoreError."""
    return run(kind, path, lambda rows: office.ask(Import(kind=kind, rows=rows, library=library)))


def run(kind: str, path: Path, hand: Hand) -> Iterator[Report]:
    """The first report says how many rows there are, the last one all."""
    cells, key = KINDS[kind]
    needed = [name for name, column in cells.model_fields.items() if column.is_required()]
    sheet = read_sheet(path, tuple(cells.model_fields), needed)
    report = Report(rows=sheet.count)
    lines = once_each(sheet, key, report)
    yield report
    while piece := list(islice(lines, MOST_ROWS)):
        for line, taken in zip(piece, hand([line.cells for line in piece]), strict=True):
            report.count(line.number, taken)
        yield report
    report.refused.sort(key=lambda refused: refused.line)
    yield report


def once_each(sheet: Sheet, key: tuple[str, ...], report: Report) -> Iterator[Line]:
    """The rows that fit the header, each named thing once; the others go into the report."""
    seen: dict[str, int] = {}
    for line in sheet.lines():
        if isinstance(line, Broken):
            report.refused.append(Refused(line.number, line.column, line.reason))
            continue
        name = " ".join(compared(line.cells.get(column, "")) for column in key)
        if name in seen:
            report.refused.append(Refused(line.number, key[0], f"stands on line {seen[name]} already"))
            continue
        if name.strip():
            seen[name] = line.number
        yield line
