"""`skranke policy rehearse`: what a changed policy would have made of the loans and patrons on record."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer

from backend.model import LibraryId
from backend.money import Money
from backend.policy.checking import files_in
from backend.policy.loader import PolicySet, load_files
from backend.policy.model import Policy
from backend.rehearsal.differences import Difference
from backend.rehearsal.run import Rehearsal, Summary
from backend.store.jobs import announced
from backend.store.kept import kept
from backend.store.replaying import accounts, past_loans
from backend.store.session import Session
from server.commands.days import a_day
from server.commands.printing import AsCsv, AsJson, as_csv, as_json, show_table
from server.commands.records import records_at
from server.commands.where import ConfigFile, DataDirectory
from server.explaining import NOON
from server.rulebook import refuse_strange_money

HEADS = tuple(field.name for field in fields(Difference))
SHOWN = ("kind", "about", "lent", "barcode", "patron", "old", "old_row", "new", "new_row")


def rehearse(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The policy file as it is, or a folder of them.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The changed file or folder.")],
    library: Annotated[str, typer.Option(help="Only this library of those in both.")] = "",
    day: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="As of that noon; by default now.")] = None,
    config: ConfigFile = None,
    data: DataDirectory = None,
    csv: AsCsv = False,
    json: AsJson = False,
) -> None:
    """Tell every loan on record again, under both policies, and list each due date, fee and block that differs.

    Of several versions of one library the newest counts, as if it had always been in force. Nothing is changed.
    """
    pairs = in_both(load_files(files_in([old])), load_files(files_in([new])), library)
    with records_at(config, data) as records:
        refuse_strange_money(kept(records.session), (policy for pair in pairs for policy in pair))
        found = [rehearsed(records.session, *pair, day) for pair in pairs]
    differences = [difference for _, listed in found for difference in listed]
    if csv:
        typer.echo(as_csv(HEADS, ([getattr(one, head) for head in HEADS] for one in differences)))
    elif json:
        typer.echo(as_json({"summaries": [summary for summary, _ in found], "differences": differences}))
    else:
        show(differences, [summary for summary, _ in found])


def in_both(old: PolicySet, new: PolicySet, named: str) -> list[tuple[Policy, Policy]]:
    """The newest versions of each library. Raises BadParameter when there is no library to compare."""
    shared = [library for library in old.libraries if library in new.libraries and named in ("", library)]
    if not shared:
        raise typer.BadParameter(f"OLD and NEW have not both {named or 'a policy of one library'}")
    return [(old.libraries[each].versions[-1], new.libraries[each].versions[-1]) for each in shared]


def rehearsed(session: Session, old: Policy, new: Policy, day: str | None) -> tuple[Summary, list[Difference]]:
    """One library; announced closures count for both."""
    from server.cli import SystemClock  # the clock's one owner

    closed, library = announced(session), LibraryId(old.library.id)
    on = a_day(day)
    now = old.time.at(on, NOON) if on else SystemClock().now()
    rehearsal = Rehearsal(old.closing(closed), new.closing(closed), now)
    listed = [
        *rehearsal.of_loans(past_loans(session, library)),
        *rehearsal.of_patrons(accounts(session, library)),
    ]
    return rehearsal.summary, listed


def show(differences: list[Difference], summaries: list[Summary]) -> None:
    """The list, then the sums of each library."""
    if differences:
        show_table("What would differ", SHOWN, ([getattr(one, head) for head in SHOWN] for one in differences))
    for summary in summaries:
        for line in lines_of(summary):
            typer.echo(line)


def lines_of(summary: Summary) -> Iterator[str]:
    """In words."""
    told = f"{summary.loans} loans, {summary.open} of them open, {summary.patrons} patrons"
    yield f"{summary.library}: policy {summary.old} against {summary.new}; {told}"
    if summary.untold:
        yield f"  {summary.untold} loans keep their due date: not every renewal of them is on record"
    if summary.forgotten:
        yield f"  {summary.forgotten} loans hang on who the patron was, who is forgotten: what is not known is left out"
    kinds = ", ".join(f"{kind} {number}" for kind, number in summary.differences.items())
    yield f"  differences: {kinds or 'none'}; due earlier {summary.earlier}, later {summary.later}"
    for kind, before in summary.old_fees.items():
        after = summary.new_fees.get(kind, 0)
        if before or after:
            old, new = (Money(minor, summary.currency).text() for minor in (before, after))
            yield f"  {kind} fees: {old} -> {new} {summary.currency}"
