"""Seconds that pass, for whatever measures silence: a proven PIN, a repeated look-up, messages in a minute."""

from collections.abc import Callable

from backend.clock import Clock, FixedClock
from server.reactor import Reactor


class Moved:
    """The reactor's seconds, and those by which a clock that stands still was moved forward: as if they had passed."""

    def __init__(self, reactor: Reactor, clock: FixedClock) -> None:
        self._reactor = reactor
        self._clock = clock
        self._seen = clock.now()
        self._moved = 0.0

    def __call__(self) -> float:
        now = self._clock.now()
        self._moved += max(0.0, (now - self._seen).total_seconds())
        self._seen = now
        return self._reactor.seconds() + self._moved


def steady_seconds(reactor: Reactor, clock: Clock) -> Callable[[], float]:
    """Never backwards, whatever people do to the clock on the wall."""
    return Moved(reactor, clock) if isinstance(clock, FixedClock) else reactor.seconds
