"""The libraries as the desk names them: by the policy of the day, with nobody saying that the day is another."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.clock import FixedClock
from backend.model import LibraryId
from backend.policy.loader import load_policies
from backend.policy.shelf import PolicyShelf
from server.config import SHIPPED_POLICIES
from server.libraries import Front, Libraries

KAL = LibraryId("KAL")


@pytest.fixture
def shelf(tmp_path: Path) -> PolicyShelf:
    """Kalmar, which has another name from 1 March."""
    text = (SHIPPED_POLICIES / "kalmar.toml").read_text("utf-8")
    (tmp_path / "kalmar.toml").write_text(text, "utf-8")
    began = next(line for line in text.splitlines() if line.startswith("effective_from"))
    later = text.replace(began, "effective_from = 2026-03-01", 1).replace("Kalmar stadsbibliotek", "Kalmars bibliotek")
    (tmp_path / "kalmar-2026-03.toml").write_text(later, "utf-8")
    return PolicyShelf(load_policies(tmp_path))


def test_a_policy_comes_into_force_at_the_library_s_midnight(shelf: PolicyShelf) -> None:
    clock = FixedClock(datetime(2026, 2, 28, 22, 59, 59, tzinfo=UTC))
    libraries = Libraries(shelf, clock, Front())
    assert libraries.of(KAL).name == "Kalmar stadsbibliotek"
    clock.set(datetime(2026, 2, 28, 23, 0, tzinfo=UTC))
    assert (libraries.of(KAL).name, libraries.front().name) == ("Kalmars bibliotek", "Kalmars bibliotek")
    clock.set(datetime(2026, 2, 27, tzinfo=UTC))
    assert libraries.of(KAL).name == "Kalmar stadsbibliotek"


def test_before_a_login_the_only_library_is_meant_unless_the_installation_has_a_name(shelf: PolicyShelf) -> None:
    clock = FixedClock(datetime(2026, 2, 12, tzinfo=UTC))
    only, named = Libraries(shelf, clock, Front()).front(), Libraries(shelf, clock, Front("LAN", "")).front()
    assert (only.institution, only.name) == ("KAL", "Kalmar stadsbibliotek")
    assert (named.institution, named.name) == ("LAN", "Kalmar stadsbibliotek")
