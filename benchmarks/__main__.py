"""`python -m benchmarks`: skranke and what it is compared with, one after the other on the same machine.

Prints a table and adds each figure to benchmarks/results.jsonl. Nothing here fails because of a figure.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from benchmarks import documents, machine, raw_sqlite, results, servers
from benchmarks.installation import DATABASE, build
from benchmarks.results import Figure
from benchmarks.servers import Server
from benchmarks.town import TERMINALS

QUANTILES: Final = ("p50", "p95", "p99")
GROUP: Final = 50  # commands in one transaction of the raw loop, as many as connections wait for the daemon's commit
MIXES: Final = ("reads", "circulation", "lending")
PARTNER_MIXES: Final = ("look", "lend")
REFERENCES: Final = (("constant", "line"), ("pysip2", "any"))
SPARE_FILES: Final = 1_000

console = Console(width=None if sys.stdout.isatty() else 120)


class MeasureFailed(Exception):
    """A measurement could not be made; the text says which."""


@dataclass
class Session:
    """One run: how long and how wide, and the figures so far by name."""

    seconds: float
    warm_up: float
    connections: tuple[int, ...]
    idle: int
    figures: dict[str, Figure] = field(default_factory=dict)
    told: list[Figure] = field(default_factory=list)

    def note(self, figure: Figure, *references: str) -> None:
        """Keep a figure, beside each of the references that this run has."""
        self.figures[figure.name] = figure
        beside = [figure.against(self.figures[name]) for name in references if name in self.figures]
        self.told += beside or [figure]
        console.print(f"  {figure.name}: {figure.value:,.1f} {figure.unit}", highlight=False)

    def throughput(self, server: Server) -> None:
        """Every mix at every number of connections."""
        for mix in MIXES[:1] if server.expects == "line" else MIXES:
            for connections in self.connections:
                self._load(server, mix, connections)

    def _load(self, server: Server, mix: str, connections: int) -> None:
        words = ["--port", server.port, "--mix", mix, "--connections", connections, "--expects", server.expects]
        heard = tool("load", *words, "--seconds", self.seconds, "--warm-up", self.warm_up)
        at = f"{mix}.{connections}"
        beside = [f"pysip2.{at}", f"constant.reads.{connections}"]
        if mix != "reads":
            beside += ["sqlite.each", "sqlite.grouped"]
        mine = server.name == "skranke"
        name = f"{server.name}.{at}"
        self.note(Figure(f"{name}.throughput", heard["per_second"], "answers/s"), *with_unit(beside, mine))
        for quantile in QUANTILES:
            figure = Figure(f"{name}.{quantile}", heard[quantile], "ms")
            self.note(figure, *([f"pysip2.{at}.{quantile}"] if mine else []))

    def posts(self, server: Server) -> None:
        """NCIP over connections that stay open; the look-ups beside what HTTP costs, with the XML and without."""
        for mix in PARTNER_MIXES[:1] if server.expects == "any" else PARTNER_MIXES:
            for connections in self.connections[:2]:
                self._posted(server, mix, connections)

    def _posted(self, server: Server, mix: str, connections: int) -> None:
        words = ["--port", server.ncip_port, "--mix", mix, "--connections", connections, "--expects", server.expects]
        heard = tool("posts", *words, "--seconds", self.seconds, "--warm-up", self.warm_up)
        name = f"{server.name}.ncip.{mix}.{connections}"
        bare = f"resource.ncip.look.{connections}"
        mine = server.name == "skranke"
        self.note(
            Figure(f"{name}.throughput", heard["per_second"], "answers/s"), *with_unit([bare, "lxml.validated"], mine)
        )
        for quantile in QUANTILES:
            self.note(Figure(f"{name}.{quantile}", heard[quantile], "ms"), *([f"{bare}.{quantile}"] if mine else []))

    def documents(self) -> None:
        """The same messages without a server: the parser and NISO's schema where it lies beside us, and our codec."""
        for name, per_second in documents.measure(self.seconds):
            mine = name.startswith("skranke")
            self.note(Figure(f"{name}.throughput", per_second, "messages/s"), *with_unit(["lxml.validated"], mine))

    def idle_memory(self, server: Server) -> None:
        """What the server holds for many silent connections."""
        logs_in = ["--logs-in"] if server.expects == "own" else []
        heard = tool("idle", "--port", server.port, "--pid", server.pid, "--connections", self.idle, *logs_in)
        name = f"{server.name}.idle.{self.idle}"
        mine = server.name == "skranke"
        other = f"constant.idle.{self.idle}"
        self.note(Figure(f"{name}.resident", megabytes(heard["with"]), "MB"), *([f"{other}.resident"] if mine else []))
        self.note(Figure(f"{name}.each", round(heard["each"] / 1e3, 1), "kB"), *([f"{other}.each"] if mine else []))

    def raw(self, database: Path) -> None:
        """The database without a daemon around it; a copy, for it is left in disorder."""
        copy = shutil.copy(database, database.with_name("raw.db"))
        for name, group in (("each", 1), ("grouped", GROUP)):
            per_second = raw_sqlite.measure(Path(copy), group, self.seconds)
            self.note(Figure(f"sqlite.{name}.throughput", round(per_second, 1), "commands/s"))


def with_unit(names: list[str], mine: bool) -> list[str]:
    return [f"{name}.throughput" for name in names] if mine else []


def megabytes(size: float) -> float:
    return round(size / 1e6, 1)


def tool(name: str, *words: object) -> dict[str, Any]:
    """What a measuring process of ours prints; raises MeasureFailed with what it says instead."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", *map(str, words)], cwd=machine.ROOT, capture_output=True, text=True
    )
    if done.returncode:
        raise MeasureFailed(f"{name} {' '.join(map(str, words))}: {done.stderr.strip()}")
    heard: dict[str, Any] = json.loads(done.stdout)
    return heard


@contextmanager
def installed() -> Iterator[tuple[Path, int, int]]:
    """A data directory for a run, and the ports of its configuration; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="skranke-bench-"))
    try:
        port, ncip_port = servers.free_port(), servers.free_port()
        yield build(folder, port, ncip_port), port, ncip_port
    finally:
        shutil.rmtree(folder)


def measure_partners(session: Session) -> None:
    """NCIP, references first."""
    session.documents()
    with servers.reference("resource", "any") as server:
        session.posts(server)
    with installed() as (configuration, *ports), servers.skranke(configuration, *ports) as server:
        session.posts(server)


def measure(session: Session) -> None:
    """SIP2, references first."""
    with installed() as (configuration, *ports):
        session.raw(configuration.with_name(DATABASE))
        for name, expects in REFERENCES:
            with servers.reference(name, expects) as server:
                session.throughput(server)
        with servers.reference(*REFERENCES[0]) as server:
            session.idle_memory(server)
        with servers.skranke(configuration, *ports) as server:
            session.throughput(server)
        with servers.skranke(configuration, *ports) as server:  # a fresh one: memory without the traces of a load
            session.idle_memory(server)


def main(
    seconds: Annotated[float, typer.Option(help="How long each load is measured.")] = 5.0,
    connections: Annotated[str, typer.Option(help=f"Numbers of connections, at most {TERMINALS}.")] = "1,50,500",
    idle: Annotated[int, typer.Option(help="Idle connections whose memory is measured.")] = 10_000,
    quick: Annotated[
        bool, typer.Option("--quick", help="A second each and few connections; to see that it runs.")
    ] = False,
    only: Annotated[str, typer.Option(help="sip2 or ncip; both when empty.")] = "",
    keep: Annotated[bool, typer.Option(help="Add the figures to benchmarks/results.jsonl.")] = True,
) -> None:
    """Measure skranke against what it is compared with."""
    wide = tuple(int(number) for number in connections.split(","))
    session = Session(seconds, warm_up=1.0, connections=wide, idle=idle)
    if quick:
        session = Session(1.0, warm_up=0.3, connections=(1, 50), idle=500)
    commit, where = machine.commit(), machine.describe()
    console.print(f"{commit} on {where}", highlight=False)
    try:
        machine.allow_open_files(session.idle + SPARE_FILES)
        if only != "ncip":
            measure(session)
        if only != "sip2":
            measure_partners(session)
    except (MeasureFailed, servers.ServerFailed, OSError) as why:
        Console(stderr=True).print(f"benchmarks: {why}", highlight=False)
        raise typer.Exit(1) from why
    finally:
        results.show(session.told, console)
    if keep:
        results.append(session.told, commit, where)


if __name__ == "__main__":
    typer.run(main)
