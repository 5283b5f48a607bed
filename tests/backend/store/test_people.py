"""Two records of one person, consent and agreements, on both databases."""

from pathlib import Path

import pytest

from backend.commands import CheckIn, CheckOut, PayFee, PlaceHold
from backend.model import AccountId, AskedBy, BranchId, LibraryId
from backend.money import Money
from backend.outcomes import CheckedOut, Done, PatronsMerged, Reason, Refused
from backend.people_commands import Agreement, MergePatrons, RecordAgreement, RecordConsent
from backend.staff_commands import BlockPatron, ResetPin
from backend.store.apply_people import names_one
from backend.store.store import Store
from backend.tables import holds, metadata, patrons, payments
from server.office.orders import ReadJournal
from tests.backend.store.moving import Library, refusals
from tests.databases import everything, rows_of


@pytest.fixture
def kalmar(store: Store, tmp_path: Path) -> Library:
    return Library(store, tmp_path)


@pytest.fixture
def asker(store: Store, tmp_path: Path) -> Library:
    return Library(store, tmp_path, LibraryId("ASK"), BranchId("ASK-H"))


MERGE = MergePatrons(patron="A1", other="B1")


def with_a_past(library: Library) -> None:
    """Bo has a loan, a hold, a fee that is half paid, a block and a PIN."""
    for copy in ("301", "302"):
        library.do(CheckOut(patron="C1", item=copy))
    library.do(CheckOut(patron="B1", item="303"))
    library.do(PlaceHold(patron="B1", item="301"))
    library.take("charges", "number,patron,kind,amount,raised\n1,B1,misc,30.00,2026-02-01\n")
    library.do(PayFee(patron="B1", amount=Money(1000, "SEK")))
    library.do(BlockPatron(patron="B1", note="rude"))
    library.do(ResetPin(patron="B1", pin_hash="$argon2id$x"))


def test_everything_becomes_the_first_ones(kalmar: Library) -> None:
    with_a_past(kalmar)
    merged = kalmar.do(MERGE)
    assert isinstance(merged, PatronsMerged)
    assert (merged.loans, merged.holds, merged.fees, merged.blocks) == (1, 1, 1, 1)
    for number in ("A1", "B1"):
        found = kalmar.patron(number)
        assert [loan.barcode for loan in found.loans] == ["303"]
        assert (len(found.holds), found.owed, len(found.blocks)) == (1, Money(2000, "SEK"), 1)
        assert (found.patron.family_name, found.patron.given_name) == ("Berg", "Anna")
        assert found.patron.pin_hash == "$argon2id$x"
    assert len(rows_of(kalmar.store, patrons)) == 2
    (payment,) = rows_of(kalmar.store, payments)
    assert payment[payments.c.keys().index("patron")] == kalmar.patron("A1").patron.id


def test_the_journal_moves_along_and_tells_of_it(kalmar: Library) -> None:
    with_a_past(kalmar)
    kalmar.do(MERGE)
    rows = kalmar.office.ask(ReadJournal(library="KAL", patron="A1", refused_only=False))
    assert [row.command for row in rows][:1] == ["MergePatrons"]
    assert "CheckOut" in {row.command for row in rows}
    assert "B1" not in str(rows[0].asked)


def test_merging_twice_and_rehearsing_change_nothing(kalmar: Library) -> None:
    with_a_past(kalmar)
    before = everything(kalmar.store)
    by = AskedBy(account=AccountId("staff:x"), library=kalmar.name, branch=kalmar.branch)
    assert isinstance(kalmar.circulation.rehearse(MERGE, by), PatronsMerged)
    assert everything(kalmar.store) == before
    kalmar.do(MERGE)
    again = kalmar.do(MERGE)
    assert isinstance(again, Refused)  # they are one record by now
    assert [one.reason for one in again.refusals] == [Reason.SAME_PATRON]


def test_of_two_places_in_one_queue_the_better_stays(kalmar: Library) -> None:
    for copy in ("301", "302"):
        kalmar.do(CheckOut(patron="C1", item=copy))
    kalmar.take("holds", "patron,record,placed\nB1,r1,2026-01-05\nA1,r1,2026-01-10\n")
    merged = kalmar.do(MERGE)
    assert isinstance(merged, PatronsMerged)
    (hold,) = kalmar.patron("A1").holds
    assert str(hold.placed)[:10] == "2026-01-04"  # Bo's, in UTC
    states = sorted(row[holds.c.keys().index("state")] for row in rows_of(kalmar.store, holds))
    assert states == ["cancelled", "waiting"]


def test_the_copy_that_is_set_aside_stays_set_aside(kalmar: Library) -> None:
    for copy in ("301", "302"):
        kalmar.do(CheckOut(patron="C1", item=copy))
    kalmar.take("holds", "patron,record,placed\nB1,r1,2026-01-10\nA1,r1,2026-01-05\n")
    kalmar.do(CheckIn(item="301"))
    kalmar.do(MergePatrons(patron="B1", other="A1"))
    (hold,) = kalmar.patron("B1").holds
    assert hold.ready
    kalmar.take("patrons", "card,home_branch\nD1,KAL-S\nE1,KAL-S\n")
    kalmar.take("holds", "patron,record,placed\nD1,r1,2026-01-20\n")
    kalmar.do(CheckIn(item="302"))
    assert refusals(kalmar.do(MergePatrons(patron="B1", other="D1"))) == [Reason.DUPLICATE_HOLD]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (MergePatrons(patron="A1", other="Z9"), Reason.UNKNOWN_PATRON),
        (MergePatrons(patron="Z9", other="A1"), Reason.UNKNOWN_PATRON),
        (RecordConsent(patron="A1", other="Z9"), Reason.UNKNOWN_PATRON),
        (RecordConsent(patron="A1", other="A1"), Reason.NOT_ALLOWED),
        (RecordConsent(patron="A1", other="K1"), Reason.AGE_LIMIT),
        (RecordAgreement(patron="Z9", what=Agreement.RULES), Reason.UNKNOWN_PATRON),
    ],
)
def test_refusals(asker: Library, command: MergePatrons | RecordConsent | RecordAgreement, reason: Reason) -> None:
    asker.take("patrons", "card,home_branch,birth_date\nK1,ASK-H,2015-01-01\n")
    assert refusals(asker.do(command)) == [reason]


def test_a_child_may_borrow_once_a_guardian_has_signed(asker: Library) -> None:
    asker.take("patrons", "card,home_branch,birth_date,guardian_consent\nK1,ASK-H,2015-01-01,no\n")
    assert Reason.GUARDIAN_MISSING in refusals(asker.do(CheckOut(patron="K1", item="301")))
    assert isinstance(asker.do(RecordConsent(patron="K1", other="A1")), Done)
    assert isinstance(asker.do(CheckOut(patron="K1", item="301")), CheckedOut)
    assert asker.patron("K1").patron.guardian == asker.patron("A1").patron.id
    asker.do(RecordConsent(patron="K1", given=False))
    assert Reason.GUARDIAN_MISSING in refusals(asker.do(CheckOut(patron="K1", item="302")))


def test_agreements(asker: Library) -> None:
    asker.do(RecordAgreement(patron="A1", what=Agreement.RULES, given=False))
    assert Reason.GUARDIAN_MISSING in refusals(asker.do(CheckOut(patron="A1", item="301")))
    asker.do(RecordAgreement(patron="A1", what=Agreement.RULES))
    asker.do(RecordAgreement(patron="A1", what=Agreement.UNSTAFFED))
    assert asker.patron("A1").patron.unstaffed_agreement
    assert isinstance(asker.do(CheckOut(patron="A1", item="301")), CheckedOut)


def test_every_column_that_names_a_patron_is_found() -> None:
    """By its name or its promise: one of a table to come must not be left behind."""
    named = {str(column) for table in metadata.sorted_tables for column in table.c if names_one(column)}
    assert {"loans.patron", "holds.patron", "charges.patron", "payments.patron", "blocks.patron"} <= named
    assert {"patrons.guardian", "identifiers.patron", "invoices.addressed_to", "requests.patron"} <= named
    unpromised = {str(c) for t in metadata.sorted_tables for c in t.c if c.name == "patron" and not names_one(c)}
    assert unpromised == {"journal.patron"}
