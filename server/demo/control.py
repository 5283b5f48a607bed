"""What a tester may do to the demonstration from the same machine: POST to /demo/clock, world, job or control.

Each answers when it is done, in one line, or says why nothing was changed, in one line a mistake. `serve` has none of
this.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final, cast

import structlog
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from backend.clock import Clock, FixedClock
from backend.jobs.run import DayIsOver, NotOurTurn
from backend.store.errors import StoreError
from server.bridge import Bridge
from server.demo.demo import Demo
from server.demo.world_rows import WorldError
from server.reactor import Reactor

LONGEST_BODY: Final = 1 << 20  # bytes; a world of ten thousand loans
LONGEST_LINE: Final = 4096  # bytes of anything but a world

RunJobs = Callable[[date], Awaitable[str]]  # the jobs of that day; answers with what was done
Listen = Callable[[str], Awaitable[str]]  # anything else; raises Refusal for words that it does not know
log = structlog.get_logger()


class Refusal(Exception):
    """What was asked was not done; the message has a line for each reason."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Controls:
    """What the controls work on. `on_reset` is told when all records are new: whatever was remembered is not so now.

    `run_jobs` and `control` are None as long as there is nothing that they could do.
    """

    demo: Demo
    bridge: Bridge
    clock: Clock
    reactor: Reactor
    pool: ThreadPool
    on_reset: Callable[[], None] = lambda: None
    run_jobs: RunJobs | None = None
    control: Listen | None = None

    async def set_clock(self, body: str) -> str:
        """An instant with its offset, alone or as `{"now": ...}`."""
        now = instant(value_of(body, "now"))
        if not isinstance(self.clock, FixedClock):
            raise Refusal(HTTPStatus.CONFLICT, "this town lives in real time: start it with --clock to set its clock")
        self.clock.set(now)
        return f"it is {now.isoformat()}"

    async def set_world(self, body: str) -> str:
        """A world as TOML."""
        now = self.clock.now().replace(microsecond=0)
        threads = cast(IReactorFromThreads, self.reactor)
        try:
            world = await deferToThreadPool(threads, self.pool, self.demo.read_world, body)
        except WorldError as wrong:
            raise Refusal(HTTPStatus.BAD_REQUEST, str(wrong)) from wrong
        work = await deferToThreadPool(threads, self.pool, self.demo.making, world, now)
        await self.bridge.work(work, write=True)
        self.on_reset()
        return f"the world has {len(world.town.patrons)} patrons and {len(world.town.items)} copies"

    async def run_day(self, body: str) -> str:
        """A day, alone or as `{"day": ...}`."""
        day = a_day(value_of(body, "day"))
        if self.run_jobs is None:
            raise Refusal(HTTPStatus.NOT_IMPLEMENTED, "this daemon has no daily jobs yet")
        try:
            return await self.run_jobs(day)
        except (DayIsOver, NotOurTurn) as why:
            raise Refusal(HTTPStatus.CONFLICT, str(why)) from why

    async def other(self, body: str) -> str:
        """Whatever else the program behind the demo offers; Refusal (501) where it offers nothing."""
        if self.control is None:
            raise Refusal(HTTPStatus.NOT_IMPLEMENTED, "this daemon knows no other controls")
        return await self.control(body.strip())

    def resource(self) -> Resource:
        """To be put below the root as `demo`."""
        tree = Resource()
        tree.putChild(b"clock", Control(self.set_clock, LONGEST_LINE))
        tree.putChild(b"world", Control(self.set_world, LONGEST_BODY))
        tree.putChild(b"job", Control(self.run_day, LONGEST_LINE))
        tree.putChild(b"control", Control(self.other, LONGEST_LINE))
        return tree


class Control(Resource):
    """One control: POST with UTF-8 text, one answer."""

    isLeaf = True

    def __init__(self, do: Callable[[str], Awaitable[str]], longest: int) -> None:
        super().__init__()
        self._do = do
        self._longest = longest

    def render_POST(self, request: Request) -> int:
        gone: list[object] = []
        request.notifyFinish().addErrback(gone.append)
        done = Deferred.fromCoroutine(self._answer(request))
        done.addErrback(broken)
        done.addCallback(lambda answered: finish(request, *answered) if not gone else None)
        return NOT_DONE_YET

    async def _answer(self, request: Request) -> tuple[HTTPStatus, str]:
        try:
            refuse_strangers(request)
            return HTTPStatus.OK, await self._do(read_body(request, self._longest))
        except Refusal as refusal:
            return refusal.status, str(refusal)
        except StoreError as away:
            return HTTPStatus.SERVICE_UNAVAILABLE, str(away)


def broken(failure: Failure) -> tuple[HTTPStatus, str]:
    """A fault of ours."""
    log.error("demo.control_failed", error=failure.getTraceback())
    return HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong here; the log says what"


def finish(request: Request, status: HTTPStatus, text: str) -> None:
    request.setResponseCode(status)
    request.setHeader(b"content-type", b"text/plain; charset=utf-8")
    request.write(f"{text}\n".encode())
    request.finish()


def refuse_strangers(request: Request) -> None:
    """Only programs on this machine: a page in somebody's browser is none, wherever the browser runs."""
    client = getattr(request.getClientAddress(), "host", "")
    try:
        near = ip_address(client).is_loopback
    except ValueError:
        near = False
    if not near or request.getHeader("origin") is not None:
        raise Refusal(HTTPStatus.FORBIDDEN, "only for programs on the same machine")


def read_body(request: Request, longest: int) -> str:
    content: Any = request.content
    body: bytes = content.read(longest + 1)
    if len(body) > longest:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {longest} bytes")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise Refusal(HTTPStatus.BAD_REQUEST, "not UTF-8") from wrong


def value_of(body: str, key: str) -> str:
    """Plain text, or the text under `key` of a JSON object."""
    if not body.lstrip().startswith("{"):
        return body.strip()
    try:
        value = json.loads(body).get(key)
    except ValueError as wrong:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"not JSON: {wrong}") from wrong
    if not isinstance(value, str):
        raise Refusal(HTTPStatus.BAD_REQUEST, f'expected {{"{key}": "..."}}')
    return value


def instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Refusal(
            HTTPStatus.BAD_REQUEST, f"expected an instant such as 2026-02-12T12:00:00+01:00: {wrong}"
        ) from wrong
    if found.tzinfo is None:
        raise Refusal(HTTPStatus.BAD_REQUEST, "an instant has an offset, such as 2026-02-12T12:00:00+01:00")
    return found


def a_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise Refusal(HTTPStatus.BAD_REQUEST, f"expected a day such as 2026-02-12: {wrong}") from wrong
