"""The question behind `skranke policy explain`: circumstances read from records, stated, or both; and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final, Literal

from backend.commands import CheckIn, CheckOut, Command, LookUpItem, LookUpPatron, PlaceHold, Renew
from backend.facts import Facts as Known
from backend.inspection import Inspection
from backend.model import AccountId, AskedBy, BranchId, Channel, LibraryId
from backend.money import Money
from backend.policy.answers import Case
from backend.policy.explain import Deciding, explain
from backend.policy.facts import Account, Facts
from backend.policy.model import Policy
from backend.policy.shelf import PolicyShelf
from backend.rules.circumstances import CHANNELS, circumstances
from backend.rules.standing import PatronNow
from backend.rules.waiting import queue_length, waiting_list
from backend.store.session import Session
from server.desk.wording import Wording
from server.office.errors import OrderRefused
from server.office.telling import tell

Act = Literal["checkout", "renewal", "hold", "return"]
NOON: Final = time(12)  # of the day that is asked about
AMOUNTS: Final = frozenset({"price", "debt"})


@dataclass(frozen=True, kw_only=True)
class Question:
    """Who, what, where and when. `stated` are facts, and `account` a patron's account, by name, as they are written."""

    library: LibraryId
    op: Act = "checkout"
    patron: str | None = None
    item: str | None = None
    branch: str | None = None
    day: date | None = None
    channel: Channel = Channel.SELFCHECK
    due: date | None = None
    stated: Mapping[str, Any] = field(default_factory=dict)
    account: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """`answered` is what a machine would be told, where both patron and item are on record and nothing is made up."""

    library: str
    policy: str
    at: datetime
    facts: Facts
    tables: tuple[Deciding, ...]
    answered: tuple[str, ...] = ()


def explanation(question: Question, shelf: PolicyShelf, now: datetime, records: Session | None = None) -> Explanation:
    """Raises OrderRefused for a branch, patron or item that is not there, ValueError for an amount that is none."""
    if question.day is not None:
        now = shelf.of(question.library, now).time.at(question.day, NOON)
    policy = shelf.of(question.library, now)
    branch = question.branch or next(iter(policy.branches))
    if branch not in policy.branches:
        there = ", ".join(policy.branches)
        raise OrderRefused(f"{question.library} has no branch {branch}; there are {there}")
    if records is None:
        return _explained(question, policy, now, Facts(op=question.op, channel=CHANNELS[question.channel]), branch)
    asked_by = AskedBy(
        account=AccountId("staff:explain"),
        library=question.library,
        branch=BranchId(branch),
        channel=question.channel,
        trusts_patron=True,
    )
    return _on_record(question, policy, Inspection(records, shelf, now), asked_by)


def _on_record(question: Question, policy: Policy, inspection: Inspection, asked_by: AskedBy) -> Explanation:
    command = _command(question)
    known = inspection.facts(command, asked_by)
    _refuse_unknown(question, known)
    loan = known.item.loan if known.item else None
    ours = loan if loan and loan.library == question.library else None
    branch = str(ours.branch) if ours and question.branch is None else asked_by.branch
    there = BranchId(branch)
    patron = known.patron.patron if known.patron else known.item.borrower if known.item else None
    facts = circumstances(
        known,
        policy,
        question.op,
        patron=patron,
        item=known.item.item if known.item else None,
        branch=there,
        waiting=_waiting(known, policy),
    )
    account = PatronNow(known, known.patron).account if known.patron else None
    due = ours.due_on if ours else None
    found = _explained(question, policy, inspection.now, facts, branch, due, account)
    if question.stated or question.account or isinstance(command, LookUpItem | LookUpPatron):
        return found
    outcome = inspection.answer(command, asked_by)
    names = {BranchId(one.id): one.name for one in policy.branches.values()}
    words = tell(outcome, Wording("en", names))
    return Explanation(
        library=found.library,
        policy=found.policy,
        at=found.at,
        facts=found.facts,
        tables=found.tables,
        answered=words,
    )


def _explained(
    question: Question,
    policy: Policy,
    now: datetime,
    facts: Facts,
    branch: str,
    due: date | None = None,
    account: Account | None = None,
) -> Explanation:
    """With what the question states in place of what is known."""
    there, day = policy.branch(branch), policy.time.today(now)
    facts = facts._replace(
        **_amounts(policy, question.stated),
        branch=branch,
        branch_kind=there.kind,
        day=day,
        day_kind=there.calendar.kind(day),
    )
    if question.account:
        account = Account(**{"debt": policy.zero, **_amounts(policy, question.account)})
    case = Case(policy=policy, facts=facts, at=now, due=question.due or due, account=account)
    return Explanation(library=policy.library.id, policy=policy.hash, at=now, facts=facts, tables=explain(case))


def _amounts(policy: Policy, stated: Mapping[str, Any]) -> dict[str, Any]:
    """Raises ValueError for an amount such as `75`."""
    return {name: Money.parse(value, policy.currency) if name in AMOUNTS else value for name, value in stated.items()}


def _command(question: Question) -> Command:
    """What the machine would ask; a look-up where only one of the two is named."""
    patron, item = question.patron, question.item
    if item is None:
        return LookUpPatron(patron=patron or "")
    if patron is None:
        return LookUpItem(item=item)
    match question.op:
        case "checkout":
            return CheckOut(patron=patron, item=item)
        case "renewal":
            return Renew(patron=patron, item=item)
        case "hold":
            return PlaceHold(patron=patron, item=item)
        case "return":
            return CheckIn(item=item)


def _refuse_unknown(question: Question, known: Known) -> None:
    if question.patron is not None and known.patron is None and question.op != "return":
        raise OrderRefused(f"{question.library} has no patron with this number")
    if question.item is not None and known.item is None:
        raise OrderRefused(f"no library here has an item {question.item}")


def _waiting(known: Known, policy: Policy) -> int:
    if known.item is None:
        return 0
    today = policy.time.today(known.now)
    if known.patron is None:
        return queue_length(known.item.holds, today)
    return waiting_list(known.item.holds, known.patron.patron.id, today)
