"""A library moves in: open loans, reservations and fees from files, on both databases, seen as the desk sees them."""

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest

from backend.commands import CheckIn, CheckOut, PayFee, Renew
from backend.model import BranchId, LibraryId
from backend.money import Money
from backend.outcomes import FeePaid, Reason, Renewed
from backend.store.store import Store
from backend.tables import charges, loans
from backend.tables_jobs import sent_notices
from tests.backend.store.moving import NOW, Library, refusals, shelf
from tests.databases import everything, rows_of

pytestmark = pytest.mark.slow

LOANS = "patron,barcode,lent,due,renewals\nA1,301,2026-01-20,2026-02-17,3\nA1,303,2026-02-05 14:30,2026-03-05,\n"


@pytest.fixture
def kalmar(store: Store, tmp_path: Path) -> Iterator[Library]:
    yield Library(store, tmp_path)


def test_loans_keep_their_due_date_and_their_renewals_count(kalmar: Library) -> None:
    assert kalmar.take("loans", LOANS).summary() == "2 rows: 2 added, 0 changed, 0 as they were, 0 refused"
    first, second = kalmar.patron("A1").loans
    assert (first.barcode, first.due.astimezone(UTC).isoformat(), first.renewals) == (
        "301",
        "2026-02-17T22:59:59+00:00",
        3,
    )
    assert second.lent.astimezone(UTC).isoformat() == "2026-02-05T13:30:00+00:00"
    assert refusals(kalmar.do(Renew(patron="A1", item="301"))) == [Reason.MAX_RENEWALS]
    renewed = kalmar.do(Renew(patron="A1", item="303"))
    assert isinstance(renewed, Renewed) and renewed.renewals == 1


def test_a_loan_has_the_policy_of_its_own_day(kalmar: Library) -> None:
    kalmar.take("loans", LOANS)
    columns = loans.columns.keys()
    rows = [dict(zip(columns, row, strict=True)) for row in rows_of(kalmar.store, loans)]
    assert {row["policy_row"] for row in rows} == {"KAL-08"}
    assert {row["policy"] for row in rows} == {shelf().of(kalmar.name, NOW).hash}
    assert {row["account"] for row in rows} == {"import"}


def test_the_same_file_again_changes_nothing_whatever_happened_since(kalmar: Library) -> None:
    kalmar.take("loans", LOANS)
    kalmar.do(CheckIn(item="301"))
    kalmar.do(Renew(patron="A1", item="303"))
    before = everything(kalmar.store)
    assert kalmar.take("loans", LOANS).same == 2
    assert everything(kalmar.store) == before


def test_a_changed_row_is_refused_not_lost(kalmar: Library) -> None:
    kalmar.take("loans", LOANS)
    (told,) = kalmar.take("loans", LOANS.replace("2026-02-17", "2026-02-24")).refused
    assert str(told).startswith("line 2: was taken before with other values")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Z9,304,2026-02-01,2026-03-01,", "patron: is no number of a patron here"),
        ("A1,999,2026-02-01,2026-03-01,", "barcode: there is no such copy"),
        ("A1,304,2026-02-13,2026-03-01,", "lent: has not come yet"),
        ("A1,304,2026-02-10,2026-02-09,", "due: is before the day of the loan"),
        ("B1,301,2026-02-01,2026-03-01,", "barcode: is on loan already"),
        ("A1,304,12.2.2026,2026-03-01,", "lent: expected a day such as 2026-02-12, or with its time"),
        ("A1,304,2026-02-01,,", "due: "),
        ("A1,304,2026-02-01,2026-03-01,-1", "renewals: "),
    ],
)
def test_loans_that_cannot_be(kalmar: Library, row: str, told: str) -> None:
    kalmar.take("loans", LOANS)
    report = kalmar.take("loans", f"patron,barcode,lent,due,renewals\n{row}\nC1,302,2026-02-01,2026-03-01,\n")
    (refused,) = report.refused
    assert str(refused).startswith(f"line 2: {told}")
    assert report.added == 1


def test_a_billed_loan_moves_in_as_lost_and_its_return_lets_the_replacement_go(kalmar: Library) -> None:
    kalmar.take("loans", "patron,barcode,lent,due,billed_on\nA1,301,2025-11-01,2025-11-29,2026-01-28\n")
    kalmar.take(
        "charges",
        "number,patron,kind,amount,raised,barcode\nF1,A1,replacement,310.00,2026-01-28,301\n"
        "F2,A1,overdue,120.00,2026-01-28,301\n",
    )
    assert (kalmar.item("301").billed, kalmar.patron("A1").owed) == (True, Money(43000, "SEK"))
    kalmar.do(CheckIn(item="301"))
    assert kalmar.patron("A1").owed == Money(12000, "SEK")


def test_fees_count_as_debt_at_once_and_part_payments_are_kept(kalmar: Library) -> None:
    fees = "number;patron;kind;amount;owed;raised;title;kid\n7;A1;misc;100,00;80,00;2026-01-15;Kopior;00000000018\n"
    assert kalmar.take("charges", fees).added == 1
    assert Reason.DEBT_LIMIT in refusals(kalmar.do(CheckOut(patron="A1", item="304")))
    (fee,) = kalmar.patron("A1").fees
    assert (fee.owed, fee.title, fee.raised) == (Money(8000, "SEK"), "Kopior", date(2026, 1, 15))
    paid = kalmar.do(PayFee(patron="A1", fee="00000000018", amount=Money(8000, "SEK")))
    assert isinstance(paid, FeePaid) and not paid.owed
    (row,) = [dict(zip(charges.columns.keys(), one, strict=True)) for one in rows_of(kalmar.store, charges)]
    assert (row["policy_row"], row["amount"], row["owed"]) == ("import", 10000, 0)
    assert kalmar.take("charges", fees).same == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("1,A1,misc,0.00,,2026-01-01,", "owed: nothing is owed"),
        ("1,A1,misc,5.00,6.00,2026-01-01,", "owed: is more than the amount"),
        ("1,A1,fine,5.00,,2026-01-01,", "kind: "),
        ("1,A1,misc,5.00,,2026-03-01,", "raised: has not come yet"),
        ("1,A1,misc,5.00,,2026-01-01,123456", "kid: is no KID or OCR number"),
        (",A1,misc,5.00,,2026-01-01,", "number: must not be empty"),
    ],
)
def test_fees_that_cannot_be(kalmar: Library, row: str, told: str) -> None:
    (refused,) = kalmar.take("charges", f"number,patron,kind,amount,owed,raised,kid\n{row}\n").refused
    assert str(refused).startswith(f"line 2: {told}")


HOLDS = "patron,record,barcode,placed\nB1,r1,,2026-02-01\nA1,r1,,2026-01-15\nC1,,302,2026-02-01\n"


def test_reservations_keep_the_order_of_the_queue(kalmar: Library) -> None:
    kalmar.take("loans", "patron,barcode,lent,due\nC1,304,2026-02-01,2026-03-01\n")
    assert kalmar.take("holds", HOLDS).added == 3
    places = {card: kalmar.patron(card).holds[0].position for card in ("A1", "B1", "C1")}
    assert places == {"A1": 1, "B1": 2, "C1": 3}
    kalmar.do(CheckIn(item="301"))
    assert refusals(kalmar.do(CheckOut(patron="B1", item="301"))) == [Reason.HELD_FOR_OTHER]
    assert kalmar.take("holds", HOLDS).same == 3


def test_a_copy_on_the_pickup_shelf_stays_there_and_nobody_is_told_again(kalmar: Library) -> None:
    ready = "patron,barcode,placed,ready_on,pickup_by,reference\nA1,301,2026-01-15,2026-02-10,,4711\n"
    assert kalmar.take("holds", ready).added == 1
    (hold,) = kalmar.patron("A1").holds
    assert (hold.ready, hold.pickup_by) == (True, date(2026, 2, 17))
    assert refusals(kalmar.do(CheckOut(patron="B1", item="301"))) == [Reason.HELD_FOR_OTHER]
    before = len(rows_of(kalmar.store, sent_notices))
    kalmar.run_jobs(date(2026, 2, 12))
    assert len(rows_of(kalmar.store, sent_notices)) == before


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("A1,,,2026-02-01,,", "barcode, record or isbn must say what is reserved"),
        ("A1,,r9,2026-02-01,,", "record: there is no copy of such a title"),
        ("A1,,r1,2026-02-13,,", "placed: has not come yet"),
        ("A1,,r1,2026-02-01,2026-02-11,", "expires: has passed"),
        ("A1,,r1,2026-02-01,,2026-02-02", "barcode: must name the copy that lies ready"),
        ("A1,301,,2026-02-01,,2026-02-02", "barcode: is on loan"),
        ("B1,,r1,2026-02-02,,", "patron: waits for this title already"),
    ],
)
def test_reservations_that_cannot_be(kalmar: Library, row: str, told: str) -> None:
    kalmar.take("loans", LOANS)
    kalmar.take("holds", HOLDS)
    report = kalmar.take("holds", f"patron,barcode,record,placed,expires,ready_on\n{row}\n")
    (refused,) = report.refused
    assert str(refused).startswith(f"line 2: {told}") or told in str(refused)


def test_the_ladder_of_reminders_goes_on_where_it_stood(store: Store, tmp_path: Path) -> None:
    """Two letters went out and 50 kr were charged: the third brings the total to 100, not to 150 (NYN-19, level)."""
    library = Library(store, tmp_path, LibraryId("NYN"), BranchId("NYN-1"))
    late = NOW.date() - timedelta(days=42)
    library.take(
        "loans",
        "patron,barcode,lent,due,reminders,reminded_on\n"
        f"A1,301,{late - timedelta(days=30)},{late},2,{late + timedelta(days=28)}\n",
    )
    library.take(
        "charges", f"number,patron,kind,amount,raised,barcode\n1,A1,reminder,50.00,{late + timedelta(days=28)},301\n"
    )
    library.run_jobs(NOW.date())
    reminders = [fee.owed.minor for fee in library.patron("A1").fees if fee.kind == "reminder"]
    assert reminders == [5000, 5000]
