"""What stops a patron now, and why: card, blocks by hand, blocks that the policy derives from the account.

The source of SIP2's patron status, of NCIP's blocks, and of the patron part of every rule (C-20).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain

from backend.changes import AddBlock, Change, LiftBlocks
from backend.commands import PinProof
from backend.facts import Facts, PatronFacts
from backend.model import Block, BlockId, CardState, Channel, Operation, Patron
from backend.money import Money
from backend.outcomes import Reason, Refusal, Standing
from backend.policy.dates import age_on, is_old_enough
from backend.policy.facts import Account
from backend.policy.model import Policy, PolicyBlock
from backend.policy.rows import Threshold
from backend.policy.sections import ProofFor
from backend.rules.circumstances import circumstances
from backend.rules.debt import is_overdue, owed
from backend.rules.stops import LENDING, WITH_CARD, operations, with_implied

PROOF_FOR: dict[Operation, ProofFor] = {
    Operation.CHECKOUT: "checkout",
    Operation.COLLECT: "checkout",
    Operation.RENEWAL: "renewal",
    Operation.HOLD: "hold",
    Operation.WEB: "patron_info",
}
REASONS: dict[Threshold, Reason] = {
    "debt": Reason.DEBT_LIMIT,
    "overdue_items": Reason.TOO_MANY_OVERDUE,
    "billed_items": Reason.TOO_MANY_BILLED,
    "items_out": Reason.TOO_MANY_ITEMS,
}
VOUCHED = frozenset({Channel.JOB})  # nobody stands there to be asked; a partner vouches by `trusts_patron` (C-18)


@dataclass(frozen=True, slots=True)
class Stopped:
    """One reason, and what it stops."""

    refusal: Refusal
    stops: frozenset[Operation]


def standing(facts: Facts, patron: PatronFacts) -> Standing:
    """Everything that stands against the patron at this moment, gravest first."""
    found = tuple(chain(_card(facts, patron), _account(facts, patron)))
    full = _is_full(facts, patron)
    due = owed(facts, patron)
    over = _has(found, Reason.DEBT_LIMIT)
    return Standing(
        stops=frozenset[Operation]().union(*(one.stops for one in found), _OF_FULL if full else ()),
        reasons=tuple(one.refusal for one in found),
        card_lost=patron.patron.card_state is CardState.LOST,
        fines_over=over and bool(due.fines),
        fees_over=over and bool(due.fees),
        too_many_items=full or _has(found, Reason.TOO_MANY_ITEMS),
        too_many_overdue=_has(found, Reason.TOO_MANY_OVERDUE),
        too_many_billed=_has(found, Reason.TOO_MANY_BILLED),
    )


def refusals(facts: Facts, command: object, operation: Operation) -> tuple[Refusal, ...]:
    """The patron part of C-20 for one operation: card, PIN, blocks. Nothing is looked at behind an unknown patron or
    a failed PIN: the caller stops too when `ends_here` says so.
    """
    patron = facts.patron
    if patron is None:
        return (Refusal(reason=Reason.UNKNOWN_PATRON),)
    card = _refusals(facts, _card(facts, patron), operation)
    pin = pin_refusals(facts, command, PROOF_FOR.get(operation))
    return (*card, *pin) if pin else (*card, *_refusals(facts, _account(facts, patron), operation))


def ends_here(found: Iterable[Refusal]) -> bool:
    """Whether who asks is not known well enough to be told more."""
    return any(one.reason in (Reason.UNKNOWN_PATRON, Reason.PIN_REQUIRED, Reason.PIN_WRONG) for one in found)


def pin_refusals(facts: Facts, command: object, what: ProofFor | None) -> tuple[Refusal, ...]:
    """Empty when the PIN is right or not asked for `what`; an account may only tighten the library's rule.

    What a machine has already done without us is never refused for a PIN.
    """
    proof = getattr(command, "pin", PinProof.RIGHT)
    by = facts.asked_by
    if by.trusts_patron or by.channel in VOUCHED or (by.offline and getattr(command, "happened", None)):
        return ()
    if proof is PinProof.RIGHT or not (by.pin_always or what in facts.policy.access.pin_for):
        return ()
    return (Refusal(reason=Reason.PIN_REQUIRED if proof is PinProof.ABSENT else Reason.PIN_WRONG),)


def items_limit(facts: Facts, patron: PatronFacts) -> int | None:
    """How many items the patron may have out, when one limit covers all that the library lends."""
    policy = _policy(facts, patron)
    row = policy.loan_row(circumstances(facts, policy, "checkout", patron=patron.patron))
    covers_all = row.counted_in is not None and policy.counts_everything(row.counted_in)
    return row.max_items if covers_all else None


def debt_limit(facts: Facts, patron: PatronFacts) -> Money | None:
    """The debt from which the library bars this patron from something, if there is one."""
    policy = _policy(facts, patron)
    asked = circumstances(facts, policy, "patron_info", patron=patron.patron)
    far_over = Account(debt=Money(_ABOVE_EVERY_LIMIT, policy.currency))
    limits = (block.row.when.debt_from for block in policy.blocks(asked, far_over))
    return min((limit for limit in limits if limit), default=None)


def remember_debt_blocks(facts: Facts, patron: PatronFacts, debt_after: Money) -> tuple[Change, ...]:
    """What a payment or credit that lowers the debt to `debt_after` does to blocks which lift late.

    A row with `lifts_below` stands on until the debt is below it. That the limit was once reached cannot be read off
    the account, so it is kept as a block of reason `debt_limit`, with the row as its note.
    """
    remembered = {block.note: block.id for block in patron.blocks if block.reason == Reason.DEBT_LIMIT}
    before = _policy_blocks(facts, patron, _account_of(facts, patron), remembered)
    names = frozenset(block.row.id for block in before)
    after = _policy_blocks(facts, patron, Account(debt=debt_after), names)
    late = {block.row.id: block for block in after if block.row.lifts_below and block.row.threshold == "debt"}
    added = [AddBlock(block=_memory(facts, patron.patron, late[name])) for name in late if name not in remembered]
    over = tuple(number for name, number in remembered.items() if name not in late)
    lifted = [LiftBlocks(patron=patron.patron.id, at=facts.now, blocks=over)] if over else []
    return (*added, *lifted)


# ---- card ---------------------------------------------------------------------


def _card(facts: Facts, patron: PatronFacts) -> Iterator[Stopped]:
    person = patron.patron
    policy = _policy(facts, patron)
    today = policy.time.today(facts.now)
    if person.card_state is CardState.LOST:
        yield Stopped(Refusal(reason=Reason.CARD_LOST), WITH_CARD)
    if person.expires is not None and person.expires < today:
        yield Stopped(Refusal(reason=Reason.CARD_EXPIRED, day=person.expires), LENDING)
    if person.card_state is CardState.UNLINKED:
        yield Stopped(Refusal(reason=Reason.CARD_UNLINKED), LENDING)
    if _lacks_signature(policy, person, today):
        yield Stopped(Refusal(reason=Reason.GUARDIAN_MISSING, row=policy.access.id), LENDING)


def _lacks_signature(policy: Policy, patron: Patron, today: date) -> bool:
    """A minor's guardian has not signed, or the patron has not accepted the rules; an unknown age is a minor's."""
    of_age = is_old_enough(age_on(patron.birth_date, today), policy.access.consent_below_age)
    unaccepted = policy.access.needs_accepted_rules and not patron.rules_accepted
    return unaccepted or not (of_age or patron.guardian_consent)


# ---- blocks -------------------------------------------------------------------


def _account(facts: Facts, patron: PatronFacts) -> Iterator[Stopped]:
    """By hand, then debt, then whatever else."""
    yield from _by_hand(facts, patron, Reason.MANUAL_BLOCK)
    account = _account_of(facts, patron)
    remembered = (block.note for block in patron.blocks if block.reason == Reason.DEBT_LIMIT)
    derived = [_derived(account, block) for block in _policy_blocks(facts, patron, account, remembered)]
    yield from sorted(derived, key=lambda one: one.refusal.reason is not Reason.DEBT_LIMIT)
    yield from _by_hand(facts, patron, Reason.SUSPENDED)


def _by_hand(facts: Facts, patron: PatronFacts, reason: Reason) -> Iterator[Stopped]:
    """All blocks of one reason as one: what any of them stops, for as long as the longest lasts."""
    today = _policy(facts, patron).time.today(facts.now)
    blocks = [block for block in patron.blocks if block.reason == reason and _lasts(block, today)]
    if not blocks:
        return
    days = [block.until for block in blocks if block.until]
    until = max(days) if len(days) == len(blocks) else None
    stops = frozenset[Operation]().union(*(block.stops for block in blocks))
    yield Stopped(Refusal(reason=reason, day=until), with_implied(stops))


def _lasts(block: Block, today: date) -> bool:
    return block.until is None or block.until >= today


def _policy_blocks(
    facts: Facts, patron: PatronFacts, account: Account, stood_before: Iterable[str]
) -> tuple[PolicyBlock, ...]:
    policy = _policy(facts, patron)
    asked = circumstances(facts, policy, "patron_info", patron=patron.patron)
    return policy.blocks(asked, account, frozenset(stood_before))


def _account_of(facts: Facts, patron: PatronFacts) -> Account:
    loans = [one.loan for one in patron.loans]
    return Account(
        debt=owed(facts, patron).total,
        overdue_items=sum(is_overdue(loan, facts.now) and not loan.claimed_returned for loan in loans),
        items_out=len(loans),
        billed_items=sum(loan.billed_on is not None for loan in loans),
    )


def _derived(account: Account, block: PolicyBlock) -> Stopped:
    counts = {
        "overdue_items": account.overdue_items,
        "billed_items": account.billed_items,
        "items_out": account.items_out,
    }
    threshold = block.row.threshold
    refusal = Refusal(
        reason=REASONS[threshold],
        amount=account.debt if threshold == "debt" else None,
        limit=block.row.when.debt_from,
        count=counts.get(threshold),
        row=block.row.id,
    )
    return Stopped(refusal, operations(block.stops))


def _memory(facts: Facts, patron: Patron, block: PolicyBlock) -> Block:
    return Block(
        id=BlockId(next(facts.ids)),
        library=patron.library,
        patron=patron.id,
        stops=operations(block.stops),
        note=block.row.id,
        since=facts.now,
        reason=Reason.DEBT_LIMIT.value,
    )


# ---- small parts ----------------------------------------------------------------

_OF_FULL = frozenset({Operation.CHECKOUT, Operation.COLLECT})
_ABOVE_EVERY_LIMIT = 10**15  # øre


def _policy(facts: Facts, patron: PatronFacts) -> Policy:
    """Of the library whose patron this is; today's."""
    return facts.policies.of(patron.patron.library, facts.now)


def _is_full(facts: Facts, patron: PatronFacts) -> bool:
    limit = items_limit(facts, patron)
    return limit is not None and len(patron.loans) >= limit


def _has(found: Iterable[Stopped], reason: Reason) -> bool:
    return any(one.refusal.reason is reason for one in found)


def _refusals(facts: Facts, found: Iterable[Stopped], operation: Operation) -> tuple[Refusal, ...]:
    """Those that stop the operation; on the web, a block of the web stops everything."""
    web = {Operation.WEB} if facts.asked_by.channel is Channel.WEB else set[Operation]()
    return tuple(one.refusal for one in found if one.stops & ({operation} | web))
