"""A personnummer opens the same account as the card, over both languages, and stands readable in no file (C-30)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon import Daemon

pytestmark = pytest.mark.slow

STAMP = "20260212    120000"
SPELLINGS = ("19850412-0000", "850412-0000", "198504120000", "8504120000", "850412 0000")
DIGITS = b"8504120000"
ASK = """<NCIPMessage xmlns="http://www.niso.org/2008/ncip" version="http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd">
<LookupUser><InitiationHeader><FromAgencyId><AgencyId>EX-PLAIN</AgencyId></FromAgencyId>
<ToAgencyId><AgencyId>SE-KAL</AgencyId></ToAgencyId></InitiationHeader>{inputs}</LookupUser></NCIPMessage>"""
INPUT = (
    "<AuthenticationInput><AuthenticationInputData>{data}</AuthenticationInputData>"
    "<AuthenticationDataFormatType>text</AuthenticationDataFormatType>"
    "<AuthenticationInputType>{kind}</AuthenticationInputType></AuthenticationInput>"
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("town")) as daemon:
        yield daemon


def log_in(town: Daemon, number: str, pin: str) -> str:
    """LookupUser with number and PIN, as a catalogue logs somebody in."""
    inputs = INPUT.format(kind="Barcode Id", data=number) + INPUT.format(kind="PIN", data=pin)
    return town.post(ASK.format(inputs=inputs).encode()).body.decode()


@pytest.mark.parametrize("number", SPELLINGS)
def test_every_spelling_logs_in(town: Daemon, number: str) -> None:
    pin = town.secrets["patron.K1.pin"]
    with town.terminal("T-KAL-S") as wire:
        said = wire.ask(f"63000{STAMP}          AOKAL|AA{number}|AC|AD{pin}|").decode("cp850")
        wrong = wire.ask(f"63000{STAMP}          AOKAL|AA{number}|AC|ADx{pin}|").decode("cp850")
    assert "|BLY|CQY|" in said
    assert "|BLY|CQN|" in wrong
    assert "Problem" not in log_in(town, number, pin)
    assert "User Authentication Failed" in log_in(town, number, f"x{pin}")


def test_a_loan_by_personnummer_is_the_card_s(town: Daemon) -> None:
    pin = town.secrets["patron.K1.pin"]
    with town.terminal("T-KAL-S") as wire:
        out = wire.ask(f"11NN{STAMP}{'':18}AOKAL|AA850412-0000|ABKB3|AC|AD{pin}|")
        seen = wire.ask(f"63000{STAMP}  Y       AOKAL|AA20001001|AC|AD{pin}|")
        denied = wire.ask(f"11NN{STAMP}{'':18}AOKAL|AA850412-0000|ABnone|AC|AD{pin}|")
    assert out.startswith(b"121") and b"|AUKB3|" in seen
    assert denied.startswith(b"120")


def test_no_file_shows_it(town: Daemon) -> None:
    """Tables, journal, exchanges with partners and log; only the sheet of the demo's secrets names it."""
    files = [path for path in Path(town.data).rglob("*") if path.is_file() and path.name != "demo.json"]
    assert any(path.suffix.startswith(".db") or "sqlite" in path.name for path in files), files
    for path in files:
        assert DIGITS not in path.read_bytes().replace(b"-", b"").replace(b" ", b""), path
    assert DIGITS.decode() not in town.said().replace("-", "").replace(" ", "")
