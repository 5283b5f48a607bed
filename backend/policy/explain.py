"""Which row decides, table by table: the answer to "why?", for staff and for whoever writes the file."""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.policy.facts import Facts
from backend.policy.model import Policy
from backend.policy.rows import FeeKind, Row

EXEMPTED: tuple[FeeKind, ...] = ("overdue", "reminder", "replacement", "ill", "card", "copy", "hold")


@dataclass(frozen=True, slots=True)
class Deciding:
    """`row` answers the question that `table` stands for; None: no row says anything, so nothing applies."""

    table: str
    row: Row | None


def explain(policy: Policy, facts: Facts) -> tuple[Deciding, ...]:
    """The deciding rows of every table for these circumstances, in the order of the file format."""
    return tuple(_deciding(policy, facts))


def _deciding(policy: Policy, facts: Facts) -> Iterator[Deciding]:
    yield Deciding("loan", policy.loan_row(facts))
    yield Deciding("renewal", policy.renewal_row(facts))
    yield Deciding("hold", policy.hold_row(facts))
    yield Deciding("overdue", policy.overdue_row(facts))
    for notice in policy.advance_notices(facts) + policy.ladder(facts):
        yield Deciding("notice", notice)
    yield Deciding("notice hold_ready", policy.arrival_notice(facts))
    yield Deciding("replacement", policy.replacement_row(facts))
    for event in dict.fromkeys(row.event for row in policy.rows.fee):
        yield Deciding(f"fee {event}", policy.fee_row(event, facts))
    for kind in EXEMPTED:
        yield Deciding(f"exempt {kind}", policy.exempt_row(kind, facts))
    for row in policy.block_rows(facts):
        yield Deciding("block", row)
    yield Deciding("return", policy.return_row(facts))
