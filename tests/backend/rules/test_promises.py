"""Promises that hold whatever is asked in whatever order: one open loan an item, no due date shortened, no fee without
a row. A small shelf of records in memory takes each decision's changes as the database would.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, singledispatchmethod

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.changes import (
    AddBlock,
    AddCharge,
    Change,
    CloseLoan,
    NoteForStaff,
    OpenLoan,
    PutHold,
    PutItem,
    PutLoan,
    ReopenLoan,
)
from backend.commands import CheckOut, Happened, Renew, RenewAll
from backend.facts import Facts, HoldFacts, ItemFacts, LoanFacts, PatronFacts
from backend.model import Charge, HoldState, Item, Loan, LoanId
from backend.outcomes import CheckedOut, Refused, Renewed
from backend.rules.decide import decide
from tests.backend.rules.make import asked_by, facts, hold, item, moment, patron, policy_of

PLACES = {
    "KAL": (["KAL-S", "KAL-B", "KAL-BUS"], ["K1", "K2", "K3"], ["KB1", "KB2", "KX1", "KFF1", "KG1"]),
    "LYS": (["LYS-S", "LYS-F"], ["L1", "L2", "L5"], ["LB1", "LD1", "LC1", "L7"]),
    "NYN": (["NYN-1"], ["N1", "N2"], ["NB1", "NF1", "NS1"]),
    "INV": (["INV-1", "INV-2"], ["I1", "I3"], ["Ibook", "Iscore", "Ilaptop", "Ifilm"]),
}
MATERIALS = {"Iscore": "score", "Ilaptop": "laptop", "Ifilm": "film"}


Lending = CheckOut | Renew | RenewAll


@cache
def rows_of(library: str) -> frozenset[str]:
    rows = policy_of(f"{library}-x").rows
    return frozenset(row.id for row in (*rows.overdue, *rows.fee))


@dataclass
class Records:
    """What the database would hold; breaking one of its promises fails here as it would there."""

    loans: dict[LoanId, Loan] = field(default_factory=dict)
    charges: list[Charge] = field(default_factory=list)
    holds: list[HoldFacts] = field(default_factory=list)

    def queue(self, copy: Item) -> tuple[HoldFacts, ...]:
        return tuple(one for one in self.holds if one.hold.title_id == copy.title_id)

    @singledispatchmethod
    def take(self, change: Change) -> None:
        raise AssertionError(f"a lending rule makes no {type(change).__name__}")

    @take.register
    def _(self, change: OpenLoan) -> None:
        assert all(loan.item != change.loan.item for loan in self.loans.values())
        self.loans[change.loan.id] = change.loan

    @take.register
    def _(self, change: CloseLoan) -> None:
        assert change.at >= self.loans.pop(change.loan).lent

    @take.register
    def _(self, change: ReopenLoan) -> None:
        assert all(loan.item != change.loan.item for loan in self.loans.values())
        self.loans[change.loan.id] = change.loan

    @take.register
    def _(self, change: PutLoan) -> None:
        before = self.loans[change.loan.id]
        assert change.loan.due > before.due
        assert change.loan.renewals == before.renewals + 1
        self.loans[change.loan.id] = change.loan

    @take.register
    def _(self, change: AddCharge) -> None:
        charge = change.charge
        assert charge.row in rows_of(charge.library)
        assert charge.amount.minor > 0
        assert 0 <= charge.owed.minor <= charge.amount.minor
        self.charges.append(charge)

    @take.register
    def _(self, change: PutHold) -> None:
        self.holds = [one for one in self.holds if one.hold.id != change.hold.id]
        if change.hold.state is not HoldState.SATISFIED:
            self.holds.append(HoldFacts(hold=change.hold))

    @take.register(PutItem)
    @take.register(AddBlock)
    @take.register(NoteForStaff)
    def _(self, change: Change) -> None:
        pass


@st.composite
def conversations(draw: st.DrawFn, library: str) -> list[tuple[str, int, Lending, bool]]:
    """Steps of (branch, hours since the last, command, at a machine that may be alone)."""
    branches, patrons, items = PLACES[library]
    steps: list[tuple[str, int, Lending, bool]] = []
    for _ in range(draw(st.integers(1, 8))):
        who, what = draw(st.sampled_from(patrons)), draw(st.sampled_from(items))
        back, ahead = draw(st.integers(-50, 300)), draw(st.none() | st.integers(-100, 1000))
        alone = draw(st.booleans())
        started = moment(branches[0], "2026-02-12")
        done = Happened(
            at=started - timedelta(hours=back), due=None if ahead is None else started + timedelta(hours=ahead)
        )
        asked: list[Lending] = [
            CheckOut(patron=who, item=what, renew_if_mine=draw(st.booleans()), fee_accepted=draw(st.booleans())),
            CheckOut(patron=who, item=what, happened=done),
            Renew(patron=who, item=what, third_party=draw(st.booleans())),
            Renew(patron=who, item=what, happened=done),
            RenewAll(patron=who),
        ]
        command = draw(st.sampled_from(asked))
        steps.append((draw(st.sampled_from(branches)), draw(st.integers(0, 1500)), command, alone))
    return steps


def facts_for(records: Records, branch: str, hours: int, command: Lending, alone: bool) -> Facts:
    """What the store would read for `command`, so many hours after the first day."""
    items = {one.id: one for one in map(shelf_item, PLACES[branch[:3]][2])}
    who = patron(command.patron)
    seen = facts(branch, by=asked_by(branch, offline=alone, renews_for_others=True))
    return replace(
        seen,
        now=moment(branch, "2026-02-12") + timedelta(hours=hours),
        patron=PatronFacts(
            patron=who,
            loans=tuple(
                LoanFacts(loan=one, item=items[one.item], holds=records.queue(items[one.item]))
                for one in records.loans.values()
                if one.patron == who.id
            ),
            charges=tuple(charge for charge in records.charges if charge.patron == who.id),
        ),
        item=None if isinstance(command, RenewAll) else item_facts(records, shelf_item(command.item or "")),
    )


def item_facts(records: Records, copy: Item) -> ItemFacts:
    lent = next((one for one in records.loans.values() if one.item == copy.id), None)
    return ItemFacts(item=copy, loan=lent, holds=records.queue(copy))


def shelf_item(name: str) -> Item:
    return item(name, material=MATERIALS[name]) if name in MATERIALS else item(name)


@settings(max_examples=250, deadline=None)
@given(library=st.sampled_from(sorted(PLACES)), data=st.data())
def test_the_promises_hold_in_any_conversation(library: str, data: st.DataObject) -> None:
    _, patrons, items = PLACES[library]
    records = Records(holds=[hold(shelf_item(items[0]), patron(patrons[-1]), number=5)])
    hours = 0
    for number, (branch, pause, command, alone) in enumerate(data.draw(conversations(library))):
        hours += pause + 1
        seen = facts_for(records, branch, hours, command, alone)
        decision = decide(replace(seen, ids=iter(range((number + 1) * 1000, 10**9))), command)
        for change in decision.changes:
            records.take(change)
        told_truly(records, decision.outcome, decision.changes)


def told_truly(records: Records, outcome: object, changes: tuple[Change, ...]) -> None:
    """An answer names the due date that the records have; a refusal has changed nothing."""
    if isinstance(outcome, CheckedOut | Renewed) and outcome.loan in records.loans:
        assert records.loans[outcome.loan].due == outcome.due
    if isinstance(outcome, Refused):
        assert outcome.refusals
        assert all(isinstance(change, NoteForStaff) for change in changes)
