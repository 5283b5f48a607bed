"""What a rule is shown: found by any of a patron's numbers, by barcode or title, and nothing of other libraries."""

from datetime import date, timedelta

import pytest

from backend import changes
from backend.commands import CheckOut, LookUpItem, LookUpPatron, PlaceHold, Renew, RenewAll, UndoCheckIn
from backend.model import Block, BlockId, CardState, Charge, ChargeId, FeeKind, HoldState, Operation
from backend.money import Money
from backend.partner_commands import UndoLoan
from backend.staff_commands import ReplaceCard
from tests.backend.store.world import (
    A1,
    ASKER,
    BRANCH,
    CARD,
    ITEMS,
    K1,
    K3,
    KAL,
    NOON,
    TWINS,
    Desk,
)

SEK = "SEK"


def charge(number: int, owed: int, **told: object) -> Charge:
    made = {
        "id": ChargeId(number),
        "library": KAL,
        "patron": K1.id,
        "kind": FeeKind.OVERDUE,
        "amount": Money(5000, SEK),
        "owed": Money(owed, SEK),
        "raised": NOON,
        "row": "KAL-30",
        "policy": "abc",
        "title": "Sult",
        "barcode": "KB1",
    }
    return Charge(**{**made, **told})


@pytest.mark.parametrize(
    "presented",
    ["20001001", " 2000-1001 ", "KIM.STRAND", "19850412-0000", "850412-0000", "198504120000", "8504120000"],
)
def test_every_number_of_a_patron_finds_the_same_person(desk: Desk, presented: str) -> None:
    facts = desk.look(LookUpPatron(patron=presented)).patron
    assert facts is not None
    assert (facts.patron.id, facts.patron.card, facts.patron.family_name) == (K1.id, "2000 1001", "Strand")
    assert facts.patron.birth_date == date(1985, 4, 12)
    assert (facts.patron.language, facts.patron.wants_notices, facts.patron.national) == ("sv", True, False)


@pytest.mark.parametrize("presented", ["", "20001002", "850412+0000", "30001001", "1985041200001"])
def test_other_numbers_find_nobody(desk: Desk, presented: str) -> None:
    assert desk.look(LookUpPatron(patron=presented)).patron is None


def test_identity_numbers_are_nowhere_in_the_database(desk: Desk) -> None:
    for table in ("identifiers", "patrons", "journal"):
        assert "850412" not in str(desk.rows(f"select * from {table}")).replace("1985-04-12", "")


def test_a_national_card_of_another_library_is_known_but_not_linked(desk: Desk) -> None:
    desk.ask(CheckOut(patron="N000111222", item="AB1"), ASKER)
    here = desk.look(LookUpPatron(patron="N000 111 222")).patron
    at_home = desk.look(LookUpPatron(patron="n000111222"), ASKER).patron
    assert here is not None and at_home is not None
    assert here.patron.card_state is CardState.UNLINKED
    assert here.loans == ()
    assert (at_home.patron.card_state, at_home.patron.national, len(at_home.loans)) == (CardState.VALID, True, 1)


def test_a_linked_card_makes_a_patron_of_one_s_own(desk: Desk) -> None:
    desk.write(changes.LinkPatron(patron=K3.id + 500, library=KAL, like=A1.id, home_branch=BRANCH))
    facts = desk.look(LookUpPatron(patron="N000111222")).patron
    assert facts is not None
    assert (facts.patron.id, facts.patron.library, facts.patron.home_branch) == (K3.id + 500, KAL, BRANCH)
    assert (facts.patron.card_state, facts.patron.family_name) == (CardState.VALID, "Dahl")
    assert facts.patron.pin_hash == A1.pin_hash


def test_lost_cards_are_said_to_be_lost_and_a_new_one_is_not(desk: Desk) -> None:
    desk.write(
        changes.LoseIdentifier(patron=K1.id, value="20001001"),
        changes.AddIdentifier(patron=K1.id, library=KAL, kind=CARD, value="20009999"),
    )
    lost = desk.look(LookUpPatron(patron="20001001")).patron
    new = desk.look(LookUpPatron(patron="20009999")).patron
    assert lost is not None and new is not None
    assert lost.patron.card_state is CardState.LOST
    assert new.patron.card_state is CardState.VALID
    assert lost.patron.card == new.patron.card == "20009999"


def test_marking_cards_takes_all_of_them_and_the_one_presented(desk: Desk) -> None:
    desk.write(changes.MarkCards(patron=K1.id, lost=True, also="850412-0000"))
    states = {
        number: desk.look(LookUpPatron(patron=number)).patron.patron.card_state
        for number in ("20001001", "850412-0000", "kim.strand")
    }
    assert list(states.values()) == [CardState.LOST, CardState.LOST, CardState.VALID]
    desk.write(changes.MarkCards(patron=K1.id, lost=False, also="850412-0000"))
    assert desk.look(LookUpPatron(patron="20001001")).patron.patron.card_state is CardState.VALID


def test_a_card_that_was_replaced_stays_lost(desk: Desk) -> None:
    desk.clock.advance(timedelta(days=1))
    desk.write(
        changes.LoseIdentifier(patron=K1.id, value="20001001"),
        changes.AddIdentifier(patron=K1.id, library=KAL, kind=CARD, value="20009999"),
        changes.MarkCards(patron=K1.id, lost=True),
        changes.MarkCards(patron=K1.id, lost=False),
    )
    assert desk.look(LookUpPatron(patron="20009999")).patron.patron.card_state is CardState.VALID
    assert desk.look(LookUpPatron(patron="20001001")).patron.patron.card_state is CardState.LOST


def test_an_item_is_the_asking_library_s_own_else_anybody_s(desk: Desk) -> None:
    ours, theirs = TWINS
    assert desk.look(LookUpItem(item="same")).item.item.id == ours.id
    assert desk.look(LookUpItem(item="same"), ASKER).item.item.id == theirs.id
    assert desk.look(LookUpItem(item="ab1")).item.item.library == "ASK"
    assert desk.look(LookUpItem(item="AB2")).item is None


def test_an_item_comes_back_as_it_was_recorded(desk: Desk) -> None:
    assert desk.look(LookUpItem(item="kb-1")).item.item == ITEMS["KB1"]


def test_a_loan_is_seen_from_the_patron_and_from_the_item(desk: Desk) -> None:
    lent = desk.ask(CheckOut(patron="20001001", item="KB1"))
    of_patron = desk.look(LookUpPatron(patron="20001001")).patron
    of_item = desk.look(LookUpItem(item="KB1")).item
    assert of_patron.loans[0].loan == of_item.loan
    assert of_patron.loans[0].item == of_item.item
    assert of_item.loan.id == lent.loan
    assert of_item.loan.due == NOON + timedelta(days=28)
    assert of_item.loan.fine_paid == Money(0, SEK)
    assert (of_item.borrower.id, of_item.borrower.card) == (K1.id, "2000 1001")


def test_the_shelf_is_what_is_in_at_the_item_s_own_library(desk: Desk) -> None:
    desk.ask(CheckOut(patron="20001001", item="KB1"))
    assert [copy.barcode for copy in desk.look(PlaceHold(patron="20001001", item="KB1")).item.shelf] == ["KB2"]


def test_a_queue_in_order_with_positions_names_and_cards(desk: Desk) -> None:
    for number, minutes in (("20001003", 0), ("20001001", 5)):
        desk.clock.set(NOON + timedelta(minutes=minutes))
        desk.ask(PlaceHold(patron=number, item="KB1"))
    queue = desk.look(LookUpItem(item="KB2")).item.holds
    assert [(one.patron_card, one.patron_name, one.position) for one in queue] == [
        ("20001003", "Kim Berg", 1),
        ("2000 1001", "Kim Strand", 2),
    ]
    mine = desk.look(LookUpPatron(patron="20001001")).patron.holds
    assert [(one.title, one.position, one.barcode) for one in mine] == [("Sult", 2, None)]


def test_a_trapped_hold_names_its_copy_and_leaves_the_line(desk: Desk) -> None:
    for number in ("20001003", "20001001"):
        desk.ask(PlaceHold(patron=number, item="KB1"))
    first = desk.look(LookUpItem(item="KB2")).item.holds[0].hold
    ready = {"state": HoldState.READY, "trapped": ITEMS["KB2"].id, "pickup_by": date(2026, 2, 20)}
    desk.write(changes.PutHold(hold=type(first)(**{name: getattr(first, name) for name in first.__slots__} | ready)))
    queue = desk.look(LookUpItem(item="KB2")).item.holds
    assert [(one.barcode, one.position) for one in queue] == [("KB2", None), (None, 1)]
    mine = desk.look(LookUpPatron(patron="20001003")).patron.holds
    assert [(one.barcode, one.position, one.hold.pickup_by) for one in mine] == [("KB2", None, date(2026, 2, 20))]


def test_renewing_everything_shows_who_waits_for_each_title(desk: Desk) -> None:
    desk.ask(CheckOut(patron="20001001", item="KB1"))
    desk.ask(CheckOut(patron="20001001", item="KB3"))
    desk.ask(PlaceHold(patron="20001003", item="KB2"))
    loans = desk.look(RenewAll(patron="20001001")).patron.loans
    waiting = {one.item.barcode: [hold.hold.patron for hold in one.holds] for one in loans}
    assert waiting == {"KB1": [K3.id], "KB3": []}


@pytest.mark.parametrize(
    ("title", "barcode"),
    [("b1", "KB1"), ("82-05-27748-6", "KB1"), ("9788205277489", "KB1"), (" SULT! ", "KB1"), ("pan", "KB3")],
)
def test_a_title_by_record_isbn_or_words(desk: Desk, title: str, barcode: str) -> None:
    assert desk.look(PlaceHold(patron="20001001", title=title)).item.item.barcode == barcode


@pytest.mark.parametrize("title", ["Victoria", "b2", "Sul", "8205277487"])
def test_a_title_that_two_have_or_nobody_has_is_not_found(desk: Desk, title: str) -> None:
    assert desk.look(PlaceHold(patron="20001001", title=title)).item is None


def test_a_title_is_the_copy_that_the_patron_has(desk: Desk) -> None:
    desk.ask(CheckOut(patron="20001001", item="KB2"))
    assert desk.look(Renew(patron="20001001", title="Sult")).item.item.barcode == "KB2"
    assert desk.look(Renew(patron="20001003", title="Sult")).item.item.barcode == "KB1"


def test_open_charges_standing_blocks_and_no_others(desk: Desk) -> None:
    def block(number: int, until: date | None) -> Block:
        stops = frozenset({Operation.CHECKOUT, Operation.HOLD})
        return Block(id=BlockId(number), library=KAL, patron=K1.id, stops=stops, note="x", since=NOON, until=until)

    desk.write(
        changes.AddCharge(charge=charge(1, 5000)),
        changes.AddCharge(charge=charge(2, 0)),
        changes.AddBlock(block=block(3, None)),
        changes.AddBlock(block=block(4, date(2026, 2, 1))),
        changes.AddBlock(block=block(5, date(2026, 3, 1))),
    )
    facts = desk.look(LookUpPatron(patron="20001001")).patron
    assert facts.charges == (charge(1, 5000),)
    assert [one.id for one in facts.blocks] == [3, 5]
    assert facts.blocks[0].stops == {Operation.CHECKOUT, Operation.HOLD}
    desk.write(changes.LiftBlocks(patron=K1.id, at=NOON, blocks=(3,)))
    assert [one.id for one in desk.look(LookUpPatron(patron="20001001")).patron.blocks] == [5]
    desk.write(changes.LiftBlocks(patron=K1.id, at=NOON))
    assert desk.look(LookUpPatron(patron="20001001")).patron.blocks == ()


def test_an_undo_sees_the_last_act_and_the_loan_that_ended(desk: Desk) -> None:
    from backend.commands import CheckIn

    lent = desk.ask(CheckOut(patron="20001001", item="KB1"))
    desk.write(changes.AddCharge(charge=charge(1, 0, loan=lent.loan, item=ITEMS["KB1"].id)))
    back = desk.ask(CheckIn(item="KB1"))
    facts = desk.look(UndoCheckIn(patron="20001001", item="KB1")).item
    assert facts.last is not None
    assert (facts.last.command, facts.last.account, facts.last.outcome) == ("CheckIn", "kasse1", back)
    assert facts.last.patron == K1.id
    assert facts.last_loan.id == lent.loan
    assert [one.id for one in facts.last_charges] == [1]
    assert facts.loan is None


def test_pin_facts_of_a_known_number(desk: Desk) -> None:
    from queue import SimpleQueue

    answers: SimpleQueue = SimpleQueue()
    desk.write(changes.PutPinFailures(patron=K1.id, count=2, on=date(2026, 2, 12)))
    desk.circulation.pin_facts("850412-0000", KAL, answers.put)
    known = answers.get().value
    desk.circulation.pin_facts("nobody", KAL, answers.put)
    assert (known.patron, known.pin_hash, known.failures) == (K1.id, "$argon2id$1", 2)
    assert known.failed_on == date(2026, 2, 12)
    assert "argon2" not in repr(known)
    assert answers.get().value is None


@pytest.mark.parametrize(
    ("new_card", "holder"),
    [("2000-1003", K3.id), ("850412-0000", K1.id), ("N000111222", None), ("20009999", None)],
)
def test_who_already_has_the_number_of_a_new_card(desk: Desk, new_card: str, holder: int | None) -> None:
    assert desk.look(ReplaceCard(patron="20001001", new_card=new_card)).holder == holder


def test_what_a_partner_lent_last_to_the_same_borrower(desk: Desk) -> None:
    for patron, item in (("20001001", "KB1"), ("20001001", "KB3"), ("20001003", "KB2")):
        desk.ask(CheckOut(patron=patron, item=item))
    lent = {item: desk.look(UndoLoan(item=item)).item.lent_last for item in ("KB1", "KB2", "KB3")}
    assert lent == {"KB1": ITEMS["KB3"].id, "KB2": ITEMS["KB2"].id, "KB3": ITEMS["KB3"].id}
