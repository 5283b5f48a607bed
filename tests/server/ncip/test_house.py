"""NCIP in the house: one decision for two languages, repeats across a crash, exchanges kept and masked."""

import http.client
import re
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from typer.testing import CliRunner

from server.commands.ncip import app
from tests.daemon import PATIENCE, Daemon

pytestmark = pytest.mark.slow

FIXTURES = 'extends = "fixtures"\n'
NAMESPACES = (
    'xmlns:ns1="http://www.niso.org/2008/ncip" ns1:version="http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd"'
)
HEAD = (
    "<InitiationHeader><FromAgencyId><AgencyId>EX-PLAIN</AgencyId></FromAgencyId>"
    "<ToAgencyId><AgencyId>SE-KAL</AgencyId></ToAgencyId></InitiationHeader>"
)
CARD = "20001003"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("house")) as daemon:
        yield daemon


def ask(town: Daemon, service: str, content: str) -> str:
    inside = re.sub(r"<(/?)([A-Z])", r"<\1ns1:\2", f"<{service}>{HEAD}{content}</{service}>")
    line = http.client.HTTPConnection("127.0.0.1", town.ncip_port, timeout=PATIENCE)
    line.request("POST", "/ncip", f"<ns1:NCIPMessage {NAMESPACES}>{inside}</ns1:NCIPMessage>")
    answer = line.getresponse().read().decode()
    line.close()
    return answer


def hold(number: str) -> str:
    return (
        f"<UserId><UserIdentifierValue>{CARD}</UserIdentifierValue></UserId>"
        "<ItemId><ItemIdentifierValue>KB3</ItemIdentifierValue></ItemId>"
        f"<RequestId><RequestIdentifierValue>{number}</RequestIdentifierValue></RequestId>"
        "<RequestType>Hold</RequestType><RequestScopeType>Bibliographic Item</RequestScopeType>"
    )


LENT = FIXTURES + '[[loan]]\nitem = "KB3"\npatron = "K1"\nlent = 2026-02-02\ndue = 2026-03-02\n'


def test_a_hold_of_a_partner_is_seen_by_the_self_check(town: Daemon) -> None:
    town.control("world", LENT)
    assert "ns1:Problem" not in ask(town, "RequestItem", hold("H-1"))
    with town.dial() as wire:
        password = town.secrets["terminal.T-KAL-S.password"]
        for line in (f"9300CNT-KAL-S|CO{password}|CP|", f"09N{STAMP}{STAMP}APKAL-S|AOKAL|ABKB3|AC|"):
            wire.sendall(f"{line}\r".encode())
            said = wire.recv(4096).decode("cp850")
    assert said.startswith("101")
    assert "|CV01|" in said


STAMP = "20260212    120000"


def test_a_repeat_is_known_again_after_a_crash(town: Daemon) -> None:
    town.control("world", LENT)
    first = ask(town, "RequestItem", hold("H-2"))
    assert "ns1:Problem" not in first
    town.kill()
    town.start()
    assert ask(town, "RequestItem", hold("H-2")) == first
    assert "Duplicate Request" in ask(town, "RequestItem", hold("H-2").replace("KB3", "KB1"))


def test_exchanges_are_kept_and_nobody_is_named(town: Daemon) -> None:
    town.control("world", LENT)
    ask(town, "RequestItem", hold("H-3"))
    deadline = time.monotonic() + PATIENCE
    said = ""
    while "RequestItem" not in said and time.monotonic() < deadline:
        time.sleep(0.2)
        words = ["log", "--data", str(town.data), "--agency", "EX-PLAIN", "--request", "H-3", "--show"]
        said = CliRunner().invoke(app, words, env={"COLUMNS": "200"}).stdout
    assert "HoldPlaced" in said
    assert "<ns1:RequestIdentifierValue>H-3</ns1:RequestIdentifierValue>" in said
    assert CARD not in said


def test_a_person_s_client(town: Daemon) -> None:
    town.control("world", FIXTURES)
    url = f"http://127.0.0.1:{town.ncip_port}/ncip/KAL"
    who = ["--from", "EX-PLAIN", "--to", "SE-KAL"]
    found = CliRunner().invoke(app, ["send", url, "lookup-user", f"UserId={CARD}", "LoanedItemsDesired", *who])
    assert found.exit_code == 0, found.output
    assert CARD in found.stdout
    basic = ["--from", "EX-BASIC", "--to", "SE-KAL", "--user", "basic"]
    password = town.secrets["partner.basic.password"]
    words = ["send", url, "lookup-user", f"UserId={CARD}", *basic]
    assert CARD in CliRunner().invoke(app, [*words, "--password", password]).stdout
    assert "Agency Authentication Failed" in CliRunner().invoke(app, words).stdout
    wrong = CliRunner().invoke(app, ["send", url, "lookup-user", "NoSuch=1", *who])
    assert wrong.exit_code == 2
    nobody = CliRunner().invoke(app, ["send", "http://127.0.0.1:1/ncip", "lookup-user", "UserId=1", *who])
    assert nobody.exit_code == 1


def test_what_is_in_work_at_the_end_is_answered(town: Daemon) -> None:
    """Somebody else writes to the file for a moment, and meanwhile the daemon is told to end."""
    town.control("world", LENT)
    with sqlite3.connect(town.data / "skranke.db", isolation_level=None) as other, ThreadPoolExecutor() as threads:
        other.execute("begin immediate")
        answer = threads.submit(ask, town, "RequestItem", hold("H-4"))
        time.sleep(0.5)
        ended = threads.submit(town.stop)
        time.sleep(0.5)
        assert not answer.done() and not ended.done()
        other.execute("rollback")
        assert "ns1:Problem" not in answer.result()
        assert "H-4" in answer.result()
        assert ended.result() == 0
    town.start()
