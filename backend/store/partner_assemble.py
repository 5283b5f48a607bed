"""From rows to what rules may look at when a partner asks."""

from collections.abc import Mapping

from backend.clock import from_epoch
from backend.copy_commands import Article
from backend.model import HoldState, LibraryId
from backend.partner_facts import (
    NOTHING,
    ArticleFacts,
    CopyFacts,
    PartnerFacts,
    RequestedFacts,
    RequestFacts,
    TitleFacts,
)
from backend.store.needs import Part
from backend.store.rows import HOLD, ITEM
from backend.store.statement import Row
from backend.tables_copies import ARTICLE

Rows = Mapping[str, list[Row]]
NONE: list[Row] = []
PARTNERS = frozenset({Part.REQUEST, Part.REQUESTED, Part.COPIES, Part.ARTICLE})
HOLD_WIDTH = len(HOLD.columns)
ITEM_WIDTH = len(ITEM.columns)


def partner_facts(rows: Rows) -> PartnerFacts:
    """What was read for a partner; nothing where the command needs none of it."""
    if PARTNERS.isdisjoint(rows):
        return NOTHING
    return PartnerFacts(
        request=next(map(_request, rows.get(Part.REQUEST, NONE)), None),
        requested=next(map(_requested, rows.get(Part.REQUESTED, NONE)), None),
        title=_title(rows.get(Part.COPIES, NONE)),
        ordered=next(map(_article, rows.get(Part.ARTICLE, NONE)), None),
    )


def _request(row: Row) -> RequestFacts:
    number, service, hold, item = row[:4]
    return RequestFacts(id=number, service=service, hold=hold, item=item)


def _requested(row: Row) -> RequestedFacts:
    hold = HOLD.read(row)
    title, record, barcode, any_barcode, card, owner, mine, ahead = row[HOLD_WIDTH : HOLD_WIDTH + 8]
    return RequestedFacts(
        hold=hold,
        title=title,
        record=record,
        barcode=barcode,
        any_barcode=any_barcode,
        card=card or "",
        owner=LibraryId(owner),
        position=ahead + 1 if hold.state is HoldState.WAITING else None,
        made_by_asker=bool(mine),
    )


def _article(row: Row) -> ArticleFacts:
    words = dict(zip(ARTICLE, row[ITEM_WIDTH:], strict=False))
    return ArticleFacts(article=Article(**words), item=ITEM.read(row))


def _title(rows: list[Row]) -> TitleFacts | None:
    if not rows:
        return None
    record, isbn, year = rows[0][ITEM_WIDTH + 3 : ITEM_WIDTH + 6]
    copies = sorted(map(_copy, rows), key=lambda copy: (copy.item.home_branch, copy.item.barcode))
    return TitleFacts(record=record, isbn=isbn, year=year, copies=tuple(copies))


def _copy(row: Row) -> CopyFacts:
    due, claimed, billed = row[ITEM_WIDTH : ITEM_WIDTH + 3]
    return CopyFacts(
        item=ITEM.read(row),
        due=from_epoch(due) if due is not None else None,
        claimed_returned=bool(claimed),
        billed=billed is not None,
    )
