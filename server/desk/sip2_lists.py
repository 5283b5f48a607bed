"""The counts and the one list of 64."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypedDict, TypeVar

from backend.lookup_outcomes import HoldView, LoanView, PatronFound
from protocols.sip2.codes import Summary
from protocols.sip2.messages import FeeItem, PatronInformation
from server.desk.manner import Forms
from server.desk.phrases import Phrase
from server.desk.sip2_fees import fee_item, fine_line
from server.desk.turn import Turn
from server.desk.wording import Wording

Entry = TypeVar("Entry")


class Counts(TypedDict):
    """The fields of 64 that say how many there are of each, whatever is listed."""

    hold_items_count: int
    overdue_items_count: int
    charged_items_count: int
    fine_items_count: int
    recall_items_count: int
    unavailable_holds_count: int


class Lists(TypedDict, total=False):
    """The six lists of 64 and Gossip's; at most one is filled."""

    hold_items: tuple[str, ...]
    overdue_items: tuple[str, ...]
    charged_items: tuple[str, ...]
    fine_items: tuple[str, ...]
    recall_items: tuple[str, ...]
    unavailable_hold_items: tuple[str, ...]
    fee_items: tuple[FeeItem, ...]


NO_COUNTS: Final = Counts(
    hold_items_count=0,
    overdue_items_count=0,
    charged_items_count=0,
    fine_items_count=0,
    recall_items_count=0,
    unavailable_holds_count=0,
)


def counts(found: PatronFound, forms: Forms) -> Counts:
    """Full counts."""
    return Counts(
        hold_items_count=len(_shown_holds(found, forms)),
        overdue_items_count=sum(loan.overdue for loan in found.loans),
        charged_items_count=len(found.loans),
        fine_items_count=len(found.fees),
        recall_items_count=sum(loan.recalled for loan in found.loans),
        unavailable_holds_count=sum(not hold.ready for hold in found.holds),
    )


def lists(message: PatronInformation, found: PatronFound, forms: Forms, words: Wording) -> Lists:
    """The list that the first Y of the summary asks for, from the start item to the end item."""
    make = _LISTS.get(message.summary)
    return make(message, found, forms, words) if make else Lists()


def pickup_days(message: PatronInformation, found: PatronFound, turn: Turn, words: Wording) -> tuple[str, ...]:
    """Until when each hold on the shelf waits, for a machine that asked for hold items."""
    if message.summary is not Summary.HOLD_ITEMS or not turn.manner.screen.tell_pickup_days:
        return ()
    return tuple(
        words.say(Phrase.PICK_UP, date=hold.pickup_by.isoformat(), title=hold.title)
        for hold in found.holds
        if hold.ready and hold.pickup_by
    )


def page(entries: Sequence[Entry], message: PatronInformation, longest: int) -> tuple[Entry, ...]:
    """Entries BP to BQ, counted from 1 and both included; `longest` caps a list without an end, 0 does not."""
    start = max(message.start_item or 1, 1)
    end = message.end_item
    if end is None:
        end = start + longest - 1 if longest else len(entries)
    return tuple(entries[start - 1 : max(end, 0)])


def _shown_holds(found: PatronFound, forms: Forms) -> tuple[HoldView, ...]:
    return tuple(hold for hold in found.holds if hold.ready or forms.hold_items == "all")


def _loan(loan: LoanView, forms: Forms) -> str:
    return (loan.title if forms.loan_lists == "title" else loan.barcode) or loan.barcode


def _hold(hold: HoldView, forms: Forms) -> str:
    return (hold.title if forms.hold_lists == "title" else hold.barcode) or hold.title or str(hold.hold)


def _loans(
    wanted: Callable[[LoanView], bool], message: PatronInformation, found: PatronFound, forms: Forms
) -> tuple[str, ...]:
    entries = tuple(_loan(loan, forms) for loan in found.loans if wanted(loan))
    return page(entries, message, forms.longest_list)


def _holds(holds: Sequence[HoldView], message: PatronInformation, forms: Forms) -> tuple[str, ...]:
    return page(tuple(_hold(hold, forms) for hold in holds), message, forms.longest_list)


def _hold_items(message: PatronInformation, found: PatronFound, forms: Forms, words: Wording) -> Lists:
    return Lists(hold_items=_holds(_shown_holds(found, forms), message, forms))


def _overdue_items(message: PatronInformation, found: PatronFound, forms: Forms, words: Wording) -> Lists:
    return Lists(overdue_items=_loans(lambda loan: loan.overdue, message, found, forms))


def _charged_items(message: PatronInformation, found: PatronFound, forms: Forms, words: Wording) -> Lists:
    return Lists(charged_items=_loans(lambda loan: True, message, found, forms))


def _fine_items(message: PatronInformation, found: PatronFound, forms: Forms, words: Wording) -> Lists:
    fees = page(found.fees, message, forms.longest_list)
    return Lists(fine_items=tuple(fine_line(fee, forms, words) for fee in fees))


def _recall_items(message: PatronInformation, found: PatronFound, forms: Forms, words: Wording) -> Lists:
    return Lists(recall_items=_loans(lambda loan: loan.recalled, message, found, forms))


def _unavailable_holds(message: PatronInformation, found: PatronFound, forms: Forms, words: Wording) -> Lists:
    waiting = tuple(hold for hold in found.holds if not hold.ready)
    return Lists(unavailable_hold_items=_holds(waiting, message, forms))


def _fee_items(message: PatronInformation, found: PatronFound, forms: Forms, words: Wording) -> Lists:
    fees = page(found.fees, message, forms.longest_list)
    return Lists(fee_items=tuple(fee_item(fee, words) for fee in fees))


_LISTS: Final[Mapping[Summary, Callable[[PatronInformation, PatronFound, Forms, Wording], Lists]]] = {
    Summary.HOLD_ITEMS: _hold_items,
    Summary.OVERDUE_ITEMS: _overdue_items,
    Summary.CHARGED_ITEMS: _charged_items,
    Summary.FINE_ITEMS: _fine_items,
    Summary.RECALL_ITEMS: _recall_items,
    Summary.UNAVAILABLE_HOLDS: _unavailable_holds,
    Summary.FEE_ITEMS: _fee_items,
}
