"""`skranke staff`: what people do at the desk, as the same commands that machines use, and journalled like them.

Prints what came of it in words; exit status 1 when it was refused.
"""

import getpass
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.model import FeeKind, Operation
from server.commands.days import a_day
from server.commands.secret import read_secret
from server.commands.where import ConfigFile, DataDirectory, office_at
from server.office.orders import DoWork, JournalLine, NotesDone, ReadJournal, ReadNotes
from server.pins import hash_secret

app = typer.Typer(no_args_is_help=True, help="Staff's work: blocks, fees, cards, PINs, and why a machine said no.")

Patron = Annotated[str, typer.Argument(metavar="PATRON", help="Any number of the patron.")]
Note = Annotated[str, typer.Option(help="Kept with it, for colleagues.")]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where and as whom somebody works: the options of every command here."""

    config: Path | None
    data: Path | None
    library: str
    who: str
    dry_run: bool
    language: str

    def do(self, command: str, **args: Any) -> None:
        """One command, and what came of it in words. Exits with 1 on a refusal."""
        order = DoWork(
            command=command,
            args=args,
            who=self.who,
            library=self.library,
            language=self.language,
            dry_run=self.dry_run,
        )
        with office_at(self.config, self.data) as office:
            done = office.ask(order)
        verdict = "" if done.granted else "refused: "
        rehearsed = "(dry run) " if done.dry_run else ""
        for line in done.words:
            typer.echo(f"{rehearsed}{verdict}{line}")
        if not done.granted:
            raise typer.Exit(1)


OPTIONS: Mapping[str, tuple[Any, Any]] = {
    "library": (Annotated[str, typer.Option(help="The library's id; needed where there are several.")], ""),
    "who": (Annotated[str, typer.Option(help="Who asks, for the journal.")], ""),
    "dry_run": (Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")], False),
    "language": (Annotated[str, typer.Option(help="Of reasons: en, nb, nn or sv.")], "en"),
    "config": (ConfigFile, None),
    "data": (DataDirectory, None),
}


def at_the_desk(work: Callable[..., None]) -> Callable[..., None]:
    """A command whose first parameter is the Desk: on the command line it has the desk's options instead."""
    own = list(signature(work).parameters.values())[1:]

    def run(**said: Any) -> None:
        options = {name: said.pop(name) for name in OPTIONS}
        options["who"] = options["who"] or getpass.getuser()
        work(Desk(**options), **said)

    shared = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in OPTIONS.items()
    ]
    parameters = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in own] + shared
    vars(run)["__signature__"] = signature(run).replace(parameters=parameters)
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    run.__doc__, run.__name__ = work.__doc__, work.__name__
    return run


@app.command()
@at_the_desk
def block(
    desk: Desk,
    patron: Patron,
    note: Annotated[str, typer.Option(help="Why, for colleagues.")],
    stops: Annotated[
        list[Operation] | None,
        typer.Option(help="What it stops, once or more. By default loans, renewals and holds."),
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The last day of it.")] = None,
) -> None:
    """Stop a patron."""
    last = a_day(until)
    named = sorted(stop.value for stop in stops or [])
    desk.do("BlockPatron", patron=patron, note=note, stops=named, until=last and last.isoformat())


@app.command()
@at_the_desk
def unblock(desk: Desk, patron: Patron, note: Note = "") -> None:
    """Lift every block that staff set, and a card's report as lost."""
    desk.do("UnblockPatron", patron=patron, note=note)


@app.command()
@at_the_desk
def show(desk: Desk, patron: Patron) -> None:
    """What stops a patron, fees with their numbers, loans, holds."""
    desk.do("LookUpPatron", patron=patron)


@app.command()
@at_the_desk
def charge(
    desk: Desk,
    patron: Patron,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="Such as 75.00, in the library's currency.")],
    kind: Annotated[FeeKind, typer.Option(help="What for.")] = FeeKind.MISC,
    item: Annotated[str | None, typer.Option(help="Barcode of the item it is about.")] = None,
    note: Note = "",
) -> None:
    """Post a fee by hand."""
    desk.do("ChargePatron", patron=patron, amount=amount, kind=kind.value, item=item, note=note)


@app.command()
@at_the_desk
def pay(
    desk: Desk,
    patron: Patron,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="Such as 75.00, in the library's currency.")],
    fee: Annotated[str | None, typer.Option(help="The fee's number; by default the oldest first.")] = None,
    method: Annotated[str, typer.Option(help="SIP2 payment type: 00 cash, 01 VISA, 02 credit card.")] = "00",
    transaction: Annotated[str | None, typer.Option(help="Receipt number; the same one is never booked twice.")] = None,
) -> None:
    """Book money that was taken."""
    desk.do("PayFee", patron=patron, amount=amount, fee=fee, method=method, transaction=transaction)


@app.command()
@at_the_desk
def waive(
    desk: Desk,
    patron: Patron,
    fee: Annotated[str, typer.Argument(metavar="FEE", help="The fee's number.")],
    amount: Annotated[str | None, typer.Option(help="Only this much of it, such as 20.00.")] = None,
    note: Note = "",
) -> None:
    """Let a fee go, whole or in part."""
    desk.do("WaiveFee", patron=patron, fee=fee, amount=amount, note=note)


@app.command("replace-card")
@at_the_desk
def replace_card(
    desk: Desk,
    patron: Patron,
    new_card: Annotated[str, typer.Argument(metavar="NEW-CARD")],
    free: Annotated[bool, typer.Option("--free", help="Without the fee for a new card.")] = False,
    old_is_found: Annotated[bool, typer.Option("--keep-old", help="The old card stays good.")] = False,
) -> None:
    """Give a new card; the old one is refused as lost from now on."""
    desk.do("ReplaceCard", patron=patron, new_card=new_card, free=free, old_is_lost=not old_is_found)


@app.command("link-card")
@at_the_desk
def link_card(desk: Desk, patron: Patron) -> None:
    """Make the holder of a national card a patron of this library."""
    desk.do("LinkCard", patron=patron)


@app.command("reset-pin")
@at_the_desk
def reset_pin(
    desk: Desk, patron: Patron, remove: Annotated[bool, typer.Option("--remove", help="No PIN any more.")] = False
) -> None:
    """Give a new PIN, which is asked for or read from standard input."""
    pin_hash = None if remove else hash_secret(read_secret("PIN"))
    desk.do("ResetPin", patron=patron, pin_hash=pin_hash)


@app.command()
@at_the_desk
def notes(
    desk: Desk,
    done: Annotated[list[int] | None, typer.Option(help="This entry is dealt with; may be said again.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Entries at most.")] = 100,
) -> None:
    """Staff's list: what machines did off line against the rules, fees nobody set, claims."""
    with office_at(desk.config, desk.data) as office:
        if done:
            changed = office.ask(NotesDone(notes=done, who=desk.who, library=desk.library))
            typer.echo("\n".join(changed.words))
            return
        lines = office.ask(ReadNotes(library=desk.library, limit=limit, language=desk.language))
    for line in lines:
        note = line.note
        about = " ".join(part for part in (note.card, note.barcode, note.title, note.text) if part)
        typer.echo(f"{note.id:>6}  {note.at:%Y-%m-%d %H:%M}Z  {line.words}  {about}".rstrip())
    if not lines:
        typer.echo("nothing waits for staff")


@app.command()
@at_the_desk
def why(
    desk: Desk,
    terminal: Annotated[str | None, typer.Option(help="A terminal's account, or staff:NAME.")] = None,
    item: Annotated[str | None, typer.Option(help="A barcode.")] = None,
    patron: Annotated[str | None, typer.Option(help="Any number of a patron.")] = None,
    granted: Annotated[bool, typer.Option("--all", help="What was granted, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Rows at most.")] = 20,
) -> None:
    """Why a machine said no: the deciding rows of the journal, newest first."""
    order = ReadJournal(
        library=desk.library,
        account=terminal,
        item=item,
        patron=patron,
        refused_only=not granted,
        limit=limit,
        language=desk.language,
    )
    with office_at(desk.config, desk.data) as office:
        rows = office.ask(order)
    for row in rows:
        typer.echo(in_one_line(row))
    if not rows:
        typer.echo("the journal has no such row")


def in_one_line(row: JournalLine) -> str:
    """When, who, what, the verdict with its reasons, and the row of the policy that decided."""
    verdict = row.answer if row.granted else f"refused {row.reason}"
    words = "; ".join(row.why)
    rule = " ".join(part for part in (row.policy_row and f"row {row.policy_row}", f"policy {row.policy}") if part)
    said = f"{row.id:>8}  {row.at:%Y-%m-%d %H:%M:%S}Z  {row.account}  {row.command}  {verdict}"
    return f"{said}: {words}  ({rule})" if words else f"{said}  ({rule})"
