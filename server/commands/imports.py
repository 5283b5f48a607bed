"""`skranke import`: registers, catalogues and open accounts from files, as docs/import.md describes them."""

import codecs
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from server.commands.where import ConfigFile, DataDirectory, office_at
from server.imports.catalogue import Reading, import_catalogue
from server.imports.items import ItemCells
from server.imports.marc_charset import MARC_8
from server.imports.marc_fields import COPIES, Copies
from server.imports.running import Report, import_file
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
def titles(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="MARC 21 (ISO 2709) or MARCXML; NORMARC too.")],
    encoding: Annotated[
        str, typer.Option(help="Of all records, where their own guess is wrong: utf-8, marc-8, latin-1, cp865, …")
    ] = "",
    copies: Annotated[
        list[str] | None,
        typer.Option(metavar="TAG:COLUMN=CODES,…", help="Where copies stand, such as 949:barcode=i,home_branch=m."),
    ] = None,
    branch: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE=BRANCH", help="The catalogue's code of a branch; =BRANCH for copies without one."),
    ] = None,
    library: Library = "",
    config: ConfigFile = None,
    data: DataDirectory = None,
) -> None:
    """Add titles and the copies that stand in their records, or change what differs, by record number."""
    reading = Reading(
        encoding=known_encoding(encoding),
        copies=tuple(layout(words) for words in copies) if copies else COPIES,
        branches=dict(branch_code(words) for words in branch or ()),
    )
    with office_at(config, data) as office:
        report = follow(import_catalogue(office, path, library, reading), path, Console())
    end(report)


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


@app.command()
def agencies(path: File, config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Add partners that speak NCIP, or change what differs, by name; secrets are kept as hashes."""
    take("agencies", path, "", config, data)


def take(kind: str, path: Path, library: str, config: Path | None, data: Path | None) -> None:
    """Raises what ends in one line, and Exit when rows were refused."""
    with office_at(config, data) as office:
        report = follow(import_file(office, kind, path, library), path, Console())
    end(report)


def end(report: Report) -> None:
    """Raises Exit when rows were refused."""
    if report.refused:
        raise typer.Exit(SOME_REFUSED)


def known_encoding(name: str) -> str | None:
    """Raises BadParameter for letters that nobody knows."""
    if not name or name == MARC_8:
        return name or None
    try:
        return codecs.lookup(name).name
    except LookupError as why:
        raise typer.BadParameter(f"there is no encoding {name}") from why


def layout(words: str) -> Copies:
    """`949:barcode=i,home_branch=m`. Raises BadParameter."""
    tag, _, rest = words.partition(":")
    columns = dict(pair.split("=", 1) for pair in rest.split(",") if "=" in pair)
    unknown = sorted(columns.keys() - ItemCells.model_fields.keys())
    if len(tag) != 3 or unknown or "barcode" not in columns:
        raise typer.BadParameter(f"expected such as 949:barcode=i,home_branch=m, got {words} {' '.join(unknown)}")
    return Copies(tag, columns)


def branch_code(words: str) -> tuple[str, str]:
    """Raises BadParameter."""
    code, equals, branch = words.partition("=")
    if not equals or not branch:
        raise typer.BadParameter(f"expected CODE=BRANCH, got {words}")
    return code.casefold(), branch
