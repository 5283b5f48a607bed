"""`skranke policy rehearse`: the loans on record under a changed policy, on both databases, changing nothing."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from backend.changes import AddHold
from backend.commands import RenewAll
from backend.model import Hold, HoldId
from tests.backend.policy.samples import FOLDER
from tests.backend.store.world import K3, KAL, MAIN, SULT
from tests.server.office.test_staff import rows
from tests.server.policy.conftest import Lending, lend, rename, renew, take

pytestmark = pytest.mark.slow

KALMAR = FOLDER / "kalmar.toml"
SPRING = ("--day", "2026-04-30")
STOPPED = "checkout, collect, renewal: debt_limit 98.00"
Change = Callable[[str, str], Path]


@pytest.fixture
def spring(lending: Lending) -> Lending:
    """A loan that came back ten days late, one that was renewed and came back in time, one that is still out."""
    lending.do(lend("KB1"), lend("KB3"), lend("KB4", "20001003"))  # 12 February: due on 12 March
    lending.on("2026-03-02")
    lending.do(renew("KB3"))  # due on 30 March
    lending.on("2026-03-22")
    lending.do(take("KB1"), take("KB3"))
    return lending


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """Kalmar's file with one thing in it otherwise."""

    def write(old: str, new: str) -> Path:
        text = KALMAR.read_text("utf-8")
        assert old in text
        (tmp_path / "new.toml").write_text(text.replace(old, new), "utf-8")
        return tmp_path / "new.toml"

    return write


def rehearsed(lending: Lending, new: Path, *words: str) -> dict[str, Any]:
    said = lending.at.skranke("policy", "rehearse", str(KALMAR), str(new), *SPRING, "--json", *words)
    assert (said.code, said.err) == (0, "")
    found: dict[str, Any] = json.loads(said.out)
    return found


def told(found: dict[str, Any]) -> list[tuple[str, ...]]:
    keys = ("kind", "about", "barcode", "old", "new")
    return [tuple(row[key] for key in keys) for row in found["differences"]]


def test_the_same_policy_makes_no_difference(spring: Lending) -> None:
    found = rehearsed(spring, KALMAR)
    (summary,) = found["summaries"]
    assert found["differences"] == []
    assert (summary["loans"], summary["open"], summary["patrons"], summary["untold"]) == (3, 1, 2, 0)
    assert summary["old_fees"] == summary["new_fees"]
    assert summary["old_fees"]["overdue"] == 2000 + 9800  # KB1 ten days; KB4 49 days until the thirtieth of April
    assert rows(spring.at, "select amount from charges") == [(2000,)]


@pytest.mark.parametrize("command", ["rehearse", "explain"])
def test_a_policy_in_another_currency_is_refused_in_one_line(spring: Lending, changed: Change, command: str) -> None:
    new = str(changed('currency = "SEK"', 'currency = "NOK"'))
    asked = {"rehearse": (str(KALMAR), new), "explain": ("--policy", new, "--item", "KB1")}[command]
    said = spring.at.skranke("policy", command, *asked)
    assert said.code == 1
    assert said.err.startswith("skranke: policies: KAL counts in NOK, and its loans and fees on record are in SEK: ")


def test_a_shorter_loan(spring: Lending, changed: Change) -> None:
    found = rehearsed(spring, changed("days = 28\n", "days = 14\n"))
    assert told(found) == [
        ("due", "", "KB1", "2026-03-12", "2026-02-26"),
        ("fee", "overdue", "KB1", "20.00", "48.00"),
        ("due", "", "KB3", "2026-03-30", "2026-03-16"),
        ("fee", "overdue", "KB3", "0.00", "12.00"),
        ("fee", "lending", "KB3", "0.00", "8.00"),  # renewed four days late
        ("due", "", "KB4", "2026-03-12", "2026-02-26"),
        ("fee", "overdue", "KB4", "98.00", "120.00"),  # billed on the sixtieth day
        ("fee", "replacement", "KB4", "0.00", "by staff"),
    ]
    (summary,) = found["summaries"]
    assert (summary["earlier"], summary["later"]) == (3, 0)
    assert found["differences"][0]["old_row"] == found["differences"][0]["new_row"] == "KAL-08"


def test_a_rate_and_a_limit(spring: Lending, changed: Change) -> None:
    found = rehearsed(spring, changed('amount = "2.00"', 'amount = "1.00"'))
    assert told(found) == [
        ("fee", "overdue", "KB1", "20.00", "10.00"),
        ("fee", "overdue", "KB4", "98.00", "49.00"),
        ("block", "", "", STOPPED, "nothing"),
    ]
    assert found["differences"][-1]["patron"] == "20001003"
    assert found["differences"][-1]["old_row"] == "KAL-26"
    raised = rehearsed(spring, changed('debt_from = "75.00"', 'debt_from = "20.00"'))
    assert told(raised) == [("block", "", "", "nothing", STOPPED.replace("98", "20"))]


def test_fewer_renewals(spring: Lending, changed: Change) -> None:
    found = rehearsed(spring, changed("max = 3\n", "max = 0\n"))
    assert told(found) == [
        ("due", "", "KB3", "2026-03-30", "2026-03-12"),
        ("renewal", "2026-03-02 13:00", "KB3", "renewed", "not_renewable"),
        ("fee", "overdue", "KB3", "0.00", "20.00"),
    ]


def test_an_age_limit_and_what_is_not_lent(spring: Lending, changed: Change) -> None:
    found = rehearsed(spring, changed("days = 28\n", "days = 28\nmin_age = 18\n"))
    assert told(found) == [
        ("loan", "", "KB4", "lent", "age_limit"),  # nobody knows Berg's birthday
        ("block", "", "", STOPPED, "nothing"),
    ]
    none = rehearsed(spring, changed("days = 28\n", "loanable = false\n"))
    assert [row[-1] for row in told(none) if row[0] == "loan"] == ["not_for_loan"] * 3


def test_reminders_are_shared_by_loans_of_one_day(lending: Lending, changed: Change) -> None:
    lending.do(lend("KB1"), lend("KB3"))
    lending.on("2026-03-22")
    reminder = '[[notice]]\nid = "NEW"\nkind = "after_due"\nafter_days = 7\nfee = "25.00"\n\n[[replacement]]'
    found = rehearsed(lending, changed("[[replacement]]", reminder))
    assert told(found) == [
        ("fee", "reminder", "KB1", "0.00", "25.00"),
    ]


def test_everybody_forgotten(spring: Lending, changed: Change) -> None:
    spring.at.skranke(
        "staff", "waive", "20001001", str(rows(spring.at, "select id from charges")[0][0]), "--library", "KAL"
    )
    spring.on("2026-03-24")
    spring.jobs()
    assert rows(spring.at, "select count(*) from loans where patron is null") == [(2,)]
    found = rehearsed(spring, changed("days = 28\n", "days = 21\n"))
    assert [row[:3] for row in told(found) if row[0] == "due"] == [
        ("due", "", "KB1"),
        ("due", "", "KB3"),
        ("due", "", "KB4"),
    ]
    assert found["differences"][0]["patron"] == ""


def test_what_hangs_on_a_forgotten_patron_is_left_out(spring: Lending, changed: Change) -> None:
    def fees(new: Path) -> list[tuple[str, ...]]:
        return [row for row in told(rehearsed(spring, new)) if row[0] == "fee" and row[2] == "KB1"]

    cheaper = changed('amount = "2.00"', 'amount = "1.00"')
    assert fees(cheaper) == [("fee", "overdue", "KB1", "20.00", "10.00")]
    charge = str(rows(spring.at, "select id from charges")[0][0])
    spring.at.skranke("staff", "waive", "20001001", charge, "--library", "KAL")
    spring.on("2026-03-24")
    spring.jobs()
    assert fees(cheaper) == [("fee", "overdue", "KB1", "20.00", "10.00")]  # whoever it was
    elderly = '[[exempt]]\nid = "NEW"\nwhen = { category = ["elderly"] }\nkinds = ["overdue"]\n\n[[replacement]]'
    elderly_are_let_off = changed("[[replacement]]", elderly)
    assert fees(elderly_are_let_off) == []  # perhaps it was one of them
    assert rehearsed(spring, elderly_are_let_off)["summaries"][0]["forgotten"] == 1


def test_a_queue_and_renewals_of_everything(lending: Lending, changed: Change) -> None:
    waits = Hold(id=HoldId(501), library=KAL, patron=K3.id, title_id=SULT.id, pickup=MAIN, placed=lending.clock.now())
    store = lending.at.store()
    store.call(lambda session: session.apply((AddHold(hold=waits),), lending.clock.now()), write=True)
    store.close()
    lending.clock.set(lending.clock.now().replace(hour=13))
    lending.do(lend("KB1"), lend("KB3"))
    lending.on("2026-02-20")
    lending.do(RenewAll(patron="20001001"))
    found = rehearsed(lending, changed("waiting_days = 14 ", "waiting_days = 7 "))
    assert told(found)[0] == ("due", "", "KB1", "2026-02-26", "2026-02-19")
    (summary,) = found["summaries"]
    assert (summary["loans"], summary["untold"], summary["differences"]["due"]) == (2, 0, 1)


def test_nothing_is_written_and_csv_and_a_table_come_out(spring: Lending, changed: Change) -> None:
    def everything() -> list[list[tuple[object, ...]]]:
        return [
            rows(spring.at, f"select * from {table} order by 1") for table in ("loans", "charges", "journal", "patrons")
        ]

    before = everything()
    new = str(changed('amount = "2.00"', 'amount = "1.00"'))
    listed = spring.at.skranke("policy", "rehearse", str(KALMAR), new, *SPRING, "--csv")
    assert [row["new"] for row in csv.DictReader(StringIO(listed.out))] == ["10.00", "49.00", "nothing"]
    table = spring.at.skranke("policy", "rehearse", str(KALMAR), new, *SPRING)
    assert "  overdue fees: 118.00 -> 59.00 SEK\n" in table.out
    assert "  differences: fee 2, block 1; due earlier 0, later 0\n" in table.out
    assert everything() == before


def test_a_title_is_no_formula_in_a_spreadsheet(spring: Lending, changed: Change) -> None:
    rename(spring.at, "Sult", "=1+Sult")
    new = str(changed('amount = "2.00"', 'amount = "1.00"'))
    listed = spring.at.skranke("policy", "rehearse", str(KALMAR), new, *SPRING, "--csv")
    titles = {row["title"] for row in csv.DictReader(StringIO(listed.out))}
    assert titles == {"'=1+Sult", "Victoria", ""}


def test_two_files_that_have_nothing_in_common(lending: Lending) -> None:
    said = lending.at.skranke("policy", "rehearse", str(KALMAR), str(FOLDER / "asker.toml"))
    assert said.code == 2
    assert "OLD and NEW have not both" in said.err
