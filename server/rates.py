"""How often something happened lately: sliding windows, kept in memory."""

from collections import deque
from dataclasses import dataclass, field

MINUTE = 60.0  # seconds
HOUR = 3600.0


@dataclass(slots=True)
class Window:
    """The instants of the last `span` seconds, at most `most` of them."""

    span: float
    most: int
    _seen: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until one more fits in; 0 when it does now, or when there is no limit (`most` 0)."""
        while self._seen and self._seen[0] <= now - self.span:
            self._seen.popleft()
        if not self.most or len(self._seen) < self.most:
            return 0.0
        return self._seen[-self.most] + self.span - now

    def note(self, now: float) -> None:
        """One more."""
        if self.most:
            self._seen.append(now)


@dataclass(slots=True)
class Patience:
    """What one account has used of its limits, over all its connections and whatever is read anew. 0: no limit."""

    messages: Window = field(default_factory=lambda: Window(MINUTE, 0))
    blocked_cards: Window = field(default_factory=lambda: Window(HOUR, 0))
    connections: int = 0
    last: int | None = None  # the hash of the last frame that had a checksum

    def hold_back(self, now: float, frame: bytes | None, longest: float) -> float:
        """Seconds until a message is served, `longest` at most. The same frame again, sent for want of an answer,
        counts once; `frame` is None where a repeat is a message of its own."""
        again = frame is not None and hash(frame) == self.last
        self.last = None if frame is None else hash(frame)
        if again:
            return 0.0
        wait = min(self.messages.wait(now), longest)
        self.messages.note(now + wait)
        return wait

    def bear(self, messages_per_minute: int, blocked_cards_per_hour: int) -> "Patience":
        """The same, with these limits from now on."""
        self.messages.most, self.blocked_cards.most = messages_per_minute, blocked_cards_per_hour
        return self
