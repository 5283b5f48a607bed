"""An installation in a folder: its configuration, its database with a few people and books, and perhaps its daemon."""

import contextlib
import io
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typer

from backend.store.schema import upgrade
from backend.store.store import Store
from server.cli import MENDABLE
from server.commands import add_all
from server.config import Config, load_config
from server.directory import locked
from server.keys import KEY_FILE, made
from server.office.site import SOCKET
from tests.backend.store.conftest import opened
from tests.backend.store.world import found

CONFIG = """
data = "data"
[[sip2]]
listen = "127.0.0.1:0"
"""
ACCOUNT = '[[account]]\nname = "kasse1"\nlibrary = "{library}"\nbranch = "{branch}"\n'
START = 30.0  # seconds, on a machine that does ten other things


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Installation:
    """`skranke(...)` runs a command in this process; `start` a daemon in another."""

    folder: Path

    @property
    def config_file(self) -> Path:
        return self.folder / "skranke.toml"

    @property
    def config(self) -> Config:
        return load_config(self.config_file)

    @property
    def socket(self) -> Path:
        return self.folder / "data" / SOCKET

    def configure(self, text: str = CONFIG) -> None:
        self.config_file.write_text(text, "utf-8")

    def populate(self) -> None:
        """Tables, and a small library."""
        with locked(self.config.data):
            made(self.config.data / KEY_FILE)
            upgrade(self.config.database_url)
            store = self.store()
            store.call(found, write=True)
            store.close()

    def store(self) -> Store:
        return opened(self.config.database_url)

    def skranke(self, *words: str, said: str = "") -> Said:
        """One command with `-c` of this installation; `said` is its standard input."""
        return run(*words, "-c", str(self.config_file), said=said)

    def start(self) -> "Running":
        """The daemon, once it listens."""
        log = (self.folder / "log").open("w", encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "serve", "-c", str(self.config_file)], stdout=log, stderr=log
        )
        running = Running(self, process)
        running.wait_for("service.started")
        return running


@dataclass(frozen=True)
class Running:
    """A daemon of its own process."""

    at: Installation
    process: "subprocess.Popen[bytes]"

    def events(self) -> list[dict[str, str]]:
        """The log so far."""
        lines = (self.at.folder / "log").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def wait_for(self, event: str, times: int = 1) -> dict[str, str]:
        """The event, once it is in the log that often."""
        until = time.monotonic() + START
        while time.monotonic() < until:
            seen = [one for one in self.events() if one["event"] == event]
            if len(seen) >= times:
                return seen[-1]
            assert self.process.poll() is None, (self.at.folder / "log").read_text("utf-8")
            time.sleep(0.02)
        raise AssertionError(f"no {event} in {START} s: {(self.at.folder / 'log').read_text('utf-8')}")

    @property
    def sip2(self) -> tuple[str, int]:
        host, _, port = self.wait_for("service.started")["sip2"].rpartition(":")
        return host, int(port)

    def stop(self) -> int:
        """Its exit status."""
        self.process.terminate()
        return self.process.wait(START)


@cache
def program() -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)
    add_all(app)
    return app


def run(*words: str, said: str = "") -> Said:
    """`skranke words...` in this process, ended as the console script ends."""
    out, err = io.StringIO(), io.StringIO()
    stdin, sys.stdin = sys.stdin, io.StringIO(said)
    code = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            program()(list(words))
    except SystemExit as ended:
        code = int(ended.code or 0)
    except MENDABLE as why:
        code = 1
        err.write(f"skranke: {why}\n")
    finally:
        sys.stdin = stdin
    return Said(code, out.getvalue(), err.getvalue())
