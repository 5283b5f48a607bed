"""Which installation a command is about: `-c FILE`, or the data directory alone, as of a demonstration."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from server.config import Config, load_config
from server.office.client import Office, open_office

ConfigFile = Annotated[
    Path | None,
    typer.Option("-c", "--config", metavar="FILE", envvar="SKRANKE_CONFIG", help="The configuration file."),
]
DataDirectory = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Instead: a data directory with an embedded database."),
]
NeededFile = Annotated[
    Path, typer.Option("-c", "--config", metavar="FILE", envvar="SKRANKE_CONFIG", help="The configuration file.")
]


def config_at(config: Path | None, data: Path | None) -> Config:
    """The configuration of the installation. Raises ConfigError, and BadParameter when neither is given."""
    if data is not None:
        return Config(data=data.resolve())
    if config is None:
        raise typer.BadParameter("say which installation: -c FILE or --data DIR")
    return load_config(config)


@contextmanager
def office_at(config: Path | None, data: Path | None) -> Iterator[Office]:
    """The installation's office. Raises what ends in one line."""
    from server.cli import SystemClock  # the clock's one owner

    with open_office(config_at(config, data), SystemClock()) as office:
        yield office
