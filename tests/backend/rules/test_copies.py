"""Copies that another library made for our patron: handed out to keep, for what the order costs."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backend.changes import AddCharge, AddHold, NoteForStaff, OpenLoan, PutHold, PutItem
from backend.commands import CancelHold, ChangeHold, Happened
from backend.copy_commands import Article, MoveCopy, OrderCopy
from backend.facts import Decision, Facts, ItemFacts
from backend.model import BranchId, FeeKind, HoldState, Item, ItemState
from backend.outcomes import Done, HandedOut, Reason, Refusal, Refused
from backend.partner_changes import AddArticle, AddItem, NumberRequest, PutItemRecord
from backend.partner_commands import RequestNumber
from backend.partner_facts import ArticleFacts, PartnerFacts, RequestedFacts, RequestFacts
from backend.partner_outcomes import CopyOrdered
from backend.rules.decide import decide
from tests.backend.rules.asking import check_out, refusals_of
from tests.backend.rules.make import asked_by, facts, hold, item, moment, money, patron

L1 = patron("L1")


def article(**told: Any) -> Item:
    return item("Lill", loan_type="ill", material="copy", **told)


def shelved(copy: Item) -> ItemFacts:
    return ItemFacts(item=copy, holds=(hold(copy, L1, ready=True),))


def changed(decision: Decision, kind: type[Any]) -> list[Any]:
    return [change for change in decision.changes if isinstance(change, kind)]


def test_the_price_is_accepted_first() -> None:  # S-116
    what = shelved(article(price=money("62.50", "LYS"), state=ItemState.HOLD_SHELF))
    asked = refusals_of(check_out(facts("LYS-S", who=L1, what=what)))
    assert asked == (Refusal(reason=Reason.FEE_ACK, amount=money("62.50", "LYS"), fee=FeeKind.MISC, row="LYS-18"),)


def test_it_is_handed_out_and_not_lent() -> None:
    what = shelved(article(price=money("62.50", "LYS"), state=ItemState.HOLD_SHELF))
    decision = check_out(facts("LYS-S", who=L1, what=what), fee_accepted=True)
    assert isinstance(decision.outcome, HandedOut)
    assert decision.outcome.fee == money("62.50", "LYS")
    assert changed(decision, OpenLoan) == []
    assert [change.item.state for change in changed(decision, PutItemRecord)] == [ItemState.WITHDRAWN]
    assert [change.hold.state for change in changed(decision, PutHold)] == [HoldState.SATISFIED]
    assert [change.charge.amount for change in changed(decision, AddCharge)] == [money("62.50", "LYS")]


@pytest.mark.parametrize(("price", "staff"), [(None, [Reason.FEE_NOT_SET]), (money("0.00", "LYS"), [])])
def test_a_copy_without_a_price_costs_no_loan_s_fee(price: Any, staff: list[Reason]) -> None:
    decision = check_out(facts("LYS-S", who=L1, what=article(price=price)))
    assert isinstance(decision.outcome, HandedOut)
    assert changed(decision, AddCharge) == []
    assert [note.reason for note in changed(decision, NoteForStaff)] == staff


@pytest.mark.parametrize("state", [ItemState.WITHDRAWN, ItemState.ON_ORDER])
def test_what_is_gone_or_has_not_come_is_not_handed_out(state: ItemState) -> None:
    refused = refusals_of(check_out(facts("LYS-S", who=L1, what=article(state=state))))
    assert [one.reason for one in refused] == [Reason.NOT_FOR_LOAN]


def test_off_line_it_is_handed_out_too() -> None:
    machine = asked_by("LYS-S", offline=True)
    happened = Happened(at=moment("LYS-S", "2026-02-11"))
    decision = check_out(facts("LYS-S", who=L1, what=article(), by=machine), happened=happened)
    assert isinstance(decision.outcome, HandedOut)


NUMBER = RequestNumber(agency="ex", value="C-1")
HUMMER = Article(title="Hummer", host="Kustbladet", pages="3-7")


def ordering(**told: Any) -> OrderCopy:
    return OrderCopy(**{"patron": "L1", "article": HUMMER, "request": NUMBER, **told})


def test_an_order_is_an_item_to_be_and_work_for_staff() -> None:
    decision = decide(facts("LYS-S", who=L1), ordering(price=money("62.50", "LYS")))
    assert isinstance(decision.outcome, CopyOrdered)
    (made,) = (change.item for change in changed(decision, AddItem))
    assert (made.state, made.material, made.title, made.price) == (
        ItemState.ON_ORDER,
        "copy",
        "Hummer",
        money("62.50", "LYS"),
    )
    (waiting,) = (change.hold for change in changed(decision, AddHold))
    assert (waiting.item, waiting.title_id, waiting.pickup) == (made.id, made.title_id, "LYS-S")
    assert [change.article for change in changed(decision, AddArticle)] == [HUMMER]
    assert [change.hold for change in changed(decision, NumberRequest)] == [waiting.id]
    assert [note.text for note in changed(decision, NoteForStaff)] == ["Hummer; Kustbladet; 3-7"]
    assert changed(decision, AddCharge) == []


def test_what_it_stands_in_is_named_by_our_own_record() -> None:
    book = item("LB1")
    decision = decide(facts("LYS-S", who=L1, what=book), ordering(article=Article(pages="3-7"), item="LB1"))
    (made,) = (change.item for change in changed(decision, AddItem))
    assert (made.title, made.author) == (book.title, book.author)
    assert [change.article.host for change in changed(decision, AddArticle)] == [book.title]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"article": Article(pages="3-7")}, Reason.UNKNOWN_TITLE),
        ({"pickup": "KAL-S"}, Reason.UNKNOWN_BRANCH),
        ({"expires": date(2026, 2, 11)}, Reason.NEED_BEFORE),
        ({"price": money("1.00", "ASK")}, Reason.WRONG_CURRENCY),
        ({"price": money("-1.00", "LYS")}, Reason.AMOUNT_INVALID),
    ],
)
def test_what_is_not_ordered(told: dict[str, Any], reason: Reason) -> None:
    decision = decide(facts("LYS-S", who=L1), ordering(**told))
    assert [one.reason for one in refusals_of(decision)] == [reason]
    assert decision.changes == ()


def test_a_number_is_good_once() -> None:
    taken = PartnerFacts(request=RequestFacts(id=1, service="RequestItem"))
    decision = decide(replace(facts("LYS-S", who=L1), partner=taken), ordering())
    assert [one.reason for one in refusals_of(decision)] == [Reason.REQUEST_TAKEN]


def asked_for(copy: Item, **now: Any) -> Facts:
    held = hold(copy, L1, item=copy.id, **now).hold
    named = PartnerFacts(
        requested=RequestedFacts(hold=held, title=copy.title), ordered=ArticleFacts(article=HUMMER, item=copy)
    )
    return replace(facts("LYS-S"), partner=named)


def told(decision: Decision) -> list[Any]:
    assert isinstance(decision.outcome, Done)
    return [
        change.hold.state if isinstance(change, PutHold) else (change.state, change.destination)
        for change in decision.changes
    ]


@pytest.mark.parametrize(
    ("now", "pickup", "arrived", "closes", "changes"),
    [
        (ItemState.ON_ORDER, "LYS-S", False, False, [(ItemState.TRANSIT, "LYS-S")]),
        (ItemState.TRANSIT, "LYS-S", False, False, []),  # told again
        (ItemState.TRANSIT, "LYS-S", True, False, [HoldState.READY, (ItemState.HOLD_SHELF, None)]),
        (ItemState.ON_ORDER, "LYS-F", True, False, [HoldState.TRANSIT, (ItemState.TRANSIT, "LYS-F")]),
        (ItemState.ON_ORDER, "LYS-S", True, True, [HoldState.SATISFIED, (ItemState.WITHDRAWN, None)]),
    ],
)
def test_on_its_way_and_come(now: ItemState, pickup: str, arrived: bool, closes: bool, changes: list[Any]) -> None:
    known = asked_for(article(state=now), pickup=BranchId(pickup))
    assert told(decide(known, MoveCopy(request=NUMBER, arrived=arrived, closes=closes))) == changes


@pytest.mark.parametrize("state", [HoldState.READY, HoldState.SATISFIED, HoldState.CANCELLED])
def test_what_is_over_stays_so(state: HoldState) -> None:
    assert told(decide(asked_for(article(), state=state), MoveCopy(request=NUMBER, arrived=True))) == []


def test_a_number_of_something_else_moves_nothing() -> None:
    decision = decide(facts("LYS-S"), MoveCopy(request=NUMBER, arrived=True))
    assert isinstance(decision.outcome, Refused)


def waiting_for(copy: Item) -> Facts:
    return facts("LYS-S", who=L1, what=ItemFacts(item=copy, holds=(hold(copy, L1, item=copy.id),)))


def test_its_price_is_told_later() -> None:
    known = waiting_for(article(state=ItemState.ON_ORDER))
    decision = decide(known, ChangeHold(patron="L1", item="Lill", price=money("62.50", "LYS")))
    assert [change.item.price for change in changed(decision, PutItemRecord)] == [money("62.50", "LYS")]
    wrong = decide(known, ChangeHold(patron="L1", item="Lill", price=money("62.50", "ASK")))
    assert [one.reason for one in refusals_of(wrong)] == [Reason.WRONG_CURRENCY]


def test_one_that_is_given_up_is_nobody_s() -> None:
    decision = decide(waiting_for(article(state=ItemState.ON_ORDER)), CancelHold(patron="L1", item="Lill"))
    assert [change.state for change in changed(decision, PutItem)] == [ItemState.WITHDRAWN]
