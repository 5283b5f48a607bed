"""The office's door in a running daemon: HTTP on a Unix socket in the data directory, JSON in and out.

Whoever may open the file may give orders: its mode is the lock. Orders are carried out one after the other, each whole
before the next, on a thread of their own.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, cast

from pydantic import ValidationError
from twisted.internet.defer import Deferred, DeferredLock
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool
from twisted.web.http import Request
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from backend.plain_words import in_one_line
from backend.staff_commands import ResetPin
from backend.store.errors import StoreError
from server.accounts.together import Joined
from server.agencies.together import Partners
from server.listening import PortError
from server.log import logger
from server.logins import Locked
from server.office.clerk import Clerk
from server.office.errors import OrderRefused
from server.office.orders import (
    ORDERS,
    Changed,
    DoWork,
    Import,
    LetIn,
    ListLocked,
    Order,
    PutTerminal,
    Reload,
    RemovePartner,
    SetDisabled,
    SetPartnerDisabled,
    SetPassword,
    adapter_of,
)
from server.reactor import Port, Reactor

log = logger("office")

SOCKET: Final = "admin.sock"
MODE: Final = 0o600
LONGEST_PATH: Final = 107  # bytes; sun_path of unix(7), with its closing NUL
LONGEST_ORDER: Final = 4 << 20  # bytes; 500 rows are far less
OF_ACCOUNTS: Final = (PutTerminal, SetPassword, SetDisabled)

FAULT: Final = "a mistake of the program; the daemon's log says more"

Answered = tuple[int, Any]  # status, and what becomes JSON


class Premises(Protocol):
    """What orders change in the daemon beside the database; called on the reactor."""

    def admit(self, accounts: Joined) -> None:
        """These accounts from now on."""

    def admit_partners(self, partners: Partners) -> None:
        """These partners from now on."""

    def forget_proofs(self) -> None:
        """A PIN was changed: what was proven is proven no more."""

    def locked(self) -> tuple[Locked, ...]:
        """Addresses that are shut out after too many bad logins."""

    def let_in(self, address: str) -> bool:
        """Forget the bad logins of an address; whether it was shut out."""

    def reload(self) -> Awaitable[Changed]:
        """Configuration, policies and accounts read again. Raises OrderRefused, with everything as it was."""


@dataclass(eq=False)
class Door:
    """Takes orders to the clerk, and what came of them to the premises."""

    clerk: Clerk
    premises: Premises
    reactor: Reactor
    thread: ThreadPool = field(default_factory=lambda: ThreadPool(0, 1, "office"))
    _turn: DeferredLock = field(default_factory=DeferredLock)

    async def carry_out(self, order: Order[Any]) -> Any:
        """The answer. Raises OrderRefused and StoreError."""
        await self._turn.acquire()
        try:
            if isinstance(order, Reload):
                return await self.premises.reload()
            if isinstance(order, ListLocked):
                return list(self.premises.locked())
            if isinstance(order, LetIn):
                return let_in(self.premises, order.address)
            answer = await self.on_thread(lambda: self.clerk.carry_out(order))
            if isinstance(order, OF_ACCOUNTS):
                self.premises.admit(await self.on_thread(self.clerk.accounts))
            imported = isinstance(order, Import) and order.kind == "agencies"
            if imported or isinstance(order, SetPartnerDisabled | RemovePartner):
                self.premises.admit_partners(await self.on_thread(self.clerk.partners))
            if isinstance(order, Import) or (isinstance(order, DoWork) and order.command == ResetPin.__name__):
                self.premises.forget_proofs()
            return answer
        finally:
            self._turn.release()

    def on_thread(self, work: Callable[[], Any]) -> "Deferred[Any]":
        """Blocking work, off the reactor."""
        return deferToThreadPool(cast(IReactorFromThreads, self.reactor), self.thread, work)

    async def answer(self, method: str, path: str, said: Mapping[str, Any]) -> Answered:
        """Any order as it came; every failure becomes a status and one line."""
        kind = ORDERS.get((method, path))
        if kind is None:
            return 404, {"error": f"there is no {method} {path}"}
        try:
            order = adapter_of(kind).validate_python(said)
        except ValidationError as why:
            return 400, {"error": in_one_line(why)}
        try:
            return 200, adapter_of(kind.answer).dump_python(await self.carry_out(order), mode="json")
        except OrderRefused as why:
            return 409, {"error": str(why)}
        except StoreError as why:
            return 503, {"error": str(why)}
        except Exception:
            log.exception("office.failed", order=kind.__name__)
            return 500, {"error": FAULT}


def let_in(premises: Premises, address: str) -> Changed:
    """Raises OrderRefused for an address that is not shut out."""
    if not premises.let_in(address):
        raise OrderRefused(f"{address} is not shut out")
    return Changed(words=(f"{address} may log in again",))


class Counter(Resource):
    """Every path of the socket."""

    isLeaf = True

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door

    def render(self, request: Request) -> Any:
        """Reads the order; what it is answered with comes later."""
        method, path = request.method.decode("latin-1"), request.path.decode("latin-1")
        try:
            said = body_of(request) if method == "POST" else query_of(request)
        except ValueError as why:
            return written(request, (400, {"error": str(why)}))
        gone: list[Failure] = []
        request.notifyFinish().addErrback(gone.append)

        def answered(body: bytes) -> None:
            if not gone:
                request.write(body)
                request.finish()

        answer = Deferred.fromCoroutine(self._door.answer(method, path, said))
        answer.addCallback(partial(written, request)).addErrback(partial(broken, request)).addCallback(answered)
        return NOT_DONE_YET


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object that was sent, {} for nothing. Raises ValueError."""
    text = request.content.read(LONGEST_ORDER + 1) if request.content else b""
    if len(text) > LONGEST_ORDER:
        raise ValueError(f"an order has at most {LONGEST_ORDER} bytes")
    try:
        said = json.loads(text) if text else {}
    except ValueError as why:
        raise ValueError("an order is a JSON object in UTF-8") from why
    if not isinstance(said, dict):
        raise ValueError("an order is a JSON object in UTF-8")
    return said


def query_of(request: Request) -> dict[str, Any]:
    """`?item=3011&limit=5`; of a name that comes twice, the last."""
    return {name.decode("utf-8"): values[-1].decode("utf-8") for name, values in (request.args or {}).items()}


def broken(request: Request, failure: Failure) -> bytes:
    """An answer that could not be written down: the client must not wait for it."""
    log.error("office.unwritten", exc_info=failure.value)
    return written(request, (500, {"error": FAULT}))


def written(request: Request, answer: Answered) -> bytes:
    """The body of the answer, its status and head set."""
    status, said = answer
    body = json.dumps(said, ensure_ascii=False).encode() + b"\n"
    request.setResponseCode(status)
    request.setHeader(b"content-type", b"application/json")
    request.setHeader(b"content-length", str(len(body)).encode())
    return body


def open_door(reactor: Reactor, data: Path, door: Door) -> Port:
    """Listen on the socket in `data`. Whoever calls holds the directory's lock, so a socket there is nobody's any more.

    Raises PortError.
    """
    path = data / SOCKET
    if len(bytes(path)) > LONGEST_PATH:
        raise PortError(f"{path}: the path of a Unix socket has at most {LONGEST_PATH} bytes")
    path.unlink(missing_ok=True)
    try:
        return reactor.listenUNIX(str(path), Site(Counter(door)), mode=MODE)
    except CannotListenError as why:
        raise PortError(f"{path}: {why.socketError}") from why
