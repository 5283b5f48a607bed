"""Ladders with facts made by hand: what is due, what it costs, and to whom it is said."""

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from stdnum import luhn

from backend.changes import AddCharge, AddInvoice, Change, MarkSent, Post, PutLoan
from backend.facts import Facts, LoanFacts, PatronFacts
from backend.jobs.facts import PatronCase, SentBefore
from backend.jobs.reminders import remind
from backend.model import AccountId, AskedBy, BranchId, Channel, ChargeId, FeeKind, NoticeKind, Patron, Sent
from backend.money import Money
from backend.policy.model import Policy
from tests.backend.rules.make import FilePolicies, item, loan, moment, patron, policy_set


def case(who: Patron, day: str, *loans: LoanFacts, sent: tuple[SentBefore, ...] = (), **told: Any) -> PatronCase:
    home = who.home_branch
    facts = Facts(
        now=moment(home, f"{day} 06:00"),
        asked_by=AskedBy(account=AccountId("job"), library=who.library, branch=BranchId(home), channel=Channel.JOB),
        policies=told.pop("policies", FilePolicies(policy_set())),
        ids=count(500_000),
    )
    about = PatronFacts(patron=who, loans=loans)
    return PatronCase(facts=replace(facts, patron=about), who=about, day=date.fromisoformat(day), sent=sent, **told)


def steps(of: LoanFacts, *days: str, fees: tuple[int, ...] = ()) -> tuple[SentBefore, ...]:
    """The first steps of the ladder as they were sent on these days."""
    made = []
    for number, day in enumerate(days):
        fee = fees[number] if number < len(fees) else 0
        sent = Sent(
            library=of.loan.library,
            kind=NoticeKind.AFTER_DUE,
            loan=of.loan.id,
            for_day=of.loan.due_on,
            step=number,
            sent_on=date.fromisoformat(day),
            row="row",
            policy="hash",
            charge=ChargeId(9000 + number) if fee else None,
        )
        made.append(SentBefore(sent=sent, amount=Money(fee, "NOK") if fee else None))
    return tuple(made)


def fees(changes: tuple[Change, ...]) -> dict[FeeKind, int]:
    found: dict[FeeKind, int] = {}
    for change in changes:
        if isinstance(change, AddCharge):
            found[change.charge.kind] = found.get(change.charge.kind, 0) + change.charge.amount.minor
    return found


def marks(changes: tuple[Change, ...]) -> list[int]:
    return [change.sent.step for change in changes if isinstance(change, MarkSent)]


N1 = patron("N1")
NB1, NB2 = loan(item("NB1"), N1, "2026-03-10"), loan(item("NB2"), N1, "2026-03-10")


@pytest.mark.parametrize(
    ("day", "sent", "due"),
    [
        ("2026-03-23", (), []),  # a day early
        ("2026-03-24", (), [0]),
        ("2026-04-09", (), [0]),  # after an outage: the first, however late
        ("2026-04-22", ("2026-04-09",), []),  # fourteen days after the first was sent
        ("2026-04-23", ("2026-04-09",), [1]),
        ("2026-04-23", ("2026-03-24",), [1]),
        ("2026-05-30", ("2026-03-24", "2026-04-07", "2026-04-21"), []),  # the ladder has three steps
    ],
)
def test_a_step_is_due_by_days_late_and_by_the_step_before(day: str, sent: tuple[str, ...], due: list[int]) -> None:
    assert marks(remind(case(N1, day, NB1, sent=steps(NB1, *sent))).changes) == due


def test_loans_of_one_due_date_share_a_notice_and_its_fee() -> None:
    sent = (*steps(NB1, "2026-03-24"), *steps(NB2, "2026-03-24"))
    changes = remind(case(N1, "2026-04-07", NB1, NB2, sent=sent)).changes
    assert fees(changes) == {FeeKind.REMINDER: 5000}
    assert len([change for change in changes if isinstance(change, Post)]) == 1


def test_a_level_charges_what_is_not_charged_yet() -> None:
    sent = steps(NB1, "2026-03-24", "2026-04-07", fees=(0, 5000))
    assert fees(remind(case(N1, "2026-04-21", NB1, sent=sent)).changes) == {
        FeeKind.REMINDER: 5000,
        FeeKind.REPLACEMENT: 36000,
    }


def test_while_a_claim_stands_nothing_is_due() -> None:
    claimed = replace(NB1, loan=replace(NB1.loan, claimed_returned=True))
    assert remind(case(N1, "2026-05-30", claimed)).changes == ()


def test_a_renewal_begins_anew() -> None:
    renewed = loan(item("NB1"), N1, "2026-04-09")
    assert marks(remind(case(N1, "2026-04-23", renewed, sent=steps(NB1, "2026-03-24"))).changes) == [0]


def test_a_bill_has_one_invoice_with_a_number_that_checks() -> None:
    a1 = patron("A1")
    loans = [loan(item(name), a1, "2026-03-09") for name in ("AB1", "AC1")]
    sent = tuple(one for of in loans for one in steps(of, "2026-03-16", "2026-03-30"))
    changes = remind(case(a1, "2026-04-20", *loans, sent=sent)).changes
    [invoice] = [change.invoice for change in changes if isinstance(change, AddInvoice)]
    assert invoice.amount == Money(80000, "NOK")
    assert luhn.is_valid(invoice.kid)
    assert [change.loan.billed_on for change in changes if isinstance(change, PutLoan)] == [date(2026, 4, 20)] * 2
    [letter] = [change.letter for change in changes if isinstance(change, Post)]
    assert (letter.template, json.loads(letter.data)["kid"]) == ("invoice", invoice.kid)


def test_a_childs_bill_goes_to_the_guardian() -> None:
    k1 = patron("K1", email="k1@example.org")
    k6 = patron("K6", birth_date=date(2015, 9, 1), guardian=k1.id)
    changes = remind(case(k6, "2026-05-01", loan(item("KB3"), k6, "2026-03-02"), guardian=k1)).changes
    [letter] = [change.letter for change in changes if isinstance(change, Post)]
    assert (letter.addressee, letter.recipient) == (k1.id, "k1@example.org")


class Dearer(FilePolicies):
    """From the first of April the second reminder costs sixty."""

    def of(self, library: Any, at: Any) -> Policy:
        policy = super().of(library, at)
        if at < moment("NYN-1", "2026-04-01 00:00"):
            return policy
        rows = [
            replace_row(row, Money(6000, "NOK")) if row.fee == Money(5000, "NOK") else row for row in policy.rows.notice
        ]
        return replace(policy, rows=replace(policy.rows, notice=tuple(rows)))


def replace_row(row: Any, fee: Money) -> Any:
    return row.model_copy(update={"fee": fee})


@pytest.mark.parametrize(("day", "fee"), [("2026-03-31", 5000), ("2026-04-07", 6000)])
def test_a_new_price_holds_from_its_day(day: str, fee: int) -> None:
    due = date.fromisoformat(day) - timedelta(days=28)
    of = loan(item("NB1"), N1, due.isoformat())
    sent = steps(of, (due + timedelta(days=14)).isoformat())
    changes = remind(case(N1, day, of, sent=sent, policies=Dearer(policy_set()))).changes
    assert fees(changes) == {FeeKind.REMINDER: fee}
