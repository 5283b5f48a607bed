"""Which kind of thing a material is to a machine: SIP2 media types (CK), read off our dotted materials."""

from typing import Final

OTHER: Final = "000"

# The list knows no DVD: whatever is a disc in a case is a CD to the machines that sort by it.
MEDIA_TYPES: Final = {
    "book": "001",
    "comic": "001",
    "magazine": "002",
    "comic.issue": "002",
    "film": "006",
    "film.vhs": "005",
    "music": "006",
    "game": "006",
    "audiobook": "006",
    "talking_book": "006",
    "language_course": "009",
}


def media_type(material: str) -> str:
    """Three digits; the nearest that the material stands under, `000` when none does."""
    under = material
    while under:
        if under in MEDIA_TYPES:
            return MEDIA_TYPES[under]
        under = under.rpartition(".")[0]
    return OTHER
