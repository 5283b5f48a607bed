"""What partners ask of circulation: recalls, reports, requests with numbers, temporary items, patrons."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backend.changes import AddHold, PutHold, PutItem, PutLoan
from backend.commands import CancelHold, PlaceHold
from backend.facts import Decision, Facts, HoldFacts, ItemFacts, PatronFacts
from backend.model import Hold, HoldId, HoldState, ItemState
from backend.outcomes import HoldCancelled, HoldPlaced, Reason
from backend.partner_changes import AddItem, AddPatron, AddTitle, NumberRequest, PutItemRecord, PutPatron
from backend.partner_commands import (
    AcceptItem,
    CreateItem,
    CreatePatron,
    DeleteItem,
    Described,
    LookUpRequest,
    LookUpTitle,
    PersonFields,
    RecallItem,
    Report,
    ReportItem,
    RequestNumber,
    UpdatePatron,
)
from backend.partner_facts import PartnerFacts, RequestedFacts, RequestFacts
from backend.partner_outcomes import Accepted, ItemRecorded, PatronRecorded, Recalled, RequestFound
from backend.rehearsal.replay import Always
from backend.rules.decide import decide
from backend.rules.partner_records import TEMPORARY
from tests.backend.rules import make
from tests.backend.rules.asking import reasons

NUMBER = RequestNumber(agency="ex", value="R-1")
TAKEN = PartnerFacts(request=RequestFacts(id=1, service="RequestItem"))


def kinds(decision: Decision) -> list[type[Any]]:
    return [type(change) for change in decision.changes]


def known(name: str) -> PatronFacts:
    return PatronFacts(patron=make.patron(name))


def lent() -> ItemFacts:
    """KB3, which K1 has until the second of March."""
    borrower = make.patron("K1")
    return make.lent_out(make.loan(make.item("KB3"), borrower, "2026-03-02", lent="2026-02-02"), borrower)


@pytest.fixture
def shelved() -> Facts:
    """K1 and KB3, which stands on the shelf."""
    return make.facts("KAL-S", who=known("K1"), what=ItemFacts(item=make.item("KB3")))


def test_what_is_unknown_is_refused() -> None:
    nothing = make.facts("KAL-S")
    assert reasons(decide(nothing, RecallItem(item="X"))) == [Reason.UNKNOWN_ITEM]
    assert reasons(decide(nothing, DeleteItem(item="X"))) == [Reason.UNKNOWN_ITEM]
    assert reasons(decide(nothing, LookUpTitle(title="X"))) == [Reason.UNKNOWN_TITLE]
    assert reasons(decide(nothing, LookUpRequest(request=NUMBER))) == [Reason.NO_SUCH_HOLD]
    assert reasons(decide(nothing, UpdatePatron(patron="X"))) == [Reason.UNKNOWN_PATRON]
    assert reasons(decide(nothing, AcceptItem(request=NUMBER, patron="X"))) == [Reason.UNKNOWN_PATRON]
    assert reasons(decide(nothing, ReportItem(patron="X", item="Y", report=Report.LOST))) == [Reason.UNKNOWN_PATRON]


def test_an_item_that_is_not_out_is_not_recalled(shelved: Facts) -> None:
    assert reasons(decide(shelved, RecallItem(item="KB3"))) == [Reason.NOT_ON_LOAN]


def test_a_number_is_good_once(shelved: Facts) -> None:
    taken = replace(shelved, partner=TAKEN)
    wish = PlaceHold(patron="20001001", item="KB3", request=NUMBER)
    assert reasons(decide(taken, wish)) == [Reason.REQUEST_TAKEN]
    assert reasons(decide(taken, AcceptItem(request=NUMBER, patron="20001001"))) == [Reason.REQUEST_TAKEN]


def test_an_accepted_item_waits_for_its_patron() -> None:
    facts = make.facts("KAL-S", who=known("K1"))
    decision = decide(facts, AcceptItem(request=NUMBER, patron="20001001", described=Described(title="Far")))
    assert isinstance(decision.outcome, Accepted)
    assert decision.outcome.barcode == "R-1"
    assert kinds(decision) == [AddTitle, AddItem, AddHold, NumberRequest]
    item = next(change.item for change in decision.changes if isinstance(change, AddItem))
    hold = next(change.hold for change in decision.changes if isinstance(change, AddHold))
    assert (item.state, item.loan_type, item.flags) == (ItemState.HOLD_SHELF, "ill", frozenset({TEMPORARY}))
    assert (hold.state, hold.trapped) == (HoldState.READY, item.id)
    assert hold.pickup_by is not None


def test_the_lender_s_due_date_stays_with_the_item() -> None:
    facts = make.facts("KAL-S", who=known("K1"))
    due = facts.policy.time.end_of(date(2026, 4, 1))
    decision = decide(facts, AcceptItem(request=NUMBER, patron="20001001", due=due))
    item = next(change.item for change in decision.changes if isinstance(change, AddItem))
    assert item.lender_due == date(2026, 4, 1)


def test_a_barcode_in_use_is_not_given_again(shelved: Facts) -> None:
    assert reasons(decide(shelved, CreateItem(item="KB3"))) == [Reason.IDENTIFIER_TAKEN]
    assert reasons(decide(shelved, AcceptItem(request=NUMBER, patron="1", item="KB3"))) == [Reason.IDENTIFIER_TAKEN]


def gone(facts: Facts) -> Facts:
    assert facts.item is not None
    item = replace(facts.item.item, flags=frozenset({TEMPORARY}), state=ItemState.WITHDRAWN)
    return replace(facts, item=ItemFacts(item=item))


def test_what_is_gone_comes_back(shelved: Facts) -> None:
    decision = decide(gone(shelved), CreateItem(item="KB3", described=Described(title="Again")))
    assert isinstance(decision.outcome, ItemRecorded)
    assert kinds(decision) == [AddTitle, PutItemRecord]
    assert reasons(decide(gone(shelved), DeleteItem(item="KB3"))) == [Reason.UNKNOWN_ITEM]


def test_only_temporary_items_are_taken_off(shelved: Facts) -> None:
    assert reasons(decide(shelved, DeleteItem(item="KB3"))) == [Reason.NOT_TEMPORARY]
    decision = decide(shelved, DeleteItem(item="KB3", any_item=True))
    (change,) = decision.changes
    assert isinstance(change, PutItemRecord)
    assert change.item.state is ItemState.WITHDRAWN


def test_patrons_are_registered_and_changed(shelved: Facts) -> None:
    person = PersonFields(family_name="Testsson", email="a@example.org")
    assert reasons(decide(shelved, CreatePatron(patron="20001001", person=person))) == [Reason.IDENTIFIER_TAKEN]
    unfit = {"-": Reason.NUMBER_EMPTY, "A|B": Reason.NUMBER_UNSENDABLE, "11077941012": Reason.IDENTITY_NUMBER}  # ASK-05
    for number, why in unfit.items():
        assert reasons(decide(make.facts("ASK-H"), CreatePatron(patron=number, person=person))) == [why]
    made = decide(make.facts("KAL-S"), CreatePatron(patron="NEW", person=person))
    assert isinstance(made.outcome, PatronRecorded)
    assert made.outcome.card == "NEW"
    assert kinds(made) == [AddPatron]
    changed = decide(shelved, UpdatePatron(patron="20001001", person=PersonFields(family_name="", email="")))
    assert kinds(changed) in ([], [PutPatron])
    assert shelved.patron is not None
    for change in changed.changes:
        assert isinstance(change, PutPatron)
        assert change.patron.family_name == shelved.patron.patron.family_name


def test_missing_from_the_shelf(shelved: Facts) -> None:
    decision = decide(shelved, ReportItem(patron="20001001", item="KB3", report=Report.MISSING))
    states = [change.state for change in decision.changes if isinstance(change, PutItem)]
    assert states == [ItemState.MISSING]
    lost = decide(shelved, ReportItem(patron="20001001", item="KB3", report=Report.LOST))
    assert reasons(lost) == [Reason.NOT_YOUR_LOAN]


def held(facts: Facts, *states: HoldState) -> Facts:
    """The patron's holds on the item's title, one for each state."""
    assert facts.patron is not None
    assert facts.item is not None
    holds = tuple(
        HoldFacts(
            hold=Hold(
                id=HoldId(100 + number),
                library=facts.asked_by.library,
                patron=facts.patron.patron.id,
                title_id=facts.item.item.title_id,
                item=facts.item.item.id if number else None,
                state=state,
                pickup=facts.asked_by.branch,
                placed=facts.now,
            )
        )
        for number, state in enumerate(states)
    )
    return replace(facts, item=replace(facts.item, holds=holds))


def test_the_hold_that_is_named_is_the_one_that_ends(shelved: Facts) -> None:
    facts = held(shelved, HoldState.WAITING, HoldState.WAITING)
    for wanted in (100, 101):
        decision = decide(facts, CancelHold(patron="20001001", item="KB3", hold=HoldId(wanted)))
        assert isinstance(decision.outcome, HoldCancelled)
        assert decision.outcome.hold == wanted
        assert [change.hold.id for change in decision.changes if isinstance(change, PutHold)] == [wanted]


def test_our_own_number_names_nobody_else_s_hold(shelved: Facts) -> None:
    facts = held(shelved, HoldState.WAITING)
    assert facts.item is not None
    hold = facts.item.holds[0].hold
    mine = replace(facts, partner=PartnerFacts(requested=RequestedFacts(hold=hold, title="T")))
    assert isinstance(decide(mine, LookUpRequest(request=NUMBER, hold=100, patron="20001001")).outcome, RequestFound)
    stranger = replace(mine, patron=known("K3"))
    assert reasons(decide(stranger, LookUpRequest(request=NUMBER, hold=100, patron="20001003"))) == [
        Reason.NO_SUCH_HOLD
    ]
    assert reasons(decide(mine, LookUpRequest(request=NUMBER, hold=100))) == [Reason.NO_SUCH_HOLD]
    made = replace(mine, partner=PartnerFacts(requested=RequestedFacts(hold=hold, title="T", made_by_asker=True)))
    assert isinstance(decide(made, LookUpRequest(request=NUMBER, hold=100)).outcome, RequestFound)


def test_a_numbered_hold_writes_its_number() -> None:
    facts = make.facts("KAL-S", who=known("K3"), what=lent())
    decision = decide(facts, PlaceHold(patron="20001003", item="KB3", request=NUMBER))
    assert isinstance(decision.outcome, HoldPlaced), decision.outcome
    number = decision.changes[-1]
    assert isinstance(number, NumberRequest)
    assert (number.request, number.hold) == (NUMBER, decision.outcome.hold)


def test_a_borrower_keeps_what_is_recalled_as_long_as_the_library_says() -> None:
    facts = make.facts("KAL-S", what=lent())
    policy = facts.policy
    keeps = tuple(row.model_copy(update={"recall_days": 20}) for row in policy.rows.hold)
    patient = replace(policy, rows=replace(policy.rows, hold=keeps))
    decision = decide(replace(facts, policies=Always(patient)), RecallItem(item="KB3"))
    loan = next(change.loan for change in decision.changes if isinstance(change, PutLoan))
    assert loan.due_on == date(2026, 2, 23)  # twenty days are over on a Sunday


def test_a_recall_shortens_and_never_lengthens() -> None:
    facts = make.facts("KAL-S", what=lent())
    for wish, due in (
        (None, date(2026, 2, 19)),
        (date(2026, 2, 13), date(2026, 2, 19)),
        (date(2026, 5, 1), date(2026, 3, 2)),
    ):
        until = facts.policy.time.end_of(wish) if wish else None
        decision = decide(facts, RecallItem(item="KB3", due=until))
        assert isinstance(decision.outcome, Recalled)
        loan = next(change.loan for change in decision.changes if isinstance(change, PutLoan))
        assert loan.due_on == due
        assert loan.recalled_on == date(2026, 2, 12)
