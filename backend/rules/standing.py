"""What stops a patron now, and why: card, blocks by hand, blocks that the policy derives from the account.

The source of SIP2's patron status, of NCIP's blocks, and of the patron part of every rule (C-20).
"""

from collections.abc import Iterable, Iterator
from datetime import date

from backend.changes import AddBlock, Change, LiftBlocks
from backend.commands import PinProof
from backend.facts import Facts, PatronFacts
from backend.model import Block, BlockId, CardState, Channel, Operation, Patron
from backend.money import Money
from backend.once import once
from backend.outcomes import Reason, Refusal, Standing
from backend.policy.dates import age_on, is_old_enough
from backend.policy.facts import Account
from backend.policy.facts import Facts as Circumstances
from backend.policy.model import Policy, PolicyBlock, those_that_stand
from backend.policy.rows import Threshold
from backend.policy.sections import ProofFor
from backend.rules.circumstances import circumstances
from backend.rules.debt import Fines, Owed, fines_owed, is_overdue, owed
from backend.rules.stops import LENDING, WITH_CARD, operations, with_implied
from backend.value import value

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
NOTHING_STOPS = Standing()
VOUCHED = frozenset({Channel.JOB})  # nobody stands there to be asked; a partner vouches by `trusts_patron` (C-18)


@value(frozen=True, slots=True)
class Stopped:
    """One reason, and what it stops."""

    refusal: Refusal
    stops: frozenset[Operation]


@value(frozen=True)
class PatronNow:
    """A known patron at this moment; what the policy makes of card and account is worked out once, when asked for."""

    facts: Facts
    patron: PatronFacts

    @once
    def policy(self) -> Policy:
        """Of the library whose patron this is; today's."""
        return self.facts.policies.of(self.patron.patron.library, self.facts.now)

    @once
    def today(self) -> date:
        return self.policy.time.today(self.facts.now)

    @once
    def asked(self) -> Circumstances:
        """The patron's side alone: what stops a patron stops every item."""
        return circumstances(self.facts, self.policy, "patron_info", patron=self.patron.patron)

    @once
    def owed(self) -> Owed:
        """Running fines included (C-09, C-11)."""
        return owed(self.facts, self.patron, self.fines)

    @once
    def fines(self) -> Fines:
        """Of overdue loans, as they run today (C-09)."""
        return fines_owed(self.facts, self.patron)

    @once
    def account(self) -> Account:
        """What the `block` table is asked with; loans that were claimed returned are not overdue."""
        loans = [one.loan for one in self.patron.loans]
        now = self.facts.now
        return Account(
            debt=self.owed.total,
            overdue_items=sum(is_overdue(loan, now) and not loan.claimed_returned for loan in loans),
            items_out=len(loans),
            billed_items=sum(loan.billed_on is not None for loan in loans),
        )

    @once
    def possible_blocks(self) -> tuple[PolicyBlock, ...]:
        """Those of the policy, whatever the account says."""
        return self.policy.possible_blocks(self.asked)

    @once
    def card_stops(self) -> tuple[Stopped, ...]:
        return tuple(_card(self))

    @once
    def account_stops(self) -> tuple[Stopped, ...]:
        return tuple(_account(self))

    @once
    def standing(self) -> Standing:
        """Everything that stands against the patron, gravest first."""
        found = self.card_stops + self.account_stops
        if not found and not self.is_full:
            return NOTHING_STOPS
        over = _has(found, Reason.DEBT_LIMIT)
        return Standing(
            stops=frozenset[Operation]().union(*(one.stops for one in found), _OF_FULL if self.is_full else ()),
            reasons=tuple(one.refusal for one in found),
            card_lost=self.patron.patron.card_state is CardState.LOST,
            fines_over=over and bool(self.owed.fines),
            fees_over=over and bool(self.owed.fees),
            too_many_items=self.is_full or _has(found, Reason.TOO_MANY_ITEMS),
            too_many_overdue=_has(found, Reason.TOO_MANY_OVERDUE),
            too_many_billed=_has(found, Reason.TOO_MANY_BILLED),
        )

    @once
    def items_limit(self) -> int | None:
        """How many items the patron may have out, when one limit covers all that the library lends."""
        row = self.policy.loan_row(self.asked._replace(op="checkout"))
        covers_all = row.counted_in is not None and self.policy.counts_everything(row.counted_in)
        return row.max_items if covers_all else None

    @property
    def is_full(self) -> bool:
        """Whether another loan would pass the library's limit."""
        return self.items_limit is not None and len(self.patron.loans) >= self.items_limit

    @property
    def debt_limit(self) -> Money | None:
        """The debt from which the library bars this patron from something, if there is one."""
        limits = (block.row.when.debt_from for block in self.possible_blocks)
        return min((limit for limit in limits if limit), default=None)


def refusals(facts: Facts, command: object, operation: Operation) -> tuple[Refusal, ...]:
    """The patron part of C-20 for one operation: card, PIN, blocks. Nothing is looked at behind an unknown patron or
    a failed PIN: the caller stops too when `ends_here` says so.
    """
    if facts.patron is None:
        return (Refusal(reason=Reason.UNKNOWN_PATRON),)
    who = PatronNow(facts, facts.patron)
    card = _refusals(facts, who.card_stops, operation)
    pin = pin_refusals(facts, command, PROOF_FOR.get(operation))
    return (*card, *pin) if pin else (*card, *_refusals(facts, who.account_stops, operation))


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


def remember_debt_blocks(facts: Facts, patron: PatronFacts, debt_after: Money) -> tuple[Change, ...]:
    """What a payment or credit that lowers the debt to `debt_after` does to blocks which lift late.

    A row with `lifts_below` stands on until the debt is below it. That the limit was once reached cannot be read off
    the account, so it is kept as a block of reason `debt_limit`, with the row as its note.
    """
    remembered = {block.note: block.id for block in patron.blocks if block.reason == Reason.DEBT_LIMIT}
    who = PatronNow(facts, patron)
    before = those_that_stand(who.possible_blocks, who.account, remembered)
    names = frozenset(block.row.id for block in before)
    after = those_that_stand(who.possible_blocks, Account(debt=debt_after), names)
    late = {block.row.id: block for block in after if block.row.lifts_below and block.row.threshold == "debt"}
    added = [AddBlock(block=_memory(facts, patron.patron, late[name])) for name in late if name not in remembered]
    over = tuple(number for name, number in remembered.items() if name not in late)
    lifted = [LiftBlocks(patron=patron.patron.id, at=facts.now, blocks=over)] if over else []
    return (*added, *lifted)


# ---- card ---------------------------------------------------------------------


def _card(who: PatronNow) -> Iterator[Stopped]:
    person, policy, today = who.patron.patron, who.policy, who.today
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


def _account(who: PatronNow) -> Iterator[Stopped]:
    """By hand, then debt, then whatever else."""
    yield from _by_hand(who, Reason.MANUAL_BLOCK)
    yield from sorted(_by_policy(who), key=lambda one: one.refusal.reason is not Reason.DEBT_LIMIT)
    yield from _by_hand(who, Reason.SUSPENDED)


def _by_policy(who: PatronNow) -> list[Stopped]:
    """What the policy derives from the account, in the order of its rows."""
    if not who.possible_blocks:
        return []
    remembered = frozenset(block.note for block in who.patron.blocks if block.reason == Reason.DEBT_LIMIT)
    standing = those_that_stand(who.possible_blocks, who.account, remembered)
    return [_derived(who.account, block) for block in standing]


def _by_hand(who: PatronNow, reason: Reason) -> Iterator[Stopped]:
    """All blocks of one reason as one: what any of them stops, for as long as the longest lasts."""
    blocks = [block for block in who.patron.blocks if block.reason == reason and _lasts(block, who.today)]
    if not blocks:
        return
    days = [block.until for block in blocks if block.until]
    until = max(days) if len(days) == len(blocks) else None
    stops = frozenset[Operation]().union(*(block.stops for block in blocks))
    yield Stopped(Refusal(reason=reason, day=until), with_implied(stops))


def _lasts(block: Block, today: date) -> bool:
    return block.until is None or block.until >= today


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


def _has(found: Iterable[Stopped], reason: Reason) -> bool:
    return any(one.refusal.reason is reason for one in found)


def _refusals(facts: Facts, found: Iterable[Stopped], operation: Operation) -> tuple[Refusal, ...]:
    """Those that stop the operation; on the web, a block of the web stops everything."""
    web = {Operation.WEB} if facts.asked_by.channel is Channel.WEB else set[Operation]()
    return tuple(one.refusal for one in found if one.stops & ({operation} | web))
