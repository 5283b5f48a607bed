"""A throw-away PostgreSQL for a test run: Debian's binaries, its own short directory, a Unix socket, no fsync.

Where the binaries are missing, the run says so loudly and leaves out what needs them; with SKRANKE_REQUIRE_POSTGRESQL=1
it fails instead.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

BINARIES = Path("/usr/lib/postgresql")
SETTINGS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses= -c max_connections=60"
MISSING = "PostgreSQL's server binaries are not installed (Debian: postgresql); the cluster store is NOT tested"


def binaries() -> Path | None:
    """The newest version's programs."""
    found = sorted(BINARIES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Cluster:
    """A running server in a directory of its own."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self._numbers = count(1)
        self.home = Path(tempfile.mkdtemp(prefix="skr", dir="/tmp"))
        if os.getuid() == 0:
            postgres = pwd.getpwnam("postgres")
            os.chown(self.home, postgres.pw_uid, postgres.pw_gid)
        data = self.home / "data"
        self._run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
        self.start()

    def start(self) -> None:
        options = f"{SETTINGS} -k {self.home}"
        self._control("-w", "-l", str(self.home / "log"), "-o", options, "start")

    def halt(self, how: str = "fast") -> None:
        self._control("-m", how, "stop")

    def stop(self) -> None:
        """For good."""
        self.halt("immediate")
        shutil.rmtree(self.home)

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self.home / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        if os.getuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.home}"

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"test{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        return self.url(name)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    programs = binaries()
    if programs is None:
        if os.environ.get("SKRANKE_REQUIRE_POSTGRESQL") == "1":
            pytest.fail(MISSING)
        print(f"\n*** {MISSING} ***", file=sys.__stderr__)
        pytest.skip(MISSING)
    running = Cluster(programs)
    yield running
    running.stop()
