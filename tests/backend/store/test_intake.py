"""Registers and catalogues: matched by their numbers, taken twice without a difference, refused row by row."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.model import IdentifierKind, LibraryId
from backend.store.fresh import add_items, add_patrons, clear
from backend.store.intake import ItemIntake, PatronIntake, Result, RowRefused, Take, Taken, take_all
from backend.store.intake_items import TITLES, take_item
from backend.store.intake_patrons import take_patron
from backend.store.schema import connected
from backend.store.statement import Engine
from backend.store.store import Store
from backend.store.titles import TitleIntake, match_key
from backend.tables import identifiers, items, patrons, titles
from tests.databases import everything, fresh_store, rows_of, template

pytestmark = pytest.mark.slow

NOW = datetime(2026, 2, 12, 11, tzinfo=UTC)
KAL = LibraryId("KAL")
CARD, IDENTITY, NATIONAL, NAME = (
    IdentifierKind.CARD,
    IdentifierKind.IDENTITY,
    IdentifierKind.NATIONAL,
    IdentifierKind.USER_NAME,
)

ANNA = PatronIntake(
    library=KAL,
    numbers=((CARD, "2000 1001"), (IDENTITY, "19850412-0000"), (NAME, "anna")),
    values={"family_name": "Berg", "given_name": "Anna", "home_branch": "KAL-S", "birth_date": "1985-04-12"},
)
BOOK = ItemIntake(
    library=KAL,
    barcode="301 12",
    title=TitleIntake(title="Sult", author="Hamsun, Knut", year=1890),
    values={"home_branch": "KAL-S", "price": 31000, "currency": "SEK"},
)


def take(
    store: Store, take_one: Take[PatronIntake] | Take[ItemIntake], *rows: PatronIntake | ItemIntake
) -> list[Result]:
    return list(take_all(store, rows, take_one, NOW))


def test_the_same_rows_twice_change_nothing(store: Store) -> None:
    child = replace(ANNA, numbers=((CARD, "20001006"),), guardian="20001001")
    assert take(store, take_patron, ANNA, child) == [Taken.ADDED, Taken.ADDED]
    assert take(store, take_item, BOOK) == [Taken.ADDED]
    before = everything(store)
    assert take(store, take_patron, ANNA, child) == [Taken.SAME, Taken.SAME]
    assert take(store, take_item, BOOK) == [Taken.SAME]
    assert everything(store) == before


def test_columns_left_out_stay_as_they_are(store: Store) -> None:
    take(store, take_patron, ANNA)
    assert take(store, take_patron, replace(ANNA, values={"phone": "070"})) == [Taken.CHANGED]
    (row,) = rows_of(store, patrons)
    kept = dict(zip(patrons.columns.keys(), row, strict=True))
    assert (kept["family_name"], kept["phone"]) == ("Berg", "070")


def test_identity_numbers_are_never_readable(store: Store) -> None:
    take(store, take_patron, ANNA)
    assert "198504120000" not in repr(everything(store))
    assert "850412-0000" not in repr(everything(store))


def test_a_new_user_name_takes_the_place_of_the_old_and_a_new_card_joins_the_others(store: Store) -> None:
    take(store, take_patron, ANNA)
    assert take(store, take_patron, replace(ANNA, numbers=((CARD, "20001001"), (NAME, "anna.b")))) == [Taken.CHANGED]
    assert take(store, take_patron, replace(ANNA, numbers=((NAME, "anna.b"), (CARD, "20009999")))) == [Taken.CHANGED]
    shown = sorted(row[identifiers.columns.keys().index("shown")] for row in rows_of(store, identifiers))
    assert shown == ["", "2000 1001", "20009999", "anna.b"]


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        (replace(ANNA, numbers=((CARD, "2"), (IDENTITY, "none"))), "identity"),
        (replace(ANNA, numbers=((CARD, "3"), (NAME, "ANNA"))), "user_name"),  # Anna's
        (replace(ANNA, numbers=((CARD, "anna"),)), "card"),  # a user name is no card
        (replace(ANNA, numbers=((CARD, "4"),), guardian="5"), "guardian"),
        (replace(ANNA, numbers=((CARD, "6"),), values={}), "home_branch"),
    ],
)
def test_a_refused_row_changes_nothing_and_stops_nobody(store: Store, row: PatronIntake, refused: str) -> None:
    take(store, take_patron, ANNA)
    before = everything(store)
    result, after = take(store, take_patron, row, ANNA)
    assert isinstance(result, RowRefused)
    assert result.column == refused
    assert after is Taken.SAME
    assert everything(store) == before


def test_a_card_that_changes_hands_is_refused_but_known_elsewhere_is_no_matter(store: Store) -> None:
    other = replace(ANNA, library=LibraryId("LYS"), values={**ANNA.values, "home_branch": "LYS-S"})
    assert take(store, take_patron, ANNA, other) == [Taken.ADDED, Taken.ADDED]
    assert len(rows_of(store, patrons)) == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (TitleIntake(title="Sult", author="Hamsun, Knut"), TitleIntake(title="SULT!", author="Knut Hamsun"), True),
        (TitleIntake(title="Sult", year=1890), TitleIntake(title="Sult", year=1899), False),
        (TitleIntake(title="Sult", isbn="978-82-03-36234-7"), TitleIntake(title="Sult", isbn="no isbn"), False),
        (TitleIntake(title="a", isbn="978-82-03-36234-7"), TitleIntake(title="b", isbn="9788203362347"), True),
    ],
)  # fmt: skip
def test_which_titles_are_the_same_work(one: TitleIntake, other: TitleIntake, same: bool) -> None:
    assert (match_key(one) == match_key(other)) is same


def test_two_copies_share_a_title_and_a_corrected_spelling_keeps_it(store: Store) -> None:
    take(store, take_item, BOOK, replace(BOOK, barcode="30113"))
    assert len(rows_of(store, titles)) == 1
    alone = replace(BOOK, barcode="9", title=TitleIntake(title="Mysterier"))
    take(store, take_item, alone)
    assert take(store, take_item, replace(alone, title=TitleIntake(title="Mysterierne"))) == [Taken.CHANGED]
    assert [row[titles.columns.keys().index("title")] for row in rows_of(store, titles)] == ["Sult", "Mysterierne"]


def test_a_catalogue_does_not_move_a_copy(store: Store) -> None:
    take(store, take_item, BOOK)
    take(store, take_item, replace(BOOK, values={"home_branch": "KAL-B"}))
    (row,) = rows_of(store, items)
    kept = dict(zip(items.columns.keys(), row, strict=True))
    assert (kept["home_branch"], kept["present_branch"], kept["state"]) == ("KAL-B", "KAL-S", "shelf")


def test_a_town_from_nothing_is_what_row_by_row_gives(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    one, other = map(fresh_store, folders)
    try:
        take(other, take_patron, ANNA)
        take(other, take_item, BOOK)
        one.call(lambda session: (add_patrons(session, [ANNA], NOW), add_items(session, [BOOK])), write=True)
        assert everything(one) == everything(other)
    finally:
        one.close()
        other.close()


def test_a_town_is_cleared(store: Store) -> None:
    child = replace(ANNA, numbers=((CARD, "20001006"),), guardian="20001001")
    store.call(lambda session: (add_patrons(session, [ANNA, child], NOW), add_items(session, [BOOK])), write=True)
    store.call(clear, write=True)
    assert not any(rows for name, rows in everything(store).items() if name != "meta")


def test_a_title_is_found_by_its_indexes_however_many_there_are(tmp_path: Path) -> None:
    with connected(f"sqlite:///{template()}") as connection:
        compiled = TITLES.on(Engine.SQLITE)
        values = compiled.order({"library": "KAL", "record": "r1", "match_key": "x"})
        plan = connection.exec_driver_sql(f"explain query plan {compiled.sql}", values)
        searched = [str(row[3]) for row in plan if "titles" in str(row[3])]
    assert len(searched) == 2
    assert all("record=?" in line or "match_key=?" in line for line in searched)
