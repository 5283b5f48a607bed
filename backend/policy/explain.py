"""Which row decides, table by table: the answer to "why?", for staff and for whoever writes the file.

Each table is asked as the rules ask it: what a loan costs is the same whoever asks and from wherever (C-09), a block
sees the patron only, a return the item only.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from backend.policy import answers
from backend.policy.answers import Case
from backend.policy.facts import Facts, Operation
from backend.policy.lines import Printed
from backend.policy.rows import FeeKind, NoticeRow, Row
from backend.policy.when import written

ABOUT_LOANS: tuple[FeeKind, ...] = ("overdue", "reminder", "replacement")
WHEN_CHARGED: dict[FeeKind, Operation] = {"ill": "checkout", "card": "patron_info", "copy": "checkout", "hold": "hold"}
EVENT_ASKED: dict[str, Operation] = {
    "renewal": "renewal",
    "hold_placed": "hold",
    "ill_uncollected": "collect",
    "card_replaced": "patron_info",
}

AnyRow = TypeVar("AnyRow", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A row above the deciding one, and the conditions of it that do not hold."""

    row: str
    unmet: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """`row` answers the question that `table` stands for; None: no row says anything, so nothing applies."""

    table: str
    row: Row | None
    answer: str
    printed: Printed | None = None
    passed_over: tuple[PassedOver, ...] = ()


def explain(case: Case) -> tuple[Deciding, ...]:
    """The deciding rows of every table for these circumstances, in the order of the file format."""
    return tuple(_deciding(case))


def _deciding(case: Case) -> Iterator[Deciding]:
    rows, facts = case.policy.rows, case.facts
    late = about_a_loan(facts)
    yield _first(case, "loan", case.policy.loan_rows(case.when_lent), case.when_lent, answers.loan)
    yield _first(case, "renewal", rows.renewal, facts._replace(op="renewal"), answers.renewal)
    yield _first(case, "hold", rows.hold, facts._replace(op="hold"), answers.hold)
    yield _first(case, "overdue", rows.overdue, late, answers.overdue)
    for name, steps in _steps(rows.notice).items():
        asked = facts._replace(op="collect") if steps[0].kind == "hold_ready" else late
        yield _first(case, f"notice {name}", steps, asked, answers.notice)
    yield _first(case, "replacement", rows.replacement, late, answers.replacement)
    for event in dict.fromkeys(row.event for row in rows.fee):
        of_event = [row for row in rows.fee if row.event == event]
        asked = facts._replace(op=EVENT_ASKED.get(event, "checkout"))
        yield _first(case, f"fee {event}", of_event, asked, answers.fee)
    for kind in (*ABOUT_LOANS, *WHEN_CHARGED) if rows.exempt else ():
        of_kind = [row for row in rows.exempt if kind in row.kinds]
        asked = late if kind in ABOUT_LOANS else facts._replace(op=WHEN_CHARGED[kind])
        yield _first(case, f"exempt {kind}", of_kind, asked, answers.exempt)
    if not rows.exempt:
        yield Deciding(table="exempt", row=None, answer=answers.exempt(case, None))
    yield from _blocks(case)
    yield _first(case, "return", rows.returns, of_the_item(facts), answers.sent)
    for table, named, answer in (
        ("access", case.policy.access.id, answers.access(case)),
        ("ill", case.policy.ill.id, answers.interlibrary(case)),
    ):
        yield Deciding(table=table, row=None, answer=answer, printed=case.policy.printed.get(named or ""))


def about_a_loan(facts: Facts) -> Facts:
    """As a question about money is asked: the same whoever asks and from wherever."""
    return facts._replace(op="return", channel="selfcheck")


def of_the_patron(facts: Facts) -> Facts:
    """Without the item: what stops a patron stops every item."""
    unknown = Facts()
    return facts._replace(
        op="patron_info",
        material=unknown.material,
        audience=unknown.audience,
        loan_type=unknown.loan_type,
        language=unknown.language,
        flags=unknown.flags,
        item_home_branch=unknown.item_home_branch,
        price=unknown.price,
        item_age_days=unknown.item_age_days,
        waiting=unknown.waiting,
    )


def of_the_item(facts: Facts) -> Facts:
    """Without the patron: whoever brings it, the item goes the same way."""
    unknown = Facts()
    return facts._replace(
        op="return",
        category=unknown.category,
        age=unknown.age,
        home_branch=unknown.home_branch,
        linked=unknown.linked,
        waiting=unknown.waiting,
    )


def _first(case: Case, table: str, rows: Iterable[AnyRow], facts: Facts, say: answers.Say[AnyRow | None]) -> Deciding:
    """The first row whose conditions hold, and why those above it do not."""
    passed: list[PassedOver] = []
    for row in rows:
        unmet = _unmet(row, facts)
        if not unmet:
            return _decided(case, table, row, say(case, row), tuple(passed))
        passed.append(PassedOver(row=row.id, unmet=unmet))
    return Deciding(table=table, row=None, answer=say(case, None), passed_over=tuple(passed))


def _blocks(case: Case) -> Iterator[Deciding]:
    """Several may stand at once: every row that fits the patron and has something left to stop."""
    facts = of_the_patron(case.facts)
    found = case.policy.possible_blocks(facts)
    for block in found:
        yield _decided(case, "block", block.row, answers.block(case, block))
    if not found:
        unmet = (PassedOver(row=row.id, unmet=_unmet(row, facts)) for row in case.policy.rows.block)
        yield Deciding(table="block", row=None, answer="nothing stops this patron", passed_over=tuple(unmet))


def _decided(case: Case, table: str, row: Row, answer: str, passed: tuple[PassedOver, ...] = ()) -> Deciding:
    printed = case.policy.printed.get(row.id)
    return Deciding(table=table, row=row, answer=answer, printed=printed, passed_over=passed)


def _unmet(row: Row, facts: Facts) -> tuple[str, ...]:
    tests = written(row.when)
    return tuple(key for key, test in tests.items() if not test.predicate(getattr(row.when, key))(facts))


def _steps(notices: Iterable[NoticeRow]) -> dict[str, list[NoticeRow]]:
    """Rows of the same day are alternatives, rows of different days different notices; in the order of the days."""
    found: dict[str, list[NoticeRow]] = {}
    for row in sorted(notices, key=lambda one: (one.after_days or 0) - (one.before_days or 0)):
        found.setdefault(row.named, []).append(row)
    return found
