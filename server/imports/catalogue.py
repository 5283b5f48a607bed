"""A catalogue from file to report: each record's title, then the copies that stand in it, each once in a file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from backend.numbers import compared
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


@dataclass(slots=True)
class Seen:
    """What the file said so far: by record number, and by barcode, the first record that had it; of titles a hash."""

    titles: dict[str, tuple[int, int]] = field(default_factory=dict)
    barcodes: dict[str, int] = field(default_factory=dict)

    def other_title(self, number: int, title: Row) -> Refused | None:
        """A record number that comes again must mean the same title: long lists of copies fill several records."""
        name = compared(title.get("record", ""))
        words = hash(frozenset(title.items()))
        first, known = self.titles.setdefault(name, (number, words)) if name else (number, words)
        if known == words:
            return None
        return Refused(number, "record", f"stands in record {first} already, and says something else there", UNIT)

    def elsewhere(self, number: int, copy: Row) -> Refused | None:
        """A copy belongs to one record."""
        first = self.barcodes.setdefault(compared(copy["barcode"]), number)
        return None if first == number else Refused(number, "barcode", f"stands in record {first} already", UNIT)


def import_catalogue(office: Office, path: Path, library: str, reading: Reading) -> Iterator[Report]:
    """The growing report. Raises FileError before anything is written, OfficeError and StoreError."""
    report = Report(rows=count_records(path))
    yield report
    seen = Seen()
    records = records_of(path, reading.encoding)
    while some := list(islice(records, MOST_ROWS)):
        report.refused += [Refused(one.number, "", one.reason, UNIT) for one in some if isinstance(one, Broken)]
        titles: list[RowOf] = []
        copies: list[RowOf] = []
        for one in some:
            if isinstance(one, Numbered):
                sort_out(one, reading, seen, titles, copies, report)
        hand(office, "titles", library, titles, report)
        hand(office, "items", library, copies, report)
        yield report
    report.refused.sort(key=lambda refused: refused.line)
    yield report


def sort_out(
    one: Numbered, reading: Reading, seen: Seen, titles: list[RowOf], copies: list[RowOf], report: Report
) -> None:
    """A record's rows onto the lists; what was said of them before in the file, and otherwise, into the report."""
    title = title_row(one.record)
    if refused := seen.other_title(one.number, title):
        report.refused.append(refused)
        return
    titles.append((one.number, title))
    for copy in joined(copy_rows(one.record, title, reading.copies, reading.branches)):
        report.rows += 1
        if refused := seen.elsewhere(one.number, copy):
            report.refused.append(refused)
        else:
            copies.append((one.number, copy))


def joined(copies: Iterable[Row]) -> Iterable[Row]:
    """A copy that one record names in two fields, say in 852 and in 952, once: what the later field says counts."""
    by_barcode: dict[str, Row] = {}
    for copy in copies:
        barcode = compared(copy["barcode"])
        by_barcode[barcode] = {**by_barcode.get(barcode, {}), **copy}
    return by_barcode.values()


def hand(office: Office, kind: str, library: str, rows: Sequence[RowOf], report: Report) -> None:
    """Rows of a kind, at most so many at a time."""
    waiting = iter(rows)
    while some := list(islice(waiting, MOST_ROWS)):
        taken = office.ask(Import(kind=kind, rows=[row for _, row in some], library=library))
        for (number, _), one in zip(some, taken, strict=True):
            report.count(number, one, UNIT)
