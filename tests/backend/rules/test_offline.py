"""What a machine did while it was alone: taken down as it happened, in whatever order the uploads come."""

from dataclasses import replace
from typing import Any

import pytest

from backend.changes import AddCharge, CloseLoan, NoteForStaff, OpenLoan, PutHold, PutLoan, ReopenLoan
from backend.commands import CheckOut, Happened, Renew
from backend.facts import Decision, Facts, ItemFacts, PatronFacts
from backend.model import CardState, HoldState, ItemState
from backend.outcomes import CheckedOut, Reason, Refused, Renewed
from backend.rules.decide import decide
from tests.backend.rules.make import (
    THURSDAY,
    asked_by,
    charge,
    facts,
    hold,
    item,
    lent_out,
    loan,
    moment,
    money,
    patron,
)


def at_kasse(when: str = THURSDAY, *, who: Any = None, what: Any = None, branch: str = "KAL-S") -> Facts:
    alone = asked_by(branch, offline=True, trusts_patron=False)
    return facts(branch, when, who=who, what=what, by=alone)


def happened(at: str, due: str | None = None, branch: str = "KAL-S") -> Happened:
    return Happened(at=moment(branch, at), due=moment(branch, due) if due else None)


def check_out(given: Facts, what: Happened, **asked: Any) -> Decision:
    who = given.patron.patron.card if given.patron else "nobody"
    barcode = given.item.item.barcode if given.item else "nothing"
    return decide(given, CheckOut(patron=who, item=barcode, happened=what, **asked))


def opened(decision: Decision) -> Any:
    (change,) = [change for change in decision.changes if isinstance(change, OpenLoan)]
    return change.loan


def notes(decision: Decision) -> list[str]:
    return [change.reason for change in decision.changes if isinstance(change, NoteForStaff)]


# ---- loans --------------------------------------------------------------------------


def test_a_loan_counts_from_the_day_it_was_made_in_the_library_s_zone() -> None:
    k1 = patron("K1")
    poor = PatronFacts(patron=k1, charges=(charge(k1, "80.00"),))
    given = at_kasse("2026-02-11 08:00", who=poor, what=item("KB3"))
    decision = check_out(given, happened("2026-02-11 00:30"))  # S-017: 23:30 UTC on the 10th
    assert isinstance(decision.outcome, CheckedOut)
    assert decision.outcome.due == moment("KAL-S", "2026-03-11 23:59:59")
    assert opened(decision).lent == moment("KAL-S", "2026-02-11 00:30")
    assert notes(decision) == ["debt_limit"]
    assert decision.outcome.notes == ()


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (None, "2026-03-10"),
        ("2026-02-20 10:00", "2026-02-20"),  # the machine's promise, to the end of the day
        ("2026-02-10 12:00", "2026-03-10"),  # the present moment is no promise
        ("2026-02-10 18:00", "2026-03-10"),
        ("2026-02-01 12:00", "2026-03-10"),
    ],
)
def test_the_machine_s_due_date_holds_when_it_is_one(due: str | None, expected: str) -> None:
    given = at_kasse(who=patron("K1"), what=item("KB3"))
    made = opened(check_out(given, happened("2026-02-10", due)))
    assert made.due == moment("KAL-S", f"{expected} 23:59:59")
    assert made.due_on.isoformat() == expected


@pytest.mark.parametrize("at", ["2026-02-12 12:01", "2026-03-20", "2026-02-04 12:00", "1999-12-31"])
def test_a_clock_that_cannot_be_right_is_not_believed(at: str) -> None:
    given = at_kasse(who=patron("K1"), what=item("KB3"))
    decision = check_out(given, happened(at))
    assert opened(decision).lent == given.now
    assert opened(decision).due_on.isoformat() == "2026-03-12"
    assert notes(decision) == ["date_not_believed"]


@pytest.mark.parametrize("at", ["2026-02-12 12:00", "2026-02-05 00:00"])
def test_a_week_of_days_is_believed(at: str) -> None:
    decision = check_out(at_kasse(who=patron("K1"), what=item("KB3")), happened(at))
    assert opened(decision).lent == moment("KAL-S", at)
    assert notes(decision) == []


@pytest.mark.parametrize(
    ("who", "what", "expected"),
    [
        (patron("K1", card_state=CardState.LOST), item("KB3"), ["card_lost"]),
        (patron("K2"), item("KG1"), ["age_limit"]),
        (patron("K1"), item("KB3", state=ItemState.WITHDRAWN), ["not_for_loan"]),
    ],
)
def test_every_broken_rule_is_work_for_staff_and_refuses_nothing(who: Any, what: Any, expected: list[str]) -> None:
    decision = check_out(at_kasse(who=who, what=what), happened("2026-02-10"))
    assert isinstance(decision.outcome, CheckedOut)
    assert notes(decision) == expected
    note = next(change for change in decision.changes if isinstance(change, NoteForStaff))
    assert (note.patron, note.item) == (who.id, what.id)
    assert "2026-02-10T12:00:00+01:00" in note.text


def test_what_is_never_lent_gets_the_ordinary_loan() -> None:
    given = at_kasse(who=patron("I1"), what=item("Iatlas", flags=frozenset({"reference"})), branch="INV-1")
    decision = check_out(given, happened("2026-02-10", branch="INV-1"))
    assert opened(decision).due_on.isoformat() == "2026-02-24"
    assert notes(decision) == ["not_for_loan"]


def test_a_fee_that_nobody_accepted_is_not_charged() -> None:
    given = at_kasse(who=patron("I1"), what=item("Ifilm", material="film"), branch="INV-1")
    silent = check_out(given, happened("2026-02-10", branch="INV-1"))
    assert notes(silent) == ["fee_ack"]
    assert not [change for change in silent.changes if isinstance(change, AddCharge)]
    asked = check_out(given, happened("2026-02-10", branch="INV-1"), fee_accepted=True)
    assert notes(asked) == []
    assert [change.charge.row for change in asked.changes if isinstance(change, AddCharge)] == ["film-fee"]


def test_an_account_that_is_never_alone_is_treated_as_on_line() -> None:
    k1 = patron("K1")
    given = facts("KAL-S", who=PatronFacts(patron=k1, charges=(charge(k1, "80.00"),)), what=item("KB3"))
    outcome = check_out(given, happened("2026-02-10")).outcome
    assert isinstance(outcome, Refused)
    assert [one.reason for one in outcome.refusals] == [Reason.DEBT_LIMIT]


# ---- nothing may be lost ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "what", "reason"),
    [(None, item("KB3"), Reason.UNKNOWN_PATRON), (patron("K1"), None, Reason.UNKNOWN_ITEM)],
)
def test_what_cannot_be_taken_down_is_kept_for_staff(who: Any, what: Any, reason: Reason) -> None:
    decision = check_out(at_kasse(who=who, what=what), happened("2026-02-10", "2026-03-01"))
    assert isinstance(decision.outcome, Refused)
    assert [one.reason for one in decision.outcome.refusals] == [reason]
    (note,) = decision.changes
    assert isinstance(note, NoteForStaff)
    assert note.reason == reason
    assert note.text.startswith("checkout off line at 2026-02-10T12:00:00+01:00, due 2026-03-01")


@pytest.mark.parametrize(
    ("number", "kept"), [("11077941012", False), ("19880320-0016", False), ("880320-0016", False), ("N000111222", True)]
)
def test_an_identity_number_is_not_kept(number: str, kept: bool) -> None:
    command = CheckOut(patron=number, item="KB3", happened=happened("2026-02-10"))
    (note,) = decide(at_kasse(what=item("KB3")), command).changes
    assert isinstance(note, NoteForStaff)
    assert (number in note.text) is kept


# ---- somebody else's loan -------------------------------------------------------------------


def test_another_s_loan_ends_when_this_one_begins_with_the_fine_of_that_day() -> None:
    k1, k3 = patron("K1"), patron("K3")
    theirs = loan(item("KB3"), k3, "2026-02-06")
    decision = check_out(at_kasse(who=k1, what=lent_out(theirs, k3)), happened("2026-02-10"))
    kinds = [type(change) for change in decision.changes]
    assert kinds == [AddCharge, CloseLoan, NoteForStaff, OpenLoan]
    fine, closed, note, _ = decision.changes
    assert isinstance(fine, AddCharge)
    assert (fine.charge.patron, fine.charge.amount) == (k3.id, money("8.00"))
    assert closed == CloseLoan(loan=theirs.loan.id, at=moment("KAL-S", "2026-02-10"))
    assert isinstance(note, NoteForStaff)
    assert (note.reason, note.patron) == ("loan_closed_for_other", k3.id)


def test_an_upload_that_comes_late_leaves_the_newer_loan_alone() -> None:
    k1, k3 = patron("K1"), patron("K3")
    theirs = loan(item("KB3"), k3, "2026-03-11", lent="2026-02-11")
    decision = check_out(at_kasse(who=k1, what=lent_out(theirs, k3)), happened("2026-02-10"))
    mine = opened(decision)
    assert isinstance(decision.outcome, CheckedOut)
    assert decision.changes[:4] == (
        CloseLoan(loan=theirs.loan.id, at=theirs.loan.lent),
        OpenLoan(loan=mine),
        CloseLoan(loan=mine.id, at=theirs.loan.lent),
        ReopenLoan(loan=theirs.loan),
    )
    assert (mine.patron, mine.lent) == (k1.id, moment("KAL-S", "2026-02-10"))


def test_a_copy_that_was_set_aside_is_gone_and_its_hold_waits_again() -> None:
    k1, k3 = patron("K1"), patron("K3")
    copy = item("KB3", state=ItemState.HOLD_SHELF)
    held = ItemFacts(item=copy, holds=(hold(copy, k3, ready=True),))
    decision = check_out(at_kasse(who=k1, what=held), happened("2026-02-10"))
    assert notes(decision) == ["held_for_other"]
    (put,) = [change for change in decision.changes if isinstance(change, PutHold)]
    assert (put.hold.state, put.hold.trapped, put.closed_at) == (HoldState.WAITING, None, None)


# ---- the same upload again -------------------------------------------------------------------


def test_a_second_upload_of_the_same_loan_changes_nothing() -> None:
    k1 = patron("K1")
    mine = loan(item("KB3"), k1, "2026-03-10", lent="2026-02-10")
    decision = check_out(at_kasse(who=k1, what=lent_out(mine, k1)), happened("2026-02-10"))
    assert isinstance(decision.outcome, CheckedOut)
    assert (decision.outcome.loan, decision.outcome.due, decision.changes) == (mine.loan.id, mine.loan.due, ())
    older = check_out(at_kasse(who=k1, what=lent_out(mine, k1)), happened("2026-02-09"))
    assert older.changes == ()


def test_a_second_upload_after_the_return_lends_nothing_again() -> None:
    k1 = patron("K1")
    over = replace(ItemFacts(item=item("KB3")), last_loan=loan(item("KB3"), k1, "2026-03-10", lent="2026-02-10").loan)
    assert check_out(at_kasse(who=k1, what=over), happened("2026-02-10")).changes == ()
    assert opened(check_out(at_kasse(who=k1, what=over), happened("2026-02-11")))


def test_borrowing_again_what_one_has_is_a_longer_loan() -> None:
    k1 = patron("K1")
    mine = loan(item("KB3"), k1, "2026-02-20", lent="2026-01-23")
    decision = check_out(at_kasse(who=k1, what=lent_out(mine, k1)), happened("2026-02-10"))
    assert isinstance(decision.outcome, CheckedOut)
    assert decision.outcome.renewed
    assert [change.loan.due_on.isoformat() for change in decision.changes if isinstance(change, PutLoan)] == [
        "2026-03-10"
    ]


# ---- renewals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "promised", "expected", "staff"),
    [
        ("2026-02-20", None, "2026-03-10", []),
        ("2026-02-20", "2026-04-01 12:00", "2026-04-01", []),
        ("2026-02-20", "2026-02-10 12:00", "2026-03-10", []),  # SIP2.NET's "now"
        ("2026-03-20", "2026-03-01 12:00", None, ["due_would_shorten", "no_gain"]),
        ("2026-03-20", None, None, ["no_gain"]),
    ],
)
def test_a_renewal_moves_a_due_date_forward_or_not_at_all(
    due: str, promised: str | None, expected: str | None, staff: list[str]
) -> None:
    k1 = patron("K1")
    mine = loan(item("KB3"), k1, due)
    given = at_kasse(who=k1, what=lent_out(mine, k1))
    decision = decide(given, Renew(patron="K1", item="KB3", happened=happened("2026-02-10", promised)))
    put = [change.loan for change in decision.changes if isinstance(change, PutLoan)]
    assert [one.due_on.isoformat() for one in put] == ([expected] if expected else [])
    assert notes(decision) == staff
    assert isinstance(decision.outcome, Renewed)
    assert decision.outcome.due == (put[0].due if put else mine.loan.due)


def test_a_renewal_that_breaks_a_rule_is_granted_and_told() -> None:
    k1 = patron("K1")
    mine = loan(item("KB3"), k1, "2026-02-09", renewals=3)
    poor = PatronFacts(patron=k1, charges=(charge(k1, "80.00"),))
    queue = [hold(mine.item, patron("K3"))]
    given = at_kasse(who=poor, what=lent_out(mine, k1, queue))
    decision = decide(given, Renew(patron="K1", item="KB3", happened=happened("2026-02-10")))
    assert isinstance(decision.outcome, Renewed)
    assert notes(decision) == ["debt_limit", "max_renewals", "waiting_list"]
    assert [change.charge.amount for change in decision.changes if isinstance(change, AddCharge)] == [money("2.00")]


@pytest.mark.parametrize(
    ("who", "what", "reason"),
    [
        (None, item("KB3"), "unknown_patron"),
        (patron("K1"), None, "unknown_item"),
        (patron("K1"), item("KB3"), "not_on_loan"),
        (patron("K1"), lent_out(loan(item("KB3"), patron("K3"), "2026-03-02"), patron("K3")), "not_on_loan"),
    ],
)
def test_a_renewal_of_nothing_is_kept_for_staff(who: Any, what: Any, reason: str) -> None:
    command = Renew(patron="K1", item="KB3", happened=happened("2026-02-10"))
    decision = decide(at_kasse(who=who, what=what), command)
    assert isinstance(decision.outcome, Refused)
    assert notes(decision) == [reason]
