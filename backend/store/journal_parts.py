"""Branches of the facts statement out of the journal: what was done last, and what this may be a repeat of."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import CTE, ColumnElement, ScalarSelect, Select, and_, bindparam, func, select, text
from sqlalchemy.sql.expression import literal_column

from backend.commands import CheckOut
from backend.repeats import OF_FEES
from backend.store.needs import Part
from backend.store.parts import OPEN_LOAN, item_id, own_patron
from backend.store.union import Branch
from backend.tables import journal, loans, payments

GRANTED = text("journal.granted")  # as the partial index says it
ACT = [
    journal.c.id,
    journal.c.at,
    journal.c.account,
    journal.c.command,
    journal.c.patron,
    journal.c.granted,
    journal.c.asked,
    journal.c.answer,
    journal.c.outcome,
]


def newest(*conditions: Any) -> ScalarSelect[int]:
    """The journal row with the highest number among those that `conditions` hold; the index's last entry."""
    return select(func.max(journal.c.id)).where(*conditions).correlate(None).scalar_subquery()


def last_act(what: CTE) -> Branch:
    row = newest(journal.c.item == item_id(what), GRANTED)
    return Branch(Part.LAST, ACT, lambda rows: rows.where(journal.c.id == row))


def lent_last(what: CTE) -> Branch:
    """The item that the account lent last to whoever has this one."""
    borrower = select(loans.c.patron).where(loans.c.item == item_id(what), OPEN_LOAN).scalar_subquery()
    lent = newest(
        journal.c.patron == borrower,
        journal.c.account == bindparam("account"),
        text(f"journal.command = '{CheckOut.__name__}'"),
        GRANTED,
    )
    return Branch(Part.LENT_LAST, [journal.c.id, journal.c.item], lambda rows: rows.where(journal.c.id == lent))


def same_frame() -> Branch:
    """The account's newest frame, if it is this one and recent."""
    row = newest(journal.c.account == bindparam("account"), journal.c.frame.is_not(None))
    same = [journal.c.frame == bindparam("frame"), journal.c.at >= bindparam("frames_since")]
    return Branch(Part.SAME_FRAME, ACT, lambda rows: rows.where(journal.c.id == row, *same))


def alike() -> list[ColumnElement[bool]]:
    return [
        journal.c.account == bindparam("account"),
        journal.c.command == bindparam("command"),
        journal.c.at >= bindparam("frames_since"),
    ]


def same_meaning(what: CTE) -> Branch:
    """What was last done with the item, if the same account did the same and it is recent."""
    row = newest(journal.c.item == item_id(what), GRANTED)
    return Branch(Part.SAME_MEANING, ACT, lambda rows: rows.where(journal.c.id == row, *alike()))


def same_wish(who: CTE) -> Branch:
    """What was last done for the patron, if the same account did the same and it is recent."""
    row = newest(journal.c.patron == own_patron(who), GRANTED)
    return Branch(Part.SAME_WISH, ACT, lambda rows: rows.where(journal.c.id == row, *alike()))


def late_payments(who: CTE) -> Branch:
    """What was paid and let go for the patron of late, by whomever."""
    of_late = and_(journal.c.patron == own_patron(who), journal.c.at >= bindparam("frames_since"), GRANTED)
    money = journal.c.command.in_([literal_column(f"'{command.__name__}'") for command in OF_FEES])
    return Branch(Part.LATE_PAYMENTS, ACT, lambda rows: rows.where(of_late, money))


def same_transaction() -> Branch:
    """The payment that already used this transaction number, with its patron and amount, however long ago."""
    number = [journal.c.account == bindparam("account"), journal.c.transaction_id == bindparam("transaction")]
    used = [payments.c.account == journal.c.account, payments.c.transaction_id == journal.c.transaction_id]
    columns = [*ACT, payments.c.patron, payments.c.amount, payments.c.currency]

    def complete(rows: Select[Any]) -> Select[Any]:
        paid = journal.c.command == bindparam("command")
        return rows.select_from(journal.join(payments, and_(*used))).where(*number, paid, GRANTED)

    return Branch(Part.SAME_TRANSACTION, columns, complete)


def same_reference() -> Branch:
    """The charge or remission that already used this number, however long ago."""
    row = newest(
        journal.c.account == bindparam("account"),
        journal.c.transaction_id == bindparam("transaction"),
        journal.c.command == bindparam("command"),
        GRANTED,
    )
    return Branch(Part.SAME_REFERENCE, ACT, lambda rows: rows.where(journal.c.id == row))


ACTS_FOR_PATRON: Mapping[Part, Callable[[CTE], Branch]] = {
    Part.SAME_WISH: same_wish,
    Part.LATE_PAYMENTS: late_payments,
}
ACTS_ON_ITEM: Mapping[Part, Callable[[CTE], Branch]] = {
    Part.LAST: last_act,
    Part.LENT_LAST: lent_last,
    Part.SAME_MEANING: same_meaning,
}
ACTS_OF_ACCOUNT: Mapping[Part, Callable[[], Branch]] = {
    Part.SAME_FRAME: same_frame,
    Part.SAME_TRANSACTION: same_transaction,
    Part.SAME_REFERENCE: same_reference,
}
