"""The subcommands of `skranke`, one file for each kind of work."""

import typer


def add_all(app: typer.Typer) -> None:
    """Every subcommand, in the order of the help; imported here, so that `skranke --help` costs little."""
    from server.commands import (
        check,
        conformance,
        database,
        demo,
        imports,
        jobs,
        losses,
        ncip,
        people,
        policy,
        report,
        sample,
        serve,
        sip2,
        staff,
        terminals,
    )

    app.command("demo")(demo.demo)
    app.command("serve")(serve.serve)
    app.command("check")(check.check)
    app.command("sample-config")(sample.sample_config)
    losses.add_to(staff.app)
    people.add_to(staff.app)
    app.add_typer(staff.app, name="staff")
    app.add_typer(terminals.app, name="terminals")
    app.add_typer(jobs.app, name="jobs")
    app.add_typer(imports.app, name="import")
    app.add_typer(policy.app, name="policy")
    app.command("report")(report.report)
    app.add_typer(database.app, name="database")
    app.add_typer(sip2.app, name="sip2")
    app.add_typer(ncip.app, name="ncip")
    app.command("conformance", context_settings=conformance.WORDS)(conformance.conformance)
