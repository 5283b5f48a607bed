"""What staff can ask about people's records: two that are one person, consent, agreements.

`patron` and `other` are identifiers as presented.
"""

from datetime import date
from enum import StrEnum

from backend.value import value


class Agreement(StrEnum):
    """What a patron has signed, or has not."""

    RULES = "rules"  # the lending rules
    UNSTAFFED = "unstaffed"  # to use the library outside staffed hours


@value(frozen=True, slots=True, kw_only=True)
class MergePatrons:
    """`other` and `patron` are the same person: all that is `other`'s is `patron`'s from now on."""

    patron: str
    other: str


@value(frozen=True, slots=True, kw_only=True)
class RecordConsent:
    """A guardian has signed for a minor, or has withdrawn it; `other` is the guardian, None for who is known."""

    patron: str
    other: str | None = None
    given: bool = True


@value(frozen=True, slots=True, kw_only=True)
class RecordAgreement:
    """The patron has signed something, or has ended it."""

    patron: str
    what: Agreement
    given: bool = True


@value(frozen=True, slots=True, kw_only=True)
class ExportInvoices:
    """The invoices of a day go to whoever keeps the books; nothing is changed by it."""

    day: date


PeopleChange = MergePatrons | RecordConsent | RecordAgreement
