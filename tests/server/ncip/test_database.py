"""Partners of a daemon on PostgreSQL: exchanges are kept and read there, and a database that is away is said so."""

from collections.abc import Iterator

import pytest

from tests.daemon import fetched, free_ports
from tests.postgres import Cluster, cluster
from tests.server.ncip.test_listening import CARD, PARTNERS, message
from tests.server.wires import House, build, eventually

__all__ = ["cluster"]
pytestmark = pytest.mark.slow

CHECK_OUT = (
    "<ns1:ItemId><ns1:ItemIdentifierValue>KB1</ns1:ItemIdentifierValue></ns1:ItemId>"
    "<ns1:RequestId><ns1:RequestIdentifierValue>{}</ns1:RequestIdentifierValue></ns1:RequestId></ns1:CheckOutItem>"
)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[House]:
    (web,) = free_ports(1)
    head = f'database = "{cluster.database()}"'
    ncip = f'[ncip]\nlisten = "127.0.0.1:{web}"\n{PARTNERS}'
    built = build(tmp_path_factory.mktemp("database"), {"plain": ()}, (ncip,), head)
    yield House(built.running, built.ports | {"web": web})
    assert built.running.stop() == 0
    assert "Traceback" not in (built.running.at.folder / "log").read_text("utf-8")


def post(house: House, body: bytes) -> str:
    status, _, said = fetched(house.ports["web"], "POST", "/ncip", body)
    assert status == 200
    return said.decode()


def check_out(number: str) -> bytes:
    return message("EX-NEAR", "CheckOutItem").replace(b"</ns1:CheckOutItem>", CHECK_OUT.format(number).encode())


def test_exchanges_are_read_where_they_are_kept(house: House) -> None:
    first = post(house, check_out("C-1"))
    assert "ns1:DateDue" in first
    assert post(house, check_out("C-1")) == first
    words = ("ncip", "log", "--agency", "EX-NEAR", "--request", "C-1", "--show")
    installation = house.running.at
    assert eventually(lambda: installation.skranke(*words).out.count("<ns1:CheckOutItem>") == 2)
    told = installation.skranke(*words)
    assert told.code == 0
    assert CARD not in told.out


def test_a_database_that_is_away_is_worth_another_try(house: House, cluster: Cluster) -> None:
    cluster.halt("immediate")
    try:
        for said in (post(house, message("EX-NEAR")), post(house, check_out("C-2"))):
            assert "Temporary Processing Failure" in said
    finally:
        cluster.start()
    assert eventually(lambda: "ns1:Problem" not in post(house, message("EX-NEAR")))
    assert "ns1:DateDue" in post(house, check_out("C-2"))
