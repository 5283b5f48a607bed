"""Rows of text into records, on the database's side: checked cell by cell, PINs hashed beside the writer, written."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Generic, TypeVar

from pydantic import ValidationError

from backend.clock import Clock
from backend.model import LibraryId
from backend.moving_in import Moved
from backend.numbers import compared
from backend.plain_words import verdicts
from backend.policy.shelf import PolicyShelf
from backend.rules.numbers import refuse_identity_number
from backend.store.identifiers import IdentityHash
from backend.store.intake import ItemIntake, PatronIntake, Result, RowRefused, Take, take_some
from backend.store.intake_items import CataloguedTitle, take_catalogued, take_item
from backend.store.intake_moved import taking
from backend.store.intake_patrons import take_patron
from backend.store.store import Store
from server.agencies.importing import AgencyCells, agency_taker, make_agency
from server.agencies.together import Configured
from server.imports.cells import Cells
from server.imports.items import ItemCells
from server.imports.moving import ChargeCells, HoldCells, LoanCells
from server.imports.patrons import READABLE_NUMBERS, PatronCells
from server.imports.titles import TitleCells
from server.office.clerk import Importer
from server.office.orders import RowTaken
from server.pins import hash_secret

HASHERS: Final = 2  # threads; a PIN's hash takes 12 ms and 19 MiB

C = TypeVar("C", bound=Cells)
R = TypeVar("R")
MovedCells = LoanCells | HoldCells | ChargeCells


@dataclass(frozen=True, slots=True)
class Taking(Generic[C, R]):
    """Takes one kind of rows; `make(cells, library, now)` raises ValueError as `column: reason`."""

    cells: type[C]
    make: Callable[[C, LibraryId, datetime], R]
    take: Take[R]

    def __call__(
        self, store: Store, library: LibraryId, rows: Sequence[Mapping[str, str]], clock: Clock, /
    ) -> list[RowTaken]:
        """What became of each row, in order. Raises StoreError."""
        now = clock.now()
        with ThreadPoolExecutor(HASHERS) as pool:
            read = list(pool.map(lambda row: self.read(row, library, now), rows))
        written = iter(take_some(store, [row for row in read if not isinstance(row, RowRefused)], self.take, now))
        return [told(row if isinstance(row, RowRefused) else next(written)) for row in read]

    def read(self, row: Mapping[str, str], library: LibraryId, now: datetime) -> R | RowRefused:
        try:
            cells = self.cells.model_validate(dict(row))
        except ValidationError as wrong:
            return refusal(wrong)
        try:
            return self.make(cells, library, now)
        except Misplaced as wrong:
            return RowRefused(wrong.column, wrong.reason)


class Misplaced(Exception):
    """A row speaks of a place, or of a word of the rules, that is not there."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column, self.reason = column, reason


def importers_of(
    shelf: PolicyShelf, identity: IdentityHash, configured: Configured = lambda: ((), ())
) -> Mapping[str, Importer]:
    """By kind of file, for the office's clerk; `configured` are partners and account names of the configuration."""
    moving, moved = partial(make_moved, shelf), taking(shelf)
    return {
        "patrons": Taking(PatronCells, partial(make_patron, shelf, identity), take_patron),
        "items": Taking(ItemCells, partial(make_item, shelf), take_item),
        "titles": Taking(TitleCells, make_title, take_catalogued),
        "agencies": Taking(AgencyCells, partial(make_agency, identity), agency_taker(shelf, configured)),
        "loans": Taking(LoanCells, moving, moved),
        "holds": Taking(HoldCells, moving, moved),
        "charges": Taking(ChargeCells, moving, moved),
    }


def make_title(cells: TitleCells, library: LibraryId, now: datetime) -> CataloguedTitle:
    return cells.intake(library)


def make_moved(shelf: PolicyShelf, cells: MovedCells, library: LibraryId, now: datetime) -> Moved:
    """Raises Misplaced."""
    branch, column = (cells.branch, "branch") if isinstance(cells, LoanCells) else ("", "")
    if isinstance(cells, HoldCells):
        branch, column = cells.pickup, "pickup"
    if branch:
        refuse_foreign_branch(shelf, branch, library, now, column)
    return cells.moved(library, shelf.of(library, now))


def make_patron(
    shelf: PolicyShelf, identity: IdentityHash, cells: PatronCells, library: LibraryId, now: datetime
) -> PatronIntake:
    """Raises Misplaced. A PIN takes 12 ms; its salt is the patron's own: the same file gives the same tables."""
    policy = shelf.of(library, now)
    refuse_foreign_branch(shelf, cells.home_branch, library, now)
    for column in READABLE_NUMBERS:
        if refuse_identity_number(policy, getattr(cells, column)):
            raise Misplaced(column, "is like an identity number, which is kept in the column identity only")
    if cells.birth_date and cells.birth_date > policy.time.today(now).isoformat():
        raise Misplaced("birth_date", "has not come yet")
    salt = bytes.fromhex(identity.of(f"salt {library} {compared(cells.card)}").removeprefix("hmac:"))[:16]
    return cells.intake(library, hash_secret(cells.pin, salt) if cells.pin else None)


def make_item(shelf: PolicyShelf, cells: ItemCells, library: LibraryId, now: datetime) -> ItemIntake:
    """Raises Misplaced."""
    refuse_foreign_branch(shelf, cells.home_branch, library, now)
    owner = LibraryId(cells.owner or library)
    if owner not in shelf.libraries():
        raise Misplaced("owner", f"there is no library {owner}")
    if cells.loan_type not in (known := shelf.loan_types()):
        raise Misplaced(
            "loan_type", f"no policy has a rule for {cells.loan_type}; there are {', '.join(sorted(known))}"
        )
    return cells.intake(owner, shelf.of(owner, now).currency)


def refuse_foreign_branch(
    shelf: PolicyShelf, branch: str, library: LibraryId, now: datetime, column: str = "home_branch"
) -> None:
    """Raises Misplaced."""
    known = shelf.of(library, now).branches
    if branch not in known:
        raise Misplaced(column, f"{library} has no branch {branch}; it has {', '.join(known)}")


def refusal(wrong: ValidationError) -> RowRefused:
    """Everything that is wrong with a row's cells, the first of them by its column."""
    (column, first), *others = [(str((*where, "")[0]), reason) for where, reason in verdicts(wrong)]
    return RowRefused(column, "; ".join([first, *(f"{name}: {reason}" for name, reason in others)]))


def told(result: Result) -> RowTaken:
    if isinstance(result, RowRefused):
        return RowTaken(became="refused", column=result.column, reason=result.reason)
    return RowTaken(became=result.value)


KINDS: Final[Mapping[str, tuple[type[Cells], tuple[str, ...]]]] = {  # and what names a row
    "patrons": (PatronCells, ("card",)),
    "items": (ItemCells, ("barcode",)),
    "loans": (LoanCells, ("barcode",)),
    "holds": (HoldCells, ("patron", "barcode", "record", "isbn")),
    "charges": (ChargeCells, ("number",)),
    "agencies": (AgencyCells, ("name",)),
}
