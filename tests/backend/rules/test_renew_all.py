"""Renewing everything at once, and renewing at a checkout."""

from dataclasses import replace

from backend.changes import AddCharge, PutLoan
from backend.commands import CheckOut, RenewAll
from backend.facts import PatronFacts
from backend.outcomes import CheckedOut, NoneRenewed, Reason, RenewedAll
from backend.rules.decide import decide
from tests.backend.rules.asking import longer, reasons
from tests.backend.rules.make import charge, facts, hold, item, lent_out, loan, moment, money, patron

# ---- all at once --------------------------------------------------------------------------------


def test_renew_all_extends_what_may_be_extended() -> None:
    k1 = patron("K1")
    loans = (
        loan(item("KB3"), k1, "2026-02-09"),
        loan(item("KX1"), k1, "2026-02-16"),
        loan(item("KFF1"), k1, "2026-02-10", renewals=1),
    )
    given = facts("KAL-S", "2026-02-09", who=PatronFacts(patron=k1, loans=loans))
    decision = decide(given, RenewAll(patron="K1"))  # S-050
    outcome = decision.outcome
    assert isinstance(outcome, RenewedAll)
    assert [(line.barcode, line.due) for line in outcome.renewed] == [("KB3", moment("KAL-S", "2026-03-09 23:59:59"))]
    assert [(line.barcode, [one.reason for one in line.refusals]) for line in outcome.unrenewed] == [
        ("KX1", [Reason.NOT_RENEWABLE]),
        ("KFF1", [Reason.MAX_RENEWALS]),
    ]
    assert longer(decision).item == item("KB3").id


def test_renew_all_sees_each_title_s_waiting_list_and_the_fees() -> None:
    i1 = patron("I1")
    book, film = loan(item("Ibook"), i1, "2026-02-13"), loan(item("Ifilm", material="film"), i1, "2026-02-13")
    given = facts("INV-1", who=PatronFacts(patron=i1, loans=(book, film)))
    refused = decide(given, RenewAll(patron="I1")).outcome
    assert isinstance(refused, RenewedAll)
    assert [line.refusals[0].reason for line in refused.unrenewed] == [Reason.FEE_ACK]
    accepted = decide(given, RenewAll(patron="I1", fee_accepted=True)).outcome
    assert isinstance(accepted, RenewedAll)
    assert (len(accepted.renewed), accepted.fee) == (2, money("5.00", "INV"))
    k1 = patron("K1")
    wanted = replace(loan(item("KB3"), k1, "2026-02-13"), holds=(hold(item("KB3"), patron("K3")),))
    waiting = decide(facts("KAL-S", who=PatronFacts(patron=k1, loans=(wanted,))), RenewAll(patron="K1")).outcome
    assert isinstance(waiting, RenewedAll)
    assert [line.refusals[0].reason for line in waiting.unrenewed] == [Reason.WAITING_LIST]


def test_renew_all_of_a_blocked_patron_is_refused_whole() -> None:
    k1 = patron("K1")
    poor = PatronFacts(patron=k1, loans=(loan(item("KB3"), k1, "2026-02-13"),), charges=(charge(k1, "75.00"),))
    decision = decide(facts("KAL-S", who=poor), RenewAll(patron="K1"))
    assert reasons(decision) == [Reason.DEBT_LIMIT]
    assert decision.changes == ()
    assert isinstance(decision.outcome, NoneRenewed)
    assert [(line.barcode, line.refusals[0].reason) for line in decision.outcome.unrenewed] == [
        ("KB3", Reason.DEBT_LIMIT)
    ]


def test_renew_all_of_nothing_is_nothing() -> None:
    outcome = decide(facts("KAL-S", who=patron("K1")), RenewAll(patron="K1")).outcome
    assert isinstance(outcome, RenewedAll)
    assert (outcome.renewed, outcome.unrenewed) == ((), ())


def test_a_checkout_that_renews_fixes_the_fine_too() -> None:
    k1 = patron("K1")
    lent = loan(item("KB3"), k1, "2026-03-02")
    given = facts("KAL-S", "2026-03-05", who=k1, what=lent_out(lent, k1))
    decision = decide(given, CheckOut(patron="K1", item="KB3", renew_if_mine=True))
    assert isinstance(decision.outcome, CheckedOut)
    assert [type(change) for change in decision.changes] == [AddCharge, PutLoan]
