"""The office as a command line sees it: an order goes in, its answer comes out.

While a daemon runs the order goes through its socket, for a second writer would hold it up. Otherwise a clerk of our
own opens the database, under the same lock, so that no daemon starts meanwhile.
"""

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlencode

from backend.circulation import Circulation
from backend.clock import Clock
from backend.policy.shelf import PolicyShelf
from backend.store.identifiers import IdentityHash
from backend.store.jobs import announced
from backend.store.opening import open_store
from backend.store.places import Places
from server.almanac import this_process
from server.config import Config
from server.directory import AlreadyRunning, locked, opened_key
from server.imports.taking import importers_of
from server.keys import derived
from server.office.clerk import Clerk
from server.office.errors import OfficeAway, OrderRefused
from server.office.orders import LetIn, ListLocked, Order, adapter_of
from server.office.site import SOCKET
from server.rulebook import read_policies, refuse_to_forsake

A = TypeVar("A")
PATIENCE: Final = 60.0  # seconds for one order
MOVING: Final = 5.0  # seconds in which a daemon may be starting or stopping: the lock is held, and nobody listens


class Office(Protocol):
    """Either of the two."""

    def ask(self, order: Order[A]) -> A:
        """Raises OfficeError and StoreError."""


class OwnClerk:
    """No daemon runs: the order is carried out here."""

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk

    def ask(self, order: Order[A]) -> A:
        """See Office."""
        if isinstance(order, ListLocked | LetIn):
            raise OfficeAway("no daemon runs here, and none has shut anybody out")
        return self._clerk.carry_out(order)


class Messenger:
    """A daemon runs: the order goes to it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, order: Order[A]) -> A:
        """See Office."""
        said = adapter_of(type(order)).dump_python(order, mode="json")
        connection = OverSocket(self._path)
        try:
            status, answer = connection.exchange(order.method, order.path, said)
        except (OSError, HTTPException, ValueError) as why:
            raise OfficeAway(f"{self._path}: the daemon does not answer: {why}") from why
        finally:
            connection.close()
        if status != 200:
            raise OrderRefused(str(answer.get("error", f"status {status}")))
        found: A = adapter_of(order.answer).validate_python(answer)
        return found

    def is_answered(self) -> bool:
        """Whether somebody listens."""
        connection = OverSocket(self._path)
        try:
            connection.connect()
        except OSError:
            return False
        finally:
            connection.close()
        return True


class OverSocket(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(str(self._path))

    def exchange(self, method: str, path: str, said: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        if method == "GET":
            query = urlencode({name: value for name, value in said.items() if value is not None})
            self.request("GET", f"{path}?{query}")
        else:
            self.request("POST", path, json.dumps(said).encode(), {"content-type": "application/json"})
        response = self.getresponse()
        return response.status, json.loads(response.read())


@contextmanager
def open_office(
    config: Config,
    clock: Clock,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Office]:
    """The daemon of this data directory, or a clerk of our own.

    Raises OfficeAway, ConfigError, PolicyError and StoreError.
    """
    messenger = Messenger(config.data / SOCKET)
    waited = 0.0
    while not messenger.is_answered():
        try:
            lock = locked(config.data)
        except AlreadyRunning as why:
            if waited >= MOVING:
                raise OfficeAway(f"{config.data}: somebody works here, but does not answer") from why
            pause(0.1)
            waited += 0.1
            continue
        with lock, own_clerk(config, clock) as clerk:
            yield OwnClerk(clerk)
        return
    yield messenger


@contextmanager
def own_clerk(config: Config, clock: Clock) -> Iterator[Clerk]:
    """A clerk on a store that is closed afterwards; the lock is held. Raises what `open_office` raises."""
    policies = read_policies(config)
    shelf = PolicyShelf(policies)
    identity = IdentityHash(derived(opened_key(config), "identity numbers"))
    store = open_store(config.database_url, Places(identity=identity))
    try:
        refuse_to_forsake(store, policies)
        shelf.close(store.call(announced, write=False))
        circulation = Circulation(store, shelf, clock)
        importers = importers_of(shelf, identity, config.partners)
        node = this_process(config.data)
        yield Clerk(store, circulation, shelf, clock, lambda: config.account, importers, config.partners, node)
    finally:
        store.close()
