"""Partners from a file: what is taken, what is refused by which column, what is never readable again; the file wins."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.circulation import Circulation
from backend.clock import FixedClock
from backend.store.agencies import StoredAgency
from backend.store.store import Store
from backend.tables_agencies import agencies
from server.agencies.settings import AgencySettings
from server.agencies.together import Configured, partners_of
from server.imports.running import Report, import_file
from server.imports.taking import importers_of
from server.office.clerk import Clerk
from server.office.client import OwnClerk
from server.pins import matches
from tests.databases import IDENTITY, everything, fresh_store, rows_of
from tests.server.imports.test_imports import NOW, shelf

pytestmark = pytest.mark.slow

HEAD = "name,ids,libraries,profile,endpoint,services,secret,token,networks,persons,item_strip_prefix,item_length\n"
ASKER = (
    "asker,NO-0602510 ISIL:NO-0602510X,KAL ASK,nncipp-1.0,https://ncip.example.org/ncip,"
    "LookupAgency|RequestItem,hush,t0ken,192.0.2.0/24,no,NO,10\n"
)
IN_FILE = AgencySettings.model_validate({"name": "old", "ids": ["NO-0111111"], "libraries": ["KAL"]})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = fresh_store(tmp_path)
    yield store
    store.close()


def configured() -> tuple[tuple[AgencySettings, ...], frozenset[str]]:
    return (IN_FILE,), frozenset({"kasse1"})


def clerk_on(store: Store, known: Configured = configured) -> Clerk:
    clock = FixedClock(NOW)
    circulation = Circulation(store, shelf(), clock)
    importers = importers_of(shelf(), IDENTITY, known)
    return Clerk(store, circulation, shelf(), clock, importers=importers, configured_partners=known)


def take(store: Store, tmp_path: Path, content: str) -> Report:
    path = tmp_path / "partners.csv"
    path.write_text(content)
    *_, report = import_file(OwnClerk(clerk_on(store)), "agencies", path, "")
    return report


def test_a_partner_with_everything_twice_the_same(store: Store, tmp_path: Path) -> None:
    assert take(store, tmp_path, HEAD + ASKER).added == 1
    old, asker = clerk_on(store).partners().agencies
    assert (old, asker.name, asker.libraries) == (IN_FILE, "asker", ("KAL", "ASK"))
    assert (asker.profile, asker.endpoint) == ("nncipp-1.0", "https://ncip.example.org/ncip")
    assert asker.services == {"LookupAgency", "RequestItem"}
    assert asker.is_called("0602510") and asker.is_called("isil:no-0602510x")
    assert (asker.answers.persons, asker.answers.items.normal("NO42")) == (False, "0000000042")
    assert [str(one) for one in asker.proofs.networks] == ["192.0.2.0/24"]
    before = everything(store)
    assert take(store, tmp_path, HEAD + ASKER).same == 1
    assert everything(store) == before


def test_secrets_are_kept_as_hashes_and_an_empty_cell_keeps_them(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEAD + ASKER)
    assert "hush" not in repr(everything(store)) and "t0ken" not in repr(everything(store))
    take(store, tmp_path, HEAD + ASKER.replace("hush", "").replace("t0ken", "other"))
    proofs = clerk_on(store).partners().agencies[1].proofs
    assert matches(proofs.secret_hash or "", "hush") and matches(proofs.token_hash or "", "other")
    assert "hush" not in repr(proofs)


def test_columns_left_out_stay_and_empty_ones_fall_back(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEAD + ASKER)
    assert take(store, tmp_path, "name,ids,libraries,endpoint\nasker,NO-0602510,KAL,\n").changed == 1
    asker = clerk_on(store).partners().agencies[1]
    assert (asker.endpoint, asker.profile, asker.ids) == ("", "nncipp-1.0", ("NO-0602510",))


def test_a_disabled_partner_is_a_stranger(store: Store, tmp_path: Path) -> None:
    take(store, tmp_path, HEAD + ASKER)
    assert take(store, tmp_path, "name,ids,libraries,disabled\nasker,NO-0602510,KAL,yes\n").changed == 1
    assert clerk_on(store).partners().agencies == (IN_FILE,)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a b,X,KAL,,,,,,,,,", "name: "),
        ("a,,KAL,,,,,,,,,", "ids: must have 1 entries or more"),
        ("a,X,,,,,,,,,,", "libraries: "),
        ("a,X,XXX,,,,,,,,,", "libraries: no library XXX has a policy file here"),
        ("a,X,KAL,z39.50,,,,,,,,", "profile: "),
        ("a,X,KAL,,,Dance,,,,,,", "services: no such service: Dance"),
        ("a,X,KAL,,,,,,not-a-network,,,", "networks: "),
        ("a,X,KAL,,,,,,,perhaps,,", "persons: expected yes or no"),
        ("old,X,KAL,,,,,,,,,", "name: stands in the configuration file"),
        ("kasse1,X,KAL,,,,,,,,,", "name: is a terminal's account"),
        ("a,ISIL:no-0111111,KAL,,,,,,,,,", "ids: 0111111 is old"),
        ("asker2,0602510,KAL,,,,,,,,,", "ids: 0602510 is asker"),
    ],
)
def test_partners_that_cannot_be(store: Store, tmp_path: Path, row: str, told: str) -> None:
    take(store, tmp_path, HEAD + ASKER)
    (refused,) = take(store, tmp_path, f"{HEAD}{row}\n").refused
    assert str(refused).startswith(f"line 2: {told}")
    assert not any(words in str(refused) for words in ("Input should", "Value error"))
    assert len(rows_of(store, agencies)) == 1


def test_the_file_wins_and_what_is_left_out_is_complained_of() -> None:
    rows = [
        StoredAgency(name="old", settings=json.dumps({"ids": ["X"], "libraries": ["KAL"]})),
        StoredAgency(name="twin", settings=json.dumps({"ids": ["0111111"], "libraries": ["KAL"]})),
        StoredAgency(name="broken", settings="[]"),
        StoredAgency(name="worse", settings='{"ids": []}'),
        StoredAgency(name="away", settings=json.dumps({"ids": ["Y"], "libraries": ["GONE"]})),
        StoredAgency(name="good", settings=json.dumps({"ids": ["Z"], "libraries": ["KAL"]})),
    ]
    found = partners_of([IN_FILE], rows, shelf())
    assert [one.name for one in found.agencies] == ["old", "good"]
    assert [line.split(":")[0] for line in found.complaints] == [f"agency {row.name}" for row in rows[:5]]
    assert not any(words in line for line in found.complaints for words in ("Input should", "Value error"))
