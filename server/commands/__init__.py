"""The subcommands of `skranke`, one file for each kind of work."""

import typer


def add_all(app: typer.Typer) -> None:
    """Every subcommand of the program."""
    from server.commands import check, database, sample, serve, sip2, staff, terminals

    app.command("serve")(serve.serve)
    app.command("check")(check.check)
    app.command("sample-config")(sample.sample_config)
    app.add_typer(staff.app, name="staff")
    app.add_typer(terminals.app, name="terminals")
    app.add_typer(database.app, name="database")
    app.add_typer(sip2.app, name="sip2")
