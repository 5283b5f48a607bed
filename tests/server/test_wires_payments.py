"""Money over the wire: what a machine that asks again in other words pays, and what staff hear of it."""

import re
import time
from collections.abc import Iterator

import pytest

from tests.server.wires import CARD, House, Line, account, build

pytestmark = pytest.mark.slow

KAL = ("--library", "KAL", "--who", "kari")
ACCOUNTS = (account("kasse1"), account("kasse2"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = build(tmp_path_factory.mktemp("payments"), {"plain": ()}, ACCOUNTS)
    yield built
    assert built.running.stop() == 0


def charge(house: House, amount: str) -> None:
    assert house.running.at.skranke("staff", "charge", CARD, amount, *KAL).code == 0


def owed(line: Line) -> tuple[str, list[str]]:
    """BV, and the ids of the fees."""
    listed = line.ask(f"63001{stamp()}{'   Y':<10}AO|AA{CARD}|AC|BP1|BQ99|")
    return re.findall(r"\|BV([^|]*)", listed)[0], re.findall(r"\|AV(\d+) ", listed)


def stamp() -> str:
    """Now: what is asked again is recognised by its sense only when its date can be believed."""
    return time.strftime("%Y%m%d    %H%M%S")


def pay(line: Line, amount: str, digit: int, more: str = "") -> str:
    return line.ask_sealed(f"37{stamp()}0102SEKBV{amount}|AO|AA{CARD}|{more}", digit)


def test_a_fee_is_paid_once_however_often_it_is_asked(house: House) -> None:
    charge(house, "60.00")
    with house.at("kasse1") as line:
        fee = owed(line)[1][-1]
        assert pay(line, "20.00", 1, f"CG{fee}|").startswith("38Y")
        time.sleep(1.1)  # a new second, so a new frame
        assert pay(line, "20.00", 2, f"CG{fee}|").startswith("38Y")
        assert owed(line)[0] == "40.00"
    with house.at("kasse2") as other, house.at("kasse1") as line:
        assert pay(other, "20.00", 1, f"CG{fee}|").startswith("38Y")  # another machine, other money
        assert owed(line)[0] == "20.00"
        assert pay(line, "20.00", 3, f"CG{fee}|").startswith("38Y")  # for the fee was touched since
        assert owed(line)[0] == "0.00"
        assert pay(line, "20.00", 4, f"CG{fee}|").startswith("38Y")  # which settled it, and is asked again
        assert owed(line) == ("0.00", [])


def test_money_for_no_fee_by_name_is_booked_and_listed_for_staff(house: House) -> None:
    charge(house, "30.00")
    with house.at("kasse1") as line:
        assert pay(line, "10.00", 1).startswith("38Y")
        assert "twice  20001003 10.00 SEK" not in house.running.at.skranke("staff", "notes", *KAL).out
        assert pay(line, "10.00", 2).startswith("38Y")
        assert owed(line)[0] == "10.00"
    notes = house.running.at.skranke("staff", "notes", *KAL).out
    assert "Possibly the same payment twice  20001003 10.00 SEK" in notes
