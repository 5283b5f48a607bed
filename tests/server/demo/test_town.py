"""The town itself: the scenarios' fixtures are there, everybody else is invented, and a seed always gives the same."""

from datetime import date

import pytest

from backend.clock import FixedClock
from backend.model import IdentifierKind
from backend.numbers import compared
from server.accounts.settings import AccountSettings
from server.demo.demo import Demo
from server.demo.town import load_town
from server.media import media_type
from tests.server.demo.conftest import NOW, shelf

PATRONS = {"KAL": 6, "ASK": 6, "BAR": 1, "LYS": 5, "NYN": 4}  # A3 is Bærum's
ITEMS = {"KAL": 10, "ASK": 9, "LYS": 10, "NYN": 10}


def test_the_fixtures_are_complete(demo: Demo) -> None:
    patrons = [demo.town.patrons[name] for name in demo.town.fixtures if name in demo.town.patrons]
    items = [demo.town.items[name] for name in demo.town.fixtures if name in demo.town.items]
    for library, count in PATRONS.items():
        assert sum(patron.library == library for patron in patrons) == count, library
    for library, count in ITEMS.items():
        found = [item.barcode for item in items if demo.town.library_of(item.home) == library and item.barcode != "AP1"]
        assert len(found) == count, library


@pytest.mark.parametrize(
    ("name", "born", "category"),
    [
        ("K1", date(1985, 4, 12), "adult"),
        ("K2", date(2011, 5, 20), "adult"),
        ("K4", date(2012, 2, 29), "adult"),
        ("K5", None, "adult"),
        ("K6", date(2015, 9, 1), "adult"),
        ("A2", date(2008, 9, 15), "adult"),
        ("A7", date(2010, 1, 10), "adult"),
        ("L2", date(1938, 7, 7), "home_service"),
        ("L3", None, "eldercare"),
        ("L4", date(2012, 3, 3), "adult"),
        ("L5", date(2016, 5, 5), "adult"),
        ("N2", date(2011, 10, 4), "adult"),
        ("N3", None, "institution"),
    ],
)
def test_what_rules_look_at(demo: Demo, name: str, born: date | None, category: str) -> None:
    patron = demo.town.patrons[name]
    assert (patron.born, patron.category) == (born, category)


def test_every_row_stands_in_the_policies(demo: Demo) -> None:
    for patron in demo.town.patrons.values():
        assert demo.town.branches[patron.home] == patron.library
        assert patron.given_name and patron.family_name and patron.numbers
    for item in demo.town.items.values():
        assert item.home in demo.town.branches
    assert {terminal.branch for terminal in demo.town.terminals} <= set(demo.town.branches)


def test_nobody_shares_a_number_with_anybody(demo: Demo) -> None:
    numbers = [
        (patron.library, compared(number)) for patron in demo.town.patrons.values() for _, number in patron.numbers
    ]
    assert len(numbers) == len(set(numbers))


def test_patrons_are_known_by_the_names_that_examples_use(demo: Demo) -> None:
    assert dict(demo.town.patrons["K1"].numbers)[IdentifierKind.USER_NAME] == "K1"
    assert dict(demo.town.patrons["A3"].numbers) == {
        IdentifierKind.USER_NAME: "A3",
        IdentifierKind.NATIONAL: "N000333444",
    }


def test_a_seed_gives_the_same_town_and_another_one_another() -> None:
    one, again, other = (load_town(shelf(), NOW, seed) for seed in (1, 1, 2))
    assert (one.patrons, one.items) == (again.patrons, again.items)
    assert one.patrons != other.patrons
    assert 300 <= len(one.patrons) <= 600


def test_guardians_are_grown_up_and_stand_before_their_children(demo: Demo) -> None:
    seen: set[str] = set()
    for name, patron in demo.town.patrons.items():
        assert patron.guardian == "" or patron.guardian in seen
        seen.add(name)


def test_terminals_are_accounts(demo: Demo) -> None:
    accounts = {settings["name"]: AccountSettings.model_validate(settings) for settings in demo.accounts()}
    selfcheck = accounts["T-KAL-S"].asked_by()
    assert selfcheck.free_return_ok and selfcheck.offline and selfcheck.may_block_cards
    assert not selfcheck.may_enable_patrons and not selfcheck.may_backdate
    assert {"CV", "CT"} <= accounts["T-KAL-S"].dialect().extensions
    assert accounts["T-KAL-SORT"].asked_by().may_backdate
    assert accounts["T-ASK-DOOR"].asked_by().channel == "entry"
    assert {account.library for account in accounts.values()} == set(demo.town.policies)


@pytest.mark.parametrize(
    ("material", "wanted"),
    [("book", "001"), ("film.dvd", "006"), ("comic.issue", "002"), ("comic.album", "001"), ("puzzle", "000")],
)
def test_media_types(material: str, wanted: str) -> None:
    assert media_type(material) == wanted


def test_the_clock_moves_nobody(demo: Demo, clock: FixedClock) -> None:
    later = load_town(shelf(), NOW.replace(year=2028))
    assert later.patrons == demo.town.patrons
