"""The database goes away under a running daemon: machines are told so and take their own off-line mode; then it
is back.
"""

from collections.abc import Iterator

import pytest

from tests.postgres import Cluster, cluster
from tests.server.wires import CARD, DAY, PATRON, STATUS, House, account, build, eventually

__all__ = ["cluster"]
pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[House]:
    database = f'database = "{cluster.database()}"'
    built = build(tmp_path_factory.mktemp("database"), {"plain": ()}, (account("kasse1"),), database)
    yield built
    assert built.running.stop() == 0
    assert "Traceback" not in (built.running.at.folder / "log").read_text("utf-8")


FAIL_FORMS = [
    (PATRON, "24"),
    (f"63000{DAY}{'':10}AO|AA{CARD}|AC|AD4711|", "64"),
    (f"11NN{DAY}{'':18}AO|AA{CARD}|ABKB1|AC|AD4711|", "120NUN"),
    (f"09N{DAY}{DAY}AP|AO|ABKB1|AC|", "100NUN"),
    (f"17{DAY}AO|ABKB1|", "18"),
    (f"29NN{DAY}{'':18}AO|AA{CARD}|ABKB1|", "300NUN"),
    (f"37{DAY}0100SEKBV1.00|AO|AA{CARD}|", "38N"),
]


def test_away_and_back(house: House, cluster: Cluster) -> None:
    with house.at("kasse1") as line:
        assert line.ask(STATUS).startswith("98Y")
        assert "|BLY|" in line.ask(PATRON)
        cluster.halt("immediate")
        try:
            assert eventually(lambda: line.ask(STATUS).startswith("98N"))  # though nobody asked anything else
            status = line.ask(STATUS)
            assert status.startswith("98NNNN")
            assert status[8:11] == "000"
            for command, form in FAIL_FORMS:
                answer = line.ask(command)
                assert answer.startswith(form)
                assert "|AF" in answer
                assert "|BLY|" not in answer and "|CQY|" not in answer
            with house.line() as other:
                assert other.login("kasse1") == "941"  # accounts of the file need no database
                assert other.ask(STATUS).startswith("98N")
            assert house.page("/health")[0] == 503
        finally:
            cluster.start()
        assert eventually(lambda: line.ask(STATUS).startswith("98Y"))
        assert "|BLY|" in line.ask(PATRON)
        assert house.page("/health")[0] == 200


def test_a_stop_while_the_database_is_away(house: House, cluster: Cluster) -> None:
    with house.at("kasse1") as line:
        cluster.halt("immediate")
        try:
            line.ask(PATRON)
            assert house.running.stop() == 0
            assert line.rest() == b""
        finally:
            cluster.start()
