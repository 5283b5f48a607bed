"""What an item is and where it stands: LookupItem, and LookupItemSet page by page."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from hashlib import sha256
from typing import Final

from backend.commands import Command, LookUpItem
from backend.lookup_outcomes import ItemFound
from backend.model import TEMPORARY, BranchId, ItemState
from backend.outcomes import Outcome, Reason, Refusal, Refused
from backend.partner_commands import LookUpTitle
from backend.partner_outcomes import CopyView, TitleFound
from protocols.ncip.bibliography import BibliographicDescription, BibliographicId
from protocols.ncip.codec import fingerprint
from protocols.ncip.envelope import Message, Problem
from protocols.ncip.identifiers import CurrentBorrower, CurrentRequester, ItemId
from protocols.ncip.kinds import Coded
from protocols.ncip.lookups import LookupItem, LookupItemResponse, LookupItemSet, LookupItemSetResponse
from protocols.ncip.messages import answer_header
from protocols.ncip.moments import Moment
from protocols.ncip.problems import ProblemName
from protocols.ncip.transactions import BibInformation, HoldingsSet, ItemInformation, ItemTransaction
from server.desk.ncip_manner import LONGEST_PAGE
from server.desk.ncip_parts import barcode_of, echoed_title, is_another_s, is_meant, item_id, title_of, user_id
from server.desk.ncip_problems import missing, no, problem_of, refused, say, simple
from server.desk.ncip_records import item_fields, location
from server.desk.ncip_turn import Heard, NcipTurn

NOON: Final = time(12)  # of a day without a time

# ---- LookupItem -----------------------------------------------------------------


def ask_item(message: LookupItem, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """By item, or by the request that it stands for."""
    barcode = barcode_of(message.item_id, turn)
    if barcode is None and turn.found is not None:
        barcode = turn.found.barcode or turn.found.any_barcode
    if barcode is None:
        return missing(message, turn, "ItemIdentifierValue")
    return (LookUpItem(item=barcode),)


def is_gone(found: ItemFound) -> bool:
    """Was it here only for a while, and taken off record again?"""
    return TEMPORARY in found.item.flags and found.state is ItemState.WITHDRAWN


def answer_item(message: LookupItem, heard: Heard, turn: NcipTurn) -> Message:
    """Item information as far as it was asked for; an item that is off record is unknown."""
    match heard.outcome:
        case ItemFound() as found if is_gone(found):
            return no(message, turn, problem_of(Refusal(reason=Reason.UNKNOWN_ITEM), message))
        case ItemFound() as found:
            return LookupItemResponse(
                response_header=answer_header(message),
                request_id=message.request_id,
                item_id=message.item_id or item_id(found.item.barcode, turn),
                hold_pickup_date=turn.last_day(found.pickup_by) if found.pickup_by else None,
                date_recalled=_recalled(found, turn),
                item_transaction=_transaction(message, found, turn),
                item_optional_fields=item_fields(found, message.item_element_type, turn),
            )
        case outcome:
            return refused(message, outcome, turn)


def _recalled(found: ItemFound, turn: NcipTurn) -> Moment | None:
    return turn.event(turn.library.time.at(found.recalled_on, NOON)) if found.recalled_on else None


def _transaction(message: LookupItem, found: ItemFound, turn: NcipTurn) -> ItemTransaction | None:
    """Who has it and who waits: for those who ask and may know."""
    if not turn.persons:
        return None
    has = found.borrower_card if message.current_borrower_desired else None
    waits = found.hold_patron_card if message.current_requesters_desired else None
    if not has and not waits:
        return None
    return ItemTransaction(
        current_borrower=CurrentBorrower(user_id=user_id(has, turn)) if has else None,
        current_requester=(CurrentRequester(user_id=user_id(waits, turn)),) if waits else (),
    )


# ---- LookupItemSet --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: at which of the ids asked for, after how many copies of it; of which question, when."""

    first: int
    copies: int
    question: str
    at: int  # seconds since 1970 UTC

    def write(self) -> str:
        text = f"{self.first}.{self.copies}.{self.question}.{self.at}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(token: str) -> Place | None:
    """None for a token that we never wrote."""
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
        first, copies, question, at = text.split(".")
        place = Place(int(first), int(copies), question, int(at))
    except (ValueError, binascii.Error):
        return None
    return place if place.first >= 0 and place.copies >= 0 else None


def question_of(message: LookupItemSet, turn: NcipTurn) -> str:
    """What tells one question from another: whom it was put to, and all that it says but the token."""
    asked = f"{turn.library.id} {fingerprint(replace(message, next_item_token=None))}"
    return sha256(asked.encode()).hexdigest()[:16]


def _place(message: LookupItemSet, turn: NcipTurn) -> Place | None:
    """Where this page begins; None for a token that is not good for this question any more."""
    now = seconds(turn.now)
    if message.next_item_token is None:
        return Place(0, 0, question_of(message, turn), now)
    place = read_place(message.next_item_token)
    if place is None or place.question != question_of(message, turn):
        return None
    return place if 0 <= now - place.at <= turn.manner.token_lives else None


def seconds(instant: datetime) -> int:
    return int(instant.timestamp())


def ask_set(message: LookupItemSet, turn: NcipTurn) -> tuple[Command, ...] | Message:
    """The titles or the items of this page."""
    place = _place(message, turn)
    if place is None:
        detail = "the token is not this question's, or too old"
        return say(message, turn, ProblemName.ELEMENT_RULE_VIOLATED, detail=detail, element="NextItemToken")
    page = slice(place.first, place.first + _longest(message, turn))  # something is told of each: no more are read
    if message.bibliographic_id:
        titles = message.bibliographic_id[page]
        return tuple(LookUpTitle(title=_record(one, turn)) for one in titles) or _nothing_left(message, turn)
    if message.item_id:
        items = message.item_id[page]
        return tuple(LookUpItem(item=barcode_of(one, turn) or "") for one in items) or _nothing_left(message, turn)
    if message.holdings_set_id:
        return _no_holdings(message, turn)
    return missing(message, turn, "BibliographicId")


def _record(title: BibliographicId, turn: NcipTurn) -> str:
    """What a title is looked up by; a number that no record has, where it is another agency's."""
    return "" if is_another_s(title, turn) else title_of(title) or ""


def _nothing_left(message: LookupItemSet, turn: NcipTurn) -> Message:
    detail = "nothing follows"
    return say(message, turn, ProblemName.ELEMENT_RULE_VIOLATED, detail=detail, element="NextItemToken")


def _longest(message: LookupItemSet, turn: NcipTurn) -> int:
    most = message.maximum_items_count or 0
    return min(most if most > 0 else turn.manner.page, LONGEST_PAGE)


def _no_holdings(message: LookupItemSet, turn: NcipTurn) -> Message:
    """We hand out no numbers for sets of holdings, so none of them is known."""
    sets = tuple(
        HoldingsSet(
            holdings_set_id=one,
            problem=(simple(message, ProblemName.UNKNOWN_ITEM, element="HoldingsSetId", value=one),),
        )
        for one in message.holdings_set_id
    )
    return LookupItemSetResponse(
        response_header=answer_header(message), bib_information=(BibInformation(holdings_set=sets),)
    )


def answer_set(message: LookupItemSet, heard: Heard, turn: NcipTurn) -> Message:
    """One page; an unknown id among others is told in its own place."""
    start = _place(message, turn) or Place(0, 0, question_of(message, turn), seconds(turn.now))
    longest = _longest(message, turn)
    if message.bibliographic_id:
        bibs, after = _titles(message, heard.outcomes, start, longest, turn)
        left = after.first < len(message.bibliographic_id)
    else:
        pairs = zip(message.item_id[start.first :], heard.outcomes, strict=False)
        bibs = [_one_item(message, item, outcome, turn) for item, outcome in pairs]
        after = replace(start, first=start.first + len(bibs))
        left = after.first < len(message.item_id)
    if not bibs:
        return _nothing_left(message, turn)
    following = replace(after, at=seconds(turn.now)).write() if left else None
    return LookupItemSetResponse(
        response_header=answer_header(message), bib_information=tuple(bibs), next_item_token=following
    )


def _titles(
    message: LookupItemSet, outcomes: Sequence[Outcome], start: Place, longest: int, turn: NcipTurn
) -> tuple[list[BibInformation], Place]:
    """The titles that this page tells, and where the next one begins.  An unknown title takes the room of an item."""
    room, place = longest, start
    bibs: list[BibInformation] = []
    for wanted, outcome in zip(message.bibliographic_id[start.first :], outcomes, strict=False):
        if room <= 0:
            break
        copies = there(outcome)
        told = copies[place.copies : place.copies + room]
        if told and isinstance(outcome, TitleFound):
            bibs.append(_title(message, wanted, outcome, told, turn))
        elif not copies:
            bibs.append(_unknown_title(message, wanted, turn))
        room -= max(len(told), 1)
        after = place.copies + len(told)
        following = replace(place, first=place.first + 1, copies=0)
        place = replace(place, copies=after) if after < len(copies) else following
    return bibs, place


def there(outcome: Outcome) -> tuple[CopyView, ...]:
    """The copies of a title, without those that a partner put on record and took off again."""
    copies = outcome.copies if isinstance(outcome, TitleFound) else ()
    return tuple(copy for copy in copies if not copy.item.is_gone)


def _unknown_title(message: LookupItemSet, wanted: BibliographicId, turn: NcipTurn) -> BibInformation:
    element = "BibliographicRecordIdentifier" if wanted.bibliographic_record_id else "BibliographicItemIdentifier"
    unknown = simple(
        message,
        ProblemName.UNKNOWN_ITEM,
        detail=Reason.UNKNOWN_TITLE.value,
        element=element,
        value=title_of(wanted),
    )
    return BibInformation(bibliographic_id=echoed_title(wanted, turn), problem=(unknown,))


def _title(
    message: LookupItemSet, wanted: BibliographicId, found: TitleFound, copies: Sequence[CopyView], turn: NcipTurn
) -> BibInformation:
    """Its copies, in a set for each branch that owns some."""
    branches = dict.fromkeys(copy.item.home_branch for copy in copies)
    return BibInformation(
        bibliographic_id=echoed_title(wanted, turn),
        bibliographic_description=BibliographicDescription(author=found.author or None, title=found.title or None),
        title_hold_queue_length=found.queue,
        holdings_set=tuple(
            _holdings(message, branch, [copy for copy in copies if copy.item.home_branch == branch], found, turn)
            for branch in branches
        ),
    )


def _holdings(
    message: LookupItemSet, branch: BranchId, copies: Iterable[CopyView], found: TitleFound, turn: NcipTurn
) -> HoldingsSet:
    return HoldingsSet(
        location=location("Permanent Location", branch, turn),
        item_information=tuple(_information(message, as_found(copy, found), turn) for copy in copies),
    )


def as_found(copy: CopyView, title: TitleFound) -> ItemFound:
    """A copy of a list, as if it had been looked up by itself."""
    return ItemFound(
        at=title.at,
        item=copy.item,
        state=copy.state,
        on_loan=copy.due is not None,
        claimed_returned=copy.claimed_returned,
        billed=copy.billed,
        due=copy.due,
        queue=title.queue,
    )


def _information(message: LookupItemSet, found: ItemFound, turn: NcipTurn) -> ItemInformation:
    return ItemInformation(
        item_id=item_id(found.item.barcode, turn),
        date_due=turn.due(found.due) if found.due else None,
        hold_pickup_date=turn.last_day(found.pickup_by) if found.pickup_by else None,
        item_optional_fields=item_fields(found, message.item_element_type or (Coded("Circulation Status"),), turn),
    )


def _one_item(message: LookupItemSet, wanted: ItemId, outcome: Outcome, turn: NcipTurn) -> BibInformation:
    match outcome:
        case ItemFound() if not is_gone(outcome) and is_meant(outcome.item, wanted, turn):
            told = replace(_information(message, outcome, turn), item_id=wanted)
            branch = outcome.item.home_branch
            holdings = HoldingsSet(location=location("Permanent Location", branch, turn), item_information=(told,))
            item = outcome.item
            titled = BibliographicDescription(author=item.author or None, title=item.title or None)
            return BibInformation(bibliographic_description=titled, holdings_set=(holdings,))
        case _:
            problems = _problems(message, wanted, outcome)
            unknown = ItemInformation(item_id=wanted, problem=problems)
            return BibInformation(holdings_set=(HoldingsSet(item_information=(unknown,)),))


def _problems(message: LookupItemSet, wanted: ItemId, outcome: Outcome) -> tuple[Problem, ...]:
    refusals = outcome.refusals if isinstance(outcome, Refused) else (Refusal(reason=Reason.UNKNOWN_ITEM),)
    named = replace(message, item_id=(wanted,))
    return tuple(problem_of(one, named) for one in refusals)
