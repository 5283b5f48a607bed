"""Fourteen positions of patron status, read off a standing or off the reasons of a refusal."""

from collections.abc import Iterable, Mapping
from typing import Final

from backend.lookup_outcomes import LoanView
from backend.model import CardState, Operation, Patron
from backend.outcomes import Reason, Refused, Standing
from protocols.sip2.codes import ALL_PRIVILEGES_DENIED, PatronStatus
from server.desk.manner import Status

Positions = frozenset[PatronStatus]

STOPPED: Final[Mapping[Operation, PatronStatus]] = {
    Operation.CHECKOUT: PatronStatus.CHARGE_DENIED,
    Operation.RENEWAL: PatronStatus.RENEWAL_DENIED,
    Operation.HOLD: PatronStatus.HOLD_DENIED,
}
LOST: Final = ALL_PRIVILEGES_DENIED | {PatronStatus.CARD_REPORTED_LOST}
_BORROWING: Final = frozenset(STOPPED.values())
OF_REASON: Final[Mapping[Reason, Positions]] = {  # policies 3.1
    Reason.UNKNOWN_PATRON: ALL_PRIVILEGES_DENIED,
    Reason.CARD_UNLINKED: ALL_PRIVILEGES_DENIED,
    Reason.CARD_LOST: LOST,
    Reason.CARD_EXPIRED: _BORROWING,
    Reason.GUARDIAN_MISSING: _BORROWING,
    Reason.MANUAL_BLOCK: _BORROWING,
}
UNKNOWN: Final = frozenset({Reason.UNKNOWN_PATRON, Reason.CARD_UNLINKED})
"""Reasons for which BL is N: nobody of that number is a patron here."""


def is_unlinked(patron: Patron) -> bool:
    """A national card whose holder has not become a patron of this library."""
    return patron.card_state is CardState.UNLINKED


def positions(standing: Standing, patron: Patron, bent: Status, loans: Iterable[LoanView] = ()) -> Positions:
    """The positions that are Y for a known patron, as the account wants them bent."""
    if is_unlinked(patron):
        return ALL_PRIVILEGES_DENIED
    if standing.card_lost or patron.card_state is CardState.LOST:
        return LOST
    if bent.permit_all:
        return frozenset()
    found = _stopped(standing) | _over_limits(standing) | _overdue_recall(loans)
    if bent.permit_loans:
        found -= {PatronStatus.CHARGE_DENIED, PatronStatus.RENEWAL_DENIED}
    return found


def _stopped(standing: Standing) -> Positions:
    return frozenset(STOPPED[operation] for operation in standing.stops if operation in STOPPED)


def _over_limits(standing: Standing) -> Positions:
    limits = {
        PatronStatus.TOO_MANY_CHARGED: standing.too_many_items,
        PatronStatus.TOO_MANY_OVERDUE: standing.too_many_overdue,
        PatronStatus.EXCESSIVE_FINES: standing.fines_over,
        PatronStatus.EXCESSIVE_FEES: standing.fees_over,
        PatronStatus.TOO_MANY_BILLED: standing.too_many_billed,
    }
    return frozenset(position for position, over in limits.items() if over)


def _overdue_recall(loans: Iterable[LoanView]) -> Positions:
    recalled = any(loan.recalled and loan.overdue for loan in loans)
    return frozenset({PatronStatus.RECALL_OVERDUE}) if recalled else frozenset()


def refused_positions(outcome: Refused) -> Positions:
    """What a refusal says of the patron; everything denied where its reasons say nothing."""
    found: Positions = frozenset().union(*(OF_REASON.get(refusal.reason, frozenset()) for refusal in outcome.refusals))
    return found or ALL_PRIVILEGES_DENIED
