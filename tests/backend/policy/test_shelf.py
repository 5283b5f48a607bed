"""The policies in force: right on the day, right by the instant, and new as soon as the files are."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.model import LibraryId
from backend.policy.loader import LibraryPolicies, PolicySet
from backend.policy.shelf import MOST_REMEMBERED, PolicyShelf
from tests.backend.policy.samples import day, policy_of

KAL = LibraryId("KAL")
NOON = datetime(2026, 2, 12, 12, tzinfo=UTC)


def two_versions() -> PolicySet:
    """Kalmar's rules, and others from March on."""
    first = policy_of("KAL")
    later = replace(first, hash="later", effective_from=day("2026-03-01"))
    return PolicySet({"KAL": LibraryPolicies((first, later))})


def test_a_version_begins_with_the_library_s_own_day() -> None:
    shelf = PolicyShelf(two_versions())
    eve = datetime(2026, 2, 28, 22, 59, 59, tzinfo=UTC)  # 23:59:59 in Kalmar
    for _ in range(2):  # the second time it is remembered
        assert shelf.of(KAL, eve).hash == policy_of("KAL").hash
        assert shelf.of(KAL, eve.replace(hour=23)).hash == "later"
    assert shelf.of(KAL, eve.astimezone(policy_of("KAL").time.zone)).hash == policy_of("KAL").hash


def test_what_is_remembered_goes_when_files_or_closures_change() -> None:
    shelf = PolicyShelf(two_versions())
    assert shelf.of(KAL, NOON).branch("KAL-S").calendar.is_open(day("2026-02-12"))
    shelf.close({"KAL-S": [day("2026-02-12")]})
    assert not shelf.of(KAL, NOON).branch("KAL-S").calendar.is_open(day("2026-02-12"))
    shelf.swap(PolicySet({"KAL": LibraryPolicies((replace(policy_of("KAL"), hash="new"),))}))
    assert shelf.of(KAL, NOON).hash == "new"
    assert not shelf.of(KAL, NOON).branch("KAL-S").calendar.is_open(day("2026-02-12"))


def test_the_memory_is_bounded() -> None:
    shelf = PolicyShelf(two_versions())
    for second in range(MOST_REMEMBERED + 10):
        shelf.of(KAL, datetime.fromtimestamp(second, UTC))
    assert len(shelf._in_force) <= MOST_REMEMBERED


def test_an_unknown_library_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        PolicyShelf(two_versions()).of(LibraryId("XXX"), NOON)
