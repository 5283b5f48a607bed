"""The subcommands of `skranke`, one file for each kind of work."""

import typer

from server.commands import demo, sip2


def add_all(app: typer.Typer) -> None:
    """Every subcommand, in the order of the help."""
    app.command()(demo.demo)
    app.add_typer(sip2.app, name="sip2")
