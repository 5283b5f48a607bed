"""Copies that are ordered for a patron to keep: an item stands for each from the order until it is handed out.

Handing out is `checkout`'s.  Source: policies LYS-18, KAL-31, S-116.
"""

from dataclasses import replace

from backend.changes import AddHold, Change, PutHold, PutItem
from backend.copy_commands import Article, MoveCopy, OrderCopy
from backend.facts import Decision, Facts, ItemFacts, PatronFacts
from backend.model import (
    TEMPORARY,
    BranchId,
    Channel,
    Hold,
    HoldId,
    HoldState,
    Item,
    ItemId,
    ItemState,
    Operation,
    TitleId,
)
from backend.money import Money
from backend.outcomes import Done, Reason, Refusal
from backend.partner_changes import AddArticle, AddItem, AddTitle, NumberRequest, PutItemRecord
from backend.partner_commands import Described, RequestNumber
from backend.partner_facts import ArticleFacts
from backend.partner_outcomes import CopyOrdered
from backend.policy.dates import pickup_deadline
from backend.rules.answers import about, note_for_staff, own_number, refused
from backend.rules.circumstances import circumstances, place
from backend.rules.fees import COPY, is_copy
from backend.rules.staff import HIGHEST_CHARGE
from backend.rules.standing import refusals

LENT_IN = "ill"
OPEN = frozenset({HoldState.WAITING, HoldState.TRANSIT})


def order(facts: Facts, command: OrderCopy) -> Decision:
    """The patron's order on record, with an item to be, and work for staff: it is made elsewhere, and by people."""
    found = refusals(facts, command, Operation.HOLD) or _broken_rules(facts, command)
    pickup = pickup_of(facts, command.pickup)
    if found or facts.patron is None or pickup is None:
        return refused(facts, found or (Refusal(reason=Reason.UNKNOWN_BRANCH),))
    article = _in_its_host(facts, command.article)
    item = _item_to_be(facts, article, command.price)
    hold = _hold(facts, facts.patron, command, item, pickup)
    words = Described(title=item.title, author=item.author)
    changes: list[Change] = [
        AddTitle(title=item.title_id, library=item.library, described=words),
        AddItem(item=item),
        AddHold(hold=hold),
        AddArticle(title=item.title_id, article=article),
        note_for_staff(facts, Reason.COPY_ORDERED, item=item, text=_in_one_line(article)),
    ]
    if command.request is not None or facts.asked_by.channel is Channel.PARTNER:
        changes.append(_numbered(facts, command.request or own_number(hold.id), hold))
    outcome = CopyOrdered(
        at=facts.now, about=about(facts, item), hold=hold.id, barcode=item.barcode, expires=hold.expires
    )
    return Decision(outcome=outcome, changes=tuple(changes))


def _broken_rules(facts: Facts, command: OrderCopy) -> tuple[Refusal, ...]:
    """What stands against the order besides the patron."""
    late = command.expires is not None and command.expires < facts.policy.time.today(facts.now)
    checks = (
        Refusal(reason=Reason.REQUEST_TAKEN) if facts.partner.request is not None else None,
        Refusal(reason=Reason.UNKNOWN_TITLE) if not _names_anything(facts, command.article) else None,
        Refusal(reason=Reason.NEED_BEFORE, day=command.expires) if late else None,
        refuse_price(facts, command.price),
    )
    return tuple(refusal for refusal in checks if refusal)


def _names_anything(facts: Facts, article: Article) -> bool:
    return bool(article.title or article.host or facts.item)


def _in_its_host(facts: Facts, article: Article) -> Article:
    """What it stands in, as our own record calls it where the order does not."""
    if article.host or facts.item is None:
        return article
    return replace(article, host=facts.item.item.title, host_author=article.host_author or facts.item.item.author)


def _item_to_be(facts: Facts, article: Article, price: Money | None) -> Item:
    number = ItemId(next(facts.ids))
    branch = facts.asked_by.branch
    return Item(
        id=number,
        library=facts.asked_by.library,
        barcode=f"{facts.asked_by.library}-{number}",
        title_id=TitleId(next(facts.ids)),
        title=article.title or article.host,
        author=article.author or (article.host_author if not article.title else ""),
        material=COPY,
        loan_type=LENT_IN,
        flags=frozenset({TEMPORARY}),
        price=price,
        home_branch=branch,
        present_branch=branch,
        state=ItemState.ON_ORDER,
        acquired=facts.policy.time.today(facts.now),
    )


def _hold(facts: Facts, patron: PatronFacts, command: OrderCopy, item: Item, pickup: BranchId) -> Hold:
    return Hold(
        id=HoldId(next(facts.ids)),
        library=item.library,
        patron=patron.patron.id,
        title_id=item.title_id,
        item=item.id,
        pickup=pickup,
        placed=facts.now,
        expires=command.expires,
    )


def _numbered(facts: Facts, request: RequestNumber, hold: Hold) -> NumberRequest:
    return NumberRequest(
        account=facts.asked_by.account,
        library=facts.asked_by.library,
        request=request,
        service="RequestItem",
        at=facts.now,
        hold=hold.id,
        patron=hold.patron,
    )


def pickup_of(facts: Facts, asked_for: str | None) -> BranchId | None:
    """A branch of the library by id or name; the patron's own when nothing is said; None when there is none."""
    branches = facts.policy.branches
    if not asked_for:
        home = facts.patron.patron.home_branch if facts.patron else facts.asked_by.branch
        return home if home in branches else facts.asked_by.branch
    wanted = asked_for.strip().casefold()
    named = (one.id for one in branches.values() if wanted in (one.id.casefold(), one.name.casefold()))
    return next(map(BranchId, named), None)


def _in_one_line(article: Article) -> str:
    """For whoever gets it: who wrote what, and where it stands."""
    parts = (article.author, article.title, article.host, article.volume, article.published, article.pages)
    numbers = (f"{article.number_kind} {article.number}", f"{article.part_kind} {article.part}")
    return "; ".join(part.strip() for part in (*parts, *numbers) if part.strip())


# ---- on its way, and come -------------------------------------------------------------


def move(facts: Facts, command: MoveCopy) -> Decision:
    """Told twice is told once; what was handed out or given up stays so."""
    asked, ordered = facts.partner.requested, facts.partner.ordered
    if asked is None or ordered is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    moved: tuple[Change, ...] = ()
    if asked.hold.state in OPEN:
        moved = _arrived(facts, command, asked.hold, ordered) if command.arrived else _sent(asked.hold, ordered)
    return Decision(outcome=Done(at=facts.now, about=about(facts, ordered.item)), changes=moved)


def _sent(hold: Hold, ordered: ArticleFacts) -> tuple[Change, ...]:
    item = ordered.item
    if item.state is not ItemState.ON_ORDER:
        return ()
    return (PutItem(item=item.id, state=ItemState.TRANSIT, branch=item.present_branch, destination=hold.pickup),)


def _arrived(facts: Facts, command: MoveCopy, hold: Hold, ordered: ArticleFacts) -> tuple[Change, ...]:
    """On the pickup shelf, or on its way to it; a library that ordered for itself has it, and that is all.

    What comes after its last useful day is of no use to anybody: no message, no fee (LYS-21).
    """
    item, here = ordered.item, facts.asked_by.branch
    if command.closes:
        return (
            PutHold(hold=replace(hold, state=HoldState.SATISFIED), closed_at=facts.now),
            PutItem(item=item.id, state=ItemState.WITHDRAWN, branch=here),
        )
    if hold.expires is not None and hold.expires < facts.policy.time.today(facts.now):
        return (
            PutHold(hold=replace(hold, state=HoldState.EXPIRED), closed_at=facts.now),
            PutItem(item=item.id, state=ItemState.WITHDRAWN, branch=here),
        )
    if hold.pickup != here:
        away = PutItem(item=item.id, state=ItemState.TRANSIT, branch=here, destination=hold.pickup)
        return (PutHold(hold=replace(hold, state=HoldState.TRANSIT, trapped=item.id)), away)
    policy = facts.policy
    today = policy.time.today(facts.now)
    row = policy.hold_row(circumstances(facts, policy, "hold", item=item, branch=here))
    ready = replace(
        hold,
        state=HoldState.READY,
        trapped=item.id,
        ready_on=today,
        pickup_by=pickup_deadline(place(policy, here), row, today),
    )
    return (PutHold(hold=ready), PutItem(item=item.id, state=ItemState.HOLD_SHELF, branch=here))


# ---- price and end ----------------------------------------------------------------------


def refuse_price(facts: Facts, price: Money | None) -> Refusal | None:
    """No sum that a library charges: in another currency, less than nothing, or more than anything costs."""
    if price is None:
        return None
    if price.currency != facts.policy.currency:
        return Refusal(reason=Reason.WRONG_CURRENCY)
    return None if 0 <= price.minor <= HIGHEST_CHARGE else Refusal(reason=Reason.AMOUNT_INVALID)


def priced(item: Item, price: Money | None) -> tuple[Change, ...]:
    """The copy's record with what it costs."""
    return () if price is None or price == item.price else (PutItemRecord(item=replace(item, price=price)),)


def gone(what: ItemFacts) -> tuple[Change, ...]:
    """An ordered copy that its patron does not take is nobody's; nothing of any other item."""
    if not is_copy(what):
        return ()
    return (PutItem(item=what.item.id, state=ItemState.WITHDRAWN, branch=what.item.present_branch),)
