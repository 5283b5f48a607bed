"""`skranke import`: registers, catalogues and open accounts from files, as docs/import.md describes them."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from server.commands.where import ConfigFile, DataDirectory, office_at
from server.imports.running import import_file
from server.imports.showing import follow

app = typer.Typer(
    no_args_is_help=True,
    help="What a library brings along, from files; the same file twice changes nothing. Exit status 3: rows refused.",
)

SOME_REFUSED: Final = 3  # exit status; 1 is what could not be begun or ended, 2 a mistake on the command line

File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="UTF-8; comma, semicolon or tab.")]
Library = Annotated[str, typer.Option(help="The library's id; needed where there are several.")]


@app.command()
def patrons(path: File, library: Library = "", config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Add patrons, or change what differs, by card number."""
    take("patrons", path, library, config, data)


@app.command()
def items(path: File, library: Library = "", config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Add items, or change what differs, by barcode."""
    take("items", path, library, config, data)


@app.command()
def loans(path: File, library: Library = "", config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Add loans that are out, each once."""
    take("loans", path, library, config, data)


@app.command()
def holds(path: File, library: Library = "", config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Add open reservations in the order of their queues, each once."""
    take("holds", path, library, config, data)


@app.command()
def charges(path: File, library: Library = "", config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Add unpaid fees, each once."""
    take("charges", path, library, config, data)


def take(kind: str, path: Path, library: str, config: Path | None, data: Path | None) -> None:
    """Raises what ends in one line, and Exit when rows were refused."""
    with office_at(config, data) as office:
        report = follow(import_file(office, kind, path, library), path, Console())
    if report.refused:
        raise typer.Exit(SOME_REFUSED)
