"""What is asked of copies that are made for a patron to keep: of an article, a chapter.  Ordered, and not lent."""

from datetime import date, datetime

from backend.money import Money
from backend.partner_commands import RequestNumber
from backend.pins import PinProof
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class Article:
    """What is to be copied, as the order describes it; empty is unknown.

    `number` is a published number of what it stands in, an ISSN say, and `part` one of the article itself.
    """

    title: str = ""
    author: str = ""
    pages: str = ""
    published: str = ""
    volume: str = ""
    part: str = ""
    part_kind: str = ""
    host: str = ""  # the journal or book that it stands in
    host_author: str = ""
    edition: str = ""
    publisher: str = ""
    place: str = ""
    number: str = ""
    number_kind: str = ""
    wanted_as: str = ""  # the order's own word for a copy, and for its scope
    scope: str = ""


@value(frozen=True, slots=True, kw_only=True)
class OrderCopy:
    """A patron wants a copy to keep; `item` or `title` names what we have of what it stands in, where something does.

    `price` is what it costs, as far as the order says.
    """

    patron: str
    article: Article = Article()
    item: str | None = None
    title: str | None = None
    pickup: str | None = None  # branch id or name; None: the patron's own
    expires: date | None = None  # the last day on which it is of use
    price: Money | None = None
    request: RequestNumber | None = None
    pin: PinProof = PinProof.ABSENT
    at: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class MoveCopy:
    """An ordered copy is on its way, or has come; `closes`: it has come to the library that ordered it for itself."""

    request: RequestNumber
    arrived: bool
    closes: bool = False
    at: datetime | None = None


CopyChange = OrderCopy | MoveCopy
