"""`skranke staff`, continued: items that do not come back, invoices, days on which a branch is closed."""

from datetime import date, timedelta
from typing import Annotated

import typer

from server.commands.days import a_day
from server.commands.staff import Desk, Note, Patron, at_the_desk
from server.commands.where import office_at
from server.office.orders import CloseBranch

Item = Annotated[str, typer.Argument(metavar="ITEM", help="Barcode.")]


@at_the_desk
def lost(desk: Desk, item: Item, note: Note = "") -> None:
    """An item will not come back: its borrower is billed."""
    desk.do("ReportLost", item=item, note=note)


@at_the_desk
def damaged(
    desk: Desk,
    item: Item,
    patron: Annotated[str | None, typer.Option(help="Who spoiled it, if not the last borrower.")] = None,
    note: Note = "",
) -> None:
    """An item came back spoiled: it is set aside and charged."""
    desk.do("ReportDamaged", item=item, patron=patron, note=note)


@at_the_desk
def claim(desk: Desk, item: Item) -> None:
    """The borrower is sure to have returned it: reminders wait."""
    desk.do("ClaimReturned", item=item)


@at_the_desk
def withdraw_claim(desk: Desk, item: Item) -> None:
    """It was not returned after all: reminders go on."""
    desk.do("WithdrawClaim", item=item)


@at_the_desk
def found(desk: Desk, item: Item) -> None:
    """A lost, missing or damaged item is there again."""
    desk.do("Found", item=item)


@at_the_desk
def invoice(desk: Desk, patron: Patron) -> None:
    """Put all fees that stand on no invoice on a new one."""
    desk.do("IssueInvoice", patron=patron)


@at_the_desk
def close_days(
    desk: Desk,
    branch: Annotated[str, typer.Argument(metavar="BRANCH", help="The branch's id.")],
    first: Annotated[str, typer.Argument(metavar="FIRST", help="First closed day, as 2026-03-16.")],
    last: Annotated[str | None, typer.Option(help="Last closed day; the first alone by default.")] = None,
    note: Note = "",
) -> None:
    """Close a branch on days on which it would be open; due dates and pickup days move forward.

    A day that has passed is refused: what happened on it stands.
    """
    begin, end = date.fromisoformat(str(a_day(first))), a_day(last)
    days = [begin + timedelta(days=n) for n in range(((end or begin) - begin).days + 1)]
    if not days:
        raise typer.BadParameter("the last day is before the first")
    order = CloseBranch(
        branch=branch,
        days=days,
        who=desk.who,
        library=desk.library,
        note=note,
        language=desk.language,
        dry_run=desk.dry_run,
    )
    with office_at(desk.config, desk.data) as office:
        for line in office.ask(order).words:
            typer.echo(f"(dry run) {line}" if desk.dry_run else line)


NAMES = {
    "lost": lost,
    "damaged": damaged,
    "claim-returned": claim,
    "withdraw-claim": withdraw_claim,
    "found": found,
    "invoice": invoice,
    "close-days": close_days,
}


def add_to(app: typer.Typer) -> None:
    """The commands under their names."""
    for name, work in NAMES.items():
        app.command(name)(work)
