"""The shapes that every rule's answer has in common. It knows how to say, and not what."""

from backend.changes import NoteForStaff
from backend.facts import Decision, Facts
from backend.model import CardState, HoldId, Item, Patron, PatronId
from backend.outcomes import About, Reason, Refusal, Refused
from backend.partner_commands import UNCOUNTED, RequestNumber


def about(facts: Facts, item: Item | None = None, speaker: Patron | None = None) -> About:
    """What an answer needs to know of patron and item; `item` in place of the one that was asked about.

    `speaker`: in whose language, where no patron was presented.
    """
    patron = facts.patron.patron if facts.patron else None
    spoken = patron or speaker
    found = item or (facts.item.item if facts.item else None)
    return About(
        patron_known=patron is not None,
        language=spoken.language if spoken else None,
        title=found.title if found else None,
        barcode=found.barcode if found else None,
        material=found.material if found else None,
        media_type=found.media_type if found else None,
        magnetic=found.magnetic if found else None,
        properties=found.properties if found else None,
    )


def note_for_staff(
    facts: Facts, reason: Reason, *, patron: PatronId | None = None, item: Item | None = None, text: str = ""
) -> NoteForStaff:
    """Work for people at the library that was asked; patron and item default to those of the command."""
    asked = facts.patron.patron.id if facts.patron else None
    found = item or (facts.item.item if facts.item else None)
    return NoteForStaff(
        library=facts.asked_by.library,
        reason=reason.value,
        at=facts.now,
        patron=patron or asked,
        item=found.id if found else None,
        text=text,
    )


def refused(facts: Facts, refusals: tuple[Refusal, ...], item: Item | None = None) -> Decision:
    """No, and every reason why; nothing changes."""
    return Decision(outcome=Refused(at=facts.now, about=about(facts, item), refusals=refusals))


def own_number(made: HoldId) -> RequestNumber:
    """The number of a request whose maker gave none; the maker's account tells who may come back to it."""
    return RequestNumber(agency=UNCOUNTED, value=str(made))


def refuse_stranger(facts: Facts) -> tuple[Refusal, ...]:
    """Why nobody of this library was named, if so: no such number, or a national card that is not linked here."""
    if facts.patron is None:
        return (Refusal(reason=Reason.UNKNOWN_PATRON),)
    if facts.patron.patron.card_state is CardState.UNLINKED:
        return (Refusal(reason=Reason.CARD_UNLINKED),)
    return ()
