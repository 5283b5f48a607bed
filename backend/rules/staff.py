"""What people at the desk do to an account: block it, unblock it, put a fee on it."""

from backend.changes import AddBlock, AddCharge, Change, LiftBlocks, MarkCards
from backend.facts import Decision, Facts, PatronFacts
from backend.model import Block, BlockId, CardState, Charge, ChargeId, FeeKind, ItemState, Operation
from backend.money import MINOR_PER_MAJOR, Money
from backend.outcomes import Done, Reason, Refusal
from backend.rules.answers import about, refuse_stranger, refused
from backend.rules.losses import taken_away
from backend.rules.payment import unusable
from backend.staff_commands import BlockPatron, ChargePatron, UnblockPatron

USUAL_STOPS = frozenset({Operation.CHECKOUT, Operation.RENEWAL, Operation.HOLD})
LIFTED = frozenset({Reason.MANUAL_BLOCK, Reason.SUSPENDED})  # what the account itself says stands on
HIGHEST_CHARGE = 1_000_000 * MINOR_PER_MAJOR  # that a person posts in one go
BY_STAFF = "staff"  # in place of the policy row that made a charge


def block_patron(facts: Facts, command: BlockPatron) -> Decision:
    """One more block by hand; one that is over already would stop nobody."""
    who, strangers = facts.patron, refuse_stranger(facts)
    if who is None or strangers:
        return refused(facts, strangers)
    if command.until is not None and command.until < facts.policy.time.today(facts.now):
        return refused(facts, (Refusal(reason=Reason.DAY_PASSED, day=command.until),))
    made = Block(
        id=BlockId(next(facts.ids)),
        library=who.patron.library,
        patron=who.patron.id,
        stops=command.stops or USUAL_STOPS,
        note=command.note,
        since=facts.now,
        until=command.until,
        reason=Reason.MANUAL_BLOCK.value,
    )
    return Decision(outcome=Done(at=facts.now, about=about(facts)), changes=(AddBlock(block=made),))


def unblock_patron(facts: Facts, command: UnblockPatron) -> Decision:
    """Blocks by hand and suspensions end, and a lost card is valid again; blocks for debt end by paying."""
    who, strangers = facts.patron, refuse_stranger(facts)
    if who is None or strangers:
        return refused(facts, strangers)
    numbers = tuple(block.id for block in who.blocks if block.reason in LIFTED)
    changes: list[Change] = []
    if numbers:
        changes.append(LiftBlocks(patron=who.patron.id, at=facts.now, blocks=numbers))
    if who.patron.card_state is CardState.LOST:
        changes.append(MarkCards(patron=who.patron.id, lost=False, also=command.patron))
    return Decision(outcome=Done(at=facts.now, about=about(facts)), changes=tuple(changes))


def charge_patron(facts: Facts, command: ChargePatron) -> Decision:
    """A fee that a person has set, for an item or for nothing in particular."""
    who, strangers = facts.patron, refuse_stranger(facts)
    if who is None or strangers:
        return refused(facts, strangers)
    if command.item is not None and facts.item is None:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_ITEM),))
    policy = facts.policies.of(who.patron.library, facts.now)
    wrong = unusable(policy, command.amount) or _slip(command.amount)
    if wrong:
        return refused(facts, (wrong,))
    charge = _charge(facts, who, command, policy.hash)
    outcome = Done(at=facts.now, about=about(facts), charge=charge.id, fee=charge.amount)
    return Decision(outcome=outcome, changes=(AddCharge(charge=charge), *_kept_back(facts, command)))


def _slip(amount: Money) -> Refusal | None:
    """No fee is as high as this: a key was held down, or a barcode was read into the field."""
    highest = Money(HIGHEST_CHARGE, amount.currency)
    return Refusal(reason=Reason.CHARGE_TOO_HIGH, limit=highest) if amount > highest else None


def _kept_back(facts: Facts, command: ChargePatron) -> tuple[Change, ...]:
    """A damaged item that is back does not go on the shelf again."""
    what = facts.item
    if what is None or what.loan is not None or command.kind is not FeeKind.DAMAGE:
        return ()
    return taken_away(what, ItemState.DAMAGED)


def _charge(facts: Facts, who: PatronFacts, command: ChargePatron, policy: str) -> Charge:
    what = facts.item
    loan = what.loan if what else None
    return Charge(
        id=ChargeId(next(facts.ids)),
        library=who.patron.library,
        patron=who.patron.id,
        kind=command.kind,
        amount=command.amount,
        owed=command.amount,
        raised=facts.now,
        row=BY_STAFF,
        policy=policy,
        loan=loan.id if loan and loan.patron == who.patron.id else None,
        item=what.item.id if what else None,
        title=what.item.title if what else "",
        barcode=what.item.barcode if what else "",
        note=command.note,
    )
