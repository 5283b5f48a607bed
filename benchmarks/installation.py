"""The measured town as a data directory that `skranke serve` takes: configuration, policy, database.

Rows are put into the tables directly: what is measured is the daemon, not the import.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, create_engine, insert, update

from backend.store.schema import upgrade
from backend.tables import identifiers, ids, items, patrons, titles
from benchmarks import town
from benchmarks.machine import ROOT
from benchmarks.town import Stand
from server.keys import KEY_FILE, made

DATABASE = "skranke.db"
CHUNK = 5_000  # rows in one statement


def build(folder: Path, port: int, ncip_port: int) -> Path:
    """Fill `folder`; the configuration in it, which listens on these ports of loopback."""
    policies = folder / "policies"
    policies.mkdir()
    shutil.copy(ROOT / "backend" / "policies" / "generic.toml", policies)
    (policies / "measured.toml").write_text(town.POLICY, encoding="utf-8")
    configuration = folder / "skranke.toml"
    configuration.write_text(_configuration(port, ncip_port), encoding="utf-8")
    made(folder / KEY_FILE)  # a database without its key is refused
    url = f"sqlite:///{folder / DATABASE}"
    upgrade(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        _fill(connection)
    engine.dispose()
    return configuration


def _configuration(port: int, ncip_port: int) -> str:
    """All terminals, and room for idle connections."""
    # A cheap hash: how long a login takes is not what is measured.
    hashed = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(town.PASSWORD)
    accounts = (_account(Stand.number(number).login, hashed) for number in range(town.TERMINALS))
    head = f"""\
data = "."
policies = "policies"

[[sip2]]
listen = "127.0.0.1:{port}"
most_connections = 20000

[ncip]
listen = "127.0.0.1:{ncip_port}"

[[agency]]
name = "measuring"
ids = ["{town.AGENCY}"]
libraries = ["{town.LIBRARY}"]
proofs = {{ networks = ["127.0.0.0/8"] }}

[log]
level = "warning"
"""
    return head + "".join(accounts)


def _account(login: str, hashed: str) -> str:
    return f"""
[[account]]
name = "{login}"
library = "{town.LIBRARY}"
branch = "{town.BRANCH}"
password_hash = "{hashed}"
limits = {{ messages_per_minute = 0 }}
"""


def _fill(connection: Connection) -> None:
    """Those who stand at terminals, and many others."""
    now = int(datetime.now(UTC).timestamp())
    cards = [Stand.number(number).card for number in range(town.TERMINALS)]
    cards += [f"4{number:07}" for number in range(town.OTHER_PATRONS)]
    barcodes = [code for number in range(town.TERMINALS) for code in Stand.number(number).books]
    barcodes += [f"5{number:07}" for number in range(town.OTHER_BOOKS)]
    for table, rows in (
        (patrons, [_patron(at, now) for at, _ in enumerate(cards, 1)]),
        (identifiers, [_identifier(at, card, now) for at, card in enumerate(cards, 1)]),
        (titles, [_title(at) for at, _ in enumerate(barcodes, 1)]),
        (items, [_item(at, code) for at, code in enumerate(barcodes, 1)]),
    ):
        for chunk in _chunks(rows):
            connection.execute(insert(table), chunk)
    connection.execute(update(ids).values(next=max(len(cards), len(barcodes)) + 1))


def _chunks(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _patron(number: int, now: int) -> dict[str, Any]:
    return {
        "id": number,
        "library": town.LIBRARY,
        "family_name": f"Measured {number}",
        "given_name": "Patron",
        "birth_date": f"{1950 + number % 50}-06-15",
        "home_branch": town.BRANCH,
        "rules_accepted": True,
        "guardian_consent": True,
        "created": now,
    }


def _identifier(number: int, card: str, now: int) -> dict[str, Any]:
    return {
        "library": town.LIBRARY,
        "value": card,
        "patron": number,
        "scope": town.LIBRARY,
        "kind": "card",
        "shown": card,
        "added": now,
    }


def _title(number: int) -> dict[str, Any]:
    title = f"A title of ordinary length, number {number}"
    return {
        "id": number,
        "library": town.LIBRARY,
        "title": title,
        "title_key": title.casefold(),
        "author": "An Author",
        "match_key": f"an author {title}",
    }


def _item(number: int, code: str) -> dict[str, Any]:
    return {
        "id": number,
        "library": town.LIBRARY,
        "barcode": code,
        "barcode_key": code,
        "title_id": number,
        "home_branch": town.BRANCH,
        "present_branch": town.BRANCH,
    }
