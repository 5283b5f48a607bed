"""Patrons from a register, matched by library and number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select, text

from backend.clock import to_epoch
from backend.model import IdentifierKind, LibraryId
from backend.numbers import compared
from backend.store.apply import ADD_IDENTIFIER, scope_of
from backend.store.intake import PatronIntake, Result, RowRefused, Taken, Values, put
from backend.store.session import Session
from backend.store.statement import Scalar, Statement, inserts, without
from backend.tables import identifiers, patrons

DEFAULTS: Final[Mapping[str, Scalar]] = {
    "family_name": "",
    "given_name": "",
    "birth_date": None,
    "category": "adult",
    "language": None,
    "expires": None,
    "rules_accepted": True,  # whoever is in a register has signed
    "guardian_consent": False,
    "unstaffed_agreement": False,
    "guardian": None,
    "pin_hash": None,
    "pin_failures": 0,
    "pin_failed_on": None,
    "address": "",
    "email": "",
    "phone": "",
    "wants_notices": False,
}
COLUMNS = without(patrons, "id")
ADD_PATRON = inserts(patrons)
PATRON = Statement(select(*(patrons.c[name] for name in COLUMNS)).where(patrons.c.id == bindparam("row")))
WHOSE = Statement(
    select(identifiers.c.patron, identifiers.c.kind).where(
        identifiers.c.library == bindparam("library"), identifiers.c.value == bindparam("value")
    )
)
# A number that was reported lost stays known, so that whoever finds the card is told so.
DROP_FORMER = Statement(
    delete(identifiers).where(
        identifiers.c.patron == bindparam("patron"),
        identifiers.c.kind == bindparam("kind"),
        identifiers.c.value != bindparam("value"),
        text("not lost"),
    )
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A number as it is kept, and whose it is so far."""

    kind: IdentifierKind
    value: str
    shown: str
    patron: int | None


def take_patron(session: Session, patron: PatronIntake, now: datetime) -> Result:
    """Add the patron, or change what differs; a card is added to those he has, other numbers replace their kind."""
    numbers = known_numbers(session, patron, now)
    if isinstance(numbers, RowRefused):
        return numbers
    guardian = guardian_of(session, patron)
    if isinstance(guardian, RowRefused):
        return guardian
    whose = numbers[0].patron
    wanted = {**patron.values, **guardian}
    if whose is None:
        return add(session, patron, wanted, numbers, now)
    return change(session, whose, patron.library, wanted, numbers, now)


def known_numbers(session: Session, patron: PatronIntake, now: datetime) -> list[Kept] | RowRefused:
    """The numbers as they are kept; refused when one is no such number, or somebody else's."""
    numbers: list[Kept] = []
    for kind, number in patron.numbers:
        try:
            value, shown = session.identity.stored(kind, number, now.date())
        except ValueError as wrong:
            return RowRefused(kind.value, str(wrong))
        found = session.rows(WHOSE, {"library": patron.library, "value": value})
        owner, owners_kind = found[0] if found else (None, kind)
        first = numbers[0].patron if numbers else owner
        if owners_kind != kind or owner not in (None, first):
            return RowRefused(kind.value, "is a number of another patron")
        numbers.append(Kept(kind, value, shown, owner))
    return numbers


def guardian_of(session: Session, patron: PatronIntake) -> dict[str, Scalar] | RowRefused:
    """The column `guardian`, when the row speaks of it."""
    if patron.guardian is None:
        return {}
    if not patron.guardian:
        return {"guardian": None}
    found = session.rows(WHOSE, {"library": patron.library, "value": compared(patron.guardian)})
    if not found:
        return RowRefused("guardian", "is no number of a patron here; guardians stand before children")
    return {"guardian": found[0][0]}


def add(session: Session, patron: PatronIntake, wanted: Values, numbers: list[Kept], now: datetime) -> Result:
    if not wanted.get("home_branch"):
        return RowRefused("home_branch", "a new patron needs one")
    number = next(session.ids)
    session.change(ADD_PATRON, patron_row(number, patron.library, wanted, now))
    for one in numbers:
        session.change(ADD_IDENTIFIER, number_row(session, patron.library, number, one, now))
    return Taken.ADDED


def patron_row(number: int, library: LibraryId, values: Values, now: datetime) -> dict[str, Scalar]:
    """A whole row of `patrons`."""
    return {**DEFAULTS, **values, "id": number, "library": library, "created": to_epoch(now)}


def number_row(session: Session, library: LibraryId, patron: int, number: Kept, now: datetime) -> dict[str, Scalar]:
    """A whole row of `identifiers`."""
    return {
        "library": library,
        "value": number.value,
        "patron": patron,
        "scope": scope_of(session, number.kind, library),
        "kind": number.kind.value,
        "shown": number.shown,
        "lost": False,
        "added": to_epoch(now),
    }


def change(
    session: Session, patron: int, library: LibraryId, wanted: Values, numbers: list[Kept], now: datetime
) -> Result:
    (row,) = session.rows(PATRON, {"row": patron})
    kept = dict(zip(COLUMNS, row, strict=True))
    if "pin_hash" in wanted and wanted["pin_hash"] != kept["pin_hash"]:
        wanted = {**wanted, "pin_failures": 0, "pin_failed_on": None}
    renumbered = [put_number(session, patron, library, number, now) for number in numbers]
    changed = put(session, patrons, patron, kept, wanted)
    return Taken.CHANGED if any(renumbered) else changed


def put_number(session: Session, patron: int, library: LibraryId, number: Kept, now: datetime) -> bool:
    """Whether anything was not so yet."""
    dropped = 0
    if number.kind is not IdentifierKind.CARD:
        former: dict[str, Scalar] = {"patron": patron, "kind": number.kind.value, "value": number.value}
        dropped = session.change(DROP_FORMER, former)
    if number.patron is None:
        session.change(ADD_IDENTIFIER, number_row(session, library, patron, number, now))
    return number.patron is None or dropped > 0
