"""`skranke sample-config`: the commented configuration that ships with skranke, and the policies to begin from."""

import shutil
from pathlib import Path
from typing import Annotated, Final

import typer

from server.config import SHIPPED_POLICIES

SAMPLE: Final = Path(__file__).resolve().parent.parent / "sample" / "skranke.toml"


def sample_config(
    policies: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Copy the shipped policy files there, to be changed.")
    ] = None,
) -> None:
    """Print a commented configuration that works as it is."""
    typer.echo(SAMPLE.read_text("utf-8"), nl=False)
    if policies is None:
        return
    policies.mkdir(parents=True, exist_ok=True)
    for shipped in sorted(SHIPPED_POLICIES.glob("*.toml")):
        if not (policies / shipped.name).exists():  # what a library has changed is its own
            shutil.copyfile(shipped, policies / shipped.name)
