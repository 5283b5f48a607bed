"""The subcommands of `skranke`, one file for each kind of work."""

import typer

from server.commands import check, database, demo, sample, serve, sip2, staff, terminals


def add_all(app: typer.Typer) -> None:
    """Every subcommand, in the order of the help."""
    app.command()(demo.demo)
    app.command()(serve.serve)
    app.command()(check.check)
    app.command("sample-config")(sample.sample_config)
    app.add_typer(staff.app, name="staff")
    app.add_typer(terminals.app, name="terminals")
    app.add_typer(database.app, name="database")
    app.add_typer(sip2.app, name="sip2")
