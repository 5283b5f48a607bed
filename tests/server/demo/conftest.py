"""A town on an embedded database, with PINs that cost nothing to hash."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from backend import policies as shipped
from backend.clock import FixedClock
from backend.policy.loader import load_policies
from backend.policy.shelf import PolicyShelf
from backend.store.store import Store
from server.demo import secrets
from server.demo.demo import Demo, prepare
from tests.databases import fresh_store

NOW = datetime.fromisoformat("2026-02-12T12:00:00+01:00")


@cache
def shelf() -> PolicyShelf:
    return PolicyShelf(load_policies(Path(shipped.__path__[0])))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Demo:
    monkeypatch.setattr(secrets, "hash_secret", lambda secret, salt: f"$argon2id$not-really${secret}")
    return prepare(tmp_path, shelf(), NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = fresh_store(tmp_path)
    yield store
    store.close()
