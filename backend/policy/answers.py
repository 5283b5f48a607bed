"""What a row's answer comes to in given circumstances, in words: a due date, an amount, a yes or no.

The words are for staff and for whoever writes a policy file, in English; borrowers' words are the desk's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar

from backend.money import Money
from backend.policy.dates import (
    due_instant,
    fine,
    is_old_enough,
    loan_due,
    overdue_days,
    pickup_deadline,
    renewal_due,
    suspend_until,
)
from backend.policy.facts import Account, Facts, is_under
from backend.policy.model import Policy, PolicyBlock
from backend.policy.places import Branch
from backend.policy.rows import (
    ExemptRow,
    FeeRow,
    HoldRow,
    LoanRow,
    NoticeRow,
    OverdueRow,
    RenewalRow,
    ReplacementRow,
    ReturnRow,
)

Given = TypeVar("Given", contravariant=True)
UNSET = "not set: nothing is charged, and staff are told"
THRESHOLDS = {
    "debt": "debt from",
    "overdue_items": "overdue items from",
    "items_out": "items out from",
    "billed_items": "billed items from",
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is asked about: `at` is when, `due` the due date of an open loan, `account` the patron's; both if known."""

    policy: Policy
    facts: Facts
    at: datetime
    due: date | None = None
    account: Account | None = None

    @cached_property
    def branch(self) -> Branch:
        """Where the loan was or is being made; the library's first when none is named."""
        branches = self.policy.branches
        return branches.get(self.facts.branch or "") or next(iter(branches.values()))

    @cached_property
    def today(self) -> date:
        return self.policy.time.today(self.at)

    @property
    def when_lent(self) -> Facts:
        """As the `loan` table is asked: the facts of a renewal as they are, all others as if it were lent now."""
        return self.facts if self.facts.op == "renewal" else self.facts._replace(op="checkout")


Say = Callable[[Case, Given], str]


def loan(case: Case, row: LoanRow | None) -> str:
    """Of the `loan` table: until when, from which age, how many at a time."""
    due = loan_due(case.policy, case.branch, row, case.at, case.facts.waiting) if row and row.loanable else None
    if row is None or due is None:
        return "not for loan: its last day has passed" if row and row.loanable else "not for loan"
    said = [f"lent now, due {_moment(due)}", *_age(case, row.min_age)]
    if row.max_items is not None:
        said.append(f"at most {row.max_items} at a time of group {row.counted_in}")
    return "; ".join(said)


def renewal(case: Case, row: RenewalRow | None) -> str:
    """Of the `renewal` table: how often, under which conditions, until when."""
    if row is None or row.max == 0:
        return "never renewed"
    said = ["as often as wanted" if row.max == "unlimited" else f"at most {row.max}"]
    said += [words for holds, words in _limits_of(row) if holds]
    due = _renewed(case, row)
    return "; ".join([*said, f"renewed now, due {_moment(due)}"] if due else said)


def _limits_of(row: RenewalRow) -> tuple[tuple[bool, str], ...]:
    return (
        (not row.while_waiting, "not while others wait"),
        (row.until_due, "not after the due date"),
        (row.not_before_days is not None, f"not before {row.not_before_days} days are left"),
        (row.staff_only, "by staff only"),
    )


def _renewed(case: Case, row: RenewalRow) -> datetime | None:
    """Counted from the due date it is known only for a loan that is open."""
    loan_row = case.policy.loan_row(case.facts._replace(op="renewal"))
    from_today = (row.counted_from or case.policy.conventions.renewal_from) == "today"
    if case.due is None and not from_today:
        return None
    due = due_instant(case.policy, case.due or case.today)
    return renewal_due(case.policy, case.branch, row, loan_row, case.at, due)


def hold(case: Case, row: HoldRow | None) -> str:
    """Of the `hold` table: kept until when on the shelf, and who may reserve (C-16)."""
    if row is None or not row.allowed:
        return "cannot be reserved"
    last = pickup_deadline(case.branch, row, case.today)
    said = [f"put on the shelf now, kept until {_day(last)}", *_age(case, row.min_age)]
    if row.on_shelf_holds == "none_on_shelf":
        said.append("only while every copy is out")
    if row.max_holds is not None:
        said.append(f"at most {row.max_holds} at a time")
    if row.recall_days is not None:
        said.append(f"called back from who has had it {row.recall_days} days")
    return "; ".join(said)


def overdue(case: Case, row: OverdueRow | None) -> str:
    """Of the `overdue` table: the rate, its grace and caps, and what an open loan comes to so far (C-05 to C-07)."""
    if row is None or row.is_unset:
        return UNSET
    said = [f"{row.suspend_days} days without borrowing for each day late"] if row.suspend_days else []
    if isinstance(row.amount, Money):
        said.append(f"{money(row.amount)} a {row.per}" if row.amount else "nothing")
    if row.grace_days:
        said.append(f"{row.grace_days} days of grace" + (", free" if row.grace_is_free else ""))
    if row.cap is not None:
        said.append(f"at most {money(row.cap)}")
    if row.cap_to_price:
        said.append("at most the item's price")
    return "; ".join([*said, *_so_far(case, row)])


def _so_far(case: Case, row: OverdueRow) -> list[str]:
    """What a loan that is late has come to."""
    if case.due is None or case.today <= case.due:
        return []
    due = due_instant(case.policy, case.due)
    barred = suspend_until(case.policy, case.branch, row, due, case.at)
    came_to = money(fine(case.policy, case.branch, row, due, case.at, case.facts.price))
    return [f"{overdue_days(case.due, case.today)} days late now: " + (f"barred until {barred}" if barred else came_to)]


def notice(case: Case, row: NoticeRow | None) -> str:
    """Of one step of the `notice` table: by which channels, for which fee, and whether the item is billed."""
    if row is None:
        return "nothing is sent"
    said = [f"{row.letter or 'message'} by {', '.join(row.channels)}"]
    if row.opt_in:
        said.append("to those who asked for it")
    if row.fee == "unset":
        said.append(f"fee {UNSET}")
    elif isinstance(row.fee, Money) and row.fee:
        a_level = " in all so far" if row.mode == "level" else ""
        said.append(f"{money(row.fee)}{a_level} for each {row.per}")
    return "; ".join([*said, "the item is billed"] if row.bill else said)


def replacement(case: Case, row: ReplacementRow | None) -> str:
    """Of the `replacement` table: what a lost item costs, and what its return undoes (C-24)."""
    if row is None or row.price == "unset":
        return UNSET
    charged = "the lender's price" if row.price == "lender" else row.amount(case.facts.price)
    said = [money(charged) if isinstance(charged, Money) else charged or "staff set the amount"]
    if row.processing_fee:
        said.append(f"and {money(row.processing_fee)} for the work")
    if not row.cancel_on_return:
        said.append("owed even when it comes back")
    if row.refund_days:
        said.append(f"given back when it turns up within {row.refund_days} days")
    return "; ".join(said)


def fee(case: Case, row: FeeRow | None) -> str:
    """Of one event of the `fee` table: the amount, and whether it must be accepted first."""
    if row is None:
        return "free"
    match row.amount:
        case Money() as fixed:
            said = money(fixed) if fixed else "free"
        case "order":
            said = "what the order or staff state"
        case _:
            said = UNSET
    return f"{said}; to be accepted first" if row.ask_first else said


def exempt(case: Case, row: ExemptRow | None) -> str:
    """Of the `exempt` table."""
    return "let off" if row else "not let off"


def block(case: Case, found: PolicyBlock) -> str:
    """Of one row of the `block` table: from how much on it stands, what it stops, whether it stands now (C-10)."""
    threshold, row = found.row.threshold, found.row
    limit = row.when.thresholds[threshold]
    said = f"{THRESHOLDS[threshold]} {money(limit) if isinstance(limit, Money) else limit}"
    said += f": stops {', '.join(sorted(found.stops))}"
    if row.lifts_below is not None:
        said += f", until the debt is below {money(row.lifts_below)}"
    if case.account is None:
        return said
    return f"{said}; {'stands' if row.stands(case.account, stood_before=False) else 'does not stand'} now"


def sent(case: Case, row: ReturnRow | None) -> str:
    """Of the `return` table: where the item goes from here."""
    where = {"home": "goes home", "float": "stays, and this branch is its home", "stay": "stays until it is wanted"}
    said = where[row.to if row else "home"]
    return f"{said}; accepted at {', '.join(row.accepted_at)}" if row and row.accepted_at else said


def access(case: Case) -> str:
    """Of `[access]`: what needs the PIN, and what the patron's age asks of a guardian."""
    rules, age = case.policy.access, case.facts.age
    said = [f"PIN for {', '.join(rules.pin_for)}" if rules.pin_for else "no PIN"]
    if not is_old_enough(age, rules.consent_below_age):
        said.append(f"a guardian's signature below {rules.consent_below_age} years")
    if not is_old_enough(age, rules.liable_guardian_below_age):
        said.append(f"bills to the guardian below {rules.liable_guardian_below_age} years")
    return "; ".join(said)


def interlibrary(case: Case) -> str:
    """Of `[ill]`: whether such an item is borrowed in, on which terms, and whether it is lent out."""
    rules, material = case.policy.ill, case.facts.material
    excluded = any(is_under(material, one) for one in rules.exclude_materials)
    said = [f"{material} is {'not ' if excluded else ''}borrowed in from other libraries"]
    if rules.refuse_owned:
        said.append("a title of our own is reserved instead")
    if rules.needs_national_card:
        said.append("orders need a national card")
    if rules.course_advice and "course" in case.facts.flags:
        said.append("a course book comes with the advice to ask one's university library first")
    if any(is_under(material, never) for never in rules.never_lent_out):
        said.append(f"{material} is not lent to other libraries")
    return "; ".join(said)


def money(amount: Money) -> str:
    """`75.00 SEK`."""
    return f"{amount.text()} {amount.currency}"


def _age(case: Case, least: int | None) -> list[str]:
    if not least:
        return []
    passes = is_old_enough(case.facts.age, least)
    return [f"from {least} years" if passes else f"refused: from {least} years"]


def _day(day: date) -> str:
    return f"{day:%A %Y-%m-%d}"


def _moment(due: datetime) -> str:
    return f"{due:%A %Y-%m-%d %H:%M}"
