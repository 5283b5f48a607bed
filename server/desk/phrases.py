"""What the desk says of its own accord, beside the reasons of the rules. Knows no language and no protocol."""

from enum import StrEnum

from backend.model import FeeKind
from backend.outcomes import Reason


class Phrase(StrEnum):
    """A text on a screen or a slip that no `Reason` stands behind."""

    DUE = "due"  # on a receipt, policies 9 `ok (checkout)`
    PICK_UP = "pick_up"  # a hold waits on the shelf, to be fetched by a day
    HOLD_HERE = "hold_here"
    HOLD_ELSEWHERE = "hold_elsewhere"
    OTHER_LIBRARY = "other_library"
    OTHER_BRANCH = "other_branch"
    TO_STAFF = "to_staff"
    HOLD_SLIP = "hold_slip"  # first line of a shelf slip: a reference, never a name
    NOT_LOGGED_IN = "not_logged_in"
    MISSING_ITEM = "missing_item"
    MISSING_PATRON = "missing_patron"
    MISSING_FIELD = "missing_field"
    UNREADABLE = "unreadable"
    TRY_AGAIN = "try_again"
    OTHER_INSTITUTION = "other_institution"
    TOO_OLD = "too_old"  # a protocol version below 1.00
    OUT_OF_SERVICE = "out_of_service"


Said = Reason | Phrase | FeeKind
"""Everything that has a text in every language."""
