"""What merging two records of one person, consent and agreements do to the tables.

Which columns name a patron is read off the tables: one that is added later moves along.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Table, bindparam, delete, update

from backend import all_tables, changes
from backend.store.errors import PromiseBroken
from backend.store.rows import PATRON
from backend.store.seams import Writes
from backend.store.statement import Scalar, Statement, updates
from backend.tables import journal, patrons

CONSENT = ("guardian", "guardian_consent", "rules_accepted", "unstaffed_agreement")
OWN = ("category", "home_branch", "pin_failures", "pin_failed_on")
PERSON = ("family_name", "given_name", "birth_date", "language", "expires", "pin_hash", "address", "email", "phone")
PUT_CONSENT = updates(patrons, CONSENT)
PUT_PERSON = updates(patrons, (*CONSENT, *OWN, *PERSON, "wants_notices"))
FORGET = Statement(delete(patrons).where(patrons.c.id == bindparam("of")))


@cache
def moves() -> tuple[Statement, ...]:
    """One statement for each column that holds a patron's number; the journal's bears no promise, and moves too."""
    named = [(table, column) for table in all_tables.metadata.sorted_tables for column in table.c if names_one(column)]
    return tuple(moving(table, column) for table, column in [*named, (journal, journal.c.patron)])


def names_one(column: Column[Any]) -> bool:
    return any(key.column is patrons.c.id for key in column.foreign_keys)


def moving(table: Table, column: Column[Any]) -> Statement:
    into = bindparam("into", type_=column.type)
    return Statement(update(table).where(column == bindparam("of")).values({column.name: into}))


def merge_into(session: Writes, change: changes.MergeInto, now: datetime) -> None:
    moved: dict[str, Scalar] = {"of": change.of, "into": change.patron.id}
    for statement in moves():
        session.change(statement, moved)
    put(session, PUT_PERSON, change)
    if session.change(FORGET, {"of": change.of}) != 1:
        raise PromiseBroken(f"patron {change.of} is gone already")


def put_consent(session: Writes, change: changes.PutConsent, now: datetime) -> None:
    put(session, PUT_CONSENT, change)


def put(session: Writes, statement: Statement, change: changes.MergeInto | changes.PutConsent) -> None:
    if session.change(statement, {**PATRON.write(change.patron), "row": change.patron.id}) != 1:
        raise PromiseBroken(f"patron {change.patron.id} is gone")


OF_PEOPLE: Mapping[type[changes.Change], Callable[[Any, Any, datetime], None]] = {
    changes.MergeInto: merge_into,
    changes.PutConsent: put_consent,
}
