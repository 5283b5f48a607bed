"""Who is told of a patron: the patron's own library. Who supplies a copy learns where it goes, not to whom."""

from backend.facts import Facts, HoldFacts
from backend.model import LibraryId, Patron


def is_told(facts: Facts, library: LibraryId) -> bool:
    """Does the library of the patron ask itself?"""
    return library == facts.asked_by.library


def card_for(facts: Facts, patron: Patron | None) -> str | None:
    """The borrower's card, None where there is no borrower or it is another library's."""
    return patron.card if patron and is_told(facts, patron.library) else None


def who_waits(facts: Facts, waiting: HoldFacts | None) -> tuple[str | None, str | None]:
    """Card and name of the patron for whom a copy is set aside, as far as the asker may know them."""
    if waiting is None or not is_told(facts, waiting.hold.library):
        return None, None
    return waiting.patron_card, waiting.patron_name
