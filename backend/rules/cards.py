"""Cards and PINs: reported lost, found again, replaced, linked; and how often a PIN was wrong today."""

import dataclasses
from collections.abc import Iterator

from backend.changes import (
    AddIdentifier,
    Change,
    LinkPatron,
    LoseIdentifier,
    MarkCards,
    NoteForStaff,
    PutPin,
    PutPinFailures,
)
from backend.commands import BlockCard, ClearPinFailures, EnablePatron, NotePinFailure, PinProof
from backend.facts import Decision, Facts, PatronFacts
from backend.model import CardState, PatronId
from backend.outcomes import Done, PatronChanged, Reason, Refusal
from backend.rules.answers import about, note_for_staff, refuse_stranger, refused
from backend.rules.circumstances import circumstances
from backend.rules.fees import charge_fees, fees_of, first_charge, sum_of
from backend.rules.numbers import refuse_identity_number, refuse_number
from backend.rules.standing import PatronNow
from backend.staff_commands import LinkCard, ReplaceCard, ResetPin

# ---- lost and found --------------------------------------------------------------


def block(facts: Facts, command: BlockCard) -> Decision:
    """The card is refused as lost from now on, and staff are told why. A card that is lost already stays so."""
    who, found = facts.patron, (*_not_allowed(facts.asked_by.may_block_cards), *refuse_stranger(facts))
    if who is None or found:
        return refused(facts, found)
    if who.patron.card_state is CardState.LOST:
        return _stands(facts, who, CardState.LOST, ())
    lost = MarkCards(patron=who.patron.id, lost=True, also=command.patron)
    return _stands(facts, who, CardState.LOST, (lost, _why_blocked(facts, command)))


def enable(facts: Facts, command: EnablePatron) -> Decision:
    """The cards are valid again; other blocks stand on. A wrong PIN enables nothing."""
    who, found = facts.patron, (*_not_allowed(facts.asked_by.may_enable_patrons), *refuse_stranger(facts))
    if who is None or found:
        return refused(facts, found)
    if command.pin in (PinProof.WRONG, PinProof.LOCKED):
        return refused(facts, (Refusal(reason=Reason.PIN_WRONG),))
    valid = MarkCards(patron=who.patron.id, lost=False, also=command.patron)
    return _stands(facts, who, CardState.VALID, (valid,))


def _not_allowed(allowed: bool) -> tuple[Refusal, ...]:
    return () if allowed else (Refusal(reason=Reason.NOT_ALLOWED),)


def _why_blocked(facts: Facts, command: BlockCard) -> NoteForStaff:
    """What the machine said; a card that it kept lies in its bin."""
    told = ("card retained" if command.retained else "", command.message)
    return note_for_staff(facts, Reason.CARD_LOST, text="; ".join(word for word in told if word))


def _stands(facts: Facts, who: PatronFacts, card: CardState, changes: tuple[Change, ...]) -> Decision:
    """The patron as he stands once the card is in that state."""
    after = dataclasses.replace(who, patron=dataclasses.replace(who.patron, card_state=card))
    stands = PatronNow(facts, after)
    outcome = PatronChanged(
        at=facts.now,
        about=about(facts),
        patron=dataclasses.replace(after.patron, birth_date=None, address="", email="", phone=""),  # it is journalled
        standing=stands.standing,
        owed=stands.owed.total,
    )
    return Decision(outcome=outcome, changes=changes)


# ---- new cards --------------------------------------------------------------------


def replace(facts: Facts, command: ReplaceCard) -> Decision:
    """A further card, at the price the library asks of this patron; a number that is in use is nobody's new card."""
    who, strangers = facts.patron, refuse_stranger(facts)
    if who is None or strangers:
        return refused(facts, strangers)
    policy = facts.policies.of(who.patron.library, facts.now)
    unfit = refuse_number(policy, command.new_card)
    if unfit:
        return refused(facts, unfit)
    if facts.holder is not None:
        return refused(facts, (Refusal(reason=Reason.IDENTIFIER_TAKEN),))
    asked = circumstances(facts, policy, "patron_info", patron=who.patron)
    fees = () if command.free else fees_of(policy, ("card_replaced",), asked)
    charges = charge_fees(facts, fees, who.patron.id)
    outcome = Done(at=facts.now, about=about(facts), charge=first_charge(charges), fee=sum_of(fees))
    return Decision(outcome=outcome, changes=(*_cards_change(who, command), *charges))


def _cards_change(who: PatronFacts, command: ReplaceCard) -> Iterator[Change]:
    if command.old_is_lost and who.patron.card:
        yield LoseIdentifier(patron=who.patron.id, value=who.patron.card)
    yield AddIdentifier(patron=who.patron.id, library=who.patron.library, kind=command.kind, value=command.new_card)


def link(facts: Facts, command: LinkCard) -> Decision:
    """The holder of a national card becomes a patron here too; who is one already stays one."""
    if facts.patron is None:
        return refused(facts, refuse_stranger(facts))
    who = facts.patron.patron
    if who.card_state is not CardState.UNLINKED:
        return Decision(outcome=Done(at=facts.now, about=about(facts)))
    if facts.policy.access.national_card == "none":
        return refused(facts, _not_allowed(False))
    unfit = refuse_identity_number(facts.policy, who.card)
    if unfit:
        return refused(facts, unfit)
    linked = LinkPatron(
        patron=PatronId(next(facts.ids)),
        library=facts.asked_by.library,
        like=who.id,
        home_branch=facts.asked_by.branch,
    )
    return Decision(outcome=Done(at=facts.now, about=about(facts)), changes=(linked,))


# ---- PINs -------------------------------------------------------------------------


def reset_pin(facts: Facts, command: ResetPin) -> Decision:
    """A new PIN, or none; what was typed wrong before is forgotten."""
    who, strangers = facts.patron, refuse_stranger(facts)
    if who is None or strangers:
        return refused(facts, strangers)
    put = PutPin(patron=who.patron.id, pin_hash=command.pin_hash)
    return Decision(outcome=Done(at=facts.now, about=about(facts)), changes=(put,))


def note_pin_failure(facts: Facts, command: NotePinFailure) -> Decision:
    """One more wrong PIN on this local day; the count starts again each midnight.

    Of a card that is not linked here too: its PIN is the one that could be guessed.
    """
    if facts.patron is None:
        return refused(facts, refuse_stranger(facts))
    who = facts.patron.patron
    today = facts.policies.of(who.library, facts.now).time.today(facts.now)
    count = who.pin_failures + 1 if who.pin_failed_on == today else 1
    put = PutPinFailures(patron=who.id, count=count, on=today)
    return Decision(outcome=Done(at=facts.now, about=about(facts), count=count), changes=(put,))


def clear_pin_failures(facts: Facts, command: ClearPinFailures) -> Decision:
    """The right PIN was given; nothing is written when nothing was counted."""
    if facts.patron is None:
        return refused(facts, refuse_stranger(facts))
    who = facts.patron.patron
    put = (PutPinFailures(patron=who.id, count=0, on=None),) if who.pin_failures else ()
    return Decision(outcome=Done(at=facts.now, about=about(facts), count=0), changes=put)
