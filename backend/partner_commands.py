"""What only another system asks: requests by number, whole titles, records that it makes, words about what it did.

Plain frozen values like those of `commands`, which joins them to everything else that can be asked.
"""

from dataclasses import field
from datetime import date, datetime
from enum import StrEnum

from backend.money import Money
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class RequestNumber:
    """A request as another system counts it: unique within the agency, whose id is as it is compared."""

    agency: str
    value: str


UNCOUNTED = ""  # the agency of a number that is our own: the asker gave none, and will speak of the request by ours


@value(frozen=True, slots=True, kw_only=True)
class Described:
    """A title in words, as a partner describes it."""

    title: str = ""
    author: str = ""
    year: int | None = None
    isbn: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class LookUpTitle:
    """Read a title by record number, ISBN or exact title, with all copies; changes nothing."""

    title: str


@value(frozen=True, slots=True, kw_only=True)
class LookUpRequest:
    """Read one request: by the asker's number, by the number of our hold, or by patron and a copy; changes nothing.

    A hold that is named by our number must be the patron's, where a patron is named.
    """

    request: RequestNumber | None = None
    hold: int | None = None
    patron: str = ""
    item: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class RecallItem:
    """Call an item back from its borrower, who gets a shorter loan; `due` is the wish of who asks."""

    item: str
    due: datetime | None = None
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class UndoLoan:
    """Take back the loan that this partner has just made, and nothing else; `patron` empty: whoever has it."""

    item: str
    patron: str = ""
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class AcceptItem:
    """An item that is not in the catalogue is here for a patron: put it on record, then lend it or set it aside.

    `item` None: the request's number becomes the barcode.  `due`: the lender's.
    """

    request: RequestNumber
    patron: str
    item: str | None = None
    described: Described = Described()
    call_number: str = ""
    due: datetime | None = None
    renewable: bool = True
    lend: bool = False
    pickup: str | None = None  # branch id or name; None: where the item is
    pickup_by: date | None = None
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class CreateItem:
    """Put an item on record, brief and temporary; `item` None: a barcode is made."""

    item: str | None = None
    described: Described = Described()
    call_number: str = ""
    material: str | None = None
    lendable: bool = True
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class UpdateItem:
    """Change what is known of an item; None leaves it as it is."""

    item: str
    described: Described | None = None
    call_number: str | None = None
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class DeleteItem:
    """Take an item off record; only one that a partner made, unless `any_item`."""

    item: str
    any_item: bool = False
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class PersonFields:
    """What a partner tells of a person; None: nothing said.  Whatever holds one keeps it out of the journal."""

    family_name: str | None = None
    given_name: str | None = None
    birth_date: date | None = None
    language: str | None = None
    address: str | None = None
    email: str | None = None
    phone: str | None = None


NOTHING_SAID = PersonFields()


@value(frozen=True, slots=True, kw_only=True)
class CreatePatron:
    """Register a patron; `patron` is a proposal for the card number, empty for none."""

    patron: str = ""
    person: PersonFields = field(default=NOTHING_SAID, metadata={"secret": True})
    pin_hash: str | None = field(default=None, repr=False, metadata={"secret": True})
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class UpdatePatron:
    """Change what is known of a patron; an empty text takes the value away."""

    patron: str
    person: PersonFields = field(default=NOTHING_SAID, metadata={"secret": True})
    at: datetime | None = None


class Report(StrEnum):
    """What a borrower says of an item."""

    RETURNED = "returned"
    NEVER_BORROWED = "never_borrowed"
    LOST = "lost"
    MISSING = "missing"


@value(frozen=True, slots=True, kw_only=True)
class ReportItem:
    """A borrower says what became of an item; staff look into it."""

    patron: str
    item: str
    report: Report
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class TakeNotice:
    """A partner tells what it has done; it is written down."""

    service: str
    item: str | None = None
    patron: str = ""
    request: RequestNumber | None = None
    due: datetime | None = None
    amount: Money | None = None
    at: datetime | None = None


PartnerLookUp = LookUpTitle | LookUpRequest
PartnerChange = (
    RecallItem
    | UndoLoan
    | AcceptItem
    | CreateItem
    | UpdateItem
    | DeleteItem
    | CreatePatron
    | UpdatePatron
    | ReportItem
    | TakeNotice
)
