"""`skranke ncip agencies`: partner systems, those of the configuration file and those that were imported."""

from pathlib import Path
from typing import Annotated

import typer

from server.commands.where import ConfigFile, DataDirectory, office_at
from server.office.orders import Changed, ListPartners, Order, PartnerLine, RemovePartner, SetPartnerDisabled

app = typer.Typer(no_args_is_help=True, help="Partner systems: who may call, and where each can be changed.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="As `skranke ncip agencies list` prints it.")]


@app.command("list")
def show(config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Every partner: its agency ids, whom it may call, how it proves who it is, where it can be changed."""
    with office_at(config, data) as office:
        lines = office.ask(ListPartners())
    for line in lines:
        typer.echo(in_one_line(line))
    if not lines:
        typer.echo("there are no partners yet: skranke import agencies")


def in_one_line(line: PartnerLine) -> str:
    called, libraries = " ".join(line.ids), " ".join(line.libraries)
    proof = "+".join(line.proves) or "nothing"
    return f"{line.name}  {called}  {libraries}  {line.profile}  by {proof}  in the {line.kept_in}: {line.state}"


@app.command()
def disable(name: Name, config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Make a stranger of a partner, from its next message on."""
    tell(SetPartnerDisabled(name=name), config, data)


@app.command()
def enable(name: Name, config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Know a partner again."""
    tell(SetPartnerDisabled(name=name, disabled=False), config, data)


@app.command()
def remove(name: Name, config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Forget a partner with its secrets; what it did stays on record."""
    tell(RemovePartner(name=name), config, data)


def tell(order: Order[Changed], config: Path | None, data: Path | None) -> None:
    with office_at(config, data) as office:
        typer.echo("\n".join(office.ask(order).words))
