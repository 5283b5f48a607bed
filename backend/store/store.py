"""The one bridge between callers and the database: work goes in, a completion callback comes back.

A callback is called only when what the work changed is safely kept, on a thread of the store's, and batch by batch: a
server hands over `on_batch` and crosses into its own thread once for all of them.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

import structlog

from backend.store.errors import StoreBusy, StoreClosed, StoreUnavailable
from backend.store.session import Session
from backend.store.statement import Engine
from backend.store.work import Answer, Failed, Job, OnBatch, Pending, Work, deliver_each

T = TypeVar("T")
log = structlog.get_logger()
WAITING = 10_000  # pieces of work in one queue before callers are told to come back later


class WorkQueue:
    """Work for one or several threads, of limited length."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: SimpleQueue[Pending | None] = SimpleQueue()
        self._ended = False
        self._entrance = threading.Lock()  # nothing gets behind the end: nobody would take it, and its caller waits on

    def put(self, job: Pending) -> None:
        """Raises StoreBusy when the queue is full, StoreClosed after its end."""
        with self._entrance:
            if self._ended:
                raise StoreClosed("the store is closed")
            if self._waiting.qsize() >= self._limit:
                raise StoreBusy(f"{self._limit} commands wait already")
            self._waiting.put(job)

    def end(self) -> None:
        """The threads finish what is queued, then stop."""
        with self._entrance:
            self._ended = True
            self._waiting.put(None)

    def take(self, most: int) -> list[Pending]:
        """Waits for work; whatever has gathered, at most `most`. Nothing: it is time to stop."""
        first = self._waiting.get()
        if first is None:
            self._waiting.put(None)  # for the next thread
            return []
        batch = [first]
        try:
            while len(batch) < most:
                job = self._waiting.get_nowait()
                if job is None:
                    self._waiting.put(None)
                    break
                batch.append(job)
        except Empty:
            pass
        return batch

    def __len__(self) -> int:
        return self._waiting.qsize()


class Side(ABC):
    """One connection: it writes, or it reads."""

    session: Session

    @abstractmethod
    def do(self, batch: Sequence[Pending]) -> int:
        """Do the first of these, at least one; how many are done, well or badly. Raises nothing."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the database."""


class Store:
    """What both databases offer."""

    engine: Engine

    def __init__(self, on_batch: OnBatch = deliver_each, waiting: int = WAITING) -> None:
        self.on_batch = on_batch
        self._writes = WorkQueue(waiting)
        self._reads = WorkQueue(waiting)
        self._threads: list[threading.Thread] = []
        self._sides: list[Side] = []
        self._closed = False

    def run(self, work: Work[T], done: Callable[[Answer[T]], None], *, write: bool) -> None:
        """Queue `work`; `done` hears of it when it is kept. Raises StoreBusy and StoreClosed."""
        self._put(Job(work, done), write)

    def call(self, work: Work[T], *, write: bool) -> T:
        """Do `work` and wait for it; raises what it raises. For command lines and tests, not for a reactor's thread."""
        answers: SimpleQueue[Answer[T]] = SimpleQueue()
        self._put(Job(work, answers.put, at_once=True), write)
        answer = answers.get()
        if isinstance(answer, Failed):
            raise answer.error
        return answer.value

    def _put(self, job: Pending, write: bool) -> None:
        (self._writes if write else self._reads).put(job)

    def close(self) -> None:
        """Finish what is queued, then let go of the database."""
        if self._closed:
            return
        self._closed = True
        self._writes.end()
        self._reads.end()
        for thread in self._threads:
            thread.join()

    @property
    def statements(self) -> int:
        """Statements executed so far, transactions and savepoints apart."""
        return sum(side.session.statements for side in self._sides)

    @property
    def waiting(self) -> int:
        """Pieces of work in the queues."""
        return len(self._writes) + len(self._reads)

    def serve(self, name: str, side: Side, queue: WorkQueue, most: int) -> None:
        """One more thread for a queue, which does not keep the program alive."""
        thread = threading.Thread(target=self._serve, args=(side, queue, most), name=name, daemon=True)
        self._sides.append(side)
        self._threads.append(thread)
        thread.start()

    def _serve(self, side: Side, queue: WorkQueue, most: int) -> None:
        while batch := queue.take(most):
            while batch:
                done = attempt(side, batch)
                self._deliver(batch[:done])
                batch = batch[done:]
        side.close()

    def _deliver(self, jobs: Sequence[Pending]) -> None:
        """Tell the callers, all at once; one who cannot be told does not stop the others' work.

        A thread that waits is told here: the server's own thread, which takes batches, may not be running yet.
        """
        deliver_each([job.deliver for job in jobs if job.at_once])
        batch = [job.deliver for job in jobs if not job.at_once]
        try:
            if batch:
                self.on_batch(batch)
        except Exception:
            log.exception("store.delivery_failed", callers=len(jobs))


def attempt(side: Side, batch: Sequence[Pending]) -> int:
    """How many of these are done; a thread that died of one failure would leave all later callers unanswered."""
    try:
        return side.do(batch)
    except Exception as error:
        log.exception("store.connection_failed")
        for job in batch:
            job.fail(StoreUnavailable(f"the connection is of no use: {type(error).__name__}"))
        return len(batch)
