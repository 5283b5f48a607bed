"""Orders between libraries in both databases: what they cost, who wins, and what of them can be found again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from backend.commands import CancelHold, CheckIn, CheckOut, Command, PlaceHold, RepeatKey
from backend.model import AccountId, AskedBy, BranchId, Channel, IdentifierKind, LibraryId
from backend.money import Money
from backend.order_commands import ConfirmOrder, DeclineOffer, LookUpPickupPlaces, OrderTitle
from backend.order_outcomes import Offered, Ordered, PickupPlaces
from backend.outcomes import CheckedIn, CheckedOut, HoldCancelled, Outcome, Reason, Refused
from backend.partner_commands import LookUpRequest, RequestNumber
from backend.partner_outcomes import RequestFound
from backend.rules.decide import decide
from backend.store.forgetting import forget_offers
from backend.store.intake_items import ADD_TITLE
from backend.store.session import Session
from backend.store.statement import Engine
from backend.store.store import Store
from backend.store.titles import title_row
from tests.backend.store.conftest import opened
from tests.backend.store.test_concurrency import at_once
from tests.backend.store.world import NOON, Desk, add_item, add_patron, item, patron, title

pytestmark = pytest.mark.slow

WORKS = ("Markens grøde", "Mysterier")
LIBRARIES = ("ASK", "BAR", "LAR", "BER")
CATALOGUE = AskedBy(
    account=AccountId("partner-search"),
    library=LibraryId("ASK"),
    branch=BranchId("ASK-H"),
    channel=Channel.PARTNER,
    trusts_patron=True,
)
NATIONAL = IdentifierKind.NATIONAL
ADULT = date(1985, 4, 12)
READERS = [f"N0000000{number:02}" for number in range(8)]
VISITOR = "N000000099"  # at home in Bærum


def stocked(session: Session) -> None:
    """Each work once at every library but Asker, and readers there with national cards."""
    for at, library in enumerate(LIBRARIES):
        for work, words in enumerate(WORKS):
            made = title(100 + 10 * at + work, LibraryId(library), words, record=f"b{work}")
            session.change(ADD_TITLE, {**title_row(made), "id": made.id, "library": library})
            if library != "ASK":
                home = BranchId(f"{library}-1")
                add_item(session, item(1000 + made.id, f"S{work}", made, home_branch=home, present_branch=home))
    for number, card in enumerate(READERS):
        add_patron(session, patron(2000 + number, LibraryId("ASK"), "Leser", birth_date=ADULT), [(NATIONAL, card)])
    at_home = patron(2100, LibraryId("BAR"), "Gjest", home_branch=BranchId("BAR-1"), birth_date=ADULT)
    add_patron(session, at_home, [(NATIONAL, VISITOR)])


@pytest.fixture
def desk(store: Store) -> Desk:
    store.call(stocked, write=True)
    return Desk(store, decide)


@pytest.fixture
def gateways(desk: Desk, url: str) -> Iterator[list[Desk]]:
    """On PostgreSQL a second process shares the database; SQLite has one writer."""
    if url.startswith("sqlite"):
        yield [desk]
        return
    second = opened(url)
    yield [desk, Desk(second, decide)]
    second.close()


def order(card: str = READERS[0], work: int = 0, found_at: str = "BER", **told: Any) -> OrderTitle:
    return OrderTitle(patron=card, title=f"b{work}", found_at=LibraryId(found_at), **told)


def number(value: str) -> RequestNumber:
    return RequestNumber(agency="ex-search", value=value)


def ask(desk: Desk, command: Command, by: AskedBy = CATALOGUE, key: RepeatKey | None = None) -> Outcome:
    return desk.ask(command, by, key)


def spent(desk: Desk, command: Command) -> tuple[Outcome, int]:
    """The outcome, and its statements without the one that takes the locks."""
    before = desk.store.statements
    outcome = ask(desk, command, key=RepeatKey(request=sha256(repr(command).encode()).digest()))
    return outcome, desk.store.statements - before - (desk.store.engine is Engine.POSTGRESQL)


def holds(desk: Desk) -> list[tuple[Any, ...]]:
    return desk.rows(
        "select titles.library, holds.library, holds.state from holds join titles on titles.id = title_id order by 1"
    )


def test_what_an_order_costs(desk: Desk) -> None:
    """Facts and journal; the hold, the supplier's note, the asker's number; the card that is linked."""
    ask(desk, LookUpPickupPlaces(patron=READERS[0]))
    supplied, statements = spent(desk, order(request=number("1")))
    assert isinstance(supplied, Ordered) and statements <= 5
    linked, statements = spent(desk, order(VISITOR, work=1, request=number("2")))
    assert isinstance(linked, Ordered) and statements <= 7
    offered, statements = spent(desk, order(READERS[1], work=0, request=number("3"), found_at="LAR"))
    assert isinstance(offered, Ordered) and statements <= 5
    refused, statements = spent(desk, order("nobody"))
    assert isinstance(refused, Refused) and statements == 2


def test_one_free_copy_has_one_order(gateways: list[Desk]) -> None:
    """The copies of two libraries in reach go to two; the others hear that only a queue is left."""
    asked = [(order(card), CATALOGUE) for card in READERS]
    outcomes = at_once(gateways, asked, RepeatKey())
    suppliers = sorted(one.supplier for one in outcomes if isinstance(one, Ordered))
    assert suppliers == ["BAR", "LAR"]
    assert sorted(holds(gateways[0])) == [("BAR", "ASK", "waiting"), ("LAR", "ASK", "waiting")]
    assert {one.queue for one in outcomes if isinstance(one, Offered)} == {False}


def test_one_offered_copy_is_given_once(gateways: list[Desk]) -> None:
    for card in READERS[:2]:
        ask(gateways[0], order(card))
    offers = [ask(gateways[0], order(card, request=number(card))) for card in READERS[2:6]]
    confirmed = [
        (ConfirmOrder(patron=card, hold=offer.hold), CATALOGUE)
        for card, offer in zip(READERS[2:6], offers, strict=True)
        if isinstance(offer, Offered)
    ]
    outcomes = at_once(gateways, confirmed, RepeatKey())
    assert [one.supplier for one in outcomes if isinstance(one, Ordered)] == ["BER"]
    reasons = [one.refusals[0].reason for one in outcomes if isinstance(one, Refused)]
    assert reasons == [Reason.NO_SUPPLIER] * 3


def test_an_offer_is_accepted_once(gateways: list[Desk]) -> None:
    for card in READERS[:2]:
        ask(gateways[0], order(card))
    offer = ask(gateways[0], order(READERS[2]))
    assert isinstance(offer, Offered)
    accept = (ConfirmOrder(patron=READERS[2], hold=offer.hold), CATALOGUE)
    outcomes = at_once(gateways, [accept] * 4, RepeatKey())
    assert sorted(type(one).__name__ for one in outcomes) == ["Ordered", "Refused", "Refused", "Refused"]
    refused = ask(gateways[0], DeclineOffer(patron=READERS[2], hold=offer.hold))
    assert isinstance(refused, Refused) and refused.refusals[0].reason is Reason.NO_SUCH_HOLD


def test_a_card_is_linked_once(gateways: list[Desk]) -> None:
    asked = [(order(VISITOR, work), CATALOGUE) for work in range(2)]
    outcomes = at_once(gateways, asked, RepeatKey())
    assert [type(one) for one in outcomes] == [Ordered, Ordered]
    count = "select count(*) from identifiers where library = 'ASK' and value = "
    assert gateways[0].rows(f"{count} '{VISITOR}'") == [(1,)]
    assert len(holds(gateways[0])) == 2


def test_a_loan_and_an_order_of_the_only_copy(gateways: list[Desk]) -> None:
    """Either comes first; the order never counts on a copy that has gone."""
    there = replace(CATALOGUE, library=LibraryId("BAR"), branch=BranchId("BAR-1"))
    lend = (CheckOut(patron=VISITOR, item="S0"), there)
    outcomes = at_once(gateways, [lend, (order(), CATALOGUE)], RepeatKey())
    lent = [one for one in outcomes if isinstance(one, CheckedOut)]
    (ordered,) = [one for one in outcomes if isinstance(one, Ordered)]
    assert lent and ordered.supplier in ("BAR", "LAR")


def test_the_same_order_again_is_one_order(desk: Desk) -> None:
    key = RepeatKey(request=b"the same content")
    first = ask(desk, order(request=number("1")), key=key)
    assert ask(desk, order(request=number("1")), key=key) == first
    assert len(holds(desk)) == 1
    other = ask(desk, order(work=1, request=number("1")), key=RepeatKey(request=b"another content"))
    assert isinstance(other, Refused) and other.refusals[0].reason is Reason.REQUEST_TAKEN


def test_an_offer_and_its_hold_have_one_number(desk: Desk) -> None:
    for card in READERS[:2]:
        ask(desk, order(card))
    offer = ask(desk, order(READERS[2], request=number("9")))
    assert isinstance(offer, Offered)
    by_theirs, by_ours = LookUpRequest(request=number("9")), LookUpRequest(hold=offer.hold, request=number("none"))
    for asked in (by_theirs, by_ours):
        found = ask(desk, asked)
        assert isinstance(found, RequestFound)
        assert (found.hold, found.offered, found.owner, found.patron_card) == (offer.hold, True, "BER", READERS[2])
    ask(desk, ConfirmOrder(patron=READERS[2], hold=offer.hold))
    for asked in (by_theirs, by_ours):
        found = ask(desk, asked)
        assert isinstance(found, RequestFound)
        assert (found.hold, found.offered, found.state) == (offer.hold, False, "waiting")


def test_an_offer_is_forgotten_and_its_hold_is_not(desk: Desk) -> None:
    """Answered ones a day later, the others in time; the partner's number goes on to stand for the hold."""
    for card in READERS[:2]:
        ask(desk, order(card))
    offers = [ask(desk, order(card, request=number(card))) for card in READERS[2:4]]
    assert isinstance(offers[0], Offered)
    ask(desk, ConfirmOrder(patron=READERS[2], hold=offers[0].hold))
    later, count = NOON + timedelta(days=2), "select count(*) from offers"

    def forget(made_before: datetime) -> int:
        return desk.store.call(
            lambda session: forget_offers(session, LibraryId("ASK"), later - timedelta(days=1), made_before), write=True
        )

    assert (forget(later - timedelta(days=30)), desk.rows(count)) == (1, [(1,)])
    assert (forget(later), desk.rows(count)) == (1, [(0,)])
    found = ask(desk, LookUpRequest(request=number(READERS[2])))
    assert isinstance(found, RequestFound) and found.hold == offers[0].hold
    gone = ask(desk, LookUpRequest(request=number(READERS[3])))
    assert isinstance(gone, Refused)


def test_a_machine_orders_by_another_librarys_barcode(desk: Desk) -> None:
    machine = replace(CATALOGUE, channel=Channel.SELFCHECK)
    key = RepeatKey(by_meaning=True)
    wish = PlaceHold(patron=READERS[0], item="S0", at=NOON)
    first = ask(desk, wish, machine, key)
    assert isinstance(first, Ordered) and not first.available
    assert ask(desk, wish, machine, key) == first
    assert len(holds(desk)) == 1
    for card in READERS[1:3]:
        last = ask(desk, PlaceHold(patron=card, item="S0", at=NOON), machine, key)
    assert isinstance(last, Refused) and last.refusals[0].reason is Reason.NO_SUPPLIER


def test_a_hold_elsewhere_is_given_up_whatever_barcodes_are_alike(desk: Desk) -> None:
    """Every library of this world has a copy S0; Asker gets one of its own, too."""
    ordered = ask(desk, order())
    assert isinstance(ordered, Ordered) and ordered.supplier == "BAR"

    def alike(session: Session) -> None:
        add_item(session, item(5000, "S0", title(101, LibraryId("ASK"), WORKS[1])))

    desk.store.call(alike, write=True)
    given_up = ask(desk, CancelHold(patron=READERS[0], item="S0", hold=ordered.hold))
    assert isinstance(given_up, HoldCancelled)
    assert holds(desk) == [("BAR", "ASK", "cancelled")]


def test_where_a_card_is_good(desk: Desk) -> None:
    ask(desk, order(VISITOR))
    found = ask(desk, LookUpPickupPlaces(patron=VISITOR))
    assert isinstance(found, PickupPlaces)
    assert [one.library for one in found.places if one.region is None] == ["ASK", "BAR"]
    assert desk.clock.now() == NOON


def test_what_staff_borrow_in_comes_under_its_number_and_costs_its_fee(desk: Desk) -> None:
    """Kalmar is of no network: the order is on record until the book is here, and is paid when it is fetched."""

    def reader(session: Session) -> None:
        add_patron(session, patron(2200, LibraryId("KAL"), "Berg", birth_date=ADULT), [(IdentifierKind.CARD, "20001")])

    desk.store.call(reader, write=True)
    at = replace(CATALOGUE, library=LibraryId("KAL"), branch=BranchId("KAL-S"))
    ordered = ask(desk, order("20001"), at)
    assert isinstance(ordered, Ordered) and ordered.supplier == "KAL"
    number = ordered.about.barcode or ""
    assert desk.rows("select reason, text from staff_notes") == [("ill_to_order", f"{number} {WORKS[0]}")]
    back = ask(desk, CheckIn(item=number), at)
    assert isinstance(back, CheckedIn) and back.hold == ordered.hold
    refused = ask(desk, CheckOut(patron="20001", item=number), at)
    assert isinstance(refused, Refused) and refused.refusals[0].reason is Reason.FEE_ACK
    lent = ask(desk, CheckOut(patron="20001", item=number, fee_accepted=True), at)
    assert isinstance(lent, CheckedOut) and lent.fee == Money(1000, "SEK")
