"""An installation's records for reading only: one snapshot, beside a running daemon or without one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from backend.model import LibraryId
from backend.policy.shelf import PolicyShelf
from backend.store.identifiers import IdentityHash
from backend.store.jobs import announced
from backend.store.opening import engine_in_order
from backend.store.places import Places
from backend.store.reading import snapshot
from backend.store.session import Session
from server.commands.where import config_at
from server.directory import opened_key
from server.keys import derived
from server.rulebook import read_policies


@dataclass(frozen=True)
class Records:
    """What is on record, and the policies in force with the closures announced so far."""

    session: Session
    shelf: PolicyShelf


@contextmanager
def records_at(config: Path | None, data: Path | None) -> Iterator[Records]:
    """Raises what ends in one line."""
    installation = config_at(config, data)
    shelf = PolicyShelf(read_policies(installation))
    engine_in_order(installation.database_url)  # before a key is made for a database that is not there
    identity = IdentityHash(derived(opened_key(installation), "identity numbers"))
    with snapshot(installation.database_url, Places(identity=identity)) as session:
        shelf.close(announced(session))
        yield Records(session, shelf)


def library_of(shelf: PolicyShelf, named: str) -> LibraryId:
    """The library of this id, or the only one there is. Raises BadParameter."""
    known = shelf.libraries()
    if named in known:
        return LibraryId(named)
    if not named and len(known) == 1:
        return known[0]
    there = ", ".join(known)
    raise typer.BadParameter(f"there is no library {named}; there are {there}" if named else f"name a library: {there}")
