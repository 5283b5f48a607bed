"""Two daemons, two hosts as far as they know, one PostgreSQL: the same desk, and one memory for repeats."""

import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest

from conformance.wire import checksum
from server.keys import KEY_FILE
from tests.postgres import Cluster, cluster
from tests.server.office.installation import Installation, Running

__all__ = ["cluster"]
pytestmark = pytest.mark.slow

CONFIG = """
data = "data"
database = "{url}"
[[sip2]]
listen = "127.0.0.1:0"
account = "kasse1"
[[sip2]]
listen = "127.0.0.1:0"
account = "kasse2"
[[account]]
name = "kasse1"
library = "NYN"
branch = "NYN-1"
[[account]]
name = "kasse2"
library = "NYN"
branch = "NYN-1"
"""
PATRON = "40001001"
OTHER = "40001004"
PATRONS = f"""\
card;home_branch;name;birth_date
{PATRON};NYN-1;Strand, Kim;1985-04-12
{OTHER};NYN-1;Berg, Lo;1979-09-30
"""
ITEMS = "barcode;title;home_branch\nNB1;Fjellgarden;NYN-1\nNB2;Elva;NYN-1\nNB3;Vidda;NYN-1\n"
ROUNDS = 100


def sealed(body: str, digit: int) -> bytes:
    """A frame with error detection."""
    counted = f"{body}AY{digit}AZ".encode()
    return counted + checksum(counted).encode() + b"\r"


class Line:
    """One machine's connection to one gateway."""

    def __init__(self, gateway: Running, account: str = "sip2") -> None:
        host, _, port = gateway.wait_for("service.started")[account].rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=20)

    def ask(self, frame: bytes) -> str:
        self._socket.sendall(frame)
        answer = b""
        while not answer.endswith(b"\r"):
            answer += self._socket.recv(4096)
        return answer.decode("cp850")


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[tuple[Running, Running, str]]:
    """Both running, and the database's address."""
    url = cluster.database()
    homes = [Installation(tmp_path_factory.mktemp(name)) for name in ("one", "two")]
    for home in homes:
        home.configure(CONFIG.format(url=url))
    settled(homes[0])
    (homes[1].folder / "data").mkdir(mode=0o700)
    shutil.copy(homes[0].folder / "data" / KEY_FILE, homes[1].folder / "data" / KEY_FILE)
    one, two = (home.start() for home in homes)
    yield one, two, url
    assert (one.stop(), two.stop()) == (0, 0)


def settled(home: Installation) -> None:
    """Tables, one patron and two books, by the commands that an operator has."""
    assert home.skranke("database", "upgrade").code == 0
    for kind, rows in (("patrons", PATRONS), ("items", ITEMS)):
        file = home.folder / f"{kind}.csv"
        file.write_text(rows, "utf-8")
        said = home.skranke("import", kind, str(file), "--library", "NYN")
        assert said.code == 0, said.err


def now() -> str:
    return f"{datetime.now(UTC).astimezone():%Y%m%d    %H%M%S}"


def lend(item: str, digit: int, card: str = PATRON) -> bytes:
    """A loan of this second."""
    return sealed(f"11NN{now()}{' ' * 18}AONYN|AA{card}|AB{item}|AC|", digit)


def open_loans(url: str, barcode: str) -> int:
    with psycopg.connect(url) as database:
        row = database.execute(
            "select count(*) from loans join items on items.id = loans.item where items.barcode = %s"
            " and loans.closed_at is null",
            (barcode,),
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_repeat_at_the_other_gateway_gets_the_first_answer(gateways: tuple[Running, Running, str]) -> None:
    one, two, url = gateways
    frame = lend("NB1", 3)
    first = Line(one).ask(frame)
    again = Line(two).ask(frame)
    assert first.startswith("121NNY")
    assert again == first
    assert open_loans(url, "NB1") == 1


def test_two_machines_at_two_gateways_want_one_copy(gateways: tuple[Running, Running, str]) -> None:
    one, two, url = gateways
    mine, yours = (
        Line(one),
        Line(two, next(name for name in two.wait_for("service.started") if name.startswith("sip2 "))),
    )
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda line: line.ask(lend("NB2", 1)), (mine, yours)))
    assert open_loans(url, "NB2") == 1
    # The same patron at both: one lends, the other is told that the patron has it already.
    assert sorted(answer[:3] for answer in answers) == ["120", "121"]


def test_one_copy_has_one_borrower_however_often_two_want_it(gateways: tuple[Running, Running, str]) -> None:
    """Two patrons at two gateways: each time one has it and the other is told that it is out."""
    one, two, url = gateways
    second = next(name for name in two.wait_for("service.started") if name.startswith("sip2 "))
    lines = Line(one), Line(two, second)
    with ThreadPoolExecutor(2) as both:
        for turn in range(ROUNDS):
            wishes = [lend("NB3", turn % 10, PATRON), lend("NB3", turn % 10, OTHER)]
            answers = list(both.map(Line.ask, lines, wishes))
            assert sorted(answer[:3] for answer in answers) == ["120", "121"], answers
            refused = next(answer for answer in answers if answer.startswith("120"))
            assert "AFAllereie utlånt|" in refused
            back = sealed(f"09N{now()}{now()}APNYN-1|AONYN|ABNB3|AC|", (turn + 1) % 10)
            assert lines[turn % 2].ask(back).startswith("101")
    assert open_loans(url, "NB3") == 0
