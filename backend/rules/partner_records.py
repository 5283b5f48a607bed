"""Records that partners make: items that are here for a while, their titles, and patrons."""

from dataclasses import replace
from datetime import date
from typing import Final

from backend.changes import AddHold, Change, PutHold
from backend.commands import CheckOut, PinProof
from backend.facts import Decision, Facts, ItemFacts, PatronFacts
from backend.model import (
    TEMPORARY,
    BranchId,
    Hold,
    HoldId,
    HoldState,
    IdentifierKind,
    Item,
    ItemId,
    ItemState,
    Operation,
    Patron,
    PatronId,
    TitleId,
)
from backend.numbers import is_sendable
from backend.outcomes import CheckedOut, Reason, Refusal
from backend.partner_changes import (
    AddItem,
    AddPatron,
    AddTitle,
    NumberRequest,
    PutItemRecord,
    PutPatron,
    PutTitle,
)
from backend.partner_commands import (
    AcceptItem,
    CreateItem,
    CreatePatron,
    DeleteItem,
    Described,
    PersonFields,
    UpdateItem,
    UpdatePatron,
)
from backend.partner_outcomes import Accepted, ItemRecorded, PatronRecorded
from backend.policy.dates import pickup_deadline
from backend.rules import checkout
from backend.rules.answers import about, refused
from backend.rules.circumstances import circumstances, place
from backend.rules.numbers import refuse_number, refuse_unsendable
from backend.rules.renewal import NO_RENEWAL
from backend.rules.standing import refusals
from backend.rules.waiting import set_aside, waiting_again

LENT_IN: Final = "ill"  # loan type of what another library lends us


# ---- AcceptItem -----------------------------------------------------------------


def accept(facts: Facts, command: AcceptItem) -> Decision:
    """Title and item on record, then a loan, or a place on the pickup shelf."""
    found = refusals(facts, command, Operation.HOLD)
    if found or facts.patron is None:
        return refused(facts, found or (Refusal(reason=Reason.UNKNOWN_PATRON),))
    if facts.partner.request is not None:
        return refused(facts, (Refusal(reason=Reason.REQUEST_TAKEN),))
    taken = _is_taken(facts)
    if taken and command.item:
        return refused(facts, (Refusal(reason=Reason.IDENTIFIER_TAKEN),))
    branch = _pickup(facts, command.pickup)
    if branch is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_BRANCH),))
    wanted = command.item or command.request.value
    if unfit := refuse_unsendable(command.item or ""):
        return refused(facts, unfit)
    barcode = wanted if is_sendable(wanted) and not taken else _made_barcode(facts)
    anew = replace(facts, item=None) if taken else facts  # the number is another item's barcode
    item, records = _on_record(anew, barcode, command.described, command.call_number, LENT_IN)
    if command.due is not None:
        item = replace(item, lender_due=facts.policy.time.today(command.due))
    if not command.renewable:
        item = replace(item, flags=item.flags | {NO_RENEWAL})
    records = _moved(records, item)
    if command.lend:
        return _lent(facts, command, item, records)
    return _set_aside(facts, facts.patron, command, item, records, branch)


def _pickup(facts: Facts, asked_for: str | None) -> BranchId | None:
    """Where it is to be collected, by id or name; where it is when nothing is said."""
    if not asked_for:
        return facts.asked_by.branch
    wanted = asked_for.strip().casefold()
    for branch in facts.policy.branches.values():
        if wanted in (branch.id.casefold(), branch.name.casefold()):
            return BranchId(branch.id)
    return None


def _is_taken(facts: Facts) -> bool:
    """Does the library have the barcode?  One that a partner's item had is free again when that is gone."""
    if facts.item is None or facts.item.item.library != facts.asked_by.library:
        return False
    return not facts.item.item.is_gone


def _made_barcode(facts: Facts) -> str:
    return f"{facts.asked_by.library}-{next(facts.ids)}"


def _on_record(
    facts: Facts, barcode: str, described: Described, call_number: str, loan_type: str, material: str = "book"
) -> tuple[Item, tuple[Change, ...]]:
    """The item and the changes that put it on record; a gone one with this barcode comes back."""
    title = TitleId(next(facts.ids))
    back = facts.item.item if facts.item and facts.item.item.library == facts.asked_by.library else None
    branch = facts.asked_by.branch
    item = Item(
        id=back.id if back else ItemId(next(facts.ids)),
        library=facts.asked_by.library,
        barcode=back.barcode if back else barcode,
        title_id=title,
        title=described.title,
        author=described.author,
        material=material,
        loan_type=loan_type,
        flags=frozenset({TEMPORARY}),
        home_branch=branch,
        present_branch=branch,
        call_number=call_number,
        acquired=facts.policy.time.today(facts.now),
    )
    add: Change = PutItemRecord(item=item) if back else AddItem(item=item)
    return item, (AddTitle(title=title, library=item.library, described=described), add)


def _lent(facts: Facts, command: AcceptItem, item: Item, records: tuple[Change, ...]) -> Decision:
    """The rules of lending decide, as if it had stood on the shelf."""
    with_item = replace(facts, item=ItemFacts(item=item))
    lending = CheckOut(patron=command.patron, item=item.barcode, pin=PinProof.RIGHT, at=facts.now, fee_accepted=True)
    decision = checkout.check_out(with_item, lending)
    if not isinstance(decision.outcome, CheckedOut):
        return decision
    outcome = Accepted(at=facts.now, about=about(with_item), barcode=item.barcode, due=decision.outcome.due)
    return Decision(outcome=outcome, changes=(*records, *decision.changes, _number(facts, command, item)))


def _set_aside(
    facts: Facts,
    patron: PatronFacts,
    command: AcceptItem,
    item: Item,
    records: tuple[Change, ...],
    pickup: BranchId,
) -> Decision:
    here = pickup == item.present_branch
    hold = Hold(
        id=HoldId(next(facts.ids)),
        library=facts.asked_by.library,
        patron=patron.patron.id,
        title_id=item.title_id,
        trapped=item.id,
        state=HoldState.READY if here else HoldState.TRANSIT,
        pickup=pickup,
        placed=facts.now,
        ready_on=facts.policy.time.today(facts.now) if here else None,
        pickup_by=_collect_by(facts, patron.patron, item, pickup, command.pickup_by) if here else None,
    )
    shelved = replace(
        item,
        state=ItemState.HOLD_SHELF if here else ItemState.TRANSIT,
        destination=None if here else pickup,
    )
    outcome = Accepted(at=facts.now, about=about(facts, item), barcode=item.barcode, hold=hold.id)
    placed = (*_moved(records, shelved), AddHold(hold=hold), _number(facts, command, item, hold.id))
    return Decision(outcome=outcome, changes=placed)


def _moved(records: tuple[Change, ...], item: Item) -> tuple[Change, ...]:
    """The same records with the item where it now stands."""
    return tuple(replace(one, item=item) if isinstance(one, AddItem | PutItemRecord) else one for one in records)


def _collect_by(facts: Facts, patron: Patron, item: Item, pickup: BranchId, wished: date | None) -> date:
    """The policy's last pickup day, or an earlier wish."""
    policy = facts.policy
    today = policy.time.today(facts.now)
    row = policy.hold_row(circumstances(facts, policy, "hold", patron=patron, item=item))
    last = pickup_deadline(place(policy, pickup), row, today)
    return min(last, wished) if wished is not None and wished >= today else last


def _number(facts: Facts, command: AcceptItem, item: Item, hold: HoldId | None = None) -> NumberRequest:
    return NumberRequest(
        account=facts.asked_by.account,
        library=facts.asked_by.library,
        request=command.request,
        service="AcceptItem",
        at=facts.now,
        hold=hold,
        item=item.id,
        patron=facts.patron.patron.id if facts.patron else None,
        due=command.due,
        renewable=command.renewable,
    )


# ---- items ----------------------------------------------------------------------


def create_item(facts: Facts, command: CreateItem) -> Decision:
    """Refused when the barcode is in use; without one, the row's own number is it."""
    if _is_taken(facts):
        return refused(facts, (Refusal(reason=Reason.IDENTIFIER_TAKEN),))
    if unfit := refuse_unsendable(command.item or ""):
        return refused(facts, unfit)
    barcode = command.item or _made_barcode(facts)
    material = command.material or "book"
    item, records = _on_record(facts, barcode, command.described, command.call_number, "normal", material)
    if not command.lendable:
        item = replace(item, loan_type="reference")
    outcome = ItemRecorded(at=facts.now, about=about(facts, item), barcode=item.barcode)
    return Decision(outcome=outcome, changes=_moved(records, item))


def _own_item(facts: Facts) -> Item | None:
    """The item, when it is the asking library's."""
    if facts.item is None or facts.item.item.library != facts.asked_by.library or facts.item.item.is_gone:
        return None
    return facts.item.item


def update_item(facts: Facts, command: UpdateItem) -> Decision:
    """A copy of the library's own gets another description or call number; None leaves it as it is."""
    item = _own_item(facts)
    if item is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    changes: list[Change] = []
    if command.described is not None:
        words = command.described
        kept = replace(words, title=words.title or item.title, author=words.author or item.author)
        changes.append(PutTitle(title=item.title_id, described=kept))
    if command.call_number is not None and command.call_number != item.call_number:
        changes.append(PutItemRecord(item=replace(item, call_number=command.call_number)))
    outcome = ItemRecorded(at=facts.now, about=about(facts), barcode=item.barcode)
    return Decision(outcome=outcome, changes=tuple(changes))


def delete_item(facts: Facts, command: DeleteItem) -> Decision:
    """Withdrawn, so that loans and fees of it stay explained; whoever still waits for it waits in vain."""
    item = _own_item(facts)
    if item is None or facts.item is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    if facts.item.loan is not None:
        return refused(facts, (Refusal(reason=Reason.ON_LOAN_OTHER),))
    if TEMPORARY not in item.flags and not command.any_item:
        return refused(facts, (Refusal(reason=Reason.NOT_TEMPORARY),))
    gone = replace(item, state=ItemState.WITHDRAWN, destination=None)
    waiting = facts.item.holds if TEMPORARY in item.flags else ()
    ended = [PutHold(hold=replace(one.hold, state=HoldState.CANCELLED), closed_at=facts.now) for one in waiting]
    kept = set_aside(facts.item.holds, item)
    if kept is not None and not waiting:
        ended.append(PutHold(hold=waiting_again(kept)))
    outcome = ItemRecorded(at=facts.now, about=about(facts), barcode=item.barcode)
    return Decision(outcome=outcome, changes=(PutItemRecord(item=gone), *ended))


# ---- patrons --------------------------------------------------------------------


def create_patron(facts: Facts, command: CreatePatron) -> Decision:
    """With the number that was proposed, when it is free and may be kept; else with one of ours."""
    unfit = refuse_number(facts.policy, command.patron) if command.patron else ()
    if unfit:
        return refused(facts, unfit)
    if facts.patron is not None and command.patron:
        return refused(facts, (Refusal(reason=Reason.IDENTIFIER_TAKEN),))
    if _is_unborn(facts, command.person):
        return refused(facts, (Refusal(reason=Reason.BIRTH_TO_COME),))
    number = PatronId(next(facts.ids))
    card = command.patron or f"{facts.asked_by.library}{number}"
    said = command.person
    patron = Patron(
        id=number,
        library=facts.asked_by.library,
        card=card,
        family_name=said.family_name or "",
        given_name=said.given_name or "",
        birth_date=said.birth_date,
        language=said.language,
        home_branch=facts.asked_by.branch,
        rules_accepted=False,
        pin_hash=command.pin_hash,
        address=said.address or "",
        email=said.email or "",
        phone=said.phone or "",
    )
    add = AddPatron(patron=patron, kind=IdentifierKind.CARD, number=card)
    return Decision(outcome=PatronRecorded(at=facts.now, card=card), changes=(add,))


def _is_unborn(facts: Facts, said: PersonFields) -> bool:
    return said.birth_date is not None and said.birth_date > facts.policy.time.today(facts.now)


def update_patron(facts: Facts, command: UpdatePatron) -> Decision:
    """What a partner says of a known person takes the place of what was on record; what it leaves out stays."""
    if facts.patron is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_PATRON),))
    if _is_unborn(facts, command.person):
        return refused(facts, (Refusal(reason=Reason.BIRTH_TO_COME),))
    patron = facts.patron.patron
    changed = _with(patron, command.person)
    outcome = PatronRecorded(at=facts.now, about=about(facts), card=patron.card)
    return Decision(outcome=outcome, changes=(PutPatron(patron=changed),) if changed != patron else ())


def _with(patron: Patron, said: PersonFields) -> Patron:
    """What is said takes the place of what was known; a family name is never emptied."""
    return replace(
        patron,
        family_name=said.family_name or patron.family_name,
        given_name=patron.given_name if said.given_name is None else said.given_name,
        birth_date=said.birth_date or patron.birth_date,
        language=said.language or patron.language,
        address=patron.address if said.address is None else said.address,
        email=patron.email if said.email is None else said.email,
        phone=patron.phone if said.phone is None else said.phone,
    )
