"""Work on its way through the store: what is to be done, what came of it, and who wants to know."""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

import structlog

from backend.store.session import Session
from backend.value import value

T = TypeVar("T")
log = structlog.get_logger()
Work = Callable[[Session], T]
Delivery = Callable[[], None]  # tells one caller; raises nothing
OnBatch = Callable[[Sequence[Delivery]], None]


@value(frozen=True, slots=True)
class Answered(Generic[T]):
    """The work was done, and what it changed is kept."""

    value: T


@value(frozen=True, slots=True)
class Failed:
    """The work was not done, or its changes were not kept."""

    error: Exception


Answer = Answered[T] | Failed


class Pending(Protocol):
    """One piece of work in the queue. `at_once`: a thread waits for it, and is told without the detour of a batch."""

    at_once: bool

    def attempt(self, session: Session) -> None:
        """Do it and remember what came of it; raises whatever the work raises."""

    def fail(self, error: Exception) -> None:
        """Forget what came of it: this error did."""

    def deliver(self) -> None:
        """Tell the caller; raises nothing."""


class Job(Generic[T]):
    """One caller's work."""

    __slots__ = ("_answer", "_done", "_work", "at_once")

    def __init__(self, work: Work[T], done: Callable[[Answer[T]], None], at_once: bool = False) -> None:
        self.at_once = at_once
        self._work = work
        self._done = done
        self._answer: Answer[T] = Failed(RuntimeError("never attempted"))

    def attempt(self, session: Session) -> None:
        self._answer = Answered(self._work(session))

    def fail(self, error: Exception) -> None:
        self._answer = Failed(error)

    def deliver(self) -> None:
        try:
            self._done(self._answer)
        except Exception:  # a caller's own mistake: the next one wants to hear too
            log.exception("store.callback_failed")


def deliver_each(deliveries: Sequence[Delivery]) -> None:
    """Tell every caller on the thread that did the work."""
    for deliver in deliveries:
        deliver()
