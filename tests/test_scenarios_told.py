"""Scenarios of the lending rules that no file can tell: numbers made on the way, two at once, other rules, a crowd."""

import shutil
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import backend.policies
from tests.conversation import Conversation, refuse_other_than_told
from tests.daemon import Daemon

pytestmark = pytest.mark.slow

RULES = Path(next(iter(backend.policies.__path__)))
HEADER = "title = {0}\nsource = {0}\nlevel = must\nworld = {1}\nclock = {2}\nterminal = {3}\n"
SUMMER, WINTER = "+02:00", "+01:00"
ROUNDS = 15  # of two at once; `test_winners.py` has a thousand


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("town")) as daemon:
        yield daemon


def tell(town: Daemon, number: str, terminal: str, clock: str, said: str, **known: str) -> None:
    """A conversation; rows of its world are `given` lines before the first step."""
    given = "".join(f"{line}\n" for line in said.splitlines() if line.startswith("given."))
    steps = "".join(f"{line}\n" for line in said.splitlines() if not line.startswith("given."))
    text = HEADER.format(number, "fixtures" if given else "none", clock, terminal) + given + steps
    refuse_other_than_told(town, Conversation(Path(number), text), known)


def records(town: Daemon, query: str) -> list[Any]:
    with sqlite3.connect(f"file:{town.data / 'skranke.db'}?mode=ro", uri=True) as found:
        return found.execute(query).fetchall()


def set_world(town: Daemon, clock: str, *rows: str) -> None:
    town.control("clock", clock)
    town.control("world", "\n".join(['extends = "fixtures"', *rows]))


# ---- numbers made on the way -------------------------------------------------------


def test_s095_part_of_an_invoice_is_returned_and_the_rest_paid_under_its_number(town: Daemon) -> None:
    tell(
        town,
        "S-095",
        "T-ASK-H",
        f"2026-04-20T12:00:00{SUMMER}",
        """\
given.loan = { item = "AB1", patron = "A1", lent = 2026-02-09, due = 2026-03-09 }
given.loan = { item = "AC1", patron = "A1", lent = 2026-02-09, due = 2026-03-09 }
given.loan = { item = "AD1", patron = "A1", lent = 2026-03-02, due = 2026-03-09 }
JOB 2026-03-16
JOB 2026-03-30
JOB 2026-04-20
SC   23012{now}AOASK|AA{patron.A1.card}|AC|AD{patron.A1.pin}|
ACS? 24~|BV1050.00|
CONTROL ASK letters A1 invoice email 1
""",
    )
    [(kid, amount)] = records(town, "select kid, amount from invoices")
    assert amount == 105_000
    tell(
        town,
        "S-095",
        "T-ASK-H",
        f"2026-04-24T12:00:00{SUMMER}",
        """\
SC   09N{now}{now}APASK-H|AOASK|ABAC1|AC|
ACS? 101~Y~|ABAC1|CV99|AFTakk. Erstatningskravet er slettet|
SC   23012{now}AOASK|AA{patron.A1.card}|AC|AD{patron.A1.pin}|
ACS? 24~|BV700.00|
SC   37{now}0100NOKBV1050.00|AOASK|AA{patron.A1.card}|AC|CG{kid}|
ACS? 38N~|AFBeløpet er høyere enn gjelden|
SC   37{now}0100NOKBV300.00|AOASK|AA{patron.A1.card}|AC|CG{kid}|
ACS? 38Y~|
SC   37{now}0100NOKBV700.00|AOASK|AA{patron.A1.card}|AC|CG{kid}|
ACS? 38N~|AFBeløpet er høyere enn gjelden|
SC   37{now}0100NOKBV400.00|AOASK|AA{patron.A1.card}|AC|CG{kid}|
ACS? 38Y~|
SC   23012{now}AOASK|AA{patron.A1.card}|AC|AD{patron.A1.pin}|
ACS? 24~|BV0.00|
SC   09N{now}{now}APASK-H|AOASK|ABAB1|AC|
ACS? 101~Y~|ABAB1|CV99|AFTakk. Betalt erstatning blir ikke refundert|
""",
        kid=kid,
    )


def test_s109_what_is_forgotten_and_what_stays(town: Daemon) -> None:
    loans = (
        "select patron is null, closed_at is null from loans where item = (select id from items where barcode='KB3')"
    )
    tell(
        town,
        "S-109",
        "T-KAL-S",
        f"2026-03-05T12:00:00{WINTER}",
        """\
given.loan = { item = "KB3", patron = "K1", lent = 2026-02-02, due = 2026-03-02 }
SC   09N{now}{now}APKAL-S|AOKAL|ABKB3|AC|
ACS? 101~|AF3 dagar sen: 6.00 kr|
SC   63000{now}  Y       AOKAL|AA{patron.K1.card}|AC|AD{patron.K1.pin}|
ACS? 64~000000000000000100000000|!AU|
CLOCK 2026-04-05T12:00:00+02:00
JOB 2026-04-05
""",
    )
    assert records(town, loans) == [(0, 0)]  # while the fine is owed, staff see whose loan it was
    tell(
        town,
        "S-109",
        "T-KAL-S",
        f"2026-04-06T12:00:00{SUMMER}",
        """\
SC   37{now}0400SEKBV6.00|AOKAL|AA{patron.K1.card}|AC|BKS109-1|
ACS? 38Y~|
CLOCK 2026-05-06T12:00:00+02:00
JOB 2026-05-06
""",
    )
    assert records(town, loans) == [(1, 0)]  # the loan still counts, and is nobody's
    assert records(town, "select count(*) from charges where loan is not null and owed > 0") == [(0,)]


# ---- other rules than ours ---------------------------------------------------------


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A town where the bus has its fee, and the nynorsk library new rates from 1 April."""
    rules = tmp_path_factory.mktemp("rules") / "policies"
    shutil.copytree(RULES, rules, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    kalmar = (rules / "kalmar.toml").read_text("utf-8")
    (rules / "kalmar.toml").write_text(kalmar.replace('amount = "unset"', 'amount = "1.00"\nper = "day"'), "utf-8")
    nynorsk = (rules / "nynorsk.toml").read_text("utf-8")
    dearer = nynorsk.replace("effective_from = 2023-11-07", "effective_from = 2026-04-01")
    (rules / "nynorsk-2026.toml").write_text(dearer.replace('fee = "50.00"', 'fee = "60.00"'), "utf-8")
    with Daemon(tmp_path_factory.mktemp("town"), policies=rules) as daemon:
        yield daemon


def test_s069_the_bus_has_a_fee_of_its_own(elsewhere: Daemon) -> None:
    tell(
        elsewhere,
        "S-069",
        "T-KAL-S",
        f"2026-03-12T12:00:00{WINTER}",
        """\
given.loan = { item = "KB3", patron = "K1", lent = 2026-02-02, due = 2026-03-02, branch = "KAL-BUS" }
SC   09N{now}{now}APKAL-S|AOKAL|ABKB3|AC|
ACS? 101~|AF10 dagar sen: 10.00 kr|
SC   23000{now}AOKAL|AA{patron.K1.card}|AC|AD{patron.K1.pin}|
ACS? 24~|BV10.00|
""",
    )


def test_s107_rates_change_in_the_middle_of_a_ladder(elsewhere: Daemon) -> None:
    tell(
        elsewhere,
        "S-107",
        "T-NYN-1",
        f"2026-03-31T12:00:00{SUMMER}",
        """\
given.loan = { item = "NB1", patron = "N1", lent = 2026-02-07, due = 2026-03-10 }
given.loan = { item = "NB2", patron = "N4", lent = 2026-01-31, due = 2026-03-03 }
JOB 2026-03-17
JOB 2026-03-24
JOB 2026-03-31
SC   23000{now}AONYN|AA{patron.N4.card}|AC|AD{patron.N4.pin}|
ACS? 24~|BV50.00|
CLOCK 2026-04-07T12:00:00+02:00
JOB 2026-04-07
SC   23000{now}AONYN|AA{patron.N1.card}|AC|AD{patron.N1.pin}|
ACS? 24~|BV60.00|
SC   23000{now}AONYN|AA{patron.N4.card}|AC|AD{patron.N4.pin}|
ACS? 24~|BV50.00|
SC   17{now}AONYN|ABNB1|AC|
ACS? 1804~|AH20260310    235959|
SC   17{now}AONYN|ABNB2|AC|
ACS? 1804~|AH20260303    235959|
""",
    )


# ---- many --------------------------------------------------------------------------


def test_s018_no_limit_on_the_number_of_loans(town: Daemon) -> None:
    copies = [f'given.item = {{ barcode = "M{n}", title = "AT1", home = "ASK-H" }}' for n in range(250)]
    loans = [
        f'given.loan = {{ item = "M{n}", patron = "A1", lent = 2026-02-02, due = 2026-03-02 }}' for n in range(250)
    ]
    said = """\
SC   11NN{now}{none}AOASK|AA{patron.A1.card}|ABAB1|AC|AD{patron.A1.pin}|
ACS? 121N~|ABAB1|AH20260312    235959|
SC   63000{now}          AOASK|AA{patron.A1.card}|AC|AD{patron.A1.pin}|
ACS? 64              000~000000000251000000000000|AA{patron.A1.card}|BLY|!CB|
"""
    tell(town, "S-018", "T-ASK-H", f"2026-02-12T12:00:00{WINTER}", "\n".join([*copies, *loans, said]))


def test_s138_a_busy_morning(town: Daemon) -> None:
    """Two hundred machines, nine hundred loans at four libraries, as fast as they come."""
    homes = {"KAL": ("T-KAL-S", "K1"), "ASK": ("T-ASK-H", "A1"), "LYS": ("T-LYS-S", "L1"), "NYN": ("T-NYN-1", "N1")}
    copies = [(lib, f"{lib}{n:03}") for n in range(225) for lib in homes]
    rows = [f'[[item]]\nbarcode = "{copy}"\nname = "{copy}"\nhome = "{homes[lib][0][2:]}"' for lib, copy in copies]
    set_world(town, f"2026-02-12T12:00:00{WINTER}", *rows)
    with ExitStack() as open_lines, ThreadPoolExecutor(50) as crowd:
        logins = [(lib, login) for _ in range(50) for lib, (login, _) in homes.items()]
        machines = [(lib, open_lines.enter_context(town.terminal(login))) for lib, login in logins]

        def lend(number: int) -> list[bytes]:
            lib, machine = machines[number]
            patron, pin = (town.secrets[f"patron.{homes[lib][1]}.{part}"] for part in ("card", "pin"))
            mine = [copy for place, (_, copy) in enumerate(copies) if place % len(machines) == number]
            return [machine.ask(checkout(lib, patron, pin, copy)) for copy in mine]

        answers = [answer for heard in crowd.map(lend, range(len(machines))) for answer in heard]
    assert Counter(answer[:3] for answer in answers) == {b"121": len(copies)}
    assert records(town, "select count(*), count(distinct item) from loans where closed_at is null") == [(900, 900)]


# ---- two at once -------------------------------------------------------------------


STAMP = "20260212    120000"


def checkout(library: str, patron: str, pin: str, item: str) -> str:
    return f"11NN{STAMP}{' ' * 18}AO{library}|AA{patron}|AB{item}|AC|AD{pin}|"


def post(town: Daemon, service: str, inside: str) -> str:
    """One NCIP message to Kalmar's library."""
    header = (
        "<InitiationHeader><FromAgencyId><AgencyId>EX-PLAIN</AgencyId></FromAgencyId>"
        "<ToAgencyId><AgencyId>SE-KAL</AgencyId></ToAgencyId></InitiationHeader>"
    )
    body = (
        '<NCIPMessage xmlns="http://www.niso.org/2008/ncip" version="http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd">'
        f"<{service}>{header}{inside}</{service}></NCIPMessage>"
    )
    return town.post(body.encode(), {"Content-Type": "application/xml"}).body.decode()


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each said; they start at the same moment."""
    gate = threading.Barrier(len(acts))

    def start(act: Callable[[], Any]) -> Any:
        gate.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(start, acts))


def user(town: Daemon, name: str) -> str:
    return f"<UserId><UserIdentifierValue>{town.secrets[f'patron.{name}.card']}</UserIdentifierValue></UserId>"


def copy(barcode: str) -> str:
    return f"<ItemId><ItemIdentifierValue>{barcode}</ItemIdentifierValue></ItemId>"


def test_s042_a_hold_arrives_while_the_renewal_is_being_made(town: Daemon) -> None:
    """Renewed and then waited for, or waited for and then refused: both come about, never a mixture."""
    wish = f"{user(town, 'K3')}{copy('KB3')}<RequestType>Hold</RequestType>"
    wish += "<RequestScopeType>Bibliographic Item</RequestScopeType>"
    patron, pin = town.secrets["patron.K1.card"], town.secrets["patron.K1.pin"]
    renewal = f"29NN{STAMP}{' ' * 18}AOKAL|AA{patron}|AD{pin}|ABKB3|AC|"
    loan = '[[loan]]\nitem = "KB3"\npatron = "K1"\nlent = 2026-02-02\ndue = 2026-03-02'
    seen: Counter[str] = Counter()
    for _ in range(ROUNDS):
        set_world(town, f"2026-02-12T12:00:00{WINTER}", loan)
        with town.terminal("T-KAL-S") as machine:
            renewed, waiting = together(lambda: machine.ask(renewal), lambda: post(town, "RequestItem", wish))
        assert "Problem" not in waiting
        [(place, due, renewals)] = records(
            town, "select (select count(*) from holds where closed_at is null), due_on, renewals from loans"
        )
        if renewed.startswith(b"301"):
            assert (place, due, renewals) == (1, "2026-03-12", 1)
        else:
            assert renewed.startswith(b"300") and "AFAndra väntar på titeln".encode("cp850") in renewed
            assert (place, due, renewals) == (1, "2026-03-02", 0)
        seen[renewed[:3].decode()] += 1
    assert sum(seen.values()) == ROUNDS


def test_s061_two_claims_on_the_last_copy_in_two_languages(town: Daemon) -> None:
    patron, pin = town.secrets["patron.K1.card"], town.secrets["patron.K1.pin"]
    with town.terminal("T-KAL-S") as machine:
        for _ in range(ROUNDS):
            set_world(town, f"2026-02-12T12:00:00{WINTER}")
            lent, asked = together(
                lambda: machine.ask(checkout("KAL", patron, pin, "KB3")),
                lambda: post(town, "CheckOutItem", user(town, "K3") + copy("KB3")),
            )
            if lent.startswith(b"121"):
                assert "Resource Cannot Be Provided" in asked and "on_loan_other" in asked
            else:
                assert lent.startswith(b"120") and "AFRedan utlånad".encode("cp850") in lent
                assert "DateDue" in asked
            assert records(town, "select count(*) from loans where closed_at is null") == [(1,)]
