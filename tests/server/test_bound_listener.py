"""A listener that speaks for one account, wherever the account is kept."""

import socket

import pytest

from tests.server.office.installation import CONFIG, Installation

pytestmark = pytest.mark.slow

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
