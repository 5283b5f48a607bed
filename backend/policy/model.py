"""A library's policy in one version: every question that the rules may ask it, answered by a row of its file."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import field, replace
from datetime import date
from functools import cached_property
from typing import Final

from backend.clock import LibraryTime
from backend.money import Money
from backend.policy.facts import Account, Facts
from backend.policy.lines import Printed
from backend.policy.places import Branch
from backend.policy.rows import (
    BlockRow,
    ExemptRow,
    FeeKind,
    FeeRow,
    HoldRow,
    LoanRow,
    NoticeRow,
    OverdueRow,
    RenewalRow,
    ReplacementRow,
    ReturnRow,
    Stop,
    Threshold,
)
from backend.policy.sections import Access, Conventions, InterLibrary, Library
from backend.policy.table import DecisionTable, FullTable
from backend.value import value

SEND_HOME = ReturnRow(id="return-home")


@value(frozen=True, slots=True, kw_only=True)
class PolicyRows:
    """The rows of every table, in the file's order."""

    loan: tuple[LoanRow, ...]
    renewal: tuple[RenewalRow, ...]
    hold: tuple[HoldRow, ...]
    overdue: tuple[OverdueRow, ...]
    replacement: tuple[ReplacementRow, ...]
    notice: tuple[NoticeRow, ...] = ()
    fee: tuple[FeeRow, ...] = ()
    exempt: tuple[ExemptRow, ...] = ()
    block: tuple[BlockRow, ...] = ()
    returns: tuple[ReturnRow, ...] = ()


REFERENCE: Final = "reference"  # a flag, and a loan type
NOT_LENT: Final = LoanRow(id="reference-copy", loanable=False)  # policies 3.1, where a library does not say otherwise


def is_reference(facts: Facts) -> bool:
    """A copy that is read on the spot."""
    return facts.loan_type == REFERENCE or REFERENCE in facts.flags


def speaks_of_reference(row: LoanRow) -> bool:
    """Does the row say what becomes of reference copies, rather than of everything else of their kind?"""
    return REFERENCE in (row.when.loan_type or ()) or REFERENCE in (row.when.flags or ())


@value(frozen=True, slots=True)
class PolicyBlock:
    """A block that stands: the row that says so, and what it stops here."""

    row: BlockRow
    stops: frozenset[Stop]


@value(frozen=True, kw_only=True, eq=False)
class Policy:
    """One version of one library's rules. Nothing in it changes; ask it as often as you like."""

    hash: str  # twelve hex digits of the content
    effective_from: date
    library: Library
    conventions: Conventions
    access: Access
    ill: InterLibrary
    branches: Mapping[str, Branch]
    rows: PolicyRows
    printed: Mapping[str, Printed] = field(default_factory=dict)  # where each row, [access] and [ill] stand, by id

    @property
    def currency(self) -> str:
        return self.library.currency

    @property
    def languages(self) -> tuple[str, ...]:
        return self.library.languages

    @cached_property
    def zero(self) -> Money:
        """No money, in the library's currency."""
        return Money.zero(self.library.currency)

    @cached_property
    def time(self) -> LibraryTime:
        """Days and dates in the library's zone."""
        return LibraryTime(self.library.timezone)

    def loan_types(self) -> frozenset[str]:
        """Every loan type that a row speaks of."""
        tables = (getattr(self.rows, name) for name in PolicyRows.__dataclass_fields__)
        return frozenset(word for rows in tables for row in rows for word in row.when.loan_type or ())

    def branch(self, branch_id: str) -> Branch:
        """Raises KeyError for a branch that is not this library's."""
        return self.branches[branch_id]

    def closing(self, days: Mapping[str, Iterable[date]]) -> "Policy":
        """The same policy with announced closures, by branch; branches that it does not know are passed over."""
        closed = {
            branch_id: replace(branch, calendar=branch.calendar.closing(days.get(branch_id, ())))
            for branch_id, branch in self.branches.items()
        }
        return replace(self, branches=closed)

    def loan_row(self, facts: Facts) -> LoanRow:
        """The first row that fits; the table ends with one that always does. So with those below."""
        return (self._reference if is_reference(facts) else self._loan).answer(facts)

    def loan_rows(self, facts: Facts) -> tuple[LoanRow, ...]:
        """The rows that are asked: of a reference copy those that speak of such, and that it is not lent."""
        return self._reference.rows if is_reference(facts) else self.rows.loan

    def renewal_row(self, facts: Facts) -> RenewalRow:
        return self._renewal.answer(facts)

    def hold_row(self, facts: Facts) -> HoldRow:
        return self._hold.answer(facts)

    def overdue_row(self, facts: Facts) -> OverdueRow:
        return self._overdue.answer(facts)

    def replacement_row(self, facts: Facts) -> ReplacementRow:
        return self._replacement.answer(facts)

    def return_row(self, facts: Facts) -> ReturnRow:
        """Without a row for it an item goes home."""
        return self._returns.first(facts) or SEND_HOME

    def fee_row(self, event: str, facts: Facts) -> FeeRow | None:
        """What `event` costs, or None when it costs nothing."""
        table = self._fees.get(event)
        return table.first(facts) if table else None

    def exempt_row(self, kind: FeeKind, facts: Facts) -> ExemptRow | None:
        """The row that lets this patron or item off fees of `kind`, or None."""
        table = self._exemptions.get(kind)
        return table.first(facts) if table else None

    def advance_notices(self, facts: Facts) -> tuple[NoticeRow, ...]:
        """What is sent before the due date, earliest first."""
        found = [row for table in self._before_due for row in (table.first(facts),) if row]
        return tuple(sorted(found, key=lambda row: -(row.before_days or 0)))

    def ladder(self, facts: Facts) -> tuple[NoticeRow, ...]:
        """The steps after the due date, first step first."""
        found = [row for table in self._after_due for row in (table.first(facts),) if row]
        return tuple(sorted(found, key=lambda row: row.after_days or 0))

    def arrival_notice(self, facts: Facts) -> NoticeRow | None:
        """What is sent when a held item is on the shelf, or None."""
        return self._hold_ready.first(facts)

    def blocks(self, facts: Facts, account: Account, standing: frozenset[str] = frozenset()) -> tuple[PolicyBlock, ...]:
        """The blocks that stand now; `standing` are the ids of those that stood before, for `lifts_below`."""
        return those_that_stand(self.possible_blocks(facts), account, standing)

    def possible_blocks(self, facts: Facts) -> tuple[PolicyBlock, ...]:
        """What could stand against this patron, whatever the account says.

        For each threshold and each thing it stops, the first row that fits the patron decides.
        """
        claimed: set[tuple[Threshold, Stop]] = set()
        found: list[PolicyBlock] = []
        for row in self.block_rows(facts):
            mine = frozenset(stop for stop in row.stops if (row.threshold, stop) not in claimed)
            claimed |= {(row.threshold, stop) for stop in mine}
            if mine:
                found.append(PolicyBlock(row, mine))
        return tuple(found)

    def block_rows(self, facts: Facts) -> tuple[BlockRow, ...]:
        """The rows that fit this patron, whatever the account says."""
        return self._block.every(facts)

    @cached_property
    def keeps_copies_back(self) -> bool:
        """Whether some block says that no copy is set aside for a patron."""
        return any("capture" in row.stops for row in self.rows.block)

    @cached_property
    def lifts_late(self) -> bool:
        """Whether some block stands on below the debt at which it came."""
        return any(row.lifts_below is not None for row in self.rows.block)

    def counts_everything(self, group: str) -> bool:
        """Whether the limit of `group` covers all that the library lends."""
        return self._groups <= {group}

    @cached_property
    def holds_limit(self) -> int | None:
        """How many holds a patron may have, when one limit covers all that can be reserved."""
        limits = {row.max_holds for row in self.rows.hold if row.allowed}
        return limits.pop() if len(limits) == 1 else None

    @cached_property
    def _groups(self) -> frozenset[str | None]:
        return frozenset(row.counted_in for row in self.rows.loan if row.loanable)

    @cached_property
    def _loan(self) -> FullTable[LoanRow]:
        return FullTable(self.rows.loan)

    @cached_property
    def _reference(self) -> FullTable[LoanRow]:
        return FullTable((*filter(speaks_of_reference, self.rows.loan), NOT_LENT))

    @cached_property
    def _renewal(self) -> FullTable[RenewalRow]:
        return FullTable(self.rows.renewal)

    @cached_property
    def _hold(self) -> FullTable[HoldRow]:
        return FullTable(self.rows.hold)

    @cached_property
    def _overdue(self) -> FullTable[OverdueRow]:
        return FullTable(self.rows.overdue)

    @cached_property
    def _replacement(self) -> FullTable[ReplacementRow]:
        return FullTable(self.rows.replacement)

    @cached_property
    def _returns(self) -> DecisionTable[ReturnRow]:
        return DecisionTable(self.rows.returns)

    @cached_property
    def _block(self) -> DecisionTable[BlockRow]:
        return DecisionTable(self.rows.block)

    @cached_property
    def _fees(self) -> dict[str, DecisionTable[FeeRow]]:
        events = {row.event for row in self.rows.fee}
        return {event: DecisionTable(row for row in self.rows.fee if row.event == event) for event in events}

    @cached_property
    def _exemptions(self) -> dict[str, DecisionTable[ExemptRow]]:
        kinds = {kind for row in self.rows.exempt for kind in row.kinds}
        return {kind: DecisionTable(row for row in self.rows.exempt if kind in row.kinds) for kind in kinds}

    @cached_property
    def _hold_ready(self) -> DecisionTable[NoticeRow]:
        return DecisionTable(row for row in self.rows.notice if row.kind == "hold_ready")

    @cached_property
    def _before_due(self) -> tuple[DecisionTable[NoticeRow], ...]:
        return _a_table_per_day([row for row in self.rows.notice if row.kind == "before_due"])

    @cached_property
    def _after_due(self) -> tuple[DecisionTable[NoticeRow], ...]:
        return _a_table_per_day([row for row in self.rows.notice if row.kind == "after_due"])


def those_that_stand(
    blocks: Iterable[PolicyBlock], account: Account, stood_before: Collection[str] = ()
) -> tuple[PolicyBlock, ...]:
    """Whose threshold the account has reached; `stood_before` are ids of rows, for `lifts_below`."""
    return tuple(block for block in blocks if block.row.stands(account, block.row.id in stood_before))


def _a_table_per_day(rows: list[NoticeRow]) -> tuple[DecisionTable[NoticeRow], ...]:
    """Rows of the same day are alternatives, rows of different days are different notices."""
    days = dict.fromkeys((row.before_days, row.after_days) for row in rows)
    return tuple(DecisionTable(row for row in rows if (row.before_days, row.after_days) == day) for day in days)
