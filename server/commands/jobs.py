"""`skranke jobs`: the daily work by hand; a running daemon does it, otherwise this command does."""

from datetime import date
from typing import Annotated

import typer

from server.commands.where import ConfigFile, DataDirectory, office_at
from server.office.orders import RunJobs

app = typer.Typer(no_args_is_help=True, help="Daily work: notices, hold expiry, billing, privacy.")


@app.callback()
def jobs() -> None:
    """Daily work: notices, hold expiry, billing, privacy."""


@app.command()
def run(
    day: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="The day whose work is done.")],
    library: Annotated[str, typer.Option(help="The library's id; all of them by default.")] = "",
    config: ConfigFile = None,
    data: DataDirectory = None,
) -> None:
    """Do the work of a day. What is done already is not done again."""
    try:
        wanted = date.fromisoformat(day)
    except ValueError as why:
        raise typer.BadParameter(f"a day such as 2026-02-12 expected: {why}") from why
    with office_at(config, data) as office:
        for line in office.ask(RunJobs(day=wanted, library=library)).words:
            typer.echo(line)
