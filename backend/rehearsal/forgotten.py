"""A loan whose patron is forgotten: what of its course hangs on who that was, and so is not known any more."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from backend.policy.facts import Facts as Circumstances
from backend.policy.model import Policy
from backend.policy.rows import Row
from backend.policy.when import facts_read, written
from backend.rehearsal.past import Past
from backend.rehearsal.replay import Course, facts_at
from backend.rules.circumstances import circumstances, circumstances_of_loan

OF_PATRON: Final = frozenset({"category", "age", "home_branch", "linked"})
FEES: Final = frozenset({"overdue", "reminder", "replacement", "lending"})
ALL: Final = FEES | {"due"}


def unknown(past: Past, policy: Policy, course: Course, now: datetime) -> frozenset[str]:
    """Kinds of fee, or `due` and all of them, that the row in question, or a shared notice (C-23), leaves open."""
    if past.patron is not None:
        return frozenset()
    lent = circumstances(
        facts_at(past, policy, past.loan.lent),
        policy,
        "checkout",
        item=past.item,
        branch=past.loan.branch,
        waiting=past.waiting,
    )
    rows = policy.rows
    if asks_for_patron(rows.loan, lent) or (past.renewals and asks_for_patron(rows.renewal, lent)):
        return ALL
    ended = policy.time.today(past.closed_at or now)
    asked = circumstances_of_loan(policy, course.loan, past.item, None, ended)
    let_off = {kind: [row for row in rows.exempt if kind in row.kinds] for kind in FEES}
    shared = any(step.row.per == "notice" and step.amount for step in course.reminders)
    found = {
        "overdue": asks_for_patron(rows.overdue, asked) or asks_for_patron(let_off["overdue"], asked),
        "reminder": shared or _any_asks(rows.notice, asked) or asks_for_patron(let_off["reminder"], asked),
        "replacement": asks_for_patron(rows.replacement, asked) or asks_for_patron(let_off["replacement"], asked),
        "lending": _any_asks(rows.fee, lent) or _any_asks(rows.exempt, lent),
    }
    return frozenset(kind for kind, is_open in found.items() if is_open)


def asks_for_patron(rows: Iterable[Row], asked: Circumstances) -> bool:
    """Whether the first row that could answer asks about the patron: then it hangs on who that was."""
    for row in rows:
        if _could_answer(row, asked):
            return not facts_read(row.when).isdisjoint(OF_PATRON)
    return False


def _any_asks(rows: Iterable[Row], asked: Circumstances) -> bool:
    """The same of rows that answer beside each other."""
    return any(asks_for_patron((row,), asked) for row in rows)


def _could_answer(row: Row, asked: Circumstances) -> bool:
    """By everything that it asks but the patron."""
    tests = written(row.when).items()
    return all(test.predicate(getattr(row.when, name))(asked) for name, test in tests if test.fact not in OF_PATRON)
