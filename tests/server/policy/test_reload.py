"""SIGHUP swaps policies whole or not at all, and what was promised before stays promised (C-26): over SIP2."""

import os
import shutil
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from backend.changes import OpenLoan
from backend.clock import LibraryTime
from backend.model import AccountId, Loan, LoanId
from backend.money import Money
from backend.policy.loader import load_policy
from tests.backend.policy.samples import FOLDER
from tests.backend.store.world import ITEMS, K1, KAL, MAIN
from tests.server.office.test_staff import rows
from tests.server.wires import DAY, House, account, build

pytestmark = pytest.mark.slow

LATE = 3  # days
EXPRESS = 'when = { loan_type = ["express"] }\ndays = 14\n'
WHO = "AOKAL|AA20001001|"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A daemon with policies of its own, where nobody needs a PIN."""
    folder = tmp_path_factory.mktemp("reload")
    shutil.copytree(FOLDER, folder / "policies", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    change(folder, 'pin_for = ["checkout", "renewal", "hold"]', "pin_for = []")
    made = build(folder, {"plain": ()}, (account("kasse1"),), 'policies = "policies"')
    yield made
    assert made.running.stop() == 0


def change(folder: Path, old: str, new: str) -> None:
    """One thing in Kalmar's file otherwise."""
    file = folder / "policies" / "kalmar.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def now() -> datetime:
    return datetime.now(UTC)


def zone() -> LibraryTime:
    return load_policy(FOLDER / "kalmar.toml").time


def due_of(house: House, days: int) -> str:
    """AH of a loan made now, moved to an open day as Kalmar's file has it."""
    policy = load_policy(house.running.at.folder / "policies" / "kalmar.toml")
    day = policy.branch("KAL-S").calendar.next_open(policy.time.today(now()) + timedelta(days=days))
    return f"|AH{day:%Y%m%d}    235959|"


def lent_late(house: House) -> None:
    """KB3, out for a month and three days too long."""
    due = zone().today(now()) - timedelta(days=LATE)
    loan = Loan(
        id=LoanId(601),
        library=KAL,
        branch=MAIN,
        patron=K1.id,
        item=ITEMS["KB3"].id,
        account=AccountId("kasse1"),
        lent=now() - timedelta(days=31),
        due=zone().end_of(due),
        due_on=due,
        policy="before",
        row="KAL-08",
        fine_paid=Money(0, "SEK"),
    )
    store = house.running.at.store()
    store.call(lambda session: session.apply((OpenLoan(loan=loan),), now()), write=True)
    store.close()


def reload(house: House, event: str, times: int = 1) -> dict[str, str]:
    os.kill(house.running.process.pid, signal.SIGHUP)
    return house.running.wait_for(event, times)


def due_on_record(house: House) -> dict[object, object]:
    found = rows(
        house.running.at, "select barcode, due_on from loans join items on items.id = item where closed_at is null"
    )
    return dict(found)


def test_what_was_promised_stays_and_what_comes_follows_the_new_rules(house: House) -> None:
    lent_late(house)
    with house.at("kasse1") as line:
        four_weeks, two_weeks = due_of(house, 28), due_of(house, 14)
        assert four_weeks in line.ask(f"11NN{DAY}{'':18}{WHO}ABKB1|AC|")
        before = due_on_record(house)
        change(house.running.at.folder, "days = 28\n", "days = 14\n")
        change(house.running.at.folder, 'amount = "2.00"', 'amount = "5.00"')
        reload(house, "service.reloaded")
        # The loan is as it was, and its renewal, by today's rules, would gain nothing.
        assert due_on_record(house) == before
        assert line.ask(f"29NN{DAY}{'':18}{WHO}ABKB1|AC|").startswith("300NUN")
        assert due_on_record(house) == before
        # A loan from now on has two weeks, on the same line.
        assert two_weeks in line.ask(f"11NN{DAY}{'':18}{WHO}ABKB4|AC|")
        # A fine arises at the return, and by then the rate is another.
        assert "|BV15.00|" in line.ask(f"23000{DAY}{WHO}AC|")
        assert line.ask(f"09N{DAY}{DAY}APX|AOKAL|ABKB3|AC|").startswith("101")
    assert rows(house.running.at, "select amount, policy_row from charges") == [(LATE * 500, "KAL-23")]
    versions = [row[0] for row in rows(house.running.at, "select policy from loans order by id")]
    assert len(set(versions)) == 3  # each remembers the version under which it was made


def test_a_mistake_keeps_all_of_it_as_it_was(house: House) -> None:
    with house.at("kasse1") as line:
        change(house.running.at.folder, "days = 14\nwaiting_days", "days = 7\nwaiting_days")
        other = house.running.at.folder / "policies" / "asker.toml"
        sound = other.read_text("utf-8")
        other.write_text(sound.replace("days = 28", "weeks = 4"), "utf-8")
        why = reload(house, "service.not_reloaded")["why"]
        assert why.startswith("asker.toml:")
        assert "loan.ASK-11" in why
        line.ask(f"09N{DAY}{DAY}APX|AOKAL|ABKB1|AC|")
        assert due_of(house, 14) in line.ask(f"11NN{DAY}{'':18}{WHO}ABKB1|AC|")  # Kalmar's sound change has to wait
        other.write_text(sound, "utf-8")
        reload(house, "service.reloaded", 2)
        line.ask(f"09N{DAY}{DAY}APX|AOKAL|ABKB1|AC|")
        assert due_of(house, 7) in line.ask(f"11NN{DAY}{'':18}{WHO}ABKB1|AC|")


ON_RECORD = (  # what a changed file would leave behind, and what is said of it
    (
        'currency = "SEK"',
        'currency = "NOK"',
        "policies: KAL counts in NOK, and its loans and fees on record are in SEK",
    ),
    ('id = "KAL-B"', 'id = "KAL-C"', "policies: no file has a branch KAL-B any more, and copies belong or lie there"),
)


@pytest.mark.parametrize("times", [2, 3], ids=["currency", "branch"])
def test_what_is_on_record_keeps_its_branch_and_its_currency(house: House, times: int) -> None:
    """The fee that a loan left stays payable: a file that would leave it behind is refused whole."""
    old, new, said = ON_RECORD[times - 2]
    (house.running.at.folder / "there.csv").write_text("barcode,title,home_branch\n777,Pan,KAL-B\n", "utf-8")
    house.running.at.skranke("import", "items", str(house.running.at.folder / "there.csv"), "--library", "KAL")
    change(house.running.at.folder, old, new)
    assert reload(house, "service.not_reloaded", times)["why"].startswith(said)
    change(house.running.at.folder, new, old)
    with house.at("kasse1") as line:
        status = line.ask(f"23000{DAY}{WHO}AC|")
        assert "|BLY|" in status and "|BHSEK|BV15.00|" in status


def test_tomorrows_file_waits_for_its_day(house: House) -> None:
    """Two files of one library: the newest whose day has come is in force."""
    folder = house.running.at.folder
    text = (
        (folder / "policies" / "kalmar.toml")
        .read_text("utf-8")
        .replace("days = 7\nwaiting_days", "days = 21\nwaiting_days")
    )
    for name, first in (("today", zone().today(now())), ("tomorrow", zone().today(now()) + timedelta(days=2))):
        later = text if name == "today" else text.replace("days = 21\nwaiting_days", "days = 3\nwaiting_days")
        (folder / "policies" / f"kalmar-{name}.toml").write_text(dated(later, first), "utf-8")
    reload(house, "service.reloaded", 3)
    with house.at("kasse1") as line:
        line.ask(f"09N{DAY}{DAY}APX|AOKAL|ABKB1|AC|")
        assert due_of(house, 21) in line.ask(f"11NN{DAY}{'':18}{WHO}ABKB1|AC|")


def dated(text: str, first: date) -> str:
    return text.replace("effective_from = 2026-01-01", f"effective_from = {first}")
