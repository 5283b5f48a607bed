"""Orders between libraries as another system asks for them: which RequestItem is one, and what its answer says more.

A request is an order when one of its ids bears the agency of another library of ours, in whose catalogue the title was
found; when its RequestType says so; or when it is to be collected at another library than the one that it was sent to.
"""

from dataclasses import replace
from typing import Final

from backend.commands import Command
from backend.model import LibraryId
from backend.order_commands import OrderTitle
from backend.order_outcomes import Offered, Ordered
from backend.outcomes import Outcome, Reason, Refusal, Refused
from protocols.ncip.agencies import as_sent
from protocols.ncip.envelope import Message, Response
from protocols.ncip.extension import Ext, Leaf
from protocols.ncip.identifiers import ItemId
from protocols.ncip.kinds import Coded
from protocols.ncip.lending import RequestItem, RequestItemResponse
from protocols.ncip.messages import answer_header
from protocols.ncip.nncipp import RequestWord
from protocols.ncip.table import Element
from server.desk.ncip_catalogue import MEDIA, described
from server.desk.ncip_parts import (
    accepted_fee,
    barcode_of,
    echoed_user,
    item_id,
    library_called,
    patron_of,
    pickup_of,
    request_id,
    request_number,
    title_of,
)
from server.desk.ncip_problems import refused
from server.desk.ncip_turn import NcipTurn

BORROWED: Final = ("Interlibrary Loan", "ILL")
FREE_NOW: Final = (RequestWord.PHYSICAL_NO_RESERVATION, RequestWord.LII_NO_RESERVATION)


# ---- asking -------------------------------------------------------------------------


def is_order(message: RequestItem, turn: NcipTurn) -> bool:
    """Does it ask other libraries? A library that asks for a book to lend on asks us."""
    if turn.manner.institution_card:
        return False
    return turn.found_at is not None or message.request_type.says(*BORROWED) or _origin(message, turn) is not None


def _origin(message: RequestItem, turn: NcipTurn) -> LibraryId | None:
    """The other library in whose catalogue the title was found, by the first id that says so."""
    records = (one.bibliographic_record_id for one in message.bibliographic_id)
    agencies = [one.agency_id for one in records if one] + [one.agency_id for one in message.item_id]
    named = (library_called(one.value, turn) for one in agencies if one)
    return next((one for one in named if one not in (None, turn.library.id)), None)


def ask_order(message: RequestItem, turn: NcipTurn) -> tuple[Command, ...]:
    """One command for each id, as for an ordinary request."""
    found_at = _origin(message, turn) or turn.found_at or turn.library.id
    titles = [title_of(one) for one in message.bibliographic_id]
    items = [barcode_of(one, turn) for one in message.item_id]
    by_title = (_order(message, turn, found_at, title=title) for title in titles if title)
    return (*by_title, *(_order(message, turn, found_at, item=item) for item in items if item))


def _order(
    message: RequestItem, turn: NcipTurn, found_at: LibraryId, item: str | None = None, title: str | None = None
) -> OrderTitle:
    fee = accepted_fee(message, turn)
    words = message.item_optional_fields.bibliographic_description if message.item_optional_fields else None
    medium = words.medium_type.value.casefold() if words and words.medium_type else ""
    return OrderTitle(
        patron=patron_of(message, turn),
        found_at=found_at,
        item=item,
        title=title,
        described=described(words) if words and words.title else None,
        material=MEDIA.get(medium, "book"),
        pickup=_pickup(message, turn),
        expires=turn.day(message.need_before_date),
        pin=turn.pin,
        at=turn.now,
        fee_accepted=fee is not None,
        fee_limit=fee,
        request=request_number(message.request_id, turn),
        only_if_in=message.request_type.says(*FREE_NOW),
    )


def _pickup(message: RequestItem, turn: NcipTurn) -> str | None:
    """A branch; the library itself is no branch in particular."""
    named = pickup_of(message.pickup_location, turn) or ""
    library = turn.library
    is_library = library_called(named, turn) == library.id or named.strip().casefold() == library.name.casefold()
    return None if not named.strip() or is_library else named


# ---- answering ----------------------------------------------------------------------


def answer_order(message: RequestItem, outcome: Ordered | Offered, turn: NcipTurn) -> Message:
    """The supplier stands beside the copy; an offer to queue is no grant, and says what may be accepted."""
    number = message.request_id or request_id(outcome.hold, turn)
    copy = copy_of(outcome.supplier, outcome.about.barcode or "", turn)
    if isinstance(outcome, Offered) and outcome.queue:
        none = Refused(at=outcome.at, about=outcome.about, refusals=(Refusal(reason=Reason.NO_SUPPLIER),))
        answer = refused(message, none, turn)
        return _with(answer, number, copy, *_words(outcome.about.language, none.refusals, turn))
    return RequestItemResponse(
        response_header=answer_header(message),
        request_id=number,
        item_id=copy,
        user_id=echoed_user(message, turn),
        request_type=message.request_type,
        request_scope_type=message.request_scope_type,
        hold_pickup_date=turn.last_day(outcome.expires) if outcome.expires else None,
        ext=Ext(content=told) if (told := _words(outcome.about.language, outcome.notes, turn)) else None,
    )


def refuse_order(message: RequestItem, outcome: Outcome, turn: NcipTurn) -> Message:
    """The reasons as always, and in words for the patron. Raises WrongOutcomeError when it is no refusal."""
    answer = refused(message, outcome, turn)
    reasons = outcome.refusals if isinstance(outcome, Refused) else ()
    return _with(answer, *_words(outcome.about.language, reasons, turn))


def copy_of(owner: LibraryId | None, barcode: str, turn: NcipTurn) -> ItemId:
    """A copy under its owner's agency: what is ordered is another library's."""
    named = item_id(barcode, turn)
    return replace(named, agency_id=agency_of(owner, turn)) if owner else named


def agency_of(library: LibraryId, turn: NcipTurn) -> Coded:
    """As the partner is told of a library of ours."""
    if library == turn.library.id:
        return turn.agency_id
    return Coded(as_sent(next(iter(turn.own_agencies.get(library, ())), library), turn.profile))


def _words(language: str | None, reasons: tuple[Refusal, ...], turn: NcipTurn) -> tuple[Leaf, ...]:
    """For the patron's eyes."""
    return tuple(Leaf("ItemNote", text) for text in turn.words(language).reasons(reasons))


def _with(answer: Message, *content: Element | Leaf) -> Message:
    """The same answer with more in its Ext."""
    if not isinstance(answer, Response) or not content:
        return answer
    before = answer.ext.content if answer.ext else ()
    return replace(answer, ext=Ext(content=(*before, *content)))
