"""Accounts of people whom a command concerns beside its patron: who had a copy, who wait for it, a double.

Read only where a policy, or a block by hand, makes the answer hang on them: almost every return does without.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam, select, text

from backend.commands import CheckIn, Command, UndoCheckOut
from backend.facts import Facts, HoldFacts, ItemFacts, LoanFacts, PatronFacts, Policies
from backend.model import HoldState, PatronId
from backend.people_commands import MergePatrons, RecordConsent
from backend.staff_commands import Found
from backend.store.lock import Locks
from backend.store.rows import BLOCK, CHARGE, HOLD, ITEM, LOAN, PATRON
from backend.store.seams import Reads
from backend.store.statement import Scalar, Statement
from backend.tables import blocks, charges, holds, items, loans, patrons, titles

RETURNS = (CheckIn, Found, UndoCheckOut)  # what may take an item back
LOAN_WIDTH = len(LOAN.columns)
OPEN_LOAN = loans.c.closed_at.is_(None)
PERSON = Statement(select(*PATRON.columns).where(patrons.c.id == bindparam("row")))
LOANS_OF = Statement(
    select(*LOAN.columns, *ITEM.columns)
    .select_from(loans.join(items, items.c.id == loans.c.item).join(titles, titles.c.id == items.c.title_id))
    .where(loans.c.patron == bindparam("row"), OPEN_LOAN)
    .order_by(loans.c.due, loans.c.id)
)
CHARGES_OF = Statement(
    select(*CHARGE.columns)
    .where(charges.c.patron == bindparam("row"), text("charges.owed > 0"))
    .order_by(charges.c.raised, charges.c.id)
)
BLOCKS_OF = Statement(
    select(*BLOCK.columns)
    .where(blocks.c.patron == bindparam("row"), blocks.c.lifted_at.is_(None))
    .order_by(blocks.c.since, blocks.c.id)
)


HOLDS_OF = Statement(
    select(*HOLD.columns)
    .where(holds.c.patron == bindparam("row"), holds.c.closed_at.is_(None))
    .order_by(holds.c.placed, holds.c.id)
)
LOCK_PERSON = Statement(select(patrons.c.id).where(patrons.c.id == bindparam("row")).with_for_update())


class LooksFurther(Reads, Protocol):
    """What of a session is needed here."""

    locks: Locks | None


def with_accounts(session: LooksFurther, command: Command, facts: Facts) -> Facts:
    """The same facts, with the accounts that this command hangs on."""
    if isinstance(command, MergePatrons | RecordConsent) and facts.holder is not None:
        return replace(facts, other=locked_account(session, facts.holder))
    item = facts.item
    if item is None or not isinstance(command, RETURNS):
        return facts
    account = borrowers(session, facts, item)
    waiting = holders(session, facts.policies, item.holds, facts.now)
    if account is None and not waiting:
        return facts
    return replace(facts, item=replace(item, account=account, holders=waiting))


def locked_account(session: LooksFurther, patron: PatronId) -> PatronFacts | None:
    """Nobody else changes the record meanwhile."""
    if session.locks is not None:
        session.rows(LOCK_PERSON, {"row": patron})
    return account_of(session, patron)


def borrowers(session: LooksFurther, facts: Facts, item: ItemFacts) -> PatronFacts | None:
    """Of who has a billed item, where a block lifts late."""
    loan = item.loan
    if loan is None or loan.billed_on is None or not facts.policies.of(loan.library, facts.now).lifts_late:
        return None
    return account_of(session, loan.patron)


def holders(
    session: LooksFurther, policies: Policies, queue: Iterable[HoldFacts], now: datetime
) -> tuple[PatronFacts, ...]:
    """Of who still wait, where a block may keep copies from them."""
    waiting = (one for one in queue if one.hold.state is HoldState.WAITING)
    asked = {one.hold.patron for one in waiting if one.barred or policies.of(one.hold.library, now).keeps_copies_back}
    found = (account_of(session, patron) for patron in sorted(asked))
    return tuple(account for account in found if account)


def account_of(session: LooksFurther, patron: PatronId) -> PatronFacts | None:
    """Patron, open loans, charges and holds, standing blocks; None when there is no such patron."""
    row: dict[str, Scalar] = {"row": patron}
    person = next((PATRON.read(one) for one in session.rows(PERSON, row)), None)
    if person is None:
        return None
    return PatronFacts(
        patron=person,
        loans=loans_of(session, patron),
        charges=tuple(CHARGE.read(one) for one in session.rows(CHARGES_OF, row)),
        blocks=tuple(BLOCK.read(one) for one in session.rows(BLOCKS_OF, row)),
        holds=tuple(HoldFacts(hold=HOLD.read(one)) for one in session.rows(HOLDS_OF, row)),
    )


def loans_of(session: LooksFurther, patron: PatronId) -> tuple[LoanFacts, ...]:
    """By due instant."""
    rows = session.rows(LOANS_OF, {"row": patron})
    return tuple(LoanFacts(loan=LOAN.read(row), item=ITEM.read(row[LOAN_WIDTH:])) for row in rows)
