"""What we need of a reactor, as types: Twisted's interfaces are checked at run time, ours when the code is read."""

from collections.abc import Callable
from socket import AddressFamily
from typing import Any, Protocol


class DelayedCall(Protocol):
    """Something that will be called, unless it is cancelled first."""

    def cancel(self) -> None: ...

    def active(self) -> int | bool: ...


class Place(Protocol):
    """Where an open port is."""

    host: str
    port: int


class Port(Protocol):
    """An open port."""

    def getHost(self) -> Place: ...

    def stopListening(self) -> Any: ...


class Reactor(Protocol):
    """Twisted's asyncio reactor, as far as the server uses it."""

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> Port: ...

    def listenUNIX(self, address: str, factory: Any, backlog: int = 50, mode: int = 0o666) -> Port: ...

    def adoptStreamPort(self, descriptor: int, family: AddressFamily, factory: Any) -> Port: ...

    def callFromThread(self, function: Callable[..., object], *args: Any) -> None: ...

    def callLater(self, delay: float, function: Callable[..., object], *args: Any) -> DelayedCall: ...

    def seconds(self) -> float: ...

    def addSystemEventTrigger(self, phase: str, event: str, function: Callable[..., object]) -> Any: ...

    def run(self) -> None: ...


class Wire(Protocol):
    """A connected stream, plain or TLS."""

    def write(self, data: bytes) -> None: ...

    def loseConnection(self) -> None: ...

    def abortConnection(self) -> None: ...

    def pauseProducing(self) -> None: ...

    def resumeProducing(self) -> None: ...

    def setTcpNoDelay(self, enabled: bool) -> None: ...

    def setTcpKeepAlive(self, enabled: bool) -> None: ...

    def getPeer(self) -> Place: ...

    def getPeerCertificate(self) -> Any: ...
