"""How long a machine that asks too often is held back."""

import pytest

from server.rates import Patience

LONGEST = 5.0  # seconds


@pytest.mark.parametrize(
    ("frames", "waits", "why"),
    [
        ((b"1", b"2", b"3", b"4"), [0.0, 0.0, 5.0, 5.0], "never longer than the machine waits for an answer"),
        ((b"1", b"1", b"1", b"2"), [0.0, 0.0, 0.0, 0.0], "the same frame again counts once"),
        ((b"1", b"2", b"3", b"3"), [0.0, 0.0, 5.0, 0.0], "nor is it held back again"),
        ((None, None, None, None), [0.0, 0.0, 5.0, 5.0], "without a checksum each is a message of its own"),
    ],
)
def test_two_messages_a_minute(frames: tuple[bytes | None, ...], waits: list[float], why: str) -> None:
    patience = Patience().bear(2, 0)
    assert [patience.hold_back(100.0, frame, LONGEST) for frame in frames] == waits, why
