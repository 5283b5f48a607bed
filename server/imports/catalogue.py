"""A catalogue from file to report: each record's title, then the copies that stand in it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from server.imports.marc_fields import COPIES, Copies, Row, copy_rows, title_row
from server.imports.marc_file import Numbered, count_records, records_of
from server.imports.reading import Broken
from server.imports.running import Refused, Report
from server.office.client import Office
from server.office.orders import MOST_ROWS, Import

UNIT = "record"  # what a number in the report counts
RowOf = tuple[int, Row]  # of the record with this number


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a catalogue writes things; `branches` maps its codes, in lower case, to ids of ours."""

    encoding: str | None = None
    copies: Sequence[Copies] = COPIES
    branches: Mapping[str, str] = field(default_factory=dict)


def import_catalogue(office: Office, path: Path, library: str, reading: Reading) -> Iterator[Report]:
    """The growing report. Raises FileError before anything is written, OfficeError and StoreError."""
    report = Report(rows=count_records(path))
    yield report
    records = records_of(path, reading.encoding)
    while some := list(islice(records, MOST_ROWS)):
        read = [one for one in some if isinstance(one, Numbered)]
        report.refused += [Refused(one.number, "", one.reason, UNIT) for one in some if isinstance(one, Broken)]
        titles = [(one.number, title_row(one.record)) for one in read]
        hand(office, "titles", library, titles, report)
        copies = [
            (one.number, row)
            for one, (_, title) in zip(read, titles, strict=True)
            for row in copy_rows(one.record, title, reading.copies, reading.branches)
        ]
        report.rows += len(copies)
        hand(office, "items", library, copies, report)
        yield report
    report.refused.sort(key=lambda refused: refused.line)
    yield report


def hand(office: Office, kind: str, library: str, rows: Sequence[RowOf], report: Report) -> None:
    """Rows of a kind, at most so many at a time."""
    waiting = iter(rows)
    while some := list(islice(waiting, MOST_ROWS)):
        taken = office.ask(Import(kind=kind, rows=[row for _, row in some], library=library))
        for (number, _), one in zip(some, taken, strict=True):
            report.count(number, one, UNIT)
