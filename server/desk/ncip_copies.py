"""Copies to keep, ordered by RequestItem: what is to be copied, in NCIP's words and in ours.

The price is what the partner's AcknowledgedFeeAmount says, at once or when it is known (UpdateRequestItem).
"""

from collections.abc import Mapping
from typing import Any, Final

from backend.commands import Command
from backend.copy_commands import Article, MoveCopy, OrderCopy
from backend.model import HoldState, ItemState
from backend.partner_outcomes import CopyOrdered, RequestFound
from protocols.ncip.bibliography import BibliographicDescription, BibliographicItemId, ComponentId
from protocols.ncip.envelope import Message
from protocols.ncip.kinds import Coded
from protocols.ncip.lending import RequestItem, RequestItemResponse
from protocols.ncip.messages import answer_header
from protocols.ncip.notifications import ItemReceived, ItemShipped
from server.desk.ncip_notices import ask_notice
from server.desk.ncip_parts import (
    accepted_fee,
    barcode_of,
    echoed_user,
    item_id,
    patron_of,
    pickup_of,
    request_id,
    request_number,
    title_of,
)
from server.desk.ncip_problems import missing
from server.desk.ncip_turn import NcipTurn

COPIES: Final = ("Non-returnable Copy", "Non-Returnable", "Copy")  # NISO's word, Norway's, and what others write
COMPONENT: Final = "Other"  # where a component's number came without a type, which the schema wants
WORDS: Final[Mapping[str, str]] = {  # of an article, and the element that says it
    "title": "title_of_component",
    "author": "author_of_component",
    "pages": "pagination",
    "volume": "series_title_number",
    "host": "title",
    "host_author": "author",
    "edition": "edition",
    "publisher": "publisher",
    "place": "place_of_publication",
}


def is_copy(message: RequestItem) -> bool:
    return message.request_type.says(*COPIES)


def ask_copy(message: RequestItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """One order, whatever is named beside the description; without any of them nobody could make a copy."""
    fields = message.item_optional_fields
    article = article_of(message, fields.bibliographic_description if fields else None)
    item = next((barcode_of(one, turn) for one in message.item_id), None)
    title = next((title_of(one) for one in message.bibliographic_id), None)
    if not (article.title or article.host or item or title):
        return missing(message, turn, "TitleOfComponent")
    return (
        OrderCopy(
            patron=turn.manner.institution_card or patron_of(message, turn),
            article=article,
            item=item,
            title=title if item is None else None,
            pickup=pickup_of(message.pickup_location, turn),
            expires=turn.day(message.need_before_date),
            price=accepted_fee(message, turn),
            request=request_number(message.request_id, turn),
            pin=turn.pin,
            at=turn.now,
        ),
    )


def article_of(message: RequestItem, words: BibliographicDescription | None) -> Article:
    """As it is described; its own number, where the description has none, is that of the title that is named."""
    said: dict[str, str] = {"wanted_as": message.request_type.value, "scope": message.request_scope_type.value}
    numbers = [one.bibliographic_item_id for one in message.bibliographic_id]
    if words is not None:
        said |= {name: getattr(words, element) or "" for name, element in WORDS.items()}
        said["published"] = words.publication_date_of_component or words.publication_date or ""
        numbers.insert(0, words.bibliographic_item_id)
        if words.component_id is not None:
            said["part"] = words.component_id.component_identifier
            said["part_kind"] = words.component_id.component_identifier_type.value
    number = next((one for one in numbers if one is not None and one.bibliographic_item_identifier), None)
    if number is not None:
        kind = number.bibliographic_item_identifier_code
        said |= {"number": number.bibliographic_item_identifier, "number_kind": kind.value if kind else ""}
    return Article(**said)


def described(article: Article) -> BibliographicDescription:
    """The order's description again."""
    number = BibliographicItemId(
        bibliographic_item_identifier=article.number,
        bibliographic_item_identifier_code=Coded(article.number_kind) if article.number_kind else None,
    )
    part = ComponentId(
        component_identifier_type=Coded(article.part_kind or COMPONENT), component_identifier=article.part
    )
    words: dict[str, Any] = {element: getattr(article, name) or None for name, element in WORDS.items()}
    return BibliographicDescription(
        **words,
        publication_date_of_component=article.published or None,
        bibliographic_item_id=number if article.number else None,
        component_id=part if article.part else None,
    )


def answer_copy(message: RequestItem, outcome: CopyOrdered, turn: NcipTurn) -> RequestItemResponse:
    """No day is promised (S-137)."""
    return RequestItemResponse(
        response_header=answer_header(message),
        request_id=message.request_id or request_id(outcome.hold, turn),
        item_id=item_id(outcome.barcode, turn),
        user_id=echoed_user(message, turn),
        request_type=message.request_type,
        request_scope_type=message.request_scope_type,
    )


def status(found: RequestFound) -> str | None:
    """Of a copy whose maker has said nothing yet; None for what has the status of its hold."""
    if found.state is HoldState.WAITING and found.copy_state is ItemState.ON_ORDER:
        return "Requested Via ILL"
    return None


def is_sent(found: RequestFound) -> bool:
    """Too late to be cancelled by the partner."""
    return found.article is not None and found.copy_state is not ItemState.ON_ORDER


def ask_moved(message: ItemShipped | ItemReceived, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """Of an ordered copy it says where that is; of anything else it is written down."""
    notice = ask_notice(message, turn)
    number = request_number(message.request_id, turn)
    if number is None or isinstance(notice, Message):
        return notice
    arrived = isinstance(message, ItemReceived)
    moved = MoveCopy(request=number, arrived=arrived, closes=bool(turn.manner.institution_card), at=turn.now)
    return (moved, *notice)
