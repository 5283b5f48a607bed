"""Orders between libraries: who may, what is refused, who supplies, what is only offered."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backend.changes import AddHold, LinkPatron, NoteForStaff
from backend.commands import PlaceHold
from backend.facts import Decision, Facts, PatronFacts
from backend.model import (
    BranchId,
    CardState,
    Hold,
    HoldId,
    HoldState,
    Item,
    ItemId,
    ItemState,
    LibraryId,
    TitleId,
)
from backend.order_changes import CloseOffer, MakeOffer
from backend.order_commands import ConfirmOrder, DeclineOffer, LookUpPickupPlaces, OrderTitle
from backend.order_facts import Offer, OfferFacts, OrderFacts, WorkCopy
from backend.order_outcomes import Offered, Ordered, PickupPlaces
from backend.outcomes import HoldCancelled, Reason
from backend.partner_changes import AddItem, AddTitle, NumberRequest
from backend.partner_commands import Described, RequestNumber
from backend.partner_facts import PartnerFacts, RequestFacts
from backend.rules.decide import decide
from backend.rules.order import as_order
from tests.backend.rules import make
from tests.backend.rules.asking import reasons

NATIONAL = "N000111222"
NUMBER = RequestNumber(agency="ex", value="R-1")
TITLES = {
    library: TitleId(number)
    for number, library in enumerate(("ASK", "BAR", "LIE", "LAR", "SAN", "BER", "LYS", "KAL"), 1)
}


def copy(library: str, number: int = 1, *, is_lent: bool = False, **told: Any) -> WorkCopy:
    """A copy of the one title, on the shelf at its library's first branch."""
    home = BranchId({"ASK": "ASK-H", "LYS": "LYS-S", "KAL": "KAL-S"}.get(library, f"{library}-1"))
    made = Item(
        id=ItemId(TITLES[library] * 100 + number),
        library=LibraryId(library),
        barcode=f"{library}-{number}",
        title_id=TITLES[library],
        title="T9",
        home_branch=home,
        present_branch=home,
    )
    return WorkCopy(item=replace(made, **told), is_lent=is_lent)


def waits(library: str, number: int = 1, **told: Any) -> Hold:
    made = Hold(
        id=HoldId(number),
        library=LibraryId(library),
        patron=make.patron("N1").id,
        title_id=TITLES[library],
        pickup=BranchId(f"{library}-1"),
        placed=make.moment("ASK-H", "2026-01-20"),
    )
    return replace(made, **told)


def given(
    *copies: WorkCopy,
    at: str = "ASK-H",
    who: Any = None,
    holds: Iterable[Hold] = (),
    cards: tuple[str, ...] = (NATIONAL,),
    offer: Offer | None = None,
) -> Facts:
    facts = make.facts(at, who=make.patron("A1") if who is None else who)
    named = OfferFacts(offer=offer, title="T9", barcode="BER-1", card=NATIONAL) if offer else None
    return replace(facts, order=OrderFacts(copies=copies, holds=tuple(holds), cards=cards, offer=named))


def order(facts: Facts, found_at: str = "BER", **told: Any) -> Decision:
    return decide(facts, OrderTitle(patron="A1", title="T9", found_at=LibraryId(found_at), **told))


def kinds(decision: Decision) -> list[type[Any]]:
    return [type(change) for change in decision.changes]


SUPPLIED = [  # copies, waiting holds, found at, who supplies, why
    ([copy("ASK"), copy("BAR"), copy("BER")], [], "BER", "ASK", "tier 1"),
    ([copy("BAR"), copy("LIE"), copy("BER")], [], "BER", "BAR", "tier 2"),
    ([copy("LAR"), copy("SAN"), copy("SAN", 2)], [], "BER", "SAN", "tier 3, most copies"),
    ([copy("LAR"), copy("SAN"), copy("SAN", 2)], [], "LAR", "LAR", "tier 3, where it was found"),
    ([copy("ASK", is_lent=True), copy("BAR")], [], "ASK", "BAR", "on loan is not free"),
    ([copy("ASK", state=ItemState.HOLD_SHELF), copy("BAR")], [], "BER", "BAR", "nor set aside"),
    ([copy("ASK", loan_type="express"), copy("BAR")], [], "BER", "BAR", "nor of a class without reservations"),
    ([copy("ASK", loan_type="equipment"), copy("BAR")], [], "BER", "BAR", "nor never lent"),
    ([copy("ASK", loan_type="ill"), copy("BAR")], [], "BER", "BAR", "nor somebody else's"),
    ([copy("ASK", state=ItemState.MISSING), copy("BAR")], [], "BER", "BAR", "nor missing"),
    ([copy("BAR"), copy("LAR")], [waits("BAR")], "BER", "LAR", "somebody there waits for it"),
    ([copy("BAR"), copy("BAR", 2), copy("LAR")], [waits("BAR")], "BER", "BAR", "one for who waits, one for us"),
    ([copy("BAR"), copy("LAR")], [waits("BAR", expires=date(2026, 2, 11))], "BER", "BAR", "who waited yesterday"),
    ([copy("BAR"), copy("LAR")], [waits("BAR", item=copy("BAR").item.id)], "BER", "LAR", "wanted by its number"),
    ([copy("BAR"), copy("LAR")], [waits("BAR", item=ItemId(1))], "BER", "BAR", "another copy is wanted"),
    ([copy("BAR", material="film.dvd")], [], "BER", "BAR", "a film that its owner lets out"),
]


@pytest.mark.parametrize(("copies", "holds", "found_at", "supplier", "why"), SUPPLIED, ids=[one[4] for one in SUPPLIED])
def test_who_supplies(copies: list[WorkCopy], holds: list[Hold], found_at: str, supplier: str, why: str) -> None:
    decision = order(given(*copies, holds=holds), found_at)
    assert isinstance(decision.outcome, Ordered), decision.outcome
    assert decision.outcome.supplier == supplier
    added = next(change.hold for change in decision.changes if isinstance(change, AddHold))
    assert (added.library, added.title_id, added.pickup) == ("ASK", TITLES[supplier], "ASK-H")
    assert (added.item, added.state) == (None, HoldState.WAITING)
    told = [change.library for change in decision.changes if isinstance(change, NoteForStaff)]
    assert told == ([] if supplier == "ASK" else [supplier])


FAR = [  # copies, found at, is it a place in a queue
    ([copy("BER")], "BER", False),
    ([copy("BER", is_lent=True)], "BER", True),
    ([copy("BAR", is_lent=True)], "BAR", True),
    ([copy("BER", state=ItemState.ON_ORDER)], "BER", True),
]


@pytest.mark.parametrize(("copies", "found_at", "queue"), FAR)
def test_what_is_only_offered(copies: list[WorkCopy], found_at: str, queue: bool) -> None:
    decision = order(given(*copies), found_at, request=NUMBER)
    assert isinstance(decision.outcome, Offered), decision.outcome
    assert (decision.outcome.supplier, decision.outcome.queue) == (found_at, queue)
    number, made = decision.changes
    assert isinstance(number, NumberRequest) and isinstance(made, MakeOffer)
    assert number.row == made.request is not None
    assert (number.hold, made.offer.id) == (None, decision.outcome.hold)


NOBODY = [
    [copy("LIE")],  # cannot supply
    [copy("BER", material="film.dvd")],  # never lent out
    [copy("BER", state=ItemState.LOST)],
]


@pytest.mark.parametrize("copies", NOBODY)
def test_nobody_supplies(copies: list[WorkCopy]) -> None:
    assert reasons(order(given(*copies), copies[0].item.library)) == [Reason.NO_SUPPLIER]


def test_who_will_not_wait_is_offered_no_queue() -> None:
    assert reasons(order(given(copy("BER", is_lent=True)), only_if_in=True)) == [Reason.NO_SUPPLIER]


K1, L1 = make.patron("K1"), make.patron("L1")
BARRED = PatronFacts(patron=make.patron("A1"), blocks=(make.block(make.patron("A1")),))
MINE = waits("LAR", patron=make.patron("A1").id)
REFUSED = [  # facts, the order, reasons
    (given(copy("BAR"), cards=()), {}, [Reason.NO_NATIONAL_CARD]),
    (given(copy("BAR"), cards=("X1",)), {}, [Reason.NO_NATIONAL_CARD]),  # not as the network writes its numbers
    (given(copy("BAR")), {"expires": date(2026, 2, 11)}, [Reason.NEED_BEFORE]),
    (given(copy("BAR")), {"pickup": "nowhere"}, [Reason.UNKNOWN_BRANCH]),
    (given(copy("BAR"), cards=(), who=BARRED), {}, [Reason.MANUAL_BLOCK, Reason.NO_NATIONAL_CARD]),
    (given(who=BARRED), {}, [Reason.MANUAL_BLOCK, Reason.UNKNOWN_TITLE]),
    (given(), {}, [Reason.UNKNOWN_TITLE]),
    (given(copy("BAR"), copy("LAR"), holds=[MINE]), {}, [Reason.DUPLICATE_HOLD]),
    (given(copy("LYS", is_lent=True), at="LYS-S", who=L1), {}, [Reason.OWNED_LOCALLY]),
    (given(copy("KAL", material="film.music"), at="KAL-S", who=K1), {}, [Reason.ILL_EXCLUDED]),
    (
        given(copy("BAR"), cards=()),
        {"expires": date(2026, 2, 11)},
        [Reason.NO_NATIONAL_CARD, Reason.NEED_BEFORE],
    ),
]


@pytest.mark.parametrize(("facts", "told", "why"), REFUSED)
def test_what_is_refused(facts: Facts, told: dict[str, Any], why: list[Reason]) -> None:
    assert reasons(order(facts, **told)) == why


def test_what_is_borrowed_in_already_is_not_owned() -> None:
    decision = order(given(copy("LYS", loan_type="ill"), copy("KAL"), at="LYS-S", who=L1), "KAL")
    assert isinstance(decision.outcome, Ordered)


def test_a_number_is_good_once() -> None:
    taken = replace(given(copy("BAR")), partner=PartnerFacts(request=RequestFacts(id=1, service="RequestItem")))
    assert reasons(order(taken, request=NUMBER)) == [Reason.REQUEST_TAKEN]


# ---- the card ---------------------------------------------------------------------------


def stranger(**told: Any) -> PatronFacts:
    """At home in Bærum."""
    at_home = make.patron("A3", library=LibraryId("BAR"), card_state=CardState.UNLINKED, home_branch=BranchId("BAR-1"))
    return PatronFacts(patron=replace(at_home, **told))


def test_an_order_links_the_card() -> None:
    decision = order(given(copy("BAR"), who=stranger()))
    assert isinstance(decision.outcome, Ordered)
    linked, added = decision.changes[0], next(one for one in decision.changes if isinstance(one, AddHold))
    assert isinstance(linked, LinkPatron)
    assert (linked.like, linked.library, linked.home_branch) == (make.patron("A3").id, "ASK", "ASK-H")
    assert added.hold.patron == linked.patron


def test_an_offer_links_when_it_is_accepted() -> None:
    offered = order(given(copy("BER"), who=stranger()))
    (made,) = offered.changes
    assert isinstance(made, MakeOffer) and made.offer.patron == make.patron("A3").id
    accepted = decide(
        given(copy("BER"), who=stranger(), offer=made.offer), ConfirmOrder(patron=NATIONAL, hold=made.offer.id)
    )
    assert kinds(accepted)[0] is LinkPatron


NOT_LINKED = [
    (
        given(copy("BAR"), who=stranger(), cards=()),
        [Reason.CARD_UNLINKED, Reason.NO_NATIONAL_CARD],
    ),  # the one card is reported lost
    (given(copy("LYS"), at="KAL-S", who=stranger()), [Reason.CARD_UNLINKED]),  # Kalmar takes no national cards
    (given(copy("BAR"), who=stranger(birth_date=date(2010, 1, 1))), [Reason.GUARDIAN_MISSING]),
]


@pytest.mark.parametrize(("facts", "why"), NOT_LINKED)
def test_who_is_not_linked(facts: Facts, why: list[Reason]) -> None:
    assert reasons(order(facts)) == why


# ---- offers -----------------------------------------------------------------------------

OFFER = Offer(
    id=HoldId(77),
    library=LibraryId("ASK"),
    patron=make.patron("A1").id,
    title_id=TITLES["BER"],
    supplier=LibraryId("BER"),
    made_at=make.moment("ASK-H", make.THURSDAY),
)


def confirm(facts: Facts) -> Decision:
    return decide(facts, ConfirmOrder(patron="A1", hold=OFFER.id))


def test_an_accepted_offer_is_a_hold_with_its_number() -> None:
    decision = confirm(given(copy("BER"), offer=OFFER))
    assert isinstance(decision.outcome, Ordered)
    assert (decision.outcome.hold, decision.outcome.supplier) == (OFFER.id, "BER")
    assert kinds(decision) == [NoteForStaff, AddHold, CloseOffer]


CONFIRMED_TOO_LATE = [
    (given(copy("BER", is_lent=True), offer=OFFER), [Reason.NO_SUPPLIER]),
    (given(copy("BER"), holds=[waits("BER")], offer=OFFER), [Reason.NO_SUPPLIER]),
    (given(copy("BER"), offer=replace(OFFER, closed_at=OFFER.made_at)), [Reason.NO_SUCH_HOLD]),
    (given(copy("BER")), [Reason.NO_SUCH_HOLD]),
    (given(copy("BER"), offer=replace(OFFER, expires=date(2026, 2, 11))), [Reason.NEED_BEFORE]),
    (given(copy("BER"), cards=(), offer=OFFER), [Reason.NO_NATIONAL_CARD]),
    (given(copy("BER", material="film.dvd"), offer=replace(OFFER, queue=True)), [Reason.NO_SUPPLIER]),
]


@pytest.mark.parametrize(("facts", "why"), CONFIRMED_TOO_LATE)
def test_what_was_free_must_be_so_still(facts: Facts, why: list[Reason]) -> None:
    assert reasons(confirm(facts)) == why


def test_a_place_in_the_queue_needs_no_free_copy() -> None:
    decision = confirm(given(copy("BER", is_lent=True), holds=[waits("BER")], offer=replace(OFFER, queue=True)))
    assert isinstance(decision.outcome, Ordered) and decision.outcome.position == 2


def test_an_offer_is_declined_once() -> None:
    declined = decide(given(offer=OFFER), DeclineOffer(patron="A1", hold=OFFER.id))
    assert isinstance(declined.outcome, HoldCancelled) and kinds(declined) == [CloseOffer]
    again = given(offer=replace(OFFER, closed_at=OFFER.made_at))
    assert reasons(decide(again, DeclineOffer(patron="A1", hold=OFFER.id))) == [Reason.NO_SUCH_HOLD]


# ---- outside any network ----------------------------------------------------------------


def test_outside_a_network_staff_find_a_lender() -> None:
    decision = order(
        given(copy("LYS", flags=frozenset({"course"}), language="sv"), at="KAL-S", who=K1), "LYS", request=NUMBER
    )
    assert isinstance(decision.outcome, Ordered) and decision.outcome.supplier == "KAL"
    assert [note.reason for note in decision.outcome.notes] == [Reason.COURSE_ADVICE]
    assert kinds(decision) == [AddTitle, AddItem, NoteForStaff, AddHold, NumberRequest]
    added = decision.changes[1]
    assert isinstance(added, AddItem)
    assert (added.item.state, added.item.loan_type, added.item.language) == (ItemState.ON_ORDER, "ill", "sv")
    assert added.item.flags == {"course", "temporary"}


def test_outside_a_network_the_partner_may_describe_it() -> None:
    described = Described(title="Pan", author="Hamsun, Knut")
    decision = order(given(at="KAL-S", who=K1), "KAL", described=described)
    assert isinstance(decision.outcome, Ordered) and decision.outcome.notes == ()
    assert reasons(order(given(at="KAL-S", who=K1), "KAL", described=described, material="film")) == [
        Reason.ILL_EXCLUDED
    ]
    assert reasons(order(given(at="KAL-S", who=K1), "KAL")) == [Reason.UNKNOWN_TITLE]


def test_a_library_without_rules_for_it_borrows_nothing_in() -> None:
    described = Described(title="Pan")
    nowhere = given(at="INV-1", who=make.patron("I1"))
    assert reasons(order(nowhere, "INV", described=described)) == [Reason.NO_SUPPLIER]


def test_whoever_cannot_come_back_is_offered_nothing() -> None:
    assert reasons(order(given(copy("BER")), may_offer=False)) == [Reason.NO_SUPPLIER]


HOLDS = [  # at, the copy that is named, whether it is a book to lend on, found at
    ("ASK-H", "NB1", False, "NYN"),
    ("ASK-H", "AB1", False, None),  # our own
    ("ASK-H", "NB1", True, None),
    ("ASK-H", "KB1", False, None),  # Kalmar is of no network
    ("KAL-S", "LB1", False, "LYS"),  # nor is Lysekil, and Kalmar borrows in by rules of its own
    ("INV-1", "KB1", False, None),
]


@pytest.mark.parametrize(("at", "name", "for_library", "found_at"), HOLDS)
def test_which_holds_are_orders(at: str, name: str, for_library: bool, found_at: str | None) -> None:
    wish = PlaceHold(patron="x", item=name, pickup=at, for_library=for_library)
    ordered = as_order(make.facts(at, what=make.item(name)), wish)
    assert (ordered.found_at if ordered else None) == found_at
    assert ordered is None or (ordered.item, ordered.pickup, ordered.may_offer) == (name, at, False)


def test_where_it_may_be_collected() -> None:
    linked = replace(given(), order=OrderFacts(linked=(LibraryId("ASK"), LibraryId("BER"))))
    found = decide(linked, LookUpPickupPlaces(patron="A1")).outcome
    assert isinstance(found, PickupPlaces)
    assert [(one.library, one.region) for one in found.places[:4]] == [
        ("ASK", None),
        ("BER", None),
        ("BAR", "Vest-Viken"),
        ("LIE", "Vest-Viken"),
    ]
    outside = decide(make.facts("KAL-S", who=K1), LookUpPickupPlaces(patron="K1")).outcome
    assert isinstance(outside, PickupPlaces) and outside.places == ()
