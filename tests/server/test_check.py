"""`skranke check`: every mistake of the configuration at once, by file and key, in plain words."""

import shutil
from pathlib import Path

import pytest

from server.config import config_from
from tests.backend.policy.samples import FOLDER
from tests.server.office.installation import ACCOUNT, CONFIG, Installation

pytestmark = pytest.mark.slow


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


@pytest.mark.parametrize("wrong", ["weeks = 4", "days = 28"])
def test_mistakes_of_policies_accounts_and_listeners_hide_none_of_another(
    installation: Installation, wrong: str
) -> None:
    policies = installation.folder / "policies"
    shutil.copytree(FOLDER, policies, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = policies / "kalmar.toml"
    file.write_text(file.read_text("utf-8").replace("days = 28", wrong), "utf-8")
    strangers = [ACCOUNT.format(library="XYZ", branch="KAL-S"), ACCOUNT.format(library="KAL", branch="KAL-9")]
    right = ACCOUNT.format(library="KAL", branch="KAL-S")
    accounts = "".join(one.replace("kasse1", f"kasse{n}") for n, one in enumerate((*strangers, right)))
    installation.configure('policies = "policies"\n' + CONFIG + 'account = "kasse9"\n' + accounts)
    told = installation.skranke("check").err
    for expected in (
        *(["kalmar.toml:"] if wrong == "weeks = 4" else []),
        "account kasse0: no library XYZ has a policy file here",
        "account kasse1: no policy file has a branch KAL-9",
        "sip2.account: no such account: kasse9",
    ):
        assert expected in told
    assert "kasse2" not in told


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


def test_check_reads_the_librarys_own_templates(installation: Installation) -> None:
    own = installation.folder / "words" / "sv"
    own.mkdir(parents=True)
    (own / "reminder.txt").write_bytes("Påminnelse".encode("latin-1"))
    installation.configure('templates = "words"\n' + CONFIG + ACCOUNT.format(library="KAL", branch="KAL-S"))
    said = installation.skranke("check")
    assert said.code == 1
    assert f"{own / 'reminder.txt'}: " in said.err
