"""A patron's debt line by line: posted charges and fines that still run. The lines add up to `debt.debt`, always."""

from datetime import date, datetime

from backend.facts import Facts, LoanFacts, PatronFacts
from backend.model import Charge, FeeKind
from backend.money import Money
from backend.rules.debt import Fines, fines_owed
from backend.value import value


@value(frozen=True, slots=True, kw_only=True)
class OpenFee:
    """One line: `of` is what a payment of it changes. `owed` is above zero."""

    id: str
    kind: FeeKind
    owed: Money
    since: datetime  # raised, or due: from here on it counts as older or newer than another
    raised: date  # local day of `since`
    title: str
    barcode: str
    of: Charge | LoanFacts

    @property
    def kid(self) -> str | None:
        """The invoice number it stands on; a running fine stands on none."""
        return self.of.kid if isinstance(self.of, Charge) else None


def open_fees(facts: Facts, patron: PatronFacts, fines: Fines | None = None) -> tuple[OpenFee, ...]:
    """Oldest first. Only this library's charges; running fines where the library counts them as debt (C-11).

    `fines` if they are known already.
    """
    if not patron.loans and not patron.charges:
        return ()
    policy = facts.policies.of(patron.patron.library, facts.now)
    counted = patron.loans if policy.conventions.running_fines_count else ()
    owed = fines_owed(facts, patron) if fines is None else fines
    running = [_running(loan, owed[loan.loan.id]) for loan in counted]
    ours = [charge for charge in patron.charges if charge.library == patron.patron.library]
    posted = [_posted(charge, policy.time.today(charge.raised)) for charge in ours]
    return tuple(sorted((fee for fee in (*posted, *running) if fee.owed), key=_age))


def _posted(charge: Charge, raised: date) -> OpenFee:
    return OpenFee(
        id=str(charge.id),
        kind=charge.kind,
        owed=charge.owed,
        since=charge.raised,
        raised=raised,
        title=charge.title,
        barcode=charge.barcode,
        of=charge,
    )


def _running(loan: LoanFacts, owed: Money) -> OpenFee:
    return OpenFee(
        id=f"L{loan.loan.id}",
        kind=FeeKind.OVERDUE,
        owed=owed,
        since=loan.loan.due,
        raised=loan.loan.due_on,
        title=loan.item.title,
        barcode=loan.item.barcode,
        of=loan,
    )


def _age(fee: OpenFee) -> tuple[datetime, int]:
    return (fee.since, fee.of.id if isinstance(fee.of, Charge) else fee.of.loan.id)
