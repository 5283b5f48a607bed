"""`skranke report`: what was lent, to whom, which titles most, and what libraries lent one another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Annotated, Any

import typer

from backend.model import LibraryId
from backend.policy.shelf import PolicyShelf
from backend.store.session import Session
from backend.store.statistics import (
    BetweenLibraries,
    LentTitle,
    LoansOfMonth,
    Span,
    between_libraries,
    loans_by_month,
    months_until,
    most_lent,
)
from server.commands.days import a_day
from server.commands.printing import AsCsv, AsJson, as_csv, as_json, show_table
from server.commands.records import records_at
from server.commands.where import ConfigFile, DataDirectory

YEAR = 12  # months
HALF_A_YEAR = 6  # months
Line = LoansOfMonth | LentTitle | BetweenLibraries


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`months` is how many, or None for what is usual of the kind."""

    libraries: Sequence[LibraryId]
    last: date | None
    months: int | None
    most: int


@dataclass(frozen=True)
class Kind:
    """One kind of figures: its title, and the lines of one library."""

    title: str
    line: type[Line]
    usual: int  # months
    lines: Callable[[Session, Span, int], Sequence[Line]]  # at most so many, of what is ranked

    @property
    def heads(self) -> list[str]:
        return [field.name for field in fields(self.line)]


def by_month(session: Session, span: Span, _: int) -> Sequence[Line]:
    """Every month of the span."""
    return loans_by_month(session, span)


def between(session: Session, span: Span, _: int) -> Sequence[Line]:
    """Every month of the span."""
    return between_libraries(session, span)


KINDS: Mapping[str, Kind] = {
    "loans": Kind("Loans by month, to children (below 15 years) and adults", LoansOfMonth, YEAR, by_month),
    "titles": Kind("Most lent titles", LentTitle, HALF_A_YEAR, most_lent),
    "interlibrary": Kind("Interlibrary loans", BetweenLibraries, YEAR, between),
}


def report(
    kinds: Annotated[list[str] | None, typer.Argument(metavar="[KIND...]", help=f"{', '.join(KINDS)}.")] = None,
    library: Annotated[list[str] | None, typer.Option(help="Only this library; may be said again.")] = None,
    until: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="A day of the last month; by default today.")
    ] = None,
    months: Annotated[
        int | None, typer.Option(min=1, max=120, help="How many; by default twelve, six of most lent titles.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, max=1000, help="How many titles of each library.")] = 20,
    config: ConfigFile = None,
    data: DataDirectory = None,
    csv: AsCsv = False,
    json: AsJson = False,
) -> None:
    """Figures of all kinds, or of those that are named. Months are whole; the last one may not be over yet."""
    chosen = {name: kind_named(name) for name in kinds or KINDS}
    if csv and len(chosen) != 1:
        raise typer.BadParameter(f"--csv is of one kind: {', '.join(KINDS)}")
    with records_at(config, data) as records:
        wanted = Wanted(
            libraries=libraries_of(records.shelf, library or []), last=a_day(until), months=months, most=top
        )
        found = {name: figures(records.session, records.shelf, kind, wanted) for name, kind in chosen.items()}
    if json:
        typer.echo(as_json(found))
        return
    for name, lines in found.items():
        show(chosen[name], lines, csv)


def kind_named(name: str) -> Kind:
    """Raises BadParameter."""
    if name not in KINDS:
        raise typer.BadParameter(f"there are figures of {', '.join(KINDS)}, not of {name}")
    return KINDS[name]


def libraries_of(shelf: PolicyShelf, named: Sequence[str]) -> Sequence[LibraryId]:
    """Those that are named, or all. Raises BadParameter."""
    known = shelf.libraries()
    strange = [name for name in named if name not in known]
    if strange:
        raise typer.BadParameter(f"there is no library {strange[0]}; there are {', '.join(known)}")
    return [LibraryId(name) for name in named] or known


def figures(session: Session, shelf: PolicyShelf, kind: Kind, wanted: Wanted) -> list[Line]:
    """Of each library in turn, in its own months."""
    from server.cli import SystemClock  # the clock's one owner

    now, found = SystemClock().now(), list[Line]()
    for library in wanted.libraries:
        time = shelf.of(library, now).time
        months = months_until(wanted.last or time.today(now), wanted.months or kind.usual)
        found += kind.lines(session, Span(library, time, months), wanted.most)
    return found


def show(kind: Kind, lines: Sequence[Line], csv: bool) -> None:
    """A table; libraries without any loan are left out of it, not out of CSV and JSON."""
    rows = [list(asdict(line).values()) for line in lines]
    if csv:
        typer.echo(as_csv(kind.heads, rows))
        return
    busy = {line.library for line in lines if any(amounts(line))}
    told = [row for row, line in zip(rows, lines, strict=True) if line.library in busy]
    show_table(kind.title, kind.heads, told) if told else typer.echo(f"{kind.title}: none")


def amounts(line: Line) -> list[Any]:
    """Its numbers."""
    return [value for value in asdict(line).values() if isinstance(value, int)]
