"""Invented patrons and copies: the same seed gives the same town, whatever day it is and wherever it runs."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from random import Random
from typing import Any, Final

from server.demo.rows import TownItem, TownPatron

AS_OF: Final = date(2026, 1, 1)  # ages are counted back from here: birthdays do not move with the clock
OLDEST = 92  # years
YOUNGEST = 6
GROWN_UP = 18
A_CHILD_IN = 5  # one patron in five
FILMS = ("film.dvd", "film.feature", "film.documentary")
OTHERS = ("magazine", "audiobook", "music.cd", "game", "comic.album", "language_course")
SHARE_OF_BOOKS = 0.7
SHARE_OF_FILMS = 0.1
COPIES = (1, 1, 1, 2, 3)  # of a title
PRICES = ("149.00", "199.00", "249.00", "299.00", "349.00", "429.00")

Branches = Mapping[str, Sequence[str]]  # of each library, by id


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """A library's share of `words.toml`."""

    id: str
    town: str
    postal: str
    cards: int
    books: int
    patrons: int
    items: int
    national: bool
    words: Mapping[str, Any]


def neighbourhoods() -> Iterator[Neighbourhood]:
    """In the file's order."""
    written = tomllib.loads((files("server.demo") / "words.toml").read_text("utf-8"))
    for library in written["library"]:
        yield Neighbourhood(**{"national": False, **library, "words": written[library["words"]]})


def people(branches: Branches, seed: int) -> list[TownPatron]:
    """Everybody; guardians stand before their children."""
    return [
        patron for place in neighbourhoods() for patron in inhabitants(place, branches[place.id], a_chance(seed, place))
    ]


def things(branches: Branches, seed: int) -> list[TownItem]:
    """Every copy, copies of a title together."""
    return [item for place in neighbourhoods() for item in shelves(place, branches[place.id], a_chance(seed, place))]


def a_chance(seed: int, place: Neighbourhood) -> Random:
    return Random(f"{seed} {place.id}")  # noqa: S311 - a town is invented here, nothing is kept secret


def inhabitants(place: Neighbourhood, branches: Sequence[str], chance: Random) -> Iterator[TownPatron]:
    adults: list[TownPatron] = []
    for number in range(place.patrons):
        child = bool(adults) and number % A_CHILD_IN == A_CHILD_IN - 1
        patron = somebody(place, branches, chance, number, chance.choice(adults) if child else None)
        if not child:
            adults.append(patron)
        yield patron


def somebody(
    place: Neighbourhood, branches: Sequence[str], chance: Random, number: int, guardian: TownPatron | None
) -> TownPatron:
    """An adult, or a child of `guardian`, who shares name, address and library branch."""
    given = chance.choice(place.words["given"])
    family = guardian.family_name if guardian else chance.choice(place.words["family"])
    street = f"{chance.choice(place.words['streets'])} {chance.randint(1, 80)}"
    return TownPatron(
        id=f"{place.id}-{number + 1:03}",
        library=place.id,
        home=guardian.home if guardian else chance.choice(branches),
        card=str(place.cards + number),
        national=f"N{chance.randint(100_000_000, 999_999_999)}" if place.national and chance.random() < 0.5 else "",
        family_name=family,
        given_name=given,
        born=birthday(chance, YOUNGEST, GROWN_UP) if guardian else birthday(chance, GROWN_UP, OLDEST),
        language="en" if chance.random() < 0.05 else "",
        guardian=guardian.id if guardian else "",
        guardian_consent=guardian is not None,
        unstaffed_agreement=guardian is None and chance.random() < 0.5,
        address=guardian.address if guardian else f"{street}, {place.postal} {place.town}",
        email=f"{place.id.lower()}-{number + 1:03}@example.org" if chance.random() < 0.8 else "",
        wants_notices=chance.random() < 0.6,
    )


def birthday(chance: Random, youngest: int, oldest: int) -> date:
    """Of somebody who is at least `youngest` and younger than `oldest` on AS_OF."""
    days = chance.randint(int(youngest * 365.25) + 1, int(oldest * 365.25) - 1)
    return AS_OF - timedelta(days=days)


def shelves(place: Neighbourhood, branches: Sequence[str], chance: Random) -> Iterator[TownItem]:
    barcode = place.books
    last = place.books + place.items
    titles: set[str] = set()
    while barcode < last:
        for_children = chance.random() < 0.3
        name = cover(place.words, chance, for_children)
        if name in titles:
            continue
        titles.add(name)
        for copy in copies(place, branches, chance, name, for_children, len(titles)):
            if barcode < last:
                yield copy.model_copy(update={"barcode": str(barcode)})
                barcode += 1


def copies(
    place: Neighbourhood, branches: Sequence[str], chance: Random, name: str, for_children: bool, number: int
) -> list[TownItem]:
    """All copies of one title, still without barcodes."""
    material = a_material(chance)
    author = f"{chance.choice(place.words['family'])}, {chance.choice(place.words['given'])}"
    title = TownItem(
        barcode="-",
        home=branches[0],
        title=f"{place.id}-{number:03}",
        name=name,
        author="" if material.startswith(("film", "game", "magazine")) else author,
        year=chance.randint(1965, 2025),
        material=material,
        audience="child" if for_children else "adult",
        language=place.words["language"],
        price=chance.choice(PRICES) if chance.random() < 0.8 else None,
    )
    return [title.model_copy(update={"home": chance.choice(branches)}) for _ in range(chance.choice(COPIES))]


def cover(words: Mapping[str, Any], chance: Random, for_children: bool) -> str:
    if for_children:
        return f"{chance.choice(words['children'])} {chance.choice(words['beasts'])} {chance.choice(words['places'])}"
    return f"{chance.choice(words['things'])} {chance.choice(words['places'])}"


def a_material(chance: Random) -> str:
    drawn = chance.random()
    if drawn < SHARE_OF_BOOKS:
        return "book"
    return chance.choice(FILMS if drawn < SHARE_OF_BOOKS + SHARE_OF_FILMS else OTHERS)


def with_names(patrons: Iterable[TownPatron], seed: int) -> list[TownPatron]:
    """The fixtures' patrons, who have names only where a rule needs them, with invented ones."""
    words = {place.id: place.words for place in neighbourhoods()}
    return [a_name(patron, words[patron.library], seed) for patron in patrons]


def a_name(patron: TownPatron, words: Mapping[str, Any], seed: int) -> TownPatron:
    chance = Random(f"{seed} {patron.id}")  # noqa: S311 - as above
    return patron.model_copy(
        update={
            "family_name": patron.family_name or chance.choice(words["family"]),
            "given_name": patron.given_name or chance.choice(words["given"]),
        }
    )
