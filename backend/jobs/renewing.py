"""Loans that a policy extends without being asked: on the morning of the day on which they are due.

Everything that would refuse the patron refuses here, too; a fee that has to be accepted first is never taken.
"""

from collections.abc import Iterator

from backend.commands import Renew
from backend.facts import Decision
from backend.jobs.facts import PatronCase
from backend.model import Operation
from backend.outcomes import Done, Renewed
from backend.rules.renewal import Extension, attempt
from backend.rules.standing import refusals

UNASKED = Renew(patron="")


def renew_due(case: PatronCase) -> Decision:
    """What is due today, not renewed too often, and wanted by nobody else."""
    granted = list(_granted(case)) if not refusals(case.facts, UNASKED, Operation.RENEWAL) else []
    return Decision(
        outcome=Done(at=case.facts.now, count=len(granted)),
        changes=tuple(change for one in granted for change in one.changes),
    )


def _granted(case: PatronCase) -> Iterator[Decision]:
    for loan in case.who.loans:
        if loan.loan.due_on != case.day or loan.loan.library != case.who.patron.library:
            continue
        extension = Extension(case.facts, loan, case.facts.now)
        decision = attempt(extension, UNASKED) if extension.row.automatic else None
        if decision is not None and isinstance(decision.outcome, Renewed):
            yield decision
