"""`skranke import`: patrons and items from CSV files, as docs/import.md describes them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from server.commands.where import ConfigFile, DataDirectory, office_at
from server.imports.running import import_file
from server.imports.showing import follow

app = typer.Typer(no_args_is_help=True, help="Patrons and items from CSV files; the same file twice changes nothing.")

File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="UTF-8; comma, semicolon or tab.")]
Library = Annotated[str, typer.Option(help="The library's id; needed where there are several.")]


@app.command()
def patrons(path: File, library: Library = "", config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Add patrons, or change what differs, by card number. Exit status 0 even if rows were refused."""
    take("patrons", path, library, config, data)


@app.command()
def items(path: File, library: Library = "", config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Add items, or change what differs, by barcode. Exit status 0 even if rows were refused."""
    take("items", path, library, config, data)


def take(kind: str, path: Path, library: str, config: Path | None, data: Path | None) -> None:
    """Raises what ends in one line."""
    with office_at(config, data) as office:
        follow(import_file(office, kind, path, library), path, Console())
