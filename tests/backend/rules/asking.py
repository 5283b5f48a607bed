"""Short ways to ask for a loan or a renewal, and to read what was decided."""

from typing import Any

from backend.changes import Change, OpenLoan, PutLoan
from backend.commands import CheckOut, Renew
from backend.commands import Command as Command
from backend.facts import Decision, Facts, LoanFacts, PatronFacts
from backend.model import Loan, Patron
from backend.outcomes import CheckedOut, Done, Reason, Refusal, Refused
from backend.rules.decide import decide
from tests.backend.rules.make import facts, lent_out


def check_out(given: Facts, **asked: Any) -> Decision:
    who, what = given.patron, given.item
    command = CheckOut(
        patron=who.patron.card if who else "nobody", item=what.item.barcode if what else "nothing", **asked
    )
    return decide(given, command)


def due_on(decision: Decision) -> str:
    assert isinstance(decision.outcome, CheckedOut), decision.outcome
    return opened(decision).due_on.isoformat()


def opened(decision: Decision) -> Loan:
    return next(change.loan for change in decision.changes if isinstance(change, OpenLoan))


def refusals_of(decision: Decision) -> tuple[Refusal, ...]:
    assert isinstance(decision.outcome, Refused), decision.outcome
    return decision.outcome.refusals


def reasons(decision: Decision) -> list[Reason]:
    """Of a refusal, which changes nothing."""
    assert decision.changes == ()
    return [refusal.reason for refusal in refusals_of(decision)]


def renew(branch: str, when: str, of: LoanFacts, who: Patron | PatronFacts, **more: Any) -> Decision:
    borrower = who.patron if isinstance(who, PatronFacts) else who
    given = facts(branch, when, who=who, what=lent_out(of, borrower, more.pop("holds", ())), by=more.pop("by", None))
    return decide(given, Renew(patron=borrower.card, item=of.item.barcode, **more))


def longer(decision: Decision) -> Loan:
    (put,) = [change.loan for change in decision.changes if isinstance(change, PutLoan)]
    return put


def done(given: Facts, command: Command) -> tuple[Done, tuple[Change, ...]]:
    decision = decide(given, command)
    assert isinstance(decision.outcome, Done), decision.outcome
    return decision.outcome, decision.changes
