"""A town from nothing: everything out, then many records at once. For demonstrations and tests, never for a library."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete

from backend.model import ItemId, LibraryId, PatronId, TitleId
from backend.numbers import compared
from backend.store.apply import ADD_IDENTIFIER
from backend.store.intake import ItemIntake, PatronIntake
from backend.store.intake_items import ADD_ITEM, ADD_TITLE, item_row
from backend.store.intake_patrons import ADD_PATRON, Kept, number_row, patron_row
from backend.store.session import Session
from backend.store.statement import Scalar, Statement
from backend.store.titles import title_row
from backend.tables import (
    blocks,
    charges,
    closures,
    holds,
    identifiers,
    items,
    journal,
    loans,
    patrons,
    payments,
    settlements,
    staff_notes,
    titles,
)
from backend.tables_copies import articles
from backend.tables_intake import moved_in
from backend.tables_jobs import dead_addresses, invoices, job_runs, outbox, sent_notices
from backend.tables_orders import offers
from backend.tables_partner import exchanges, requests

# Whatever refers to others goes before them; terminals stay.
ALL: Final = (
    moved_in,
    exchanges,
    offers,
    articles,
    requests,
    outbox,
    sent_notices,
    invoices,
    dead_addresses,
    job_runs,
    settlements,
    payments,
    charges,
    holds,
    loans,
    blocks,
    staff_notes,
    journal,
    closures,
    identifiers,
    items,
    titles,
    patrons,
)
CLEAR: Final = tuple(Statement(delete(table)) for table in ALL)


@dataclass(frozen=True, slots=True)
class Shelved:
    """A copy's number and its title's."""

    item: ItemId
    title: TitleId


def clear(session: Session) -> None:
    """Every patron, copy, loan, fee and journal row is gone."""
    for statement in CLEAR:
        session.change(statement, {})


def add_patrons(session: Session, people: Sequence[PatronIntake], now: datetime) -> list[PatronId]:
    """Their numbers, in order; nobody of them is known yet, and guardians stand before children.

    Raises ValueError for an identity number that is none, KeyError for a guardian who is not there.
    """
    known: dict[tuple[LibraryId, str], int] = {}
    rows: list[dict[str, Scalar]] = []
    numbers: list[dict[str, Scalar]] = []
    for person in people:
        patron = next(session.ids)
        guardian = known[person.library, compared(person.guardian)] if person.guardian else None
        rows.append(patron_row(patron, person.library, {**person.values, "guardian": guardian}, now))
        for kind, number in person.numbers:
            kept = Kept(kind, *session.identity.stored(kind, number, now.date()), patron)
            numbers.append(number_row(session, person.library, patron, kept, now))
            known[person.library, kept.value] = patron
    session.change_each(ADD_PATRON, rows)
    session.change_each(ADD_IDENTIFIER, numbers)
    return [PatronId(int(row["id"] or 0)) for row in rows]


def add_items(session: Session, copies: Sequence[ItemIntake]) -> list[Shelved]:
    """Their numbers and their titles', in order; none of them is known yet."""
    known: dict[tuple[LibraryId, Scalar], int] = {}
    title_rows: list[dict[str, Scalar]] = []
    rows: list[dict[str, Scalar]] = []
    shelved: list[Shelved] = []
    for copy in copies:
        described = title_row(copy.title)
        work = (copy.library, described["record"] or described["match_key"])
        if work not in known:
            known[work] = next(session.ids)
            title_rows.append({**described, "id": known[work], "library": copy.library})
        number = next(session.ids)
        rows.append(item_row(number, known[work], copy))
        shelved.append(Shelved(ItemId(number), TitleId(known[work])))
    session.change_each(ADD_TITLE, title_rows)
    session.change_each(ADD_ITEM, rows)
    return shelved
