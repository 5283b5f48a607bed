"""A damaged journal beside a running daemon: what it costs, and what it does not."""

import sqlite3
from collections.abc import Iterator

import pytest

from tests.server.wires import CARD, DAY, House, account, build

pytestmark = pytest.mark.slow

HAGEN = "Hagen, Ida"
CHECKOUT = f"11NN{DAY}{'':18}AO|AA{CARD}|ABKB1|AC|AD1111|"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = build(tmp_path_factory.mktemp("journal"), {"plain": ()}, (account("kasse1"),))
    words = ("staff", "reset-pin", CARD, "--library", "KAL", "--who", "kari")
    assert built.running.at.skranke(*words, said="1111\n").code == 0
    yield built
    assert built.running.stop() == 0


def test_a_frame_whose_answer_is_lost_is_refused_and_nobody_is_quoted(house: House) -> None:
    with house.at("kasse1") as line:
        assert line.ask_sealed(CHECKOUT, 1).startswith("121")
    database = sqlite3.connect(house.running.at.folder / "data" / "skranke.db", timeout=10)
    with database:
        database.execute("update journal set outcome = ?", (f'{{"at": "{HAGEN}"}}',))
    database.close()
    with house.at("kasse1") as line:
        assert line.ask_sealed(CHECKOUT, 1).startswith("120")  # the same frame: nothing is done twice
        assert line.ask_sealed(f"09N{DAY}{DAY}AP|AO|ABKB1|AC|", 2).startswith("101")
    assert house.logged("sip2.store_failed", error="StoreCorrupt")
    assert house.running.at.skranke("staff", "why", "--item", "KB1", "--all", "--library", "KAL").code == 0
    assert HAGEN not in (house.running.at.folder / "log").read_text("utf-8")
