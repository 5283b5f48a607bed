"""The office of a running daemon: people's commands go over its Unix socket, and machines notice."""

import json
import os
import re
import signal
import socket
import stat
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from server.office.client import Messenger, OverSocket
from server.office.errors import OfficeAway, OrderRefused
from server.office.orders import DoWork, Import, ListTerminals, ReadJournal, Reload
from tests.server.office.installation import CONFIG, Installation, Running

pytestmark = pytest.mark.slow
KAL = ("--library", "KAL", "--who", "kari")


def login(running: Running, name: str, password: str) -> str:
    """`941` or `940`."""
    with socket.create_connection(running.sip2, timeout=10) as line:
        line.sendall(f"9300CN{name}|CO{password}|\r".encode())
        return line.recv(100).decode().strip()


def added(running: Running, name: str, *words: str) -> str:
    """A new terminal's password."""
    said = running.at.skranke("terminals", "add", name, "--library", "KAL", "--branch", "KAL-S", *words)
    assert said.code == 0, said.err
    found = re.search(r"^password: (\S+)$", said.out, re.MULTILINE)
    assert found is not None
    return found[1]


def test_only_the_owner_may_open_the_socket(daemon: Running) -> None:
    assert stat.S_IMODE(os.stat(daemon.at.socket).st_mode) == 0o600


def test_a_terminal_that_was_added_can_log_in_at_once(daemon: Running) -> None:
    password = added(daemon, "entrance", "--set", "wire.encoding=utf-8")
    assert login(daemon, "entrance", password) == "941"
    assert login(daemon, "entrance", "something else") == "940"
    listed = daemon.at.skranke("terminals", "list").out
    assert "entrance  KAL KAL-S  self-check  opens by password  in the database: in use\n" in listed
    assert password not in listed


def test_a_new_password_counts_at_once(daemon: Running) -> None:
    old = added(daemon, "changing")
    said = daemon.at.skranke("terminals", "password", "changing", "--ask", said="longer-than-before\n")
    assert (said.code, said.out) == (0, "Terminal changing has a new password\n")
    assert login(daemon, "changing", old) == "940"
    assert login(daemon, "changing", "longer-than-before") == "941"


def test_a_disabled_terminal_is_not_let_in_until_it_is_enabled(daemon: Running) -> None:
    password = added(daemon, "closing")
    assert daemon.at.skranke("terminals", "disable", "closing").code == 0
    assert login(daemon, "closing", password) == "940"
    assert "closing  KAL KAL-S  self-check  opens by password  in the database: disabled" in (
        daemon.at.skranke("terminals", "list").out
    )
    assert daemon.at.skranke("terminals", "enable", "closing").code == 0
    assert login(daemon, "closing", password) == "941"


def test_new_settings_neither_change_the_password_nor_let_in_again(daemon: Running) -> None:
    password = added(daemon, "moving")
    again = ("terminals", "add", "moving", "--library", "KAL", "--branch", "KAL-S", "--replace")
    assert daemon.at.skranke("terminals", "disable", "moving").code == 0
    said = daemon.at.skranke(*again, "--profile", "desk")
    assert (said.code, said.out) == (0, "Terminal moving changed\n")
    assert "moving  KAL KAL-S  desk  opens by password  in the database: disabled" in (
        daemon.at.skranke("terminals", "list").out
    )
    assert daemon.at.skranke("terminals", "enable", "moving").code == 0
    assert login(daemon, "moving", password) == "941"
    assert daemon.at.skranke(*again, "--ask", said="told-otherwise\n").code == 0
    assert login(daemon, "moving", "told-otherwise") == "941"
    assert daemon.at.skranke(*again, "--no-password").code == 0
    assert login(daemon, "moving", "told-otherwise") == "940"


def test_a_setting_is_read_as_it_wants_to_be(daemon: Running) -> None:
    settings = ("wire.unknown=96", "limits.connections=1", "rights.offline=true", 'wire.remove=["AF"]')
    password = added(daemon, "settled", *(word for pair in settings for word in ("--set", pair)))
    with socket.create_connection(daemon.sip2, timeout=10) as line:
        line.sendall(f"9300CNsettled|CO{password}|\r".encode())
        assert line.recv(100) == b"941\r"
        line.sendall(b"ZZ\r")
        assert line.recv(100) == b"96\r"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            ("--library", "KAL", "--branch", "KAL-S", "--set", "limits.idle=long", "--set", "wire.unknwon=96"),
            "terminal useless: wire.unknwon: this key is not known here; limits.idle: must be a whole number",
        ),
        (("--library", "XYZ", "--branch", "KAL-S"), "no library XYZ has a policy file here"),
        (("--library", "KAL", "--branch", "XYZ-1"), "no policy file has a branch XYZ-1"),
        (("--library", "KAL", "--branch", "KAL-S", "--profile", "fridge"), "profile"),
        (("--library", "KAL", "--branch", "KAL-S", "--set", "wire.encoding=klingon"), "wire"),
        (("--library", "KAL", "--branch", "KAL-S", "--replace"), "there is none"),
    ],
)
def test_a_terminal_that_could_not_be_used_is_not_kept(daemon: Running, words: tuple[str, ...], why: str) -> None:
    said = daemon.at.skranke("terminals", "add", "useless", *words)
    assert (said.code, said.out) == (1, "")
    assert why in said.err
    assert len(said.err.splitlines()) == 1
    assert "useless" not in daemon.at.skranke("terminals", "list").out


def test_staffs_commands_go_through_the_daemon(daemon: Running) -> None:
    charged = daemon.at.skranke("staff", "charge", "20001003", "75.00", *KAL)
    assert (charged.code, charged.err) == (0, "")
    assert daemon.at.skranke("staff", "pay", "20001003", "75.00", *KAL).out == "75.00 SEK paid; 0.00 SEK still owed\n"
    assert daemon.at.skranke("staff", "block", "99", "--note", "?", *KAL).code == 1
    why = daemon.at.skranke("staff", "why", "--terminal", "staff:kari", *KAL).out
    assert "BlockPatron  refused unknown_patron: Card not recognised" in why
    assert daemon.at.skranke("staff", "notes", *KAL).out == "nothing waits for staff\n"


def pin_is_good(running: Running, name: str, password: str, pin: str) -> bool:
    """What CQ says of Berg's PIN."""
    with socket.create_connection(running.sip2, timeout=10) as line:
        line.sendall(f"9300CN{name}|CO{password}|\r".encode())
        line.sendall(f"6300020260914    103000{'':10}AOKAL|AA20001003|AC|AD{pin}|\r".encode())
        said = ""
        while "|CQ" not in said:
            said += line.recv(4000).decode("cp850")
    return "|CQY|" in said


def test_an_old_pin_is_worth_nothing_the_moment_a_new_one_is_given(daemon: Running) -> None:
    password = added(daemon, "pins", "--set", "wire.encoding=cp850")
    assert daemon.at.skranke("staff", "reset-pin", "20001003", *KAL, said="1111\n").code == 0
    assert pin_is_good(daemon, "pins", password, "1111")
    assert daemon.at.skranke("staff", "reset-pin", "20001003", *KAL, said="2222\n").code == 0
    assert not pin_is_good(daemon, "pins", password, "1111")
    assert pin_is_good(daemon, "pins", password, "2222")


def test_nobody_else_upgrades_or_serves_meanwhile(daemon: Running) -> None:
    said = daemon.at.skranke("database", "upgrade")
    assert said.code == 1
    assert said.err.endswith("data: another skranke daemon is running here\n")


# ---- on the wire ---------------------------------------------------------------------


@pytest.fixture
def wire(daemon: Running) -> Iterator[HTTPConnection]:
    connection = OverSocket(daemon.at.socket)
    yield connection
    connection.close()


def exchange(wire: HTTPConnection, method: str, path: str, body: str = "") -> tuple[int, Any]:
    wire.request(method, path, body.encode())
    response = wire.getresponse()
    return response.status, json.loads(response.read())


def test_an_outcome_is_its_class_its_fields_and_words(wire: HTTPConnection) -> None:
    args = {"patron": "20001001", "item": "KB1"}
    order = {"library": "KAL", "command": "CheckOut", "args": args, "who": "kari", "dry_run": True}
    status, said = exchange(wire, "POST", "/work", json.dumps(order))
    assert (status, said["outcome"], said["granted"], said["dry_run"]) == (200, "CheckedOut", True, True)
    assert said["fields"]["due"].startswith("20")
    assert said["words"][0].startswith("On loan until ")
    assert exchange(wire, "GET", "/journal?library=KAL&item=KB1") == (200, [])


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", "", 404),
        ("GET", "/work", "", 404),
        ("POST", "/work", "[]", 400),
        ("POST", "/work", "{", 400),
        ("POST", "/work", "\x00\xff", 400),
        ("POST", "/work", '{"command": "CheckOut"}', 400),  # nobody asks
        ("POST", "/work", '{"command": "Destroy", "who": "kari", "library": "KAL"}', 409),
        ("POST", "/work", '{"command": "CheckOut", "who": "kari", "library": "KAL", "args": {"patron": "1"}}', 409),
        ("POST", "/work", '{"command": "CheckOut", "who": "kari", "library": "KAL", "args": {"x": "1"}}', 409),
        ("POST", "/work", '{"command": "PayFee", "who": "k", "library": "KAL", "args": {"amount": "1,00"}}', 409),
        ("GET", "/journal?library=KAL&limit=many", "", 400),
        ("POST", "/notes/done", '{"notes": ["x"], "who": "kari"}', 400),
        ("POST", "/import", '{"kind": "elephants", "rows": [], "library": "KAL"}', 409),
    ],
)
def test_bad_orders_get_a_status_and_one_line(
    wire: HTTPConnection, method: str, path: str, body: str, status: int
) -> None:
    answered, said = exchange(wire, method, path, body)
    assert answered == status
    assert list(said) == ["error"]
    assert len(said["error"].splitlines()) == 1


def test_one_person_after_the_other(daemon: Running) -> None:
    """Orders that arrive together are each answered whole."""
    lines = [OverSocket(daemon.at.socket) for _ in range(5)]
    order = {
        "library": "KAL",
        "command": "ChargePatron",
        "who": "kari",
        "args": {"patron": "20001001", "amount": "1.00"},
    }
    for line in lines:
        line.request("POST", "/work", json.dumps(order).encode())
    said = [json.loads(line.getresponse().read()) for line in lines]
    assert [one["outcome"] for one in said] == ["Done"] * 5
    assert len({one["fields"]["charge"] for one in said}) == 5
    for line in lines:
        line.close()


def test_messages_of_the_client(daemon: Running) -> None:
    added(daemon, "listed")
    office = Messenger(daemon.at.socket)
    done = office.ask(DoWork(command="LookUpItem", args={"item": "KB1"}, who="kari", library="KAL"))
    assert done.fields["item"]["title"] == "Sult"
    assert {line.kept_in for line in office.ask(ListTerminals())} == {"database"}
    assert office.ask(ReadJournal(library="KAL", item="KB1", refused_only=True)) == []
    with pytest.raises(OrderRefused, match="nothing here imports elephants"):
        office.ask(Import(kind="elephants", rows=[{"name": "Jumbo"}], library="KAL"))


def test_a_socket_without_a_daemon_is_nobody(tmp_path: Path) -> None:
    with pytest.raises(OfficeAway):
        Messenger(tmp_path / "admin.sock").ask(ListTerminals())


# ---- reload --------------------------------------------------------------------------


ACCOUNT = """
[[account]]
name = "{name}"
library = "{library}"
branch = "KAL-S"
sources.no_login = ["192.0.2.0/24"]
"""


def test_reload_is_whole_or_not_at_all(daemon: Running) -> None:
    daemon.at.configure(CONFIG + ACCOUNT.format(name="fromfile", library="KAL"))
    os.kill(daemon.process.pid, signal.SIGHUP)
    daemon.wait_for("service.reloaded")
    listed = daemon.at.skranke("terminals", "list").out
    assert "fromfile  KAL KAL-S  self-check  opens by address  in the file: in use\n" in listed

    daemon.at.configure(CONFIG + ACCOUNT.format(name="nowhere", library="XYZ") + "\n[log]\nlevel = 'loud'\n")
    os.kill(daemon.process.pid, signal.SIGHUP)
    assert "log.level" in daemon.wait_for("service.not_reloaded")["why"]
    daemon.at.configure(CONFIG + ACCOUNT.format(name="nowhere", library="XYZ"))
    with pytest.raises(OrderRefused, match="no library XYZ"):
        Messenger(daemon.at.socket).ask(Reload())
    daemon.at.configure()
    assert "fromfile" in daemon.at.skranke("terminals", "list").out
    assert Messenger(daemon.at.socket).ask(Reload()).words
    assert "fromfile" not in daemon.at.skranke("terminals", "list").out


def test_the_files_account_wins_over_the_databases(daemon: Running) -> None:
    password = added(daemon, "both")
    daemon.at.configure(CONFIG + ACCOUNT.format(name="both", library="KAL"))
    os.kill(daemon.process.pid, signal.SIGHUP)
    complaint = daemon.wait_for("accounts.left_out")["why"]
    assert complaint == "terminal both: the configuration file has one of this name, which is used"
    assert login(daemon, "both", password) == "940"
    assert "in the database: hidden by the file's" in daemon.at.skranke("terminals", "list").out
    refused = daemon.at.skranke("terminals", "password", "both", "--ask", said="another\n")
    assert refused.code == 1
    assert "stands in the configuration file" in refused.err
    daemon.at.configure()
    Messenger(daemon.at.socket).ask(Reload())
    assert login(daemon, "both", password) == "941"


# ---- from one daemon to the next -----------------------------------------------------


def test_what_a_killed_daemon_leaves_behind_stops_nobody(installation: Installation) -> None:
    first = installation.start()
    assert installation.skranke("terminals", "add", "kasse1", "--library", "KAL", "--branch", "KAL-S").code == 0
    first.process.kill()
    first.process.wait()
    assert installation.socket.exists()
    assert "kasse1" in installation.skranke("terminals", "list").out  # nobody answers: a clerk of our own
    password = installation.skranke("terminals", "password", "kasse1").out.split()[-1]
    second = installation.start()
    assert login(second, "kasse1", password) == "941"
    assert second.stop() == 0
    assert not installation.socket.exists()


def test_a_lock_that_nobody_answers_for_is_said_after_a_while(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server.directory import locked
    from server.office import client

    monkeypatch.setattr(client, "MOVING", 0.2)
    with locked(installation.config.data):
        said = installation.skranke("terminals", "list")
    assert (said.code, said.out) == (1, "")
    assert said.err.endswith("data: somebody works here, but does not answer\n")
