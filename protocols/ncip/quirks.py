"""What partners get wrong and we put right, each by name, so that it can be counted and told."""

from dataclasses import dataclass
from enum import StrEnum


class QuirkName(StrEnum):
    """One way a message may be out of order and still be understood."""

    NO_NAMESPACE = "no namespace"
    OTHER_NAMESPACE = "another namespace"
    PLAIN_ATTRIBUTE = "attribute without namespace"
    OTHER_ATTRIBUTE = "unknown attribute"
    NO_VERSION = "no version"
    UNKNOWN_VERSION = "unknown version"
    VERSION_1 = "version 1 words in a version 2 message"
    SCHEME_AND_VALUE = "Scheme and Value as elements"
    LETTER_CASE = "letter case"
    STRAY_TEXT = "text between elements"
    ELEMENT_ORDER = "order of elements"
    REPEATED_ELEMENT = "element repeated"
    STRAY_ELEMENT = "element out of place"
    FOREIGN_ELEMENT = "foreign element in Ext"
    MISSING_ELEMENT = "element missing"
    EMPTY_ELEMENT = "element empty"
    NULL_TEXT = "the word null"
    LOOSE_VALUE = "value in another form"
    INVALID_VALUE = "value not understood"
    ITEM_ID_AS_TITLE = "item identifier in BibliographicId"
    SERVICE_IN_EXT = "service in Ext"
    OTHERWISE = "not as the schema has it"  # both of a choice, neither of it, a flag that holds blanks …


@dataclass(frozen=True, slots=True)
class Quirk:
    """One repair: what was wrong, and at which element."""

    name: QuirkName
    element: str


class Quirks:
    """The repairs of one message, each told once."""

    def __init__(self) -> None:
        self._seen: dict[Quirk, None] = {}

    def note(self, name: QuirkName, element: str) -> None:
        """Remember a repair."""
        self._seen[Quirk(name, element)] = None

    def all(self) -> tuple[Quirk, ...]:
        """Every repair, in the order met."""
        return tuple(self._seen)
