"""The records of circulation as rows: which columns make a patron, an item, a loan, a hold, a charge, a block."""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, exists, func, literal_column, select, text

from backend import tables
from backend.model import Block, Charge, Hold, Item, Loan, Patron, Payment
from backend.store.records import Record

ONE: ColumnElement[int] = literal_column(
    "1"
)  # written into the text: a parameter would keep SQLite from its partial indexes


def readable_card(patron: ColumnElement[int]) -> ScalarSelect[str]:
    """A number of the patron that may be shown: the newest valid card, else the national one, else a lost one."""
    cards = tables.identifiers.alias("cards")
    return (
        select(cards.c.shown)
        .where(cards.c.patron == patron, text("cards.kind in ('card', 'national')"))
        .order_by(cards.c.lost, cards.c.kind, cards.c.added.desc(), cards.c.value)
        .limit(ONE)
        .correlate_except(cards)
        .scalar_subquery()
    )


def has_national_card(patron: ColumnElement[int]) -> ColumnElement[bool]:
    numbers = tables.identifiers.alias("numbers")
    found = exists().where(numbers.c.patron == patron, text("numbers.kind = 'national' and not numbers.lost"))
    return found.correlate_except(numbers)


def patron_record(state: ColumnElement[Any]) -> Record[Patron]:
    """`state`: how the card stands that was presented."""
    card = readable_card(tables.patrons.c.id)
    national = has_national_card(tables.patrons.c.id)
    return Record(
        Patron,
        tables.patrons,
        derived={"card": func.coalesce(card, literal_column("''")), "national": national, "card_state": state},
    )


PATRON = patron_record(literal_column("'valid'"))
ITEM = Record(Item, tables.items, derived={"title": tables.titles.c.title, "author": tables.titles.c.author})
LOAN = Record(Loan, tables.loans, named={"row": "policy_row", "group": "item_group"})
HOLD = Record(Hold, tables.holds)
CHARGE = Record(Charge, tables.charges, named={"row": "policy_row"})
PAYMENT = Record(Payment, tables.payments, named={"transaction": "transaction_id"})
BLOCK = Record(Block, tables.blocks)
