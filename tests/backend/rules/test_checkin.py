"""Returns: fines fixed, dates believed or not, bills taken back, and where the item goes."""

from dataclasses import replace
from typing import Any

import pytest

from backend.changes import AddCharge, CloseLoan, NoteForStaff, PutHold, PutItem, SettleCharge
from backend.commands import CheckIn, Happened
from backend.facts import Decision, ItemFacts, LoanFacts
from backend.model import BranchId, FeeKind, HoldState, ItemState
from backend.outcomes import CheckedIn, Reason, Refused, Route
from backend.rehearsal.replay import Always
from backend.rules.checkin import check_in
from tests.backend.rules.make import (
    asked_by,
    charge,
    day,
    facts,
    hold,
    item,
    lent_out,
    loan,
    moment,
    money,
    patron,
    policy_of,
)

K1, K3, L1, A1 = patron("K1"), patron("K3"), patron("L1"), patron("A1")


def given_back(
    branch: str, when: str, what: ItemFacts, *, by: Any = None, **said: Any
) -> tuple[CheckedIn, tuple[Any, ...]]:
    decision = check_in(facts(branch, when, what=what, by=by), CheckIn(item=what.item.barcode, **said))
    assert isinstance(decision.outcome, CheckedIn), decision.outcome
    return decision.outcome, decision.changes


def one(changes: tuple[Any, ...], kind: type) -> Any:
    (found,) = [change for change in changes if isinstance(change, kind)]
    return found


def late(name: str, due: str, who: str = "K1", **more: Any) -> ItemFacts:
    borrower = patron(who)
    return lent_out(loan(item(name), borrower, due, **more), borrower)


@pytest.mark.parametrize(
    ("branch", "what", "who", "due", "back", "fine", "days"),
    [
        ("KAL-S", "KB3", "K1", "2026-03-02", "2026-03-02 23:30", None, 0),  # S-065: the due date itself is never late
        ("KAL-S", "KB3", "K1", "2026-03-02", "2026-03-03", "2.00", 1),
        ("KAL-S", "KB3", "K1", "2026-03-02", "2026-03-12", "20.00", 10),
        ("KAL-S", "KFF1", "K1", "2026-03-27", "2026-03-31 10:00", "20.00", 4),  # S-066: across the clock change
        ("KAL-S", "KB3", "K1", "2026-12-23", "2026-12-28", "10.00", 5),  # S-067: closed days count
        ("KAL-S", "KG1", "K1", "2026-03-02", "2026-03-07", "10.00", 5),  # S-068: a game is not a film
        ("KAL-S", "KFM1", "K1", "2026-03-02", "2026-03-07", "25.00", 5),
        ("LYS-S", "LB1", "L1", "2026-03-02", "2026-03-09", "5.00", 7),  # S-070: started weeks
        ("LYS-S", "LB1", "L1", "2026-03-02", "2026-03-10", "10.00", 8),
        ("LYS-S", "L7", "L1", "2026-03-02", "2026-03-10", "16.00", 8),  # S-071
        ("LYS-S", "L14", "L1", "2026-03-02", "2026-03-10", "8.00", 8),
        ("LYS-S", "LC1", "L1", "2026-03-02", "2026-03-10", None, 8),  # S-072: children's books, whoever borrows
        ("LYS-S", "LDC1", "L5", "2026-03-02", "2026-03-10", "80.00", 8),
        ("LYS-S", "LD1", "L1", "2026-03-02", "2026-03-12", "100.00", 10),  # S-073: the cap, exactly
        ("LYS-S", "LD1", "L1", "2026-03-02", "2026-03-13", "100.00", 11),
        ("LYS-S", "LB1", "L2", "2026-03-02", "2026-03-22", None, 0),  # S-075: home service
        ("ASK-H", "AB1", "A1", "2026-03-09", "2026-04-10", None, 32),  # S-077: no fines in Asker
        ("KAL-S", "KB3", "K1", "2028-02-28", "2028-03-01", "4.00", 2),  # S-079: leap day
        ("KAL-S", "KFD1", "K1", "2026-03-02", "2026-04-20", "245.00", 49),  # S-080: no cap in Kalmar
    ],
)
def test_the_fine_is_fixed_at_the_return(
    branch: str, what: str, who: str, due: str, back: str, fine: str | None, days: int
) -> None:
    outcome, changes = given_back(branch, back, late(what, due, who))
    charged = [change.charge for change in changes if isinstance(change, AddCharge)]
    assert (outcome.fine.text() if outcome.fine else None, outcome.days_late) == (fine, days)
    assert [one.amount.text() for one in charged] == ([fine] if fine else [])
    assert one(changes, CloseLoan).at == moment(branch, back)
    assert [note.reason for note in outcome.notes] == ([Reason.FINE_ON_RETURN] if fine else [])


@pytest.mark.parametrize(
    ("by", "said", "fine"),
    [
        ({"may_backdate": True}, "2026-03-07 20:00", "2.00"),  # S-078: the sorter is believed
        ({}, "2026-03-07 20:00", "6.00"),  # another machine is not
        ({"may_backdate": True}, "2026-03-20", "6.00"),  # nobody gives back tomorrow
        ({"may_backdate": True}, "2025-12-01", "6.00"),  # nor before the loan
        ({"may_backdate": True}, None, "6.00"),
    ],
)
def test_whose_return_date_is_believed(by: dict[str, Any], said: str | None, fine: str) -> None:
    returned = moment("KAL-S", said) if said else None
    asker = asked_by("KAL-S", **by)
    outcome, _ = given_back("KAL-S", "2026-03-09", late("KB3", "2026-03-06"), by=asker, returned=returned)
    assert outcome.fine is not None and outcome.fine.text() == fine


@pytest.mark.parametrize(
    ("day_back", "fine"),
    [("2026-03-07", "2.00"), ("2026-03-02 08:00", None), ("2026-03-01", "6.00")],
)
def test_an_off_line_return_counts_for_a_week(day_back: str, fine: str | None) -> None:
    asker = asked_by("KAL-S", offline=True)
    happened = Happened(at=moment("KAL-S", day_back))
    outcome, _ = given_back("KAL-S", "2026-03-09", late("KB3", "2026-03-06"), by=asker, happened=happened)
    assert (outcome.fine.text() if outcome.fine else None) == fine


def test_a_fine_that_nobody_has_set_charges_nothing_and_is_work_for_staff() -> None:
    outcome, changes = given_back("KAL-S", "2026-03-12", late("KB3", "2026-03-02", branch="KAL-BUS"))
    assert outcome.fine is None
    assert [note.reason for note in outcome.notes] == [Reason.FEE_NOT_SET]
    assert not [change for change in changes if isinstance(change, AddCharge)]
    assert any(getattr(change, "reason", None) == Reason.FEE_NOT_SET for change in changes)


def billed(paid: bool = False, owed: str = "450.00") -> ItemFacts:
    lent = loan(item("AB1"), A1, "2026-03-09", billed_on=day("2026-04-20"))
    bill = charge(A1, "450.00", FeeKind.REPLACEMENT)
    bill = replace(bill, loan=lent.loan.id, owed=money("0.00" if paid else owed, "ASK"))
    return replace(lent_out(lent, A1), charges=(bill,))


def by_the_row(back: ItemFacts, returned: str, **rule: Any) -> Decision:
    """Asker's rules but for this of what a replacement costs."""
    policy = policy_of("ASK-H")
    rows = tuple(row.model_copy(update=rule) for row in policy.rows.replacement)
    changed = Always(replace(policy, rows=replace(policy.rows, replacement=rows)))
    return check_in(replace(facts("ASK-H", returned, what=back), policies=changed), CheckIn(item="AB1"))


def test_an_unpaid_replacement_is_taken_back() -> None:
    outcome, changes = given_back("ASK-H", "2026-04-24", billed(paid=False))
    assert (outcome.route, outcome.let_off) == (Route.STAFF, money("450.00", "ASK"))
    assert [note.reason for note in outcome.notes] == [Reason.FOUND_AFTER_BILL]
    assert one(changes, SettleCharge).amount == money("450.00", "ASK")


@pytest.mark.parametrize(("returned", "given_back_by_staff"), [("2026-04-30", True), ("2026-05-01", False)])
def test_a_paid_replacement_is_refunded_where_the_policy_says_so(returned: str, given_back_by_staff: bool) -> None:
    decision = by_the_row(billed(paid=True), returned, refund_days=10)
    notes = [change for change in decision.changes if isinstance(change, NoteForStaff)]
    assert bool(notes) is given_back_by_staff
    assert not notes or notes[0].text.endswith(" 450.00")


@pytest.mark.parametrize(
    ("returned", "said", "given_back_by_staff"),
    [
        ("2026-04-30", [Reason.FOUND_AFTER_BILL], "150.00"),
        ("2026-05-01", [Reason.FOUND_AFTER_BILL, Reason.FOUND_AFTER_PAYMENT], None),
    ],
)
def test_of_a_replacement_that_is_paid_in_part(
    returned: str, said: list[Reason], given_back_by_staff: str | None
) -> None:
    """What is unpaid is let off; what is paid goes by the same rule as a whole that is paid (C-24)."""
    decision = by_the_row(billed(owed="300.00"), returned, refund_days=10)
    assert isinstance(decision.outcome, CheckedIn)
    assert decision.outcome.let_off == money("300.00", "ASK")
    assert [note.reason for note in decision.outcome.notes] == said
    assert one(decision.changes, SettleCharge).amount == money("300.00", "ASK")
    told = [change.text.split()[-1] for change in decision.changes if isinstance(change, NoteForStaff)]
    assert told == ([given_back_by_staff] if given_back_by_staff else [])


def test_a_bill_that_stands_stands() -> None:
    decision = by_the_row(billed(owed="300.00"), "2026-04-24", cancel_on_return=False)
    assert isinstance(decision.outcome, CheckedIn)
    assert [note.reason for note in decision.outcome.notes] == [Reason.BILLED]
    assert not [change for change in decision.changes if isinstance(change, SettleCharge)]


def test_a_paid_replacement_is_not_refunded() -> None:
    outcome, changes = given_back("ASK-H", "2026-04-24", billed(paid=True))
    assert (outcome.route, outcome.let_off) == (Route.STAFF, None)
    assert [note.reason for note in outcome.notes] == [Reason.FOUND_AFTER_PAYMENT]
    assert not [change for change in changes if isinstance(change, SettleCharge)]


@pytest.mark.parametrize(
    ("branch", "waits_at", "route", "destination", "state"),
    [
        ("KAL-S", None, Route.SHELF, None, None),
        ("KAL-B", None, Route.HOME, "KAL-S", ItemState.TRANSIT),  # S-062
        ("KAL-S", "KAL-S", Route.HOLD_HERE, None, ItemState.HOLD_SHELF),  # S-059
        ("KAL-B", "KAL-S", Route.HOLD_ELSEWHERE, "KAL-S", ItemState.TRANSIT),
        ("LYS-S", None, Route.OTHER_LIBRARY, "KAL-S", ItemState.TRANSIT),  # NOR-01
    ],
)
def test_where_it_goes(
    branch: str, waits_at: str | None, route: Route, destination: str | None, state: ItemState | None
) -> None:
    waiting = (hold(item("KB3"), K3, pickup=BranchId(waits_at)),) if waits_at else ()
    back = lent_out(loan(item("KB3"), K1, "2026-03-20"), K1, waiting)
    outcome, changes = given_back(branch, "2026-03-02", back)
    assert (outcome.route, outcome.destination) == (route, destination)
    moved = [change for change in changes if isinstance(change, PutItem)]
    assert [(change.state, change.destination) for change in moved] == ([(state, destination)] if state else [])


@pytest.mark.parametrize(
    ("what", "reached", "last_day"),
    [("KB3", "2026-03-02", "2026-03-09"), ("KFF1", "2026-03-04", "2026-03-09"), ("KG1", "2026-03-02", "2026-03-06")],
)
def test_the_pickup_shelf_keeps_it_so_long(what: str, reached: str, last_day: str) -> None:
    back = lent_out(loan(item(what), K1, "2026-03-20"), K1, (hold(item(what), K3),))
    outcome, changes = given_back("KAL-S", reached, back)
    kept = one(changes, PutHold).hold
    assert (kept.state, kept.pickup_by, kept.trapped) == (HoldState.READY, day(last_day), item(what).id)
    assert outcome.hold == kept.id
    assert outcome.hold_reference == kept.reference != ""


@pytest.mark.parametrize(
    ("changed", "caught"),
    [
        ({}, True),
        ({"suspended": True}, False),
        ({"expires": day("2026-03-01")}, False),
        ({"expires": day("2026-03-02")}, True),
        ({"item": item("KB2").id}, False),
        ({"item": item("KB3").id}, True),
    ],
)
def test_which_hold_a_copy_fills(changed: dict[str, Any], caught: bool) -> None:
    back = lent_out(loan(item("KB3"), K1, "2026-03-20"), K1, (hold(item("KB3"), K3, **changed),))
    outcome, _ = given_back("KAL-S", "2026-03-02", back)
    assert (outcome.route is Route.HOLD_HERE) is caught


def test_an_express_copy_fills_no_hold() -> None:
    """S-055."""
    back = lent_out(loan(item("AX1"), A1, "2026-03-20"), A1, (hold(item("AX1"), patron("A4")),))
    outcome, _ = given_back("ASK-H", "2026-03-02", back)
    assert outcome.route is Route.SHELF


def test_a_copy_that_arrives_for_a_hold_is_ready_from_today() -> None:
    travelling = hold(item("KB3"), K3, state=HoldState.TRANSIT, trapped=item("KB3").id)
    on_its_way = item("KB3", state=ItemState.TRANSIT, present_branch=BranchId("KAL-B"), destination=BranchId("KAL-S"))
    outcome, changes = given_back("KAL-S", "2026-03-02", ItemFacts(item=on_its_way, holds=(travelling,)))
    assert outcome.route is Route.HOLD_HERE
    assert one(changes, PutHold).hold.pickup_by == day("2026-03-09")


@pytest.mark.parametrize(("accepts", "notes"), [(True, []), (False, [Reason.NOT_ON_LOAN])])
def test_what_was_not_on_loan_is_taken_all_the_same(accepts: bool, notes: list[Reason]) -> None:
    asker = asked_by("KAL-S", free_return_ok=accepts)
    outcome, changes = given_back("KAL-S", "2026-03-02", ItemFacts(item=item("KB3")), by=asker)
    assert (outcome.loan, [note.reason for note in outcome.notes], changes) == (None, notes, ())


def test_an_item_that_we_do_not_know_is_refused() -> None:
    outcome = check_in(facts("KAL-S"), CheckIn(item="nothing")).outcome
    assert isinstance(outcome, Refused)
    assert [one.reason for one in outcome.refusals] == [Reason.UNKNOWN_ITEM]


def test_what_the_patron_claims_to_have_returned_goes_to_staff() -> None:
    lent: LoanFacts = loan(item("AB1"), A1, "2026-03-09", claimed_returned=True)
    outcome, changes = given_back("ASK-H", "2026-03-19", lent_out(lent, A1))
    assert outcome.route is Route.STAFF
    assert one(changes, CloseLoan).loan == lent.loan.id


OFF_LINE = asked_by("KAL-S", offline=True)


def notes_for_staff(changes: tuple[Any, ...]) -> list[str]:
    return [change.reason for change in changes if isinstance(change, NoteForStaff)]


def test_a_return_uploaded_late_does_not_end_a_newer_loan() -> None:
    """Given back at ten, lent again at noon, uploaded at three."""
    again = late("KB3", "2026-04-06", lent="2026-03-09 12:00")
    happened = Happened(at=moment("KAL-S", "2026-03-09 10:00"))
    outcome, changes = given_back("KAL-S", "2026-03-09 15:00", again, by=OFF_LINE, happened=happened)
    assert (outcome.loan, outcome.patron_card, outcome.route) == (None, None, Route.STAFF)
    assert notes_for_staff(changes) == [Reason.DATE_NOT_BELIEVED]
    assert len(changes) == 1 and not outcome.notes


@pytest.mark.parametrize("said", ["2026-02-20", "2026-03-20", "1970-01-01"])
def test_an_upload_by_a_wrong_clock_counts_from_now_and_staff_are_told(said: str) -> None:
    happened = Happened(at=moment("KAL-S", said))
    _, changes = given_back("KAL-S", "2026-03-09", late("KB3", "2026-03-06"), by=OFF_LINE, happened=happened)
    assert one(changes, CloseLoan).at == moment("KAL-S", "2026-03-09")
    assert notes_for_staff(changes) == [Reason.DATE_NOT_BELIEVED]


def test_an_upload_that_cannot_be_taken_is_not_lost() -> None:
    asked = CheckIn(item="nothing", happened=Happened(at=moment("KAL-S", "2026-03-08")))
    decision = check_in(facts("KAL-S", "2026-03-09", by=OFF_LINE), asked)
    assert isinstance(decision.outcome, Refused)
    assert notes_for_staff(decision.changes) == [Reason.UNKNOWN_ITEM]


def test_an_upload_of_what_is_in_already_is_no_news() -> None:
    happened = Happened(at=moment("KAL-S", "2026-03-08"))
    outcome, changes = given_back("KAL-S", "2026-03-09", ItemFacts(item=item("KB3")), by=OFF_LINE, happened=happened)
    assert (outcome.notes, changes) == ((), ())


def test_a_reference_copy_fills_no_hold() -> None:
    reference = item("Iref", flags=frozenset({"reference"}))
    waiting = hold(reference, patron("I2"))
    outcome, _ = given_back("INV-1", "2026-03-02", ItemFacts(item=reference, holds=(waiting,)))
    assert outcome.route is Route.SHELF


def test_a_copy_wanted_at_another_library_is_routed_as_theirs() -> None:
    waiting = hold(item("AB1"), A1, pickup=BranchId("NYN-1"))
    outcome, _ = given_back("ASK-H", "2026-03-02", ItemFacts(item=item("AB1"), holds=(waiting,)))
    assert (outcome.route, outcome.destination, outcome.destination_library) == (Route.OTHER_LIBRARY, "NYN-1", "NYN")


@pytest.mark.parametrize(("expires", "shelved"), [("2026-03-20", False), ("2026-03-21", True), (None, True)])
def test_what_comes_when_it_is_of_no_use_any_more(expires: str | None, shelved: bool) -> None:
    """LYS-21: on its way when its last useful day went by; it goes on, without a fee."""
    copy = item("KB3", state=ItemState.TRANSIT, destination=BranchId("KAL-B"))
    ordered = hold(copy, K1, trapped=copy.id, state=HoldState.TRANSIT, pickup=BranchId("KAL-B"))
    ordered = replace(ordered, hold=replace(ordered.hold, expires=day(expires) if expires else None))
    outcome, changes = given_back("KAL-B", "2026-03-21", ItemFacts(item=copy, holds=(ordered,)))
    assert outcome.route is (Route.HOLD_HERE if shelved else Route.HOME)
    assert one(changes, PutHold).hold.state is (HoldState.READY if shelved else HoldState.EXPIRED)
    assert [change for change in changes if isinstance(change, AddCharge)] == []
