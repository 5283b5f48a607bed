"""`skranke policy`: is a library's file sound, which row decides, and what would a changed file change?"""

from pathlib import Path
from typing import Annotated

import typer

from backend.policy.checking import Checked, check_files
from server.commands.policy_explain import explain
from server.commands.policy_rehearse import rehearse
from server.commands.printing import AsJson, as_json
from server.post.rendering import SHIPPED

app = typer.Typer(no_args_is_help=True, help="A library's rules: check the file, ask it, try a new one.")
app.command("explain")(explain)
app.command("rehearse")(rehearse)

LETTERS = frozenset(path.stem for path in SHIPPED.glob("*/*.txt"))
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Policy files, or folders of them.")]


@app.callback()
def policy() -> None:
    """A library's rules: check the file, ask it, try a new one."""


@app.command()
def check(files: Files, json: AsJson = False) -> None:
    """Say everything that is wrong with policy files, and what is worth a look; exit status 1 if anything is wrong."""
    found = check_files(files, LETTERS)
    if json:
        typer.echo(as_json(found))
    else:
        say(found)
    if found.mistakes:
        raise typer.Exit(1)


def say(found: Checked) -> None:
    """Mistakes on standard error, warnings and the verdict on standard output."""
    for mistake in found.mistakes:
        typer.echo(f"skranke: {mistake}", err=True)
    for warning in found.warnings:
        typer.echo(f"worth a look: {warning}")
    if found.mistakes:
        return
    about = f"policies of {', '.join(found.libraries)}" if found.libraries else "nothing that is a library's own"
    typer.echo(f"good: {about}")
