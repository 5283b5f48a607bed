"""`skranke staff`, continued: two records of one person, consent and agreements, the day's invoices."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from backend.people_commands import Agreement
from backend.store.invoiced import InvoiceLine
from server.commands.days import a_day
from server.commands.printing import as_csv
from server.commands.staff import Desk, Patron, at_the_desk
from server.commands.where import office_at
from server.office.orders import ReadInvoices

Withdrawn = Annotated[bool, typer.Option("--withdraw", help="It holds no more.")]
COLUMNS: Final = (
    "kid",
    "issued",
    "card",
    "addressed_to",
    "address",
    "kind",
    "title",
    "barcode",
    "amount",
    "owed",
    "total",
    "currency",
)


@at_the_desk
def merge(
    desk: Desk,
    patron: Patron,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Any number of the record that goes into it.")],
) -> None:
    """Two records are one person: loans, holds, fees, blocks, numbers and history of OTHER become PATRON's."""
    desk.do("MergePatrons", patron=patron, other=other)


@at_the_desk
def consent(
    desk: Desk,
    patron: Patron,
    guardian: Annotated[str | None, typer.Option(help="Any number of who signed, if that is a patron.")] = None,
    withdraw: Withdrawn = False,
) -> None:
    """A guardian has signed for a minor."""
    desk.do("RecordConsent", patron=patron, other=guardian, given=not withdraw)


@at_the_desk
def agreement(
    desk: Desk,
    patron: Patron,
    what: Annotated[Agreement, typer.Argument(help="The lending rules, or use of the library without staff.")],
    withdraw: Withdrawn = False,
) -> None:
    """The patron has signed."""
    desk.do("RecordAgreement", patron=patron, what=what.value, given=not withdraw)


@at_the_desk
def export_invoices(
    desk: Desk,
    day: Annotated[str, typer.Argument(metavar="DAY", help="On which they were issued, as 2026-03-16.")],
    to: Annotated[Path | None, typer.Option(metavar="FILE.csv", help="Else they are printed.")] = None,
) -> None:
    """The invoices of a day for the accounts office: CSV, one line a charge, with KID and address."""
    order = ReadInvoices(
        day=date.fromisoformat(str(a_day(day))), who=desk.who, library=desk.library, dry_run=desk.dry_run
    )
    with office_at(desk.config, desk.data) as office:
        lines = office.ask(order)
    number = len({line.kid for line in lines})
    if desk.dry_run:
        typer.echo(f"(dry run) {number} invoices with {len(lines)} lines")
    elif to is None:
        typer.echo(sheet(lines))
    else:
        write_private(to, sheet(lines) + "\n")
        typer.echo(f"{to}: {number} invoices with {len(lines)} lines")


def sheet(lines: Sequence[InvoiceLine]) -> str:
    """CSV with a header, even when nothing was invoiced."""
    return as_csv(COLUMNS, map(cells, lines))


def cells(line: InvoiceLine) -> Sequence[str]:
    """In the order of COLUMNS."""
    amounts = (line.amount.text(), line.owed.text(), line.total.text(), line.total.currency)
    person = (line.patron_card, line.addressed_to, line.address)
    about = (line.kind, line.title, line.barcode)
    return (line.kid, f"{line.issued:%Y-%m-%d}", *person, *about, *amounts)


def write_private(path: Path, text: str) -> None:
    """A new file that only its owner may read. Raises BadParameter when it cannot be written, or is there already."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as why:
        raise typer.BadParameter(f"{path}: {why.strerror}") from why
    with os.fdopen(file, "w", encoding="utf-8", newline="") as out:
        out.write(text)


NAMES = {"merge": merge, "consent": consent, "agreement": agreement, "export-invoices": export_invoices}


def add_to(app: typer.Typer) -> None:
    """The commands under their names."""
    for name, work in NAMES.items():
        app.command(name)(work)
