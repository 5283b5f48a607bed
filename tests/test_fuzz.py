"""The long fuzz of `make fuzz`, run short; a finding prints the bytes that led to it."""

import pytest

from tests.fuzz import fuzz

pytestmark = pytest.mark.slow


def test_hostile_bytes_bring_only_events_and_proven_frames() -> None:
    run, _ = fuzz(frames=3000, seed=20260212)
    assert not run.findings
    assert {"Request", "Failed", "Reply", "Ignored", "Close"} <= set(run.events)
