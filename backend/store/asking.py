"""Everything a command's rule may look at, and the first answer if it was asked before, out of one statement."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final, NamedTuple

from sqlalchemy import CTE

from backend.clock import as_utc, to_epoch
from backend.commands import CancelHold, ChangeHold, Command, PayFee, RepeatKey
from backend.facts import Policies
from backend.model import AskedBy
from backend.numbers import compared
from backend.order_commands import ConfirmOrder, DeclineOffer, OrderTitle
from backend.partner_commands import AcceptItem, RequestNumber
from backend.people_commands import MergePatrons, RecordConsent
from backend.repeats import OF_ITEMS, asks_late_payments, asks_meaning
from backend.staff_commands import ReplaceCard
from backend.store.identifiers import IdentityHash, compared_title, isbn13, issn_key
from backend.store.journal_parts import ACTS_FOR_PATRON, ACTS_OF_ACCOUNT, ACTS_ON_ITEM
from backend.store.needs import NEEDS, Part
from backend.store.order_parts import ABOUT_WORK, OF_WORKS, national_cards, offer, ordered_work
from backend.store.partner_parts import ABOUT_REQUEST, ABOUT_TITLE
from backend.store.parts import (
    ABOUT_ACCOUNT,
    ABOUT_ITEM,
    ABOUT_PATRON,
    copy_of_title,
    held_copy,
    item_by_barcode,
    presented_patron,
)
from backend.store.statement import Scalar
from backend.store.union import Branch, Union
from backend.value import value

OF_PATRON: Final = {**ABOUT_PATRON, **ACTS_FOR_PATRON, Part.NATIONAL: national_cards}
OF_ITEM: Final = {**ABOUT_ITEM, **ACTS_ON_ITEM}
OF_THING: Final = {**OF_ITEM, **ABOUT_TITLE, **ABOUT_WORK}
OF_ACCOUNT: Final = {**ABOUT_ACCOUNT, **ABOUT_REQUEST, **ACTS_OF_ACCOUNT}


@value(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request on its way to a decision."""

    command: Command
    asked_by: AskedBy
    key: RepeatKey
    now: datetime
    policies: Policies

    @property
    def patron(self) -> str | None:
        """The number as it was presented, of a command that has one."""
        return getattr(self.command, "patron", None)

    @property
    def barcode(self) -> str | None:
        """An accepted item without one is to get its request's number, should that be free."""
        if isinstance(self.command, AcceptItem):
            return self.command.item or self.command.request.value
        return getattr(self.command, "item", None)

    @property
    def title(self) -> str | None:
        """Only when no copy is named."""
        return getattr(self.command, "title", None) if self.barcode is None else None

    @property
    def request(self) -> RequestNumber | None:
        """As another system counts."""
        return getattr(self.command, "request", None)

    @property
    def new_card(self) -> str | None:
        """A second number: one to be given out, or another patron's."""
        if isinstance(self.command, MergePatrons | RecordConsent):
            return self.command.other
        return self.command.new_card if isinstance(self.command, ReplaceCard) else None

    @property
    def transaction(self) -> str | None:
        """The number under which money is booked, or let go."""
        return getattr(self.command, "transaction", None)


class Shape(NamedTuple):
    """What decides the text of a facts statement."""

    command: type[Command]
    by_title: bool
    thing: bool  # a copy or a title is named
    frame: bool = False
    meaning: bool = False
    transaction: bool = False
    request: bool = False
    payments: bool = False
    by_hold: bool = False  # what is in hand is a copy for the hold that is named

    def parts(self) -> frozenset[Part]:
        """What the command needs, and where the first time of this request would be found, if there was one."""
        needs = NEEDS[self.command]
        parts = set(needs.parts | needs.by_title if self.by_title else needs.parts)
        of_item = self.thing and issubclass(self.command, OF_ITEMS)
        parts |= {Part.SAME_FRAME} if self.frame else set()
        parts |= {Part.SAME_MEANING if of_item else Part.SAME_WISH} if self.meaning else set()
        paid = issubclass(self.command, PayFee)
        parts |= {Part.SAME_TRANSACTION if paid else Part.SAME_REFERENCE} if self.transaction else set()
        parts |= {Part.SAME_REQUEST} if self.request else set()
        parts |= {Part.REQUESTED} if self.request and Part.REQUEST in parts else set()
        parts |= {Part.OFFER} if self.request and issubclass(self.command, OrderTitle) else set()
        parts |= {Part.LATE_PAYMENTS} if self.payments else set()
        return frozenset(parts if self.thing else parts.difference(OF_ITEM))


def shape_of(asked: Asked) -> Shape:
    """Which statement answers it: commands of one shape share one, compiled once."""
    by_title = asked.title is not None
    return Shape(
        type(asked.command),
        by_title,
        by_title or asked.barcode is not None,
        asked.key.frame is not None and asked.key.adjacent,
        asks_meaning(asked.command, asked.key, asked.now),
        asked.transaction is not None,
        asked.key.request is not None,
        asks_late_payments(asked.command),
        isinstance(asked.command, CancelHold | ChangeHold) and asked.command.hold is not None,
    )


@cache
def facts_union(shape: Shape) -> Union:
    """The statement for this shape, built once."""
    who = presented_patron()
    what = thing_of(shape, who)
    return Union([branch(part, who, what, shape) for part in sorted(shape.parts())])


def thing_of(shape: Shape, who: CTE) -> CTE:
    """What is in hand: a copy, or of an order the work."""
    if issubclass(shape.command, OF_WORKS):
        return ordered_work(shape.command, by_title=shape.by_title)
    if shape.by_hold:
        return held_copy()
    return copy_of_title(who) if shape.by_title else item_by_barcode()


def branch(part: Part, who: CTE, what: CTE, shape: Shape) -> Branch:
    if part in OF_PATRON:
        return OF_PATRON[part](who)
    if part in OF_THING:
        return OF_THING[part](what)
    if part is Part.OFFER:
        return offer(numbered=not issubclass(shape.command, ConfirmOrder | DeclineOffer))
    return OF_ACCOUNT[part]()


class Given(dict[str, Scalar]):
    """The parameters of a facts statement, each worked out when the text asks for it: most texts name five of twenty.

    `network`: where the library shares cards.
    """

    def __init__(self, asked: Asked, identity: IdentityHash, network: str | None) -> None:
        self.asked = asked
        self.identity = identity
        self.network = network

    def __missing__(self, name: str) -> Scalar:
        value = self[name] = PARAMETERS[name](self)
        return value

    @property
    def today(self) -> date:
        return as_utc(self.asked.now).date()


def number(presented: str | None) -> str:
    """A number of a patron as it was presented, "" for none."""
    return compared(presented) if presented else ""


def identity(given: Given, presented: str | None) -> str:
    """The same number, should it be an identity number."""
    return given.identity.looked_up(presented, given.today)[1] if presented else ""


PARAMETERS: Final[Mapping[str, Callable[[Given], Scalar]]] = {
    "library": lambda given: given.asked.asked_by.library,
    "network": lambda given: given.network or "",
    "number": lambda given: number(given.asked.patron),
    "identity": lambda given: identity(given, given.asked.patron),
    "new_number": lambda given: number(given.asked.new_card),
    "new_identity": lambda given: identity(given, given.asked.new_card),
    "barcode": lambda given: compared(given.asked.barcode or ""),
    "record": lambda given: given.asked.title or None,
    "isbn": lambda given: isbn13(given.asked.title) if given.asked.title else None,
    "issn": lambda given: issn_key(given.asked.title) if given.asked.title else None,
    "number_key": lambda given: number_key(given.asked.title),
    "origin": lambda given: getattr(given.asked.command, "found_at", ""),
    "title_key": lambda given: compared_title(given.asked.title or "") or None,  # what has no words is no title
    "yesterday": lambda given: (given.today - timedelta(days=1)).isoformat(),
    "account": lambda given: given.asked.asked_by.account,
    "command": lambda given: type(given.asked.command).__name__,
    "frame": lambda given: in_hex(given.asked.key.frame),
    "frames_since": lambda given: to_epoch(given.asked.now) - given.asked.key.window,
    "transaction": lambda given: given.asked.transaction,
    "request": lambda given: in_hex(given.asked.key.request),
    "request_agency": lambda given: given.asked.request.agency if given.asked.request else "",
    "request_number": lambda given: given.asked.request.value if given.asked.request else "",
    "hold": lambda given: getattr(given.asked.command, "hold", None),
}


def number_key(title: str | None) -> str | None:
    """The match key of a work that is named by its ISBN or ISSN."""
    number = isbn13(title) if title else None
    return f"isbn:{number}" if number else issn_key(title or "")


def in_hex(digest: bytes | None) -> str | None:
    return None if digest is None else digest.hex()
