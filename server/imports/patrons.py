"""Patrons' rows: one column a field; what each means stands in docs/import.md, which a test holds to this table."""

from typing import Final

from pydantic import Field

from backend.model import IdentifierKind, LibraryId
from backend.store.intake import PatronIntake
from backend.store.statement import Scalar
from server.imports.cells import Cells, Day, Flag, Language, MaybeNumber, Number, Pin, Text, Word

NUMBERS: Final = {
    "card": IdentifierKind.CARD,
    "national": IdentifierKind.NATIONAL,
    "identity": IdentifierKind.IDENTITY,
    "user_name": IdentifierKind.USER_NAME,
}
READABLE_NUMBERS: Final = tuple(name for name, kind in NUMBERS.items() if kind is not IdentifierKind.IDENTITY)
NOT_COLUMNS: Final = frozenset({*NUMBERS, "name", "pin", "guardian"})  # of the table `patrons`


class PatronCells(Cells):
    """One patron at one library."""

    card: Number
    home_branch: Number
    national: MaybeNumber = ""
    identity: MaybeNumber = Field(default="", repr=False)
    user_name: MaybeNumber = ""
    pin: Pin = Field(default="", repr=False)
    name: Text = ""
    family_name: Text = ""
    given_name: Text = ""
    birth_date: Day = None
    category: Word = "adult"
    address: Text = ""
    email: Text = ""
    phone: Text = ""
    language: Language
    expires: Day = None
    guardian: MaybeNumber = ""
    rules_accepted: Flag = True
    guardian_consent: Flag = False
    unstaffed_agreement: Flag = False
    wants_notices: Flag = False

    def intake(self, library: LibraryId, pin_hash: str | None) -> PatronIntake:
        """`pin_hash` None leaves the PIN as it is."""
        values: dict[str, Scalar] = {
            column: getattr(self, column) for column in self.model_fields_set if column not in NOT_COLUMNS
        }
        if self.name:
            values["family_name"], values["given_name"] = parts_of(self.name)
        if pin_hash is not None:
            values["pin_hash"] = pin_hash
        return PatronIntake(
            library=library,
            numbers=tuple((kind, getattr(self, column)) for column, kind in NUMBERS.items() if getattr(self, column)),
            values=values,
            guardian=self.guardian if "guardian" in self.model_fields_set else None,
        )


def parts_of(name: str) -> tuple[str, str]:
    """Family name and given name of `Berg, Anna` or `Anna Berg`."""
    family, comma, given = name.partition(",")
    if comma:
        return family.strip(), given.strip()
    given, _, family = name.rpartition(" ")
    return family.strip(), given.strip()
