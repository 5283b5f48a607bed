"""The loopback controls over a real socket: what they do, what they refuse, and that they answer when it is done."""

import http.client
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.threads import deferToThread
from twisted.web.resource import Resource
from twisted.web.server import Site

from backend.circulation import Circulation
from backend.clock import Clock, FixedClock
from backend.store.store import Store
from backend.tables import loans
from conformance.control import ControlError, HttpControl
from server.bridge import Bridge, deliverer
from server.demo.control import LONGEST_BODY, Controls
from server.demo.demo import Demo
from tests.databases import everything, rows_of
from tests.server.demo.conftest import shelf

pytestmark = pytest.mark.slow

WORLD = 'extends = "fixtures"\n[[loan]]\nitem = "KB3"\npatron = "K1"\nlent = 2026-02-02\ndue = 2026-03-02\n'


class RealTime:
    """A clock that nobody sets."""

    def now(self) -> datetime:
        return datetime.fromisoformat("2026-02-12T12:00:00+01:00")


@dataclass
class Desk:
    """The controls, where they listen, and how often they said that all is new."""

    controls: Controls
    port: int
    resets: list[bool] = field(default_factory=list)

    async def post(self, action: str, body: bytes, **headers: str) -> tuple[int, str]:
        return await deferToThread(self._post, action, body, headers)

    def _post(self, action: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", f"/demo/{action}", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode().strip()
        finally:
            connection.close()


def controls_of(demo: Demo, store: Store, clock: Clock) -> Controls:
    """The controls of a daemon that has nothing else."""
    store.on_batch = deliverer(reactor)
    bridge = Bridge(Circulation(store, shelf(), clock), store, shelf(), clock)
    return Controls(demo=demo, bridge=bridge, clock=clock, reactor=reactor, pool=reactor.getThreadPool())


Serve = Callable[[Controls], Awaitable[Desk]]


@pytest_twisted.async_yield_fixture
async def desk(demo: Demo, store: Store, clock: FixedClock) -> AsyncIterator[Desk]:
    demo.populate(store, clock)
    async for served in serve(controls_of(demo, store, clock)):
        yield served


async def serve(controls: Controls) -> AsyncIterator[Desk]:
    resets: list[bool] = []
    told = replace(controls, on_reset=lambda: resets.append(True))
    root = Resource()
    root.putChild(b"demo", told.resource())
    port = reactor.listenTCP(0, Site(root), interface="127.0.0.1")
    yield Desk(told, port.getHost().port, resets)
    await port.stopListening()


async def test_a_world_is_there_when_the_answer_comes(desk: Desk, store: Store) -> None:
    control = HttpControl(f"http://127.0.0.1:{desk.port}")
    await deferToThread(control, "world", WORLD)
    assert len(rows_of(store, loans)) == 1
    assert desk.resets == [True]


async def test_a_wrong_world_changes_nothing_and_says_everything(desk: Desk, store: Store) -> None:
    before = everything(store)
    control = HttpControl(f"http://127.0.0.1:{desk.port}")
    with pytest.raises(ControlError, match=r"400 loan\[1\]\.patron: no patron K99"):
        await deferToThread(control, "world", WORLD.replace('"K1"', '"K99"'))
    assert everything(store) == before
    assert desk.resets == []


@pytest.mark.parametrize("body", [b"2026-03-02T23:30:00+01:00", b'{"now": "2026-03-02T23:30:00+01:00"}'])
async def test_the_clock_is_set(desk: Desk, clock: FixedClock, body: bytes) -> None:
    status, _ = await desk.post("clock", body)
    assert status == 200
    assert clock.now() == datetime.fromisoformat("2026-03-02T22:30:00+00:00")


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("clock", b"tomorrow", 400),
        ("clock", b"2026-03-02T23:30:00", 400),  # where?
        ("clock", b'{"then": "x"}', 400),
        ("clock", b"{", 400),
        ("clock", b"\xff", 400),
        ("clock", b"x" * 5000, 413),
        ("world", b"#" * (LONGEST_BODY + 1), 413),
        ("world", b"\xff", 400),
        ("job", b"someday", 400),
        ("job", b"2026-02-12", 501),
        ("control", b"whatever", 501),
        ("nothing", b"", 404),
    ],
)
async def test_what_cannot_be_done_is_told(
    desk: Desk, clock: FixedClock, action: str, body: bytes, status: int
) -> None:
    before = clock.now()
    got, _ = await desk.post(action, body)
    assert got == status
    assert clock.now() == before


async def test_a_page_in_a_browser_is_refused(desk: Desk) -> None:
    assert (await desk.post("clock", b"2026-03-02T23:30:00Z", Origin="http://example.org"))[0] == 403


async def test_real_time_cannot_be_set(demo: Demo, store: Store) -> None:
    async for desk in serve(controls_of(demo, store, RealTime())):
        status, said = await desk.post("clock", b"2026-03-02T23:30:00Z")
        assert (status, "--clock" in said) == (409, True)


async def test_the_jobs_of_a_day_and_anything_else_are_somebody_elses(
    demo: Demo, store: Store, clock: FixedClock
) -> None:
    async def run(day: date) -> str:
        return f"ran {day}"

    async def listen(words: str) -> str:
        return f"heard {words}"

    controls = replace(controls_of(demo, store, clock), run_jobs=run, control=listen)
    async for desk in serve(controls):
        assert await desk.post("job", b'{"day": "2026-02-12"}') == (200, "ran 2026-02-12")
        assert await desk.post("control", b"be nice\n") == (200, "heard be nice")


async def test_a_store_that_is_away_is_told(desk: Desk, store: Store) -> None:
    store.close()
    assert (await desk.post("world", WORLD.encode()))[0] == 503
