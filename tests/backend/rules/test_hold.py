"""Waiting: who may, for what, from when, in which place."""

from dataclasses import replace
from typing import Any

import pytest

from backend.changes import AddCharge, AddHold, PutHold, PutItem
from backend.commands import CancelHold, ChangeHold, HoldScope, PlaceHold
from backend.facts import BorrowedIn, Facts, ItemFacts, PatronFacts
from backend.model import BranchId, FeeKind, HoldState, ItemState, Operation, Patron
from backend.outcomes import HoldCancelled, HoldPlaced, Reason
from backend.rules import hold as rules
from tests.backend.rules.asking import reasons
from tests.backend.rules.make import block, charge, day, facts, hold, item, lent_out, loan, patron

K1, K2, K3, A1 = patron("K1"), patron("K2"), patron("K3"), patron("A1")


def out(name: str, who: Patron = K3, holds: Any = ()) -> ItemFacts:
    return lent_out(loan(item(name), who, "2026-03-20"), who, holds)


def place(given: Facts, **asked: Any) -> Any:
    asked = {"item": given.item.item.barcode if given.item else "nothing", **asked}
    return rules.place(given, PlaceHold(patron=given.patron.patron.card if given.patron else "x", **asked))


def test_the_first_in_the_queue() -> None:
    decision = place(facts("KAL-S", who=K1, what=out("KB3")), scope=HoldScope.ANY_COPY)
    assert isinstance(decision.outcome, HoldPlaced)
    assert (decision.outcome.position, decision.outcome.pickup, decision.outcome.available) == (1, "KAL-S", False)
    (added,) = decision.changes
    assert isinstance(added, AddHold)
    assert (added.hold.item, added.hold.state) == (None, HoldState.WAITING)


@pytest.mark.parametrize("asked", [{"only_if_in": True}, {"for_library": True}])
def test_what_stands_on_the_shelf_is_set_aside_for_who_cannot_come(asked: dict[str, bool]) -> None:
    decision = place(facts("KAL-S", who=K1, what=ItemFacts(item=item("KB3"), shelf=(item("KB3"),))), **asked)
    assert isinstance(decision.outcome, HoldPlaced) and decision.outcome.available


def test_the_second_in_the_queue() -> None:
    decision = place(facts("KAL-S", who=K1, what=out("KB3", holds=(hold(item("KB3"), patron("K5")),))))
    assert isinstance(decision.outcome, HoldPlaced) and decision.outcome.position == 2


@pytest.mark.parametrize(
    ("when", "who", "what", "asked", "why"),
    [
        (None, None, out("KB3"), {}, [Reason.UNKNOWN_PATRON]),
        (None, K1, None, {}, [Reason.UNKNOWN_ITEM]),
        (None, K1, None, {"item": None, "title": "Nothing"}, [Reason.UNKNOWN_TITLE]),
        (None, K1, ItemFacts(item=item("KB3"), shelf=(item("KB3"),)), {}, [Reason.ON_SHELF]),  # S-056
        (None, K1, out("KB3", holds=(hold(item("KB3"), K1),)), {}, [Reason.DUPLICATE_HOLD]),
        (None, K1, out("KB3"), {"only_if_in": True}, [Reason.ON_LOAN_OTHER]),
        (
            None,
            K1,
            ItemFacts(item=item("KB3"), shelf=(item("KB3"),), holds=(hold(item("KB3"), patron("K5")),)),
            {"only_if_in": True},
            [Reason.HELD_FOR_OTHER],
        ),
        (None, K1, out("KB3", K1), {}, [Reason.ALREADY_YOURS]),
        (None, K1, out("KB3"), {"expires": day("2026-02-11")}, [Reason.NEED_BEFORE]),
        (None, K1, out("KB3"), {"pickup": "LYS-S"}, [Reason.UNKNOWN_BRANCH]),
        ("2026-05-19", K2, out("KG1"), {}, [Reason.AGE_LIMIT]),  # S-063
        (None, A1, out("AX1", A1), {"scope": HoldScope.THIS_COPY}, [Reason.NOT_HOLDABLE, Reason.ALREADY_YOURS]),
        (None, A1, out("AX1", patron("A4")), {"scope": HoldScope.THIS_COPY}, [Reason.NOT_HOLDABLE]),  # S-055
    ],
)
def test_why_not(when: str | None, who: Patron | None, what: ItemFacts | None, asked: Any, why: list[Reason]) -> None:
    branch = "ASK-H" if who is A1 else "KAL-S"
    assert reasons(place(facts(branch, when or "2026-02-12", who=who, what=what), **asked)) == why


def test_an_express_copy_names_its_title() -> None:
    """S-055: hold type 2 with any copy's barcode waits for the ordinary ones."""
    decision = place(facts("ASK-H", who=A1, what=out("AX1", patron("A4"))), scope=HoldScope.ANY_COPY)
    assert isinstance(decision.outcome, HoldPlaced)


def test_an_express_copy_on_the_shelf_is_not_what_the_queue_waits_for() -> None:  # ASK-13
    for wanted, available in (("AX1", False), ("AB1", True)):
        what = ItemFacts(item=item("AX1"), shelf=(item(wanted),))
        outcome = place(facts("ASK-H", who=A1, what=what), scope=HoldScope.ANY_COPY).outcome
        assert isinstance(outcome, HoldPlaced)
        assert outcome.available == available


def test_debt_does_not_stop_a_hold() -> None:
    """S-087."""
    owing = PatronFacts(patron=K1, charges=(charge(K1, "75.00", FeeKind.REMINDER),))
    assert isinstance(place(facts("KAL-S", who=owing, what=out("KB3"))).outcome, HoldPlaced)


def test_a_block_by_hand_does() -> None:
    barred = PatronFacts(patron=K1, blocks=(block(K1, Operation.HOLD),))
    assert reasons(place(facts("KAL-S", who=barred, what=out("KB3")))) == [Reason.MANUAL_BLOCK]


def test_a_hold_that_costs_something_is_asked_about_first() -> None:
    given = facts("INV-1", who=patron("I1"), what=out("IB1", patron("I2")))
    asked = place(given)
    fee = next((row for row in given.policy.rows.fee if row.event == "hold_placed"), None)
    if fee is None:
        assert isinstance(asked.outcome, HoldPlaced)
        return
    assert reasons(asked) == [Reason.FEE_ACK]
    granted = place(given, fee_accepted=True)
    assert [change.charge.kind for change in granted.changes if isinstance(change, AddCharge)] == [FeeKind.HOLD]


def mine(**changes: Any) -> Facts:
    waiting = hold(item("KB3"), K1, **changes)
    return facts("KAL-S", who=PatronFacts(patron=K1, holds=(waiting,)), what=out("KB3", holds=(waiting,)))


def test_giving_up() -> None:
    decision = rules.cancel(mine(), CancelHold(patron="K1", item="KB3"))
    assert isinstance(decision.outcome, HoldCancelled)
    (closed,) = decision.changes
    assert isinstance(closed, PutHold)
    assert (closed.hold.state, closed.closed_at) == (HoldState.CANCELLED, mine().now)


def test_giving_up_a_copy_on_the_hold_shelf_frees_it() -> None:
    ready = hold(item("KB3"), K1, ready=True)
    given = facts("KAL-S", who=K1, what=ItemFacts(item=item("KB3", state=ItemState.HOLD_SHELF), holds=(ready,)))
    decision = rules.cancel(given, CancelHold(patron="K1", item="KB3"))
    assert [change.state for change in decision.changes if isinstance(change, PutItem)] == [ItemState.SHELF]


def test_there_is_nothing_to_give_up() -> None:
    given = facts("KAL-S", who=K1, what=out("KB3", holds=(hold(item("KB3"), patron("K5")),)))
    assert reasons(rules.cancel(given, CancelHold(patron="K1", item="KB3"))) == [Reason.NO_SUCH_HOLD]


@pytest.mark.parametrize("pickup", ["KAL-B", "kal-b"])
def test_another_pickup_branch(pickup: str) -> None:
    decision = rules.change(mine(), ChangeHold(patron="K1", item="KB3", pickup=pickup, expires=day("2026-06-01")))
    assert isinstance(decision.outcome, HoldPlaced) and decision.outcome.position == 1
    (changed,) = decision.changes
    assert isinstance(changed, PutHold)
    assert (changed.hold.pickup, changed.hold.expires) == (BranchId("KAL-B"), day("2026-06-01"))


def test_a_copy_on_its_way_keeps_its_pickup_branch() -> None:
    given = mine(state=HoldState.TRANSIT, trapped=item("KB3").id)
    assert reasons(rules.change(given, ChangeHold(patron="K1", item="KB3", pickup="KAL-B"))) == [Reason.UNKNOWN_BRANCH]


def test_a_copy_hold_comes_before_a_title_hold() -> None:
    title, copy = hold(item("KB3"), K1, number=1), hold(item("KB3"), K1, number=2, item=item("KB3").id)
    given = facts("KAL-S", who=K1, what=replace(out("KB3"), holds=(title, copy)))
    decision = rules.cancel(given, CancelHold(patron="K1", item="KB3"))
    assert isinstance(decision.outcome, HoldCancelled) and decision.outcome.hold == 2


def test_a_copy_on_the_hold_shelf_takes_no_place_in_the_queue() -> None:
    """What the answer says is what the patron's list and the item's queue say."""
    queue = (hold(item("KB3"), patron("K5"), ready=True), hold(item("KB3"), patron("K4"), number=2))
    decision = place(facts("KAL-S", who=K1, what=out("KB3", holds=queue)), scope=HoldScope.ANY_COPY)
    assert isinstance(decision.outcome, HoldPlaced) and decision.outcome.position == 2


def test_naming_a_copy_is_no_way_round_the_copies_on_the_shelf() -> None:
    """KAL-15: one copy is out, another stands on the shelf."""
    what = replace(out("KB2"), shelf=(item("KB1"),))
    assert reasons(place(facts("KAL-S", who=K1, what=what), scope=HoldScope.THIS_COPY)) == [Reason.ON_SHELF]


@pytest.mark.parametrize(
    ("what", "scope"),
    [
        (item("AE1"), HoldScope.THIS_COPY),  # ASK-21: never lent through the machines
        (item("AE1"), HoldScope.ANY_COPY),
        (item("AB1", state=ItemState.WITHDRAWN), HoldScope.THIS_COPY),
        (item("NB1"), HoldScope.ANY_COPY),  # another library's
    ],
)
def test_there_is_nothing_to_wait_for(what: Any, scope: HoldScope) -> None:
    assert reasons(place(facts("ASK-H", who=A1, what=what), scope=scope)) == [Reason.NOT_HOLDABLE]


def put(decision: Any) -> list[tuple[int, ItemState, str | None]]:
    moved = [change for change in decision.changes if isinstance(change, PutItem)]
    return [(change.item, change.state, change.destination) for change in moved]


def test_giving_up_by_the_barcode_of_another_copy_frees_the_one_set_aside() -> None:
    ready = hold(item("KB1"), K1, ready=True)
    given = facts("KAL-S", who=K1, what=ItemFacts(item=item("KB2"), holds=(ready,)))
    decision = rules.cancel(given, CancelHold(patron="K1", item="KB2"))
    assert put(decision) == [(item("KB1").id, ItemState.SHELF, None)]


def test_a_copy_on_its_way_arrives_before_it_goes_elsewhere() -> None:
    given = mine(state=HoldState.TRANSIT, trapped=item("KB3").id)
    assert put(rules.cancel(given, CancelHold(patron="K1", item="KB3"))) == []


@pytest.mark.parametrize(
    ("ready", "language", "taken", "fee"),
    [
        (True, "sv", False, "20.00"),  # LYS-17 and S-111: it had arrived
        (False, "sv", False, None),  # LYS-31: it had not
        (True, "en", False, None),  # LYS-19
        (True, "sv", True, None),  # once for each request
    ],
)
def test_what_was_borrowed_in_and_not_fetched(ready: bool, language: str, taken: bool, fee: str | None) -> None:
    lender = item("LX9", language=language, loan_type="ill", state=ItemState.HOLD_SHELF)
    waiting = hold(lender, patron("L1"), ready=ready, ill_request=5)
    what = ItemFacts(item=lender, holds=(waiting,), borrowed_in=BorrowedIn(request=5, fee_taken=taken))
    decision = rules.cancel(facts("LYS-S", who=patron("L1"), what=what), CancelHold(patron="L1", item="LX9"))
    assert isinstance(decision.outcome, HoldCancelled)
    assert (decision.outcome.fee.text() if decision.outcome.fee else None) == fee
    charged = [change.charge.amount.text() for change in decision.changes if isinstance(change, AddCharge)]
    assert charged == ([fee] if fee else [])
