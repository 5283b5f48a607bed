"""The `skranke` command: installs the asyncio reactor and reads the clock; nothing else in the project does.

Every failure that a person can mend ends in one line on stderr and exit status 1, never in a traceback.
"""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Any

import typer

from backend.policy.mistakes import PolicyError
from backend.store.errors import StoreError
from server.config import ConfigError
from server.imports.reading import FileError
from server.listening import PortError
from server.office.errors import OfficeError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The circulation desk that machines speak to: SIP2 and NCIP on one set of printed lending rules.",
)


class SystemClock:
    """The real time, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def install_reactor() -> Any:
    """Twisted's asyncio reactor, on uvloop where it can be imported. Call once, before anything imports the reactor."""
    from twisted.internet import asyncioreactor

    try:
        import uvloop
    except ImportError:
        loop = asyncio.new_event_loop()
    else:
        loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)
    from twisted.internet import reactor

    return reactor


MENDABLE = (ConfigError, PolicyError, PortError, StoreError, OfficeError, FileError)


def main() -> None:
    """Entry point of the console script."""
    from server.commands import add_all

    add_all(app)
    try:
        app()
    except MENDABLE as why:
        for line in str(why).splitlines():
            print(f"skranke: {line}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
