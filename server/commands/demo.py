"""`skranke demo`: a whole town on an embedded database, with terminals, patrons and books to try things on."""

import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

import backend.policies
from backend.clock import Clock, FixedClock
from backend.policy.loader import load_policies
from backend.policy.shelf import PolicyShelf
from backend.store.schema import upgrade
from server.commands.serve import run
from server.config import Config, ConfigError, config_from
from server.demo.control import Controls
from server.demo.demo import Demo, prepare
from server.demo.errands import Errands
from server.demo.partners import own_agencies
from server.demo.welcome import welcome
from server.directory import data_directory, opened_key
from server.log import set_up
from server.service import Daemon

POLICIES = Path(next(iter(backend.policies.__path__)))


def when(text: str) -> datetime:
    """An instant with its offset. Raises ConfigError."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as why:
        raise ConfigError((f"--clock {text}: expected an instant such as 2026-02-12T12:00:00+01:00",)) from why
    if instant.tzinfo is None:
        raise ConfigError((f"--clock {text}: needs its offset, such as 2026-02-12T12:00:00+01:00",))
    return instant


def demo(
    sip2_port: Annotated[int, typer.Option(help="SIP2; 0 takes any free port.")] = 6001,
    ncip_port: Annotated[int, typer.Option(help="NCIP over HTTP.")] = 8081,
    page_port: Annotated[int, typer.Option(help="Operator's page, health, metrics and the demo's controls.")] = 8080,
    data: Annotated[Path, typer.Option(help="Where the town is kept.")] = Path("skranke-demo"),
    clock: Annotated[str, typer.Option(help="Stand still at this instant instead of the real time.")] = "",
    policies: Annotated[Path, typer.Option(help="Other rules: files for the same libraries and branches.")] = POLICIES,
    seed: Annotated[int, typer.Option(help="Another seed, other neighbours.")] = 1,
    verbose: Annotated[bool, typer.Option(help="Log every message.")] = False,
) -> None:
    """A demonstration town: four libraries' real rules, patrons, books and machines; prints what to connect to."""
    from server.cli import SystemClock, install_reactor

    set_up("debug" if verbose else "warning", human=True)
    time: Clock = FixedClock(when(clock)) if clock else SystemClock()
    reactor = install_reactor()
    data_directory(data)
    shelf = PolicyShelf(load_policies(policies))
    town = prepare(data.resolve(), shelf, time.now(), seed)
    ports = {"sip2": sip2_port, "ncip": ncip_port, "page": page_port}
    config = config_of(town, ports, policies.resolve())
    opened_key(config)
    upgrade(config.database_url)
    daemon = Daemon(config, reactor, time)
    daemon.prepare()
    town.populate(daemon.store, time)
    daemon.furnish = partial(furnish, town)
    run(daemon, reactor, partial(greet, town, time))


def config_of(town: Demo, ports: dict[str, int], policies: Path = POLICIES) -> Config:
    """The demonstration's configuration: everything on loopback."""
    return config_from(
        {
            "data": str(town.data),
            "institution": "SKRANKE",
            "name": "skranke's demonstration town",
            "policies": str(policies),
            "sip2": [{"listen": f"127.0.0.1:{ports['sip2']}"}],
            "ncip": {"listen": f"127.0.0.1:{ports['ncip']}", "library": own_agencies()},
            "page": {"listen": f"127.0.0.1:{ports['page']}"},
            "log": {"human": True},
            "account": town.accounts(),
            "agency": town.agencies(),
        },
        town.data / "demo",
    )


def furnish(town: Demo, daemon: Daemon) -> None:
    """The controls that only a demonstration has."""
    controls = Controls(
        demo=town,
        bridge=daemon.house.bridge,
        clock=daemon.clock,
        reactor=daemon.reactor,
        pool=daemon.hashers,
        on_reset=daemon.start_anew,
        run_jobs=daemon.almanac.run_day,
        control=Errands(daemon).run,
    )
    daemon.root.putChild(b"demo", controls.resource())


def greet(town: Demo, time: Clock, daemon: Daemon) -> None:
    """Say where everything is, once it is there."""
    addresses = {name: str(ear.address) for name, ear in daemon.ears.items()}
    town.write_file(addresses)
    sys.stdout.write(welcome(town, addresses, time.now()) + "\n")
    sys.stdout.flush()
