"""`skranke database`: the tables of an installation."""

import typer

from backend.store.schema import SchemaState, schema_state, upgrade
from server.commands.where import ConfigFile, DataDirectory, config_at
from server.directory import locked, new_key, opened_key

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
        opened_key(installation)
        if before in SAID:
            upgrade(installation.database_url)
    if before not in SAID:
        typer.echo("skranke: the database was made by a later version of this program", err=True)
        raise typer.Exit(1)
    typer.echo(SAID[before])


@app.command("new-key")
def accept_new_key(config: ConfigFile = None, data: DataDirectory = None) -> None:
    """Make a secret key in place of one that is lost for good.

    Patrons are found by their cards as before, but not by the identity numbers on record until these are imported anew.
    """
    installation = config_at(config, data)
    with locked(installation.data):
        new_key(installation)
    typer.echo("a new key was made: import identity numbers anew, and back up the key with the database")
