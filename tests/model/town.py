"""The library of `rules.toml` in a real database, that can lose power, fail at any statement, and go on."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from backend.circulation import Circulation
from backend.clock import FixedClock
from backend.commands import Command, RepeatKey
from backend.jobs.run import Jobs
from backend.model import (
    AccountId,
    AskedBy,
    BranchId,
    IdentifierKind,
    Item,
    ItemId,
    LibraryId,
    Patron,
    PatronId,
    TitleId,
)
from backend.money import Money
from backend.outcomes import Outcome
from backend.policy.loader import load_files
from backend.policy.shelf import PolicyShelf
from backend.store.errors import StoreError
from backend.store.intake_items import ADD_TITLE
from backend.store.opening import open_store
from backend.store.places import Places
from backend.store.session import Session
from backend.store.sqlite import Writer
from backend.store.store import Store
from backend.store.titles import TitleIntake, title_row
from tests.backend.store.world import add_item, add_patron
from tests.databases import IDENTITY, template
from tests.model.records import MAIN, SIDE, Copy, Person
from tests.model.reference import Library

RULES = Path(__file__).with_name("rules.toml")
LIBRARY = LibraryId("REF")
OSLO = ZoneInfo("Europe/Oslo")
OURS = 900_001  # and upwards: numbers of the rows that are there at the start
FIRST = date(2026, 3, 23)  # a Monday; the clocks go forward on its Sunday
CARDS = ("100", "200", "300", "400")
STOCK = (  # barcode, title, material, home, price
    ("B1", "Bread", "book", MAIN, 20000),
    ("B2", "Bread", "book", SIDE, 20000),
    ("W1", "Water", "book", MAIN, 3000),
    ("W2", "Water", "book", MAIN, None),
    ("M1", "Monthly", "magazine", SIDE, None),
)


def asking(branch: str) -> AskedBy:
    """A desk that may do everything; each branch has one."""
    return AskedBy(
        account=AccountId(f"desk-{branch}"),
        library=LIBRARY,
        branch=BranchId(branch),
        trusts_patron=True,
        may_enable_patrons=True,
        free_return_ok=True,
    )


def new_reference() -> Library:
    people = [Person(card) for card in CARDS]
    return Library(FIRST, people, [Copy(*told, place=told[3]) for told in STOCK])


class Faulty:
    """A cursor that refuses one statement: the n-th from now on, or the one of that text."""

    def __init__(self, cursor: Any, after: int, refused: str = "") -> None:
        self._cursor = cursor
        self._left = after
        self._refused = refused

    def _count(self, query: Any) -> None:
        self._left -= 1
        if self._left == 0 or query == self._refused:
            raise sqlite3.OperationalError("disk I/O error, says the test")

    def execute(self, query: Any, parameters: Any = (), /) -> Any:
        self._count(query)
        return self._cursor.execute(query, parameters)

    def executemany(self, query: Any, parameters: Any, /) -> Any:
        self._count(query)
        return self._cursor.executemany(query, parameters)

    def fetchall(self) -> Any:
        return self._cursor.fetchall()

    @property
    def rowcount(self) -> int:
        found: int = self._cursor.rowcount
        return found


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), OSLO).astimezone(UTC)


def morning(day: date) -> datetime:
    return datetime.combine(day, time(6), OSLO).astimezone(UTC)


def settle(session: Session) -> None:
    """Everybody moves in, and the shelves are filled."""
    titles = {name: TitleId(number) for number, name in enumerate(sorted({told[1] for told in STOCK}), start=OURS)}
    for name, number in titles.items():
        session.change(ADD_TITLE, {**title_row(TitleIntake(title=name)), "id": number, "library": LIBRARY})
    for number, (barcode, title, material, home, price) in enumerate(STOCK, start=OURS):
        made = Item(
            id=ItemId(number),
            library=LIBRARY,
            barcode=barcode,
            title_id=titles[title],
            title=title,
            material=material,
            home_branch=BranchId(home),
            present_branch=BranchId(home),
            price=Money(price, "NOK") if price else None,
        )
        add_item(session, made)
    for number, card in enumerate(CARDS, start=OURS):
        person = Patron(
            id=PatronId(number),
            library=LIBRARY,
            card="",
            family_name=card,
            birth_date=date(1980, 1, 1),
            home_branch=BranchId(MAIN),
        )
        add_patron(session, person, [(IdentifierKind.CARD, card)])


class Town:
    """Open until `close`; its files are below `folder`."""

    def __init__(self) -> None:
        self.folder = Path(mkdtemp(prefix="skranke-model-"))
        self._images = count()
        self.path = self.folder / "town.db"
        shutil.copy(template(), self.path)
        self.clock = FixedClock(noon(FIRST))
        self.shelf = PolicyShelf(load_files([RULES]))
        self._open()
        self.store.call(settle, write=True)

    def _open(self) -> None:
        self.store: Store = open_store(f"sqlite:///{self.path}", Places(IDENTITY))
        self.circulation = Circulation(self.store, self.shelf, self.clock)
        self.jobs = Jobs(self.store, self.shelf, self.clock, "node")
        self.jobs.reread_closures()

    def close(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    def lose_power(self) -> None:
        """Go on from what stood on the disk at this moment: no goodbye, nothing written back."""
        image = self.folder / f"image-{next(self._images)}.db"
        for suffix in ("", "-wal"):
            if (there := self.path.with_name(self.path.name + suffix)).exists():
                shutil.copy(there, image.with_name(image.name + suffix))
        self.store.close()
        self.path = image
        self._open()

    # ---- asking

    def ask(self, command: Command, branch: str) -> Outcome:
        return self.circulation.handle(command, asking(branch), RepeatKey())

    def run_jobs(self, day: date) -> None:
        self.clock.set(morning(day))
        try:
            report = self.jobs.run(LIBRARY, day)
        finally:
            self.clock.set(noon(day))
        if report.failed:
            raise StoreError(f"{report.failed} steps failed")

    @contextmanager
    def failing(self, after: int) -> Iterator[None]:
        """The n-th statement from now on fails; the commit, where it is none."""
        writer: Any = next(side for side in self.store._sides if isinstance(side, Writer))
        control, cursor = writer.control, writer.session._cursor
        writer.session.attach(Faulty(cursor, after))
        writer.control = Faulty(control, 0, "commit") if not after else control
        try:
            yield
        finally:
            writer.control = control
            writer.session.attach(cursor)

    # ---- looking

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.store.call(lambda session: session.query(text(query)), write=False)]
