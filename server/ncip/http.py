"""One caller's HTTP connection: as twisted.web has it, with the way from a proper POST to its answer made short.

The idle time-out looks at the clock when it is due and is not wound up anew for each message; an answer with its head
is one piece of bytes, and goes straight to the socket as long as that takes all of it.
"""

import re
from collections.abc import Callable
from functools import cached_property, lru_cache
from io import BytesIO
from socket import socket
from typing import Any, cast

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import connectionDone
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel, datetimeToString
from twisted.web.server import Request, Site, version
from zope.interface import implementer

from server.listening import names_shown
from server.reactor import DelayedCall, Reactor

ABSOLUTE = re.compile(rb"https?://[^/?]*", re.IGNORECASE)
FAR_TOO_LARGE = 8  # times the limit; then the connection is cut
HEAD = b"HTTP/1.1 200 OK\r\nServer: %s\r\nDate: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"


@lru_cache(maxsize=1)
def date_at(second: int) -> bytes:
    """Worked out once a second.  `second` is since 1970."""
    date: bytes = datetimeToString(second)
    return date


@implementer(IHalfCloseableProtocol)
class NcipChannel(HTTPChannel):
    """A connection to `site`, kept alive."""

    transport: Any
    timeOut: Any  # seconds; None while a message is in work

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.factory = self.site = site
        self.requestFactory = site.requestFactory
        self.timeOut = site.timeOut
        self._reactor = cast(Reactor, site.reactor)
        self._seconds = self._reactor.seconds
        self._heard = 0.0  # when something came, or an answer went
        self._watch: DelayedCall | None = None
        self._said_all = False  # the caller has closed its half
        self._socket: socket | None = None  # a plain connection's, as long as it takes all that is written

    def connectionMade(self) -> None:
        if isinstance(self.transport, Connection) and not self.transport.TLS:
            self._socket = self.transport.getHandle()
        super().connectionMade()

    @cached_property
    def address(self) -> str:
        """The caller's."""
        return getattr(self.getPeer(), "host", "") or ""

    @cached_property
    def certificate(self) -> tuple[str, ...]:
        """The names in the caller's certificate; not to be asked before TLS is up."""
        return names_shown(self.transport)

    def date(self) -> bytes:
        """As HTTP writes it."""
        return date_at(int(self._seconds()))

    # How long it may be silent.

    def resetTimeout(self) -> None:
        self._heard = self._seconds()

    def callLater(self, period: float, look: Callable[[], None]) -> DelayedCall:
        return self._reactor.callLater(period, look)

    def setTimeout(self, period: float | None) -> Any:
        """None while a message is in work."""
        before, self.timeOut = self.timeOut, period
        self._heard = self._seconds()
        if period is not None and self._watch is None:
            self._watch = self.callLater(period, self._look)
        return before

    def _look(self) -> None:
        """Time-out, or look again when the rest of the time is over."""
        self._watch = None
        if self.timeOut is None:
            return  # the next message begins a new watch
        rest = self._heard + self.timeOut - self._seconds()
        if rest > 0:
            self._watch = self.callLater(rest, self._look)
        else:
            self.timeoutConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    # How much is taken in, and until when.

    def pauseProducing(self) -> None:
        """Who does not read its answers is not listened to, whatever is in work."""
        super().pauseProducing()
        self._networkProducer.pauseProducing()

    def requestDone(self, request: Any) -> None:
        """The next message, if it is here; no more is read while enough of them wait."""
        super().requestDone(request)
        if self._said_all and not self._handlingRequest:
            self.loseConnection()
        elif sum(map(len, self._dataBuffer)) > self._optimisticEagerReadSize:
            self._networkProducer.pauseProducing()

    def readConnectionLost(self) -> None:
        """The caller has sent all it has; it may still read the answers (nc, old scripts)."""
        self._said_all = True
        if not self._handlingRequest:
            self.loseConnection()

    def writeConnectionLost(self) -> None:
        """We never close one half alone."""

    # What is written.  Once anything waits in Twisted's buffer, all that follows goes there, too.

    def send(self, answer: bytes) -> None:
        """A whole answer, head and body."""
        if self._socket is not None:
            try:
                sent = self._socket.send(answer)
            except OSError:  # full, or broken: Twisted will find out which
                sent = 0
            if sent == len(answer):
                return
            self._socket, answer = None, answer[sent:]
        self.transport.write(answer)

    def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Any) -> None:
        self._socket = None
        super().writeHeaders(version, code, reason, headers)

    def allHeadersReceived(self) -> None:
        if self.requests[-1].requestHeaders.hasHeader(b"expect"):
            self._socket = None  # the caller is told to go on
        super().allHeadersReceived()


class NcipRequest(Request):
    """A request whose body is counted as it comes, kept in memory, and dropped once it is too large.

    `takes` carries out a proper one, and says whether it was one; any other is looked up among the pages.
    """

    channel: Any
    content: Any
    largest = 1 << 20
    received = 0
    takes: Callable[["NcipRequest"], bool]

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """A target may name scheme and host, too, as it does on its way through a proxy (RFC 9112, 3.2.2)."""
        absolute = ABSOLUTE.match(path)
        super().requestReceived(command, path[absolute.end() :] or b"/" if absolute else path, version)

    def gotLength(self, length: int | None) -> None:
        self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        self.received += len(data)
        if self.received <= self.largest:
            super().handleContentChunk(data)
        elif self.received > self.largest * FAR_TOO_LARGE and self.channel is not None:
            self.channel.forceAbortClient()

    @property
    def is_too_large(self) -> bool:
        return self.received > self.largest

    def process(self) -> None:
        try:
            taken = self.takes(self)
        except Exception:
            self.processingFailed(Failure())
        else:
            if not taken:
                super().process()

    @property
    def stays(self) -> bool:
        """Does the connection stay open after the answer?"""
        return self.channel is not None and bool(self.channel.persistent)

    def name_us(self) -> None:
        """The headers that Twisted puts before every answer of a page."""
        self.setHeader(b"server", version)
        self.setHeader(b"date", datetimeToString())

    def answer_straight(self, kind: bytes, body: bytes) -> None:
        """200 and a body, to a caller whose connection stays open."""
        self.startedWriting = 1
        self.channel.send(HEAD % (version, self.channel.date(), kind, len(body)) + body)
        self.finish()
