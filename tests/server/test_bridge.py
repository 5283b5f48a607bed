"""Whether the database is there, as 98 tells it: look-ups that succeed do not hide that nothing can be written."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from backend.circulation import Circulation
from backend.clock import FixedClock
from backend.store.errors import PromiseBroken, StoreBusy, StoreCorrupt, StoreError, StoreUnavailable
from backend.store.session import Session
from backend.store.sqlite import Writer
from backend.store.store import Store
from server.bridge import NOBODY, Bridge, deliverer
from tests.databases import fresh_store
from tests.server.demo.conftest import NOW, shelf


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = fresh_store(tmp_path)
    made.on_batch = deliverer(reactor)
    return made


@pytest_twisted.async_yield_fixture
async def bridge(store: Store) -> AsyncIterator[Bridge]:
    clock = FixedClock(NOW)
    yield Bridge(Circulation(store, shelf(), clock), store, shelf(), clock)
    store.close()


def raising(error: Exception) -> Callable[[Session], None]:
    def work(session: Session) -> None:
        raise error

    return work


def only_reads(store: Store, yes: bool) -> None:
    """What a full disk and a file system that went read-only come to."""
    writer = store._sides[0]
    assert isinstance(writer, Writer)
    writer.connection.execute(f"pragma query_only = {int(yes)}")


async def fails(waited: Deferred[None]) -> None:
    with pytest.raises((StoreError, ZeroDivisionError)):
        await waited


async def test_a_database_that_can_only_be_read_is_away_until_it_can_be_written(bridge: Bridge, store: Store) -> None:
    only_reads(store, True)
    await fails(bridge.work(bridge._try_to_write, write=True))
    assert not bridge.online
    assert await bridge.pin_facts(NOBODY, shelf().libraries()[0]) is None
    await bridge.look()
    assert not bridge.online
    only_reads(store, False)
    assert not bridge.online
    await bridge.look()
    assert bridge.online


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize(
    ("error", "online"),
    [
        (StoreUnavailable(), False),
        (StoreCorrupt(), False),
        (PromiseBroken(), True),  # the command's own fault
        (StoreBusy(), True),
        (ZeroDivisionError(), True),  # ours
    ],
)
async def test_what_says_that_the_database_is_away(bridge: Bridge, error: Exception, write: bool, online: bool) -> None:
    await fails(bridge.work(raising(error), write=write))
    assert bridge.online is online
    await bridge.look()
    assert bridge.online


async def test_a_closed_store_is_no_news(bridge: Bridge, store: Store) -> None:
    store.close()
    await bridge.look()
    assert bridge.online
