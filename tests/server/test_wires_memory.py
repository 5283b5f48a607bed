"""What is remembered of lines and accounts is bounded, and outlives settings that are read again."""

from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from twisted.internet.task import Clock
from twisted.python.threadpool import ThreadPool

from backend.clock import FixedClock
from protocols.sip2.events import Asked
from protocols.sip2.framing import Frame
from protocols.sip2.messages import LoginResponse
from server.accounts.settings import AccountSettings
from server.rates import MINUTE, Patience, Window
from server.reactor import Reactor
from server.recording import Recorder
from server.registry import Entry, Registry

ASKED = Asked(Frame(b"9300CNkasse1|CO1234|", b"9300CNkasse1|CO1234|"), 0.0)


@pytest.mark.parametrize(
    ("most", "seen", "now", "wait"),
    [
        (0, [0.0] * 50, 1.0, 0.0),  # no limit
        (2, [], 0.0, 0.0),
        (2, [0.0], 1.0, 0.0),
        (2, [0.0, 10.0], 20.0, 40.0),  # until the first is a minute old
        (2, [0.0, 10.0], 60.0, 0.0),
        (2, [0.0, 10.0, 60.0], 61.0, 9.0),  # those put off count at the time they were put off to
        (1, [0.0, 10.0], 20.0, 50.0),  # a limit that was lowered meanwhile
    ],
)
def test_a_window(most: int, seen: list[float], now: float, wait: float) -> None:
    window = Window(MINUTE, most or 100)
    for when in seen:
        window.note(when)
    window.most = most
    assert window.wait(now) == wait


def settings(**limits: int) -> AccountSettings:
    return AccountSettings.model_validate(
        {"name": "kasse1", "library": "KAL", "branch": "KAL-S", "limits": limits, "recording": {"on": True}}
    )


def test_what_was_used_counts_on_when_accounts_are_read_again() -> None:
    registry = Registry([settings(connections=1)], cast(Reactor, Clock()), ThreadPool(0, 1))
    before = registry.get("kasse1")
    assert before is not None
    before.patience.connections += 1
    registry.replace([settings(connections=2, blocked_cards_per_hour=3)])
    after = registry.get("kasse1")
    assert after is not None
    assert (before.is_full, after.is_full, after.patience.blocked_cards.most) == (True, False, 3)
    before.patience.connections -= 1
    assert after.patience.connections == 0


def test_a_recording_never_grows_beyond_two_files(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "recordings", FixedClock(datetime(2026, 9, 14, tzinfo=UTC)), largest=1000)
    for _ in range(200):
        recorder.record(Entry(settings(), Patience()), ASKED, LoginResponse(ok=True))
    files = sorted((tmp_path / "recordings").iterdir())
    assert {file.name for file in files} <= {"kasse1.txt", "kasse1.old.txt"}
    assert sum(file.stat().st_size for file in files) < 2200


def test_a_recording_that_cannot_be_kept_costs_nobody_an_answer(tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("a file, not a folder")
    recorder = Recorder(tmp_path / "recordings", FixedClock(datetime(2026, 9, 14, tzinfo=UTC)))
    recorder.record(Entry(settings(), Patience()), ASKED, LoginResponse(ok=True))
