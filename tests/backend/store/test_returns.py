"""What a return changes beside the loan: a floating copy's home, holds of barred patrons, blocks that lift late."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from backend.commands import CheckIn, CheckOut, HoldScope, PayFee, PlaceHold, RenewAll, UndoCheckIn, UndoCheckOut
from backend.model import BranchId, ItemState, LibraryId, Operation
from backend.money import Money
from backend.outcomes import CheckedIn, CheckedOut, CheckOutUndone, Reason, RenewedAll, Route
from backend.partner_commands import AcceptItem, Described, RequestNumber
from backend.staff_commands import BlockPatron
from backend.store.store import Store
from server.office.orders import ReadJournal
from tests.backend.store.moving import INVENTED, NOW, Library, refusals

HARBOUR = (LibraryId("HAR"), BranchId("HAR-1"), INVENTED)


@pytest.fixture
def harbour(store: Store, tmp_path: Path) -> Library:
    library = Library(store, tmp_path, *HARBOUR)
    library.take(
        "items",
        "barcode,title,home_branch,material\nT1,A train,HAR-SHIP,toy\nT2,A boat,HAR-1,toy\nS1,Waves,HAR-1,book\n",
    )
    return library


@pytest.fixture
def kalmar(store: Store, tmp_path: Path) -> Library:
    return Library(store, tmp_path)


def returned(library: Library, item: str, branch: str) -> CheckedIn:
    outcome = library.do(CheckIn(item=item), branch=branch)
    assert isinstance(outcome, CheckedIn)
    return outcome


def homes(library: Library, item: str) -> tuple[str, str, ItemState]:
    found = library.item(item).item
    return found.home_branch, found.present_branch, found.state


def test_a_floating_copy_is_at_home_where_it_is_returned(harbour: Library) -> None:
    back = returned(harbour, "T1", "HAR-1")
    assert (back.route, back.home_branch) == (Route.SHELF, "HAR-1")
    assert homes(harbour, "T1") == ("HAR-1", "HAR-1", ItemState.SHELF)


def test_a_branch_that_does_not_accept_it_sends_it_home(harbour: Library) -> None:
    back = returned(harbour, "T2", "HAR-SHIP")
    assert (back.route, back.destination) == (Route.HOME, "HAR-1")
    assert homes(harbour, "T2") == ("HAR-1", "HAR-SHIP", ItemState.TRANSIT)


def test_a_copy_that_stays_keeps_its_home(harbour: Library) -> None:
    assert returned(harbour, "S1", "HAR-SHIP").route is Route.SHELF
    assert homes(harbour, "S1") == ("HAR-1", "HAR-SHIP", ItemState.SHELF)


def test_an_undone_return_gives_a_floating_copy_its_home_back(harbour: Library) -> None:
    harbour.do(CheckOut(patron="A1", item="T1", fee_accepted=True), branch="HAR-SHIP")
    returned(harbour, "T1", "HAR-1")
    harbour.do(UndoCheckIn(patron="A1", item="T1"))
    assert harbour.item("T1").item.home_branch == "HAR-SHIP"
    assert harbour.item("T1").on_loan


LATE = "patron,barcode,lent,due\n" + "".join(
    f"C1,{barcode},2026-01-02,2026-01-20\n" for barcode in ("S1", "303", "304")
)


def in_the_queue(library: Library, *cards: str) -> None:
    for copy in ("301", "302"):
        library.do(CheckOut(patron="A1", item=copy))
    for card in cards:
        library.do(PlaceHold(patron=card, item="301", scope=HoldScope.ANY_COPY))


def test_no_copy_is_set_aside_for_who_has_too_many_overdue(harbour: Library) -> None:
    in_the_queue(harbour, "C1", "B1")
    harbour.take("loans", LATE)
    assert returned(harbour, "301", "HAR-1").hold_patron_card == "B1"
    assert returned(harbour, "302", "HAR-1").hold_patron_card is None


def test_who_is_late_no_more_is_served_first_again(harbour: Library) -> None:
    in_the_queue(harbour, "C1", "B1")
    harbour.take("loans", LATE)
    returned(harbour, "303", "HAR-1")
    assert returned(harbour, "301", "HAR-1").hold_patron_card == "C1"


def test_a_block_by_hand_may_keep_copies_back_and_ends(kalmar: Library) -> None:
    in_the_queue(kalmar, "C1", "B1")
    block = BlockPatron(patron="C1", note="", stops=frozenset({Operation.CAPTURE}), until=NOW.date())
    kalmar.do(block)
    assert returned(kalmar, "301", "KAL-S").hold_patron_card == "B1"
    kalmar.clock.advance(timedelta(days=1))
    assert returned(kalmar, "302", "KAL-S").hold_patron_card == "C1"


def test_an_expired_hold_passes_over_a_barred_patron_too(kalmar: Library) -> None:
    kalmar.take(
        "holds",
        "patron,barcode,placed,ready_on,pickup_by\nA1,301,2026-01-10,2026-02-02,2026-02-09\n"
        "C1,301,2026-01-11,,\nB1,301,2026-01-12,,\n",
    )
    kalmar.do(BlockPatron(patron="C1", note="", stops=frozenset({Operation.CAPTURE})))
    kalmar.run_jobs(NOW.date())
    assert kalmar.patron("B1").holds[0].ready
    assert not kalmar.patron("C1").holds[0].ready


def test_a_block_that_lifts_late_outlasts_a_bill_that_is_taken_back(harbour: Library) -> None:
    """H-debt comes at 100 and stays until all is paid, though the return takes the debt to 50."""
    harbour.take("loans", "patron,barcode,lent,due,billed_on\nA1,301,2026-01-02,2026-01-05,2026-02-04\n")
    harbour.take(
        "charges",
        "number,patron,kind,amount,raised,barcode\n1,A1,replacement,310.00,2026-02-04,301\n2,A1,misc,50.00,2026-02-04,\n",
    )
    assert returned(harbour, "301", "HAR-1").let_off == Money(31000, "DKK")
    assert harbour.patron("A1").owed == Money(5000, "DKK")
    assert refusals(harbour.do(CheckOut(patron="A1", item="304"))) == [Reason.DEBT_LIMIT]
    harbour.do(PayFee(patron="A1", amount=Money(5000, "DKK")))
    assert isinstance(harbour.do(CheckOut(patron="A1", item="304")), CheckedOut)


def test_a_block_without_a_lower_limit_is_gone_with_the_bill(kalmar: Library) -> None:
    kalmar.take("loans", "patron,barcode,lent,due,billed_on\nA1,301,2025-12-02,2025-12-30,2026-02-04\n")
    kalmar.take("charges", "number,patron,kind,amount,raised,barcode\n1,A1,replacement,310.00,2026-02-04,301\n")
    returned(kalmar, "301", "KAL-S")
    assert isinstance(kalmar.do(CheckOut(patron="A1", item="304")), CheckedOut)


def test_renewing_everything_touches_every_copy_in_the_journal(kalmar: Library) -> None:
    """A checkout that was renewed since is not taken back as if it had never been."""
    kalmar.do(CheckOut(patron="A1", item="303"))
    kalmar.do(CheckOut(patron="A1", item="304"))
    kalmar.clock.advance(timedelta(days=5))
    renewed = kalmar.do(RenewAll(patron="A1"), account="kiosk")
    assert isinstance(renewed, RenewedAll) and len(renewed.renewed) == 2
    rows = kalmar.office.ask(ReadJournal(library="KAL", item="303", refused_only=False))
    assert [(row.command, row.answer) for row in rows] == [("RenewAll", "Renewed"), ("CheckOut", "CheckedOut")]
    undone = kalmar.do(UndoCheckOut(item="303"))
    assert not isinstance(undone, CheckOutUndone)
    assert isinstance(undone, CheckedIn)


def test_what_a_partner_lent_goes_back_to_it_when_nobody_collects_it(store: Store, tmp_path: Path) -> None:
    """Known by the partner's request, whatever the catalogue says of the copy; the fee is charged once (LYS-17)."""
    lysekil = Library(store, tmp_path, LibraryId("LYS"), BranchId("LYS-S"))
    lysekil.do(
        AcceptItem(
            patron="A1",
            item="X9",
            request=RequestNumber(agency="SE-X", value="77"),
            described=Described(title="En bok"),
        ),
        account="partner",
    )
    lysekil.take("items", "barcode,title,home_branch,loan_type\nX9,En bok,LYS-S,normal\n")
    lysekil.clock.advance(timedelta(days=20))
    lysekil.run_jobs(date(2026, 3, 4))
    found = lysekil.item("X9")
    assert (found.state, found.item.destination) == (ItemState.TRANSIT, "LYS-S")
    assert [fee.owed for fee in lysekil.patron("A1").fees] == [Money(2000, "SEK")]
