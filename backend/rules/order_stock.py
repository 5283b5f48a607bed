"""Copies of one work at the libraries of a network: which of them could be sent now, and which later.

Source: policies NOR-08 (free: loanable, on shelf, reservable class, not wanted by an earlier hold) and NOR-13.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from backend.facts import Facts, HoldFacts, ItemFacts
from backend.interlibrary.supplier import Holding, is_lent_out
from backend.model import TEMPORARY, Hold, Item, ItemState, LibraryId, TitleId
from backend.order_facts import WorkCopy
from backend.policy.model import Policy
from backend.rules.circumstances import circumstances
from backend.rules.waiting import queue_length
from backend.value import value

GONE = frozenset({ItemState.WITHDRAWN, ItemState.LOST, ItemState.MISSING, ItemState.DAMAGED})
LENT_IN = "ill"  # loan type of what is another library's


@value(frozen=True, slots=True, kw_only=True)
class Stock:
    """What a library has of one title: `lendable` copies, those of them that are `free` now, and the title's queue."""

    library: LibraryId
    title_id: TitleId
    lendable: tuple[Item, ...]
    free: tuple[Item, ...]
    queue: tuple[Hold, ...]

    def as_item(self) -> ItemFacts:
        """The title as rules of holds take it: by a free copy of it, else by any."""
        copy = (self.free or self.lendable)[0]
        holds = tuple(HoldFacts(hold=hold) for hold in self.queue)
        return ItemFacts(item=copy, holds=holds, shelf=self.free)


def is_owned(copy: WorkCopy) -> bool:
    """A copy of the library's own, be it on loan; not one that is here from elsewhere, or gone."""
    item = copy.item
    return item.loan_type != LENT_IN and TEMPORARY not in item.flags and item.state not in GONE


def stocks(facts: Facts, libraries: Iterable[str]) -> tuple[Stock, ...]:
    """Of each of these libraries, title by title; nothing of a library without rules of its own."""
    wanted = frozenset(libraries)
    copies = [copy for copy in facts.order.copies if copy.item.library in wanted and is_owned(copy)]
    return tuple(_stocks(facts, sorted(copies, key=lambda copy: (*_place(copy), copy.item.id))))


def holdings(found: Iterable[Stock]) -> list[Holding]:
    """How many copies each library has, whatever records they are under."""
    by_library: dict[LibraryId, list[Stock]] = {}
    for stock in found:
        by_library.setdefault(stock.library, []).append(stock)
    return [
        Holding(
            library=library,
            free=sum(len(stock.free) for stock in stocks),
            lendable=sum(len(stock.lendable) for stock in stocks),
        )
        for library, stocks in by_library.items()
    ]


def best_of(found: Iterable[Stock], library: str) -> Stock | None:
    """The library's title with most free copies, else with most copies at all."""
    there = [stock for stock in found if stock.library == library and stock.lendable]
    return max(there, key=lambda stock: (len(stock.free), len(stock.lendable), -stock.title_id), default=None)


def _stocks(facts: Facts, copies: list[WorkCopy]) -> Iterator[Stock]:
    for (library, title), of_title in groupby(copies, _place):
        policy = _policy(facts, library)
        if policy is None:
            continue
        lendable = [copy for copy in of_title if _is_lendable(facts, policy, copy.item)]
        queue = tuple(hold for hold in facts.order.holds if hold.title_id == title)
        yield Stock(
            library=library,
            title_id=title,
            lendable=tuple(copy.item for copy in lendable),
            free=_free(facts, policy, lendable, queue),
            queue=queue,
        )


def _place(copy: WorkCopy) -> tuple[LibraryId, TitleId]:
    return copy.item.library, copy.item.title_id


def _policy(facts: Facts, library: LibraryId) -> Policy | None:
    try:
        return facts.policies.of(library, facts.now)
    except KeyError:
        return None


def _is_lendable(facts: Facts, policy: Policy, item: Item) -> bool:
    """By its owner's rules: lent at all, of a class that takes holds, and, where it is to go elsewhere, let out."""
    asked = circumstances(facts, policy, "checkout", item=item, branch=item.home_branch)
    ours = item.library == facts.asked_by.library
    lent = policy.loan_row(asked).loanable and (ours or is_lent_out(policy.ill, item.material))
    return lent and policy.hold_row(asked._replace(op="hold")).allowed


def _free(facts: Facts, policy: Policy, lendable: Iterable[WorkCopy], queue: Iterable[Hold]) -> tuple[Item, ...]:
    """On a shelf, without those that earlier holds want: each takes its own copy, or any one of the title."""
    named = {hold.item for hold in queue if hold.item is not None}
    on_shelf = [
        copy.item
        for copy in lendable
        if copy.item.state is ItemState.SHELF and not copy.is_lent and copy.item.id not in named
    ]
    waiting = (HoldFacts(hold=hold) for hold in queue if hold.item is None)
    return tuple(on_shelf[queue_length(waiting, policy.time.today(facts.now)) :])
