"""Commands that prepare an installation, and every way in which a daemon does not start: one line, exit status 1."""

import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from pydantic import BaseModel
from sqlalchemy import create_engine, text

from server.accounts.settings import AccountSettings, Terminal
from server.config import Config, Listener, Log, Tls, Web, config_from, load_config
from server.directory import locked
from tests.server.office.installation import CONFIG, Installation, run

ACCOUNT = '[[account]]\nname = "kasse1"\nlibrary = "{library}"\nbranch = "{branch}"\n'

# ---- a daemon that does not start -----------------------------------------------------


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
)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = Installation(tmp_path)
    made.configure()
    made.populate()
    return made


@pytest.mark.slow
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


@pytest.mark.slow
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


# ---- a listener for one account -------------------------------------------------------

BOUND = CONFIG + 'account = "kasse1"\n'


@pytest.fixture
def bound(installation: Installation) -> Installation:
    """Its account was made with `terminals add`, and is in no file."""
    assert installation.skranke("terminals", "add", "kasse1", "--library", "KAL", "--branch", "KAL-S").code == 0
    installation.configure(BOUND)
    return installation


def test_check_knows_accounts_of_the_database(bound: Installation) -> None:
    said = bound.skranke("check")
    assert (said.code, said.err) == (0, "")
    bound.configure()
    bound.skranke("terminals", "disable", "kasse1")
    bound.configure(BOUND)
    said = bound.skranke("check")
    assert said.code == 0
    assert "worth a look: sip2.account: kasse1 is disabled" in said.out
    bound.configure(BOUND.replace("kasse1", "kasse9"))
    said = bound.skranke("check")
    assert (said.code, len(said.err.splitlines())) == (1, 1)
    assert "sip2.account: no such account: kasse9; neither the configuration file nor the database has it" in said.err


def answer_of(address: tuple[str, int], text: str) -> str:
    with socket.create_connection(address, timeout=10) as line:
        line.sendall(text.encode("ascii") + b"\r")
        return line.recv(4096).decode("cp850")


ITEM = "1720260914    103000AOKAL|AB301|"


@pytest.mark.slow
def test_a_listener_is_an_account_of_the_database_until_it_is_disabled(bound: Installation) -> None:
    running = bound.start()
    try:
        assert "Okänt exemplar" in answer_of(running.sip2, ITEM)
        assert [one for one in running.events() if one["event"] == "sip2.login" and one["account"] == "kasse1"]
        assert bound.skranke("terminals", "disable", "kasse1").code == 0
        running.wait_for("sip2.listener_without_account")
        logins = [one for one in running.events() if one["event"] == "sip2.login"]
        assert "Okänt exemplar" not in answer_of(running.sip2, ITEM)
        running.wait_for("sip2.listener_without_account", times=2)
        assert [one for one in running.events() if one["event"] == "sip2.login"] == logins
        assert bound.skranke("terminals", "enable", "kasse1").code == 0
        answer_of(running.sip2, ITEM)
        running.wait_for("sip2.login", times=len(logins) + 1)
    finally:
        assert running.stop() == 0


# ---- check ---------------------------------------------------------------------------


def test_check_says_what_is_served(installation: Installation) -> None:
    installation.configure(CONFIG + ACCOUNT.format(library="KAL", branch="KAL-S"))
    said = installation.skranke("check")
    assert (said.code, said.err) == (0, "")
    assert "good: 1 accounts, 1 addresses, policies of " in said.out


def test_check_says_every_mistake_at_once(installation: Installation) -> None:
    policies = installation.folder / "policies"
    policies.mkdir()
    (policies / "a.toml").write_text("colour = 1\n", "utf-8")
    (policies / "b.toml").write_text("schema = \n", "utf-8")
    installation.configure(
        'policies = "policies"\nshape = "round"\n'
        + CONFIG
        + 'idle = -1\n[[account]]\nname = "a b"\nlibrary = "KAL"\nbranch = "KAL-S"\nfur = true\n'
    )
    said = installation.skranke("check")
    assert (said.code, said.out) == (1, "")
    for expected in ("shape", "sip2[1].idle", "account[1].name", "account[1].fur", "a.toml:", "b.toml:"):
        assert expected in said.err


MISTAKES = (
    ('data = "data"\nlog.level = "loud"', "log.level: must be 'debug', 'info', 'warning' or 'error'"),
    ("data = 3", "data: must be a path in quotes"),
    ('database = "sqlite"', "data: this key must be written"),
    ('data = "data"\ndatabase = "oracle://x"', "database: expected sqlite, sqlite:///FILE or postgresql://…"),
    ('data = "data"\nsip2 = 6001', "sip2: must be a list"),
    ('data = "data"\n[[sip2]]\nlisten = "nowhere"', "sip2[1].listen: expected host:port with a port of 0 to 65535"),
    ('data = "data"\n[[sip2]]\nlisten = ":1"\nidle = "x"', "sip2[1].idle: must be a number"),
    ('data = "data"\n[[sip2]]\nlisten = ":1"\nlongest_message = 3', "sip2[1].longest_message: must be 256 or more"),
    ('data = "data"\n[[sip2]]\nlisten = ":1"\naccount = "kasse9"', "sip2.account: no such account: kasse9"),
    ('data = "data"\n[mail]\nhost = "x"\nsender = "y"', "mail.sender: must be an e-mail address"),
    ('data = "data"\n[mail]\nsender = "y@z"\nport = 70000', "mail.port: must be 65535 or less"),
    ('data = "data"\naccount = "kasse1"', "account: must be written as tables, each under [[account]]"),
    ('data = "data"\naccount = ["kasse1"]', "account[1]: must be a table"),
)


@pytest.mark.parametrize(("written", "said"), MISTAKES)
def test_a_mistake_is_told_by_file_and_key_in_plain_words(tmp_path: Path, written: str, said: str) -> None:
    made = Installation(tmp_path)
    made.configure(written)
    lines = made.skranke("check").err.splitlines()
    assert any(line.startswith(f"skranke: {made.config_file}: {said}") for line in lines), lines
    assert not any("Input should" in line or "Value error" in line or "validation" in line for line in lines)


def test_mistakes_of_one_table_hide_none_of_another_and_make_up_none(tmp_path: Path) -> None:
    made = Installation(tmp_path)
    account = ACCOUNT.format(library="KAL", branch="KAL-S")
    made.configure(CONFIG + 'idle = -1\naccount = "kasse1"\n' + account + "fur = true\n" + account + account)
    prefix = f"skranke: {made.config_file}: "
    assert [line.removeprefix(prefix) for line in made.skranke("check").err.splitlines()] == [
        "account[1].fur: this key is not known here",
        "account.name: named twice: kasse1",
        "sip2[1].idle: must be 0 or more",
    ]


def test_the_databases_password_is_shown_nowhere() -> None:
    config = config_from({"data": "x", "database": "postgresql://skranke:hunter2@db/skranke"}, Path("/x/skranke.toml"))
    assert "hunter2" in config.database_url
    assert "hunter2" not in repr(config) + str(config)


def test_check_finds_accounts_at_places_without_rules_and_certificates_that_are_none(
    installation: Installation,
) -> None:
    (installation.folder / "x.pem").write_text("no certificate", "ascii")
    tls = '[sip2.tls]\ncertificate = "x.pem"\nkey = "x.pem"\n'
    installation.configure(CONFIG + tls + ACCOUNT.format(library="KAL", branch="KAL-9"))
    said = installation.skranke("check")
    assert said.code == 1
    assert "account kasse1: no policy file has a branch KAL-9" in said.err
    assert "sip2 127.0.0.1:0: TLS: " in said.err


# ---- database ------------------------------------------------------------------------


def test_tables_are_made_once(tmp_path: Path) -> None:
    made = Installation(tmp_path)
    made.configure()
    assert made.skranke("database", "upgrade").out == "tables made\n"
    assert made.skranke("database", "upgrade").out == "the tables are of this version already\n"
    assert run("terminals", "list", "--data", str(tmp_path / "data")).out.startswith("there are no terminals yet")


def key_of(made: Installation) -> str:
    return (made.folder / "data" / "secret.key").read_text("ascii")


def test_the_key_is_made_with_the_tables_and_never_after_them_unasked(tmp_path: Path) -> None:
    made = Installation(tmp_path)
    made.configure()
    assert made.skranke("database", "upgrade").code == 0
    first = key_of(made)
    there = made.skranke("database", "new-key")
    assert (there.code, there.out, key_of(made)) == (1, "", first)
    (tmp_path / "data" / "secret.key").unlink()
    for words in (("database", "upgrade"), ("terminals", "list")):
        said = made.skranke(*words)
        assert (said.code, said.out, len(said.err.splitlines())) == (1, "", 1)
        assert "secret.key is gone" in said.err and "skranke database new-key" in said.err
    assert made.skranke("database", "new-key").out.startswith("a new key was made")
    assert key_of(made) != first
    assert made.skranke("terminals", "list").code == 0


def test_a_command_wants_to_know_which_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SKRANKE_CONFIG", raising=False)
    said = run("terminals", "list")
    assert said.code == 2
    assert "say which installation" in said.err


# ---- a daemon that starts ---------------------------------------------------------------


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


# ---- the sample ----------------------------------------------------------------------


@contextmanager
def sample(folder: Path) -> Iterator[Path]:
    path = folder / "skranke.toml"
    path.write_text(run("sample-config").out, "utf-8")
    yield path


def test_the_sample_works_as_it_is(tmp_path: Path) -> None:
    with sample(tmp_path) as path:
        config = load_config(path)
        said = run("check", "-c", str(path))
    assert said.code == 0
    assert (config.database, config.data, len(config.account)) == ("sqlite", tmp_path / "data", 0)
    assert all(address.startswith("127.0.0.1:") for address in config.addresses())


def test_every_setting_stands_in_the_sample(tmp_path: Path) -> None:
    """With its sign taken away, every line is a setting that is known; and no setting is missing."""
    with sample(tmp_path) as path:
        lines = path.read_text("utf-8").splitlines()
    whole = "\n".join(line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in lines)
    for name in ("skranke.pem", "skranke.key", "machines-ca.pem"):
        (tmp_path / "tls").mkdir(exist_ok=True)
        (tmp_path / "tls" / name).write_text("", "ascii")
    written = tomllib.loads(whole)
    config_from(written, path)
    listeners, account = written["sip2"], written["account"][0]
    assert keys_of(Config) - {"data"} <= written.keys()
    assert keys_of(Listener) <= listeners[0].keys() | listeners[1].keys()
    assert keys_of(Tls) == listeners[1]["tls"].keys()
    assert keys_of(Web) == written["page"].keys()
    assert keys_of(Log) == written["log"].keys()
    assert keys_of(AccountSettings) == account.keys()
    assert keys_of(Terminal) == account["terminals"]["INNGANG"].keys()
    for name, group in groups_of(AccountSettings):
        table = account[name]
        assert keys_of(group) == table.keys(), name
        for inner, within in groups_of(group):
            assert keys_of(within) == table[inner].keys(), f"{name}.{inner}"


def keys_of(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def groups_of(model: type[BaseModel]) -> list[tuple[str, type[BaseModel]]]:
    """Tables within a table."""
    return [
        (field.alias or name, field.annotation)
        for name, field in model.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    ]


def test_policies_to_begin_from_are_copied_and_never_over_a_librarys_own(tmp_path: Path) -> None:
    own = tmp_path / "policies" / "kalmar.toml"
    own.parent.mkdir()
    own.write_text("# ours\n", "utf-8")
    assert run("sample-config", "--policies", str(own.parent)).code == 0
    assert own.read_text("utf-8") == "# ours\n"
    assert (own.parent / "asker.toml").exists()
