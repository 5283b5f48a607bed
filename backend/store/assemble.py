"""From the rows of the facts statement to the frozen facts that rules are given; lists in stable order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from backend.clock import from_epoch
from backend.commands import PayFee
from backend.facts import Facts, HoldFacts, ItemFacts, LastAct, LoanFacts, PatronFacts
from backend.journal import Unreadable, read_outcome
from backend.model import Block, Charge, HoldState, Item, LibraryId, Loan, PatronId
from backend.money import Money
from backend.outcomes import Outcome
from backend.repeats import (
    Act,
    Booked,
    asks_fee,
    asks_late_payments,
    is_booked,
    refuse_taken_number,
    same_meaning,
    same_payment,
    same_transaction,
    still_true,
)
from backend.store.asking import Asked
from backend.store.errors import StoreCorrupt
from backend.store.journal_parts import ACT
from backend.store.needs import Part
from backend.store.order_assemble import order_facts
from backend.store.partner_assemble import partner_facts
from backend.store.rows import BLOCK, CHARGE, HOLD, ITEM, LOAN, PATRON
from backend.store.statement import Row
from backend.value import value

Rows = Mapping[str, list[Row]]
NONE: list[Row] = []
LOAN_WIDTH = len(LOAN.columns)
HOLD_WIDTH = len(HOLD.columns)
ACT_WIDTH = len(ACT)


@value(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What was read. `repeat`: this was answered before, write nothing. `refused`: it cannot be what it says it is."""

    facts: Facts
    repeat: Outcome | None = None
    refused: Outcome | None = None


def assemble(asked: Asked, rows: Rows, ids: Iterator[int]) -> Gathered:
    """Facts, and what the journal knows of this request."""
    facts = Facts(
        now=asked.now,
        asked_by=asked.asked_by,
        policies=asked.policies,
        patron=patron_facts(rows),
        item=item_facts(rows),
        partner=partner_facts(rows),
        order=order_facts(rows),
        holder=next((PatronId(row[0]) for row in rows.get(Part.HOLDER, NONE)), None),
        ids=ids,
    )
    booked = rows.get(Part.SAME_TRANSACTION, NONE)
    if booked and isinstance(asked.command, PayFee):
        first = read_booked(booked[0])
        if is_booked(asked.command, facts.patron, first):
            return Gathered(facts=facts, repeat=first.outcome)
        return Gathered(facts=facts, refused=refuse_taken_number(facts.patron, asked.now))
    for row in rows.get(Part.SAME_REFERENCE, NONE):
        return gathered_reference(asked, facts, act_of(row))
    if asks_late_payments(asked.command):
        return gathered_payment(asked, facts, rows)
    return Gathered(facts=facts, repeat=first_answer(asked, facts, rows))


def gathered_reference(asked: Asked, facts: Facts, first: Act) -> Gathered:
    """A number that a charge or a remission has: the same again, or something else under it."""
    patron = facts.patron.patron.id if facts.patron else None
    if same_transaction(asked.command, patron, first):
        return Gathered(facts=facts, repeat=first.outcome)
    return Gathered(facts=facts, refused=refuse_taken_number(facts.patron, asked.now))


def gathered_payment(asked: Asked, facts: Facts, rows: Rows) -> Gathered:
    """Money without a number of its own: the same again where that is sure, else the rules hear that it may be."""
    again = first_answer(asked, facts, rows)
    late = sorted(readable(rows.get(Part.LATE_PAYMENTS, NONE)), key=lambda act: act.journal, reverse=True)
    patron, account = facts.patron.patron.id if facts.patron else None, asked.asked_by.account
    if again is None and asks_fee(asked.command, asked.key, asked.now):
        first = same_payment(asked.command, account, patron, late)
        again = first.outcome if first else None
    alike = any(act.account == account and same_meaning(asked.command, patron, act) for act in late)
    return Gathered(facts=replace(facts, paid_alike=alike), repeat=again)


def first_answer(asked: Asked, facts: Facts, rows: Rows) -> Outcome | None:
    """The outcome of the same request when it came the first time."""
    for row in rows.get(Part.SAME_FRAME, NONE):
        return answered(row)
    for row in rows.get(Part.SAME_REQUEST, NONE):
        first = answered(row)
        return first if still_true(asked.command, facts, first) else None
    patron = facts.patron.patron.id if facts.patron else None
    for part in (Part.SAME_MEANING, Part.SAME_WISH):
        for act in readable(rows.get(part, NONE)):
            if same_meaning(asked.command, patron, act):
                return act.outcome
    return None


# ---- the patron ----------------------------------------------------------------


def patron_facts(rows: Rows) -> PatronFacts | None:
    found = rows.get(Part.PATRON, NONE)
    if not found:
        return None
    return PatronFacts(
        patron=PATRON.read(found[0]),
        loans=patron_loans(rows),
        charges=in_order(rows.get(Part.CHARGES, NONE)),
        blocks=patron_blocks(rows.get(Part.BLOCKS, NONE)),
        holds=patron_holds(rows),
    )


def patron_blocks(rows: Sequence[Row]) -> tuple[Block, ...]:
    """Oldest first."""
    return tuple(sorted(map(BLOCK.read, rows), key=lambda block: (block.since, block.id))) if rows else ()


def patron_loans(rows: Rows) -> tuple[LoanFacts, ...]:
    """By due instant."""
    lent = rows.get(Part.PATRON_LOANS, NONE)
    if not lent:
        return ()
    waiting = holds_by_title(rows.get(Part.LOANS_HOLDS, NONE))
    found = []
    for row in lent:
        item = ITEM.read(row[LOAN_WIDTH:])
        found.append(LoanFacts(loan=LOAN.read(row), item=item, holds=waiting.get(item.title_id, ())))
    return tuple(sorted(found, key=lambda facts: (facts.loan.due, facts.loan.id)))


def holds_by_title(rows: Sequence[Row]) -> dict[int, tuple[HoldFacts, ...]]:
    titles: dict[int, list[HoldFacts]] = defaultdict(list)
    for hold in sorted(map(HOLD.read, rows), key=lambda hold: (hold.placed, hold.id)):
        titles[hold.title_id].append(HoldFacts(hold=hold))
    return {title: tuple(holds) for title, holds in titles.items()}


def patron_holds(rows: Rows) -> tuple[HoldFacts, ...]:
    """In the order in which they were placed."""
    placed = rows.get(Part.PATRON_HOLDS, NONE)
    if not placed:
        return ()
    found = []
    for row in placed:
        hold = HOLD.read(row)
        title, barcode, owner, ahead = row[HOLD_WIDTH:]
        position = ahead + 1 if hold.state is HoldState.WAITING else None
        found.append(HoldFacts(hold=hold, title=title, barcode=barcode, owner=LibraryId(owner), position=position))
    return tuple(sorted(found, key=lambda facts: (facts.hold.placed, facts.hold.id)))


# ---- the item ------------------------------------------------------------------


def item_facts(rows: Rows) -> ItemFacts | None:
    found = rows.get(Part.ITEM, NONE)
    if not found:
        return None
    out = rows.get(Part.LOAN, NONE)
    return ItemFacts(
        item=ITEM.read(found[0]),
        loan=LOAN.read(out[0]) if out else None,
        borrower=PATRON.read(out[0][LOAN_WIDTH:]) if out else None,
        holds=queue(rows.get(Part.QUEUE, NONE)),
        shelf=on_the_shelf(rows.get(Part.SHELF, NONE)),
        charges=in_order(rows.get(Part.LOAN_CHARGES, NONE)),
        last=last_act(rows.get(Part.LAST, NONE)),
        last_loan=last_loan(rows.get(Part.LAST_LOAN, NONE)),
        last_charges=in_order(rows.get(Part.LAST_CHARGES, NONE)),
        lent_last=next((row[1] for row in rows.get(Part.LENT_LAST, NONE)), None),
    )


def queue(rows: Sequence[Row]) -> tuple[HoldFacts, ...]:
    """First come, first served; only those that still wait have a position."""
    if not rows:
        return ()
    ordered = sorted(((HOLD.read(row), row[HOLD_WIDTH:]) for row in rows), key=lambda one: (one[0].placed, one[0].id))
    found = []
    position = 0
    for hold, (barcode, card, family, given, barred) in ordered:
        waits = hold.state is HoldState.WAITING
        position += waits
        found.append(
            HoldFacts(
                hold=hold,
                barcode=barcode,
                position=position if waits else None,
                patron_card=card or "",
                patron_name=f"{given} {family}".strip(),
                barred=bool(barred),
            )
        )
    return tuple(found)


def on_the_shelf(rows: Sequence[Row]) -> tuple[Item, ...]:
    return tuple(sorted(map(ITEM.read, rows), key=lambda item: item.id)) if rows else ()


def last_loan(rows: Sequence[Row]) -> Loan | None:
    return LOAN.read(rows[0]) if rows else None


def in_order(rows: Sequence[Row]) -> tuple[Charge, ...]:
    """Charges, oldest first."""
    return tuple(sorted(map(CHARGE.read, rows), key=lambda charge: (charge.raised, charge.id))) if rows else ()


# ---- the journal ---------------------------------------------------------------


def answered(row: Row) -> Outcome:
    """What was answered to this very request. Raises StoreCorrupt."""
    return act_of(row).outcome


def act_of(row: Row) -> Act:
    """What was done. Raises StoreCorrupt: to do it once more is worse than to say no."""
    try:
        return read_act(row)
    except Unreadable as why:
        raise StoreCorrupt(f"row {row[0]} of the journal cannot be read: {why}") from None


def readable(rows: Iterable[Row]) -> Iterator[Act]:
    """Rows that are damaged tell nothing."""
    for row in rows:
        try:
            yield read_act(row)
        except Unreadable:
            continue


def read_act(row: Row) -> Act:
    """Raises Unreadable."""
    number, at, account, command, patron, granted, asked, answer, outcome = row[:ACT_WIDTH]
    return Act(
        journal=number,
        at=from_epoch(at),
        account=account,
        command=command,
        patron=patron,
        granted=bool(granted),
        asked=asked,
        outcome=read_outcome(answer, outcome),
    )


def last_act(rows: Sequence[Row]) -> LastAct | None:
    act = next(readable(rows), None)
    if act is None:
        return None
    return LastAct(
        journal=act.journal,
        at=act.at,
        account=act.account,
        command=act.command,
        patron=act.patron,
        granted=act.granted,
        outcome=act.outcome,
    )


def read_booked(row: Row) -> Booked:
    patron, minor, currency = row[ACT_WIDTH:]
    return Booked(outcome=answered(row), patron=PatronId(patron), amount=Money(minor, currency))
