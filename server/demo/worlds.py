"""A world: the town as a conversation finds it. Text in, the town's own rows and what happened there out, or mistakes.

Knows names; record numbers come when the world is made (`making.py`).
"""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from backend.model import BranchId
from server.demo.rows import TownItem, TownPatron, Written
from server.demo.town import Town, guardians_first
from server.demo.world_rows import HoldRow, ItemChange, PatronChange, Rows, WorldError, read_rows

ABROAD: Final = ("BAR", "LIE")  # where somebody is at home whose national card is not linked to his library


@dataclass(frozen=True, kw_only=True)
class World:
    """`town` has the patrons and copies as this world has them; `rows` what else is so."""

    town: Town
    rows: Rows


def read_world(text: str, town: Town) -> World:
    """The world that `text` describes on top of the town. Raises WorldError with every mistake."""
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise WorldError([f"not TOML: {broken}"]) from broken
    rows = read_rows(written)
    mistakes: list[str] = []
    there = with_items(with_patrons(town, rows, mistakes), rows, mistakes)
    mistakes += refuse_unknown(rows, there)
    mistakes += refuse_impossible(rows, there)
    if mistakes:
        raise WorldError(dict.fromkeys(mistakes))
    return World(town=there, rows=rows)


def given(row: Written, *left_out: str) -> dict[str, Any]:
    """The keys that are written."""
    return {key: value for key, value in row if key in row.model_fields_set and key not in left_out}


# ---- patrons and copies that are different -----------------------------------------


def with_patrons(town: Town, rows: Rows, mistakes: list[str]) -> Town:
    patrons = dict(town.patrons)
    for number, row in enumerate(rows.patron, start=1):
        try:
            patrons[row.id] = changed_patron(patrons.get(row.id), row, town)
        except ValueError as wrong:
            mistakes.append(f"patron[{number}]: {wrong}")
    for name, patron in patrons.items():
        guardian = patrons.get(patron.guardian)
        if patron.guardian and (guardian is None or guardian.library != patron.library):
            mistakes.append(f"patron {name}: guardian {patron.guardian} is nobody at {patron.library}")
    return replace(town, patrons={patron.id: patron for patron in guardians_first(patrons.values())})


def changed_patron(known: TownPatron | None, row: PatronChange, town: Town) -> TownPatron:
    """Raises ValueError for a patron who cannot be."""
    patron = known or new_patron(row, town)
    patron = patron.model_copy(update=given(row, "card_state", "pin_failures"))
    if patron.home not in town.branches or town.branches[patron.home] != patron.library:
        raise ValueError(f"{patron.home} is no branch of {patron.library}")
    return unlinked(patron, town) if row.card_state == "unlinked" else patron


def new_patron(row: PatronChange, town: Town) -> TownPatron:
    if row.library is None:
        raise ValueError(f"{row.id} is nobody yet: a new patron has a library")
    if row.library not in town.policies:
        raise ValueError(f"no library {row.library}")
    home = next(iter(town.policies[row.library].branches))
    return TownPatron(id=row.id, library=row.library, home=home, card=row.id, given_name=row.id)


def unlinked(patron: TownPatron, town: Town) -> TownPatron:
    """At home elsewhere, and known here by the national card alone."""
    if not patron.national:
        raise ValueError(f"{patron.id} has no national card that could be unlinked")
    elsewhere = next(library for library in ABROAD if library != patron.library)
    home = next(iter(town.policies[elsewhere].branches))
    return patron.model_copy(update={"library": elsewhere, "home": home, "card": "", "identity": "", "guardian": ""})


def with_items(town: Town, rows: Rows, mistakes: list[str]) -> Town:
    items = dict(town.items)
    for number, row in enumerate(rows.item, start=1):
        try:
            items[row.barcode] = changed_item(items.get(row.barcode), row, replace(town, items=items))
        except ValueError as wrong:
            mistakes.append(f"item[{number}]: {wrong}")
        if row.name is not None and row.barcode in items:
            rename(items, items[row.barcode].title, row.name)
    return replace(town, items=items)


def changed_item(known: TownItem | None, row: ItemChange, town: Town) -> TownItem:
    """Raises ValueError for a copy that cannot be."""
    item = known or new_item(row)
    item = item.model_copy(update=given(row, "state"))
    if item.home not in town.branches:
        raise ValueError(f"home: no branch {item.home}")
    same_title = town.titles.get(item.title)
    if same_title is not None and row.name is None:
        item = item.model_copy(update={"name": same_title.name, "author": same_title.author})
    if not item.name:
        raise ValueError(f"title {item.title} is new: it needs a name")
    return item


def new_item(row: ItemChange) -> TownItem:
    if row.home is None:
        raise ValueError(f"{row.barcode} is new: it needs a home")
    return TownItem(barcode=row.barcode, home=row.home, title=row.title or row.barcode, name="")


def rename(items: dict[str, TownItem], title: str, name: str) -> None:
    """Every copy bears the title's name."""
    for barcode, item in items.items():
        if item.title == title:
            items[barcode] = item.model_copy(update={"name": name})


# ---- what happened there -------------------------------------------------------------


def refuse_unknown(rows: Rows, town: Town) -> Iterator[str]:
    """A line for each name that stands for nothing."""
    terminals = {terminal.login for terminal in town.terminals}
    names: dict[str, Callable[[str], bool]] = {
        "patron": town.patrons.__contains__,
        "item": town.items.__contains__,
        "shelf": town.items.__contains__,
        "transit": town.items.__contains__,
        "title": town.titles.__contains__,
        "branch": town.branches.__contains__,
        "pickup": town.branches.__contains__,
        "terminal": terminals.__contains__,
    }
    for place, row in placed(rows):
        for key, is_known in names.items():
            value = getattr(row, key, None)
            if value is not None and not is_known(value):
                yield f"{place}.{key}: no {kind_of(key)} {value}"


def placed(rows: Rows) -> Iterator[tuple[str, object]]:
    """Each row of what happened, with where it stands."""
    for table in ("loan", "hold", "charge", "block"):
        for number, row in enumerate(getattr(rows, table), start=1):
            yield f"{table}[{number}]", row


def kind_of(key: str) -> str:
    return {"shelf": "item", "transit": "item", "pickup": "branch"}.get(key, key)


def refuse_impossible(rows: Rows, town: Town) -> Iterator[str]:
    """A line for each promise of the records that the rows would break."""
    yield from refuse_twice(rows, town)
    for number, loan in enumerate(rows.loan, start=1):
        if loan.item in town.items and loan.patron in town.patrons:
            library = town.branches.get(loan.branch or town.items[loan.item].home)
            if library not in (None, town.patrons[loan.patron].library):
                yield f"loan[{number}].patron: {loan.patron} is no patron of {library}, where the loan was made"
    for number, hold in enumerate(rows.hold, start=1):
        trapped = town.items.get(hold.trapped or "")
        if trapped is not None and trapped.title != wanted_title(hold, town):
            yield f"hold[{number}]: {hold.trapped} is no copy of what is wanted"


def refuse_twice(rows: Rows, town: Town) -> Iterator[str]:
    """A copy is in one place; a patron waits once for a title."""
    placed: dict[str, str] = {}
    spots = [(f"loan[{number}]", loan.item) for number, loan in enumerate(rows.loan, start=1)]
    spots += [(f"hold[{number}]", hold.trapped or "") for number, hold in enumerate(rows.hold, start=1)]
    for where, barcode in spots:
        if barcode and barcode in placed:
            yield f"{where}: {barcode} is in {placed[barcode]} already"
        placed[barcode] = where
    waits: set[tuple[str, str | None, str | None]] = set()
    for number, hold in enumerate(rows.hold, start=1):
        wait = (hold.patron, wanted_title(hold, town), hold.item if hold.copy_only else None)
        if wait in waits:
            yield f"hold[{number}]: {hold.patron} waits for it already"
        waits.add(wait)


def wanted_title(hold: HoldRow, town: Town) -> str | None:
    """The title's name, None for a copy that is not there."""
    copy = town.items.get(hold.item or "")
    return hold.title or (copy.title if copy else None)


def another_branch(town: Town, home: str) -> BranchId:
    """Where a copy comes from that travels to `home`: another branch of the library if it has one."""
    library = town.policies[town.branches[home]]
    return BranchId(next((branch for branch in library.branches if branch != home), home))
