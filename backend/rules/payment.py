"""Money for fees: which lines it settles and how far, or why it cannot be booked; and fees that staff let go.

The asker has taken the money before it asks, so a payment that is refused always leaves a note for staff.
Source: sip2.md 7.10, policies C-09 and C-11.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from backend.changes import AddPayment, Change, PutLoan, SettleCharge
from backend.commands import PayFee, PinProof
from backend.facts import Decision, Facts, PatronFacts
from backend.model import Charge, Payment, PaymentId
from backend.money import Money, total
from backend.outcomes import Done, FeePaid, Reason, Refusal
from backend.policy.model import Policy
from backend.rules.answers import about, note_for_staff, refuse_stranger, refused
from backend.rules.debt import debt
from backend.rules.open_fees import OpenFee, open_fees
from backend.rules.standing import remember_debt_blocks
from backend.staff_commands import WaiveFee
from backend.value import value


@value(frozen=True, slots=True)
class Part:
    """So much of one line; never nothing, never more than it owes."""

    fee: OpenFee
    amount: Money


# ---- paying -------------------------------------------------------------------


def pay(facts: Facts, command: PayFee) -> Decision:
    """Book the money, oldest line first, or the named one, or those of a kind before the others."""
    found = _refusals(facts, command)
    if found or facts.patron is None:
        return _turned_down(facts, command, found)
    who = facts.patron
    parts = _spread(command.amount, _in_turn(facts, who, command))
    booked = _sum(parts, command.amount.currency)
    after = debt(facts, who) - booked
    payment = _payment(facts, who, command)
    settled = tuple(_settled(facts, part, payment=payment.id) for part in parts)
    notes = tuple(_note(facts, command, reason) for reason in _doubts(facts, command, booked))
    return Decision(
        outcome=FeePaid(
            at=facts.now,
            about=about(facts),
            payment=payment.id,
            amount=command.amount,
            owed=after,
            transaction=command.transaction,
        ),
        changes=(AddPayment(payment=payment), *settled, *remember_debt_blocks(facts, who, after), *notes),
    )


def _refusals(facts: Facts, command: PayFee) -> tuple[Refusal, ...]:
    who, strangers = facts.patron, refuse_stranger(facts)
    if who is None or strangers:
        return strangers
    if command.pin in (PinProof.WRONG, PinProof.LOCKED) and not facts.asked_by.trusts_patron:
        return (Refusal(reason=Reason.PIN_WRONG),)
    wrong = unusable(_policy(facts, who), command.amount)
    if wrong:
        return (wrong,)
    lines = open_fees(facts, who)
    meant = _named(lines, command.fee) if command.fee else lines
    if command.fee and not meant:
        return (Refusal(reason=Reason.UNKNOWN_FEE),)
    too_high = None if facts.asked_by.may_overpay else _too_high(command.amount, meant)
    return (too_high,) if too_high else ()


def _doubts(facts: Facts, command: PayFee, booked: Money) -> Iterator[Reason]:
    """What staff look into though the money is booked."""
    if booked < command.amount:
        yield Reason.AMOUNT_TOO_HIGH
    if facts.paid_alike:
        yield Reason.PAID_ALIKE


def _in_turn(facts: Facts, who: PatronFacts, command: PayFee) -> tuple[OpenFee, ...]:
    """The lines in the order in which money reaches them. What is meant comes first, the rest oldest first."""
    lines = open_fees(facts, who)
    named = _named(lines, command.fee) if command.fee else ()
    meant = named or tuple(line for line in lines if line.kind is command.kind)
    return (*meant, *(line for line in lines if line not in meant))


def _payment(facts: Facts, who: PatronFacts, command: PayFee) -> Payment:
    return Payment(
        id=PaymentId(next(facts.ids)),
        library=who.patron.library,
        patron=who.patron.id,
        account=facts.asked_by.account,
        amount=command.amount,
        method=command.method,
        received=facts.now,
        transaction=command.transaction,
    )


def _turned_down(facts: Facts, command: PayFee, found: tuple[Refusal, ...]) -> Decision:
    decision = refused(facts, found)
    return replace(decision, changes=(_note(facts, command, found[0].reason),))


def _note(facts: Facts, command: PayFee, reason: Reason) -> Change:
    """Money that somebody has and that is not booked against a fee, with what finds it again."""
    told = (command.amount.text(), command.amount.currency, command.fee, command.transaction)
    return note_for_staff(facts, reason, text=" ".join(word for word in told if word))


# ---- letting go ---------------------------------------------------------------


def waive(facts: Facts, command: WaiveFee) -> Decision:
    """A fee is let go, whole or in part. What is let go of a running fine is off the fine that is fixed later."""
    who, strangers = facts.patron, refuse_stranger(facts)
    if who is None or strangers:
        return refused(facts, strangers)
    lines = _named(open_fees(facts, who), command.fee)
    if not lines:
        return refused(facts, (Refusal(reason=Reason.UNKNOWN_FEE),))
    policy = _policy(facts, who)
    amount = _owed(lines) if command.amount is None else command.amount
    wrong = unusable(policy, amount) or _too_high(amount, lines)
    if wrong:
        return refused(facts, (wrong,))
    let_go = tuple(_settled(facts, part, why=command.note or "waived") for part in _spread(amount, lines))
    after = debt(facts, who) - amount
    return Decision(
        outcome=Done(at=facts.now, about=about(facts), waived=amount),
        changes=(*let_go, *remember_debt_blocks(facts, who, after)),
    )


# ---- what both have in common ---------------------------------------------------


def unusable(policy: Policy, amount: Money) -> Refusal | None:
    """Why a fee or a payment cannot be of this amount: the library's own currency, more than nothing."""
    if amount.currency != policy.currency:
        return Refusal(reason=Reason.WRONG_CURRENCY)
    return None if amount.minor > 0 else Refusal(reason=Reason.AMOUNT_INVALID)


def _too_high(amount: Money, lines: Iterable[OpenFee]) -> Refusal | None:
    owed = total((line.owed for line in lines), amount.currency)
    return Refusal(reason=Reason.AMOUNT_TOO_HIGH, amount=owed) if amount > owed else None


def _named(lines: Iterable[OpenFee], name: str) -> tuple[OpenFee, ...]:
    """The line of that id, or every line on the invoice of that number."""
    known = tuple(lines)
    return tuple(line for line in known if line.id == name) or tuple(line for line in known if line.kid == name)


def _spread(amount: Money, lines: Iterable[OpenFee]) -> tuple[Part, ...]:
    """One line after the other, as far as the money reaches."""
    parts: list[Part] = []
    left = amount
    for line in lines:
        share = min(left, line.owed)
        if not share:
            break
        parts.append(Part(line, share))
        left -= share
    return tuple(parts)


def _settled(facts: Facts, part: Part, payment: int | None = None, why: str = "") -> Change:
    of = part.fee.of
    if isinstance(of, Charge):
        return SettleCharge(charge=of.id, amount=part.amount, at=facts.now, payment=payment, why=why)
    return PutLoan(loan=replace(of.loan, fine_paid=of.loan.fine_paid + part.amount))


def _sum(parts: Iterable[Part], currency: str) -> Money:
    return total((part.amount for part in parts), currency)


def _owed(lines: tuple[OpenFee, ...]) -> Money:
    return total((line.owed for line in lines), lines[0].owed.currency)


def _policy(facts: Facts, who: PatronFacts) -> Policy:
    """Of the library that is owed; its currency is the only one it takes."""
    return facts.policies.of(who.patron.library, facts.now)
