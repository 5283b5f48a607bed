"""A daemon that starts, and every way in which one does not: one line, exit status 1."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from server.directory import locked
from tests.backend.policy.samples import FOLDER
from tests.server.office.installation import ACCOUNT, CONFIG, Installation, run

pytestmark = pytest.mark.slow


def bad_configuration(made: Installation, until: ExitStack) -> str:
    made.configure(CONFIG + 'colour = "blue"\n')
    return "skranke.toml: sip2[1].colour: this key is not known here"


def no_configuration(made: Installation, until: ExitStack) -> str:
    made.config_file.unlink()
    return "skranke.toml: cannot be read: No such file or directory"


def no_toml(made: Installation, until: ExitStack) -> str:
    made.configure("data = \n")
    return "skranke.toml: not TOML: "


def unknown_library(made: Installation, until: ExitStack) -> str:
    made.configure(CONFIG + ACCOUNT.format(library="XYZ", branch="KAL-S"))
    return "account kasse1: no library XYZ has a policy file here"


def no_policies(made: Installation, until: ExitStack) -> str:
    made.configure('policies = "nowhere"\n' + CONFIG)
    return "nowhere:1: policies: no library's policy file is here"


def unreadable_database(made: Installation, until: ExitStack) -> str:
    database = made.folder / "data" / "skranke.db"
    database.unlink()
    database.mkdir()  # root reads every file, but nobody reads a directory
    return "skranke.db: unable to open database file"


def not_a_database(made: Installation, until: ExitStack) -> str:
    (made.folder / "data" / "skranke.db").write_bytes(b"Title;Author\nSult;Hamsun\n" * 500)
    return "skranke.db: file is not a database"


def no_tables(made: Installation, until: ExitStack) -> str:
    (made.folder / "data" / "skranke.db").unlink()
    return "the database has no tables yet: run `skranke database upgrade`"


def schema_of_another_version(made: Installation, until: ExitStack) -> str:
    engine = create_engine(made.config.database_url)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = 'from-the-future'"))
    engine.dispose()
    return "the database was made by a later version of this program"


def garbled_key(made: Installation, until: ExitStack) -> str:
    (made.folder / "data" / "secret.key").write_text("not hexadecimal\n", "ascii")
    return "secret.key: "


def lost_key(made: Installation, until: ExitStack) -> str:
    (made.folder / "data" / "secret.key").unlink()
    return "secret.key is gone, and the database is there: put the file back from the back-up, or "


def port_in_use(made: Installation, until: ExitStack) -> str:
    taken = until.enter_context(socket.create_server(("127.0.0.1", 0)))
    port = taken.getsockname()[1]
    made.configure(CONFIG.replace(":0", f":{port}"))
    return f"127.0.0.1:{port}: Address already in use"


def no_certificate(made: Installation, until: ExitStack) -> str:
    (made.folder / "x.pem").write_text("no certificate", "ascii")
    made.configure(CONFIG + '[sip2.tls]\ncertificate = "x.pem"\nkey = "x.pem"\n')
    return "x.pem: no certificate in PEM"


def another_daemon(made: Installation, until: ExitStack) -> str:
    until.enter_context(locked(made.config.data))
    return "data: another skranke daemon is running here"


def unknown_account(made: Installation, until: ExitStack) -> str:
    made.configure(CONFIG + 'account = "kasse9"\n')
    return "sip2.account: no such account: kasse9; neither the configuration file nor the database has it"


def no_directory(made: Installation, until: ExitStack) -> str:
    (made.folder / "file").write_text("", "ascii")
    made.configure(CONFIG.replace('"data"', '"file/data"'))
    return "file/data: Not a directory"


def own_policies(made: Installation) -> Path:
    """A folder of policies that can be changed."""
    folder = made.folder / "policies"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    made.configure('policies = "policies"\n' + CONFIG)
    return folder


def money_of_another_currency(made: Installation, until: ExitStack) -> str:
    file = own_policies(made) / "kalmar.toml"
    charged = made.skranke("staff", "charge", "20001001", "25.00", "--kind", "damage", "--library", "KAL")
    assert charged.code == 0, charged.err
    file.write_text(file.read_text("utf-8").replace('currency = "SEK"', 'currency = "NOK"'), "utf-8")
    return "policies: KAL counts in NOK, and its loans and fees on record are in SEK: "


def library_without_its_file(made: Installation, until: ExitStack) -> str:
    (own_policies(made) / "kalmar.toml").unlink()
    return "policies: no file is KAL's, and its patrons, copies or loans are on record; "


MISHAPS = (
    bad_configuration,
    no_configuration,
    no_toml,
    unknown_library,
    no_policies,
    unreadable_database,
    not_a_database,
    no_tables,
    schema_of_another_version,
    garbled_key,
    lost_key,
    port_in_use,
    no_certificate,
    another_daemon,
    unknown_account,
    no_directory,
    money_of_another_currency,
    library_without_its_file,
)


@pytest.mark.parametrize("mishap", MISHAPS, ids=lambda mishap: mishap.__name__)
def test_a_daemon_that_cannot_start_says_why_in_one_line(
    installation: Installation, mishap: Callable[[Installation, ExitStack], str]
) -> None:
    with ExitStack() as until:
        expected = mishap(installation, until)
        command = [sys.executable, "-m", "server.cli", "serve", "-c", str(installation.config_file)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stderr.startswith("skranke: ")
    assert expected in ended.stderr


@pytest.mark.parametrize("mishap", [money_of_another_currency, library_without_its_file])
@pytest.mark.parametrize("command", ["check", "staff show 20001001 --library KAL", "jobs run --date 2026-02-12"])
def test_records_hold_every_command_to_their_policies(
    installation: Installation, mishap: Callable[[Installation, ExitStack], str], command: str
) -> None:
    with ExitStack() as until:
        expected = mishap(installation, until)
    said = installation.skranke(*command.split())
    assert said.code == 1
    assert expected in said.err


BROKEN_DEMO = """
import sys
import server.cli
from backend.store.errors import StoreUnavailable
from server.commands import demo

def fail(*_):
    raise StoreUnavailable("the disk is full")

{where} = fail
sys.argv = ["skranke", "demo", "--sip2-port", "0", "--page-port", "0", "--data", {data!r}]
server.cli.main()
"""


@pytest.mark.parametrize("where", ["demo.Demo.populate", "demo.furnish", "demo.greet"])
def test_a_program_whose_start_fails_ends(tmp_path: Path, where: str) -> None:
    """Prepared, half started or started: no thread of its own keeps it alive."""
    script = BROKEN_DEMO.format(where=where, data=str(tmp_path / "town"))
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr) == (1, "skranke: the disk is full\n")


@pytest.mark.parametrize("clock", ["yesterday", "2026-02-12", "2026-02-12T12:00:00", "2026-13-01T12:00:00+01:00"])
def test_a_clock_that_is_none_is_one_line(tmp_path: Path, clock: str) -> None:
    said = run("demo", "--clock", clock, "--data", str(tmp_path / "town"))
    assert (said.code, said.out, len(said.err.splitlines())) == (1, "", 1)
    assert said.err.startswith(f"skranke: --clock {clock}: ")
    assert "such as 2026-02-12T12:00:00+01:00" in said.err
    assert not (tmp_path / "town").exists()


def test_every_listener_is_told_by_a_name_of_its_own(installation: Installation) -> None:
    installation.configure(CONFIG + '[[sip2]]\nlisten = "127.0.0.1:0"\n' * 3 + 'transport = "telnet"\n')
    running = installation.start()
    told = running.wait_for("service.started")
    assert running.stop() == 0
    names = [name for name in told if name.startswith(("sip2", "telnet"))]
    assert (len(names), names[0], sum(name.startswith("sip2 127.0.0.1:") for name in names)) == (4, "sip2", 2)
    assert len({told[name] for name in names}) == 4


def test_the_installation_says_what_it_is_called(installation: Installation) -> None:
    installation.configure('institution = "LAN"\nname = "Biblioteken i länet"\n' + CONFIG)
    running = installation.start()
    with socket.create_connection(running.sip2, timeout=10) as line:
        line.sendall(b"9900802.00\r")
        said = line.recv(4096).decode("cp850")
    assert running.stop() == 0
    assert "AOLAN|AMBiblioteken i länet|" in said
