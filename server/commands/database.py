"""`skranke database`: the tables of an installation."""

import typer

from backend.store.schema import SchemaState, schema_state, upgrade
from server.commands.where import ConfigFile, DataDirectory, config_at
from server.service import locked

app = typer.Typer(no_args_is_help=True, help="The database's tables.")

SAID = {
    SchemaState.EMPTY: "tables made",
    SchemaState.OLDER: "tables brought up to this version; what was in them is kept",
    SchemaState.CURRENT: "the tables are of this version already",
}


@app.callback()
def database() -> None:
    """The database's tables."""


@app.command("upgrade")
def upgrade_tables(config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Make the tables, or bring them up to this version. The daemon of this data directory must not run."""
    installation = config_at(config, data)
    with locked(installation.data):
        before = schema_state(installation.database_url)
        if before in SAID:
            upgrade(installation.database_url)
    if before not in SAID:
        typer.echo("skranke: the database was made by a later version of this program", err=True)
        raise typer.Exit(1)
    typer.echo(SAID[before])
