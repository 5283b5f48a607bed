"""NCIP in the house: one decision for two languages, repeats across a crash, exchanges kept and masked."""

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from typer.testing import CliRunner

from server.commands.ncip import app
from tests.daemon import PATIENCE, Daemon, Terminal

pytestmark = pytest.mark.slow

ROUNDS = 6
KB3_QUEUE = (
    "<ItemId><ItemIdentifierValue>KB3</ItemIdentifierValue></ItemId>"
    "<ItemElementType>Hold Queue Length</ItemElementType>"
)
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


def ask(town: Daemon, service: str, content: str, to: str = "SE-KAL") -> str:
    head = HEAD.replace("SE-KAL", to)
    inside = re.sub(r"<(/?)([A-Z])", r"<\1ns1:\2", f"<{service}>{head}{content}</{service}>")
    return town.post(f"<ns1:NCIPMessage {NAMESPACES}>{inside}</ns1:NCIPMessage>".encode()).body.decode()


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


def say(wire: Terminal, text: str) -> str:
    return wire.ask(text).decode("cp850")


def together(*acts: Callable[[], str]) -> list[str]:
    """What each said, all begun at the same instant."""
    ready = threading.Barrier(len(acts))

    def begin(act: Callable[[], str]) -> str:
        ready.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def test_two_claims_on_the_last_copy(town: Daemon) -> None:
    """S-061."""
    card, pin = town.secrets["patron.K1.card"], town.secrets["patron.K1.pin"]
    out = f"11NN{STAMP}{'':18}AOKAL|AA{card}|ABKB3|AC|AD{pin}|"
    mine = f"<UserId><UserIdentifierValue>{CARD}</UserIdentifierValue></UserId>"
    book = "<ItemId><ItemIdentifierValue>KB3</ItemIdentifierValue></ItemId>"
    for _ in range(ROUNDS):
        town.control("world", FIXTURES)
        with town.terminal("T-KAL-S") as wire:
            assert wire.ask(f"23000{STAMP}AOKAL|AA{card}|AC|AD{pin}|").startswith(b"24")
            machine, partner = together(partial(say, wire, out), partial(ask, town, "CheckOutItem", mine + book))
        lent = [machine.startswith("121"), "ns1:DateDue" in partner]
        assert sorted(lent) == [False, True]
        assert lent[1] or "on_loan_other" in partner


def test_a_hold_and_a_renewal_at_the_same_instant(town: Daemon) -> None:
    """S-042."""
    card, pin = town.secrets["patron.K1.card"], town.secrets["patron.K1.pin"]
    renewal = f"29NN{STAMP}{'':18}AOKAL|AA{card}|AD{pin}|ABKB3|AC|"
    for number in range(ROUNDS):
        town.control("world", LENT)
        with town.terminal("T-KAL-S") as wire:
            assert wire.ask(f"23000{STAMP}AOKAL|AA{card}|AC|AD{pin}|").startswith(b"24")
            machine, partner = together(
                partial(say, wire, renewal), partial(ask, town, "RequestItem", hold(f"S-042-{number}"))
            )
        assert "ns1:Problem" not in partner
        assert machine.startswith("301") or machine.startswith("300")
        queue = ask(town, "LookupItem", KB3_QUEUE)
        assert "<ns1:HoldQueueLength>1</ns1:HoldQueueLength>" in queue


def test_a_repeat_is_known_again_after_a_crash(town: Daemon) -> None:
    town.control("world", LENT)
    first = ask(town, "RequestItem", hold("H-2"))
    assert "ns1:Problem" not in first
    town.kill()
    town.start()
    assert ask(town, "RequestItem", hold("H-2")) == first
    assert "Duplicate Request" in ask(town, "RequestItem", hold("H-2").replace("KB3", "KB1"))


def test_a_stranger_s_made_up_names_are_not_counted_one_by_one(town: Daemon) -> None:
    """A label of a counter is kept for ever."""
    for number in range(20):
        ask(town, f"MadeUp{number}", "")
    said = town.page("/metrics")
    assert "skranke_ncip_answered_total" in said
    assert "MadeUp" not in said


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
