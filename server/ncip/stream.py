"""NCIP on bare TCP, as older partners speak it: one document after another, each answered before the next is heard."""

from collections import deque
from typing import Final, cast
from typing import Protocol as Shape

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.ncip.codec import encode
from protocols.ncip.errors import MalformedXml, NcipError
from protocols.ncip.stream import Documents
from server.agencies.registry import Call
from server.listening import names_shown
from server.log import logger
from server.ncip.talk import Reply
from server.reactor import Wire

log = logger("ncip")

SILENCE: Final = 300.0  # seconds, then the connection is closed
MOST_WAITING: Final = 32  # documents of one connection; who sends more is not listened to for a while


class Hears(Shape):
    """Who answers documents: Talk."""

    async def hear(self, data: bytes, call: Call) -> Reply: ...


@implementer(IHalfCloseableProtocol)
class NcipStream(Protocol, TimeoutMixin):
    """One connection."""

    def __init__(self, talk: Hears, largest: int) -> None:
        self._talk = talk
        self._documents = Documents(largest)
        self._waiting: deque[bytes] = deque()
        self._working = False
        self._ending = False
        self._last = b""  # to be told before we hang up
        self._choked = False  # the peer does not read what it is told
        self._gone = False

    def connectionMade(self) -> None:
        self._wire = cast(Wire, self.transport)
        self._wire.setTcpNoDelay(True)
        self._wire.registerProducer(self, True)
        self.setTimeout(SILENCE)

    def dataReceived(self, data: bytes) -> None:
        self.resetTimeout()
        if self._ending:
            return
        try:
            for document in self._documents.receive(data):
                self._waiting.append(document)
        except NcipError as error:
            log.info("ncip.stream_broken", address=self._address, why=type(error).__name__)
            self._ending = True
            self._last = encode(error.reply())
        if len(self._waiting) > MOST_WAITING:
            self._wire.pauseProducing()
        self._go_on()

    def readConnectionLost(self) -> None:
        """The peer has said all; it may still read the answers (nc, old scripts), and how it ended."""
        if not self._ending:
            self._ending = True
            if self._documents.waiting:
                self._last = encode(MalformedXml("the message has no end").reply())
        self._go_on()

    def writeConnectionLost(self) -> None:
        """We never close one half alone."""

    # A producer of answers, as the transport sees us: it says when there is no room for more.

    def pauseProducing(self) -> None:
        self._choked = True
        self._wire.pauseProducing()

    def resumeProducing(self) -> None:
        self._choked = False
        self._listen_again()
        self._go_on()

    def stopProducing(self) -> None:
        """The connection is gone; connectionLost sees to it."""

    def _listen_again(self) -> None:
        if not (self._choked or self._gone or self._ending) and len(self._waiting) <= MOST_WAITING // 2:
            self._wire.resumeProducing()

    @property
    def _address(self) -> str:
        return getattr(self._wire.getPeer(), "host", "") or ""

    def _go_on(self) -> None:
        if self._working or self._choked or self._gone:
            return
        if not self._waiting:
            if self._ending:
                if self._last:
                    self._tell(self._last)
                self._wire.unregisterProducer()
                self._wire.loseConnection()
            return
        self._working = True
        call = Call(address=self._address, certificate=names_shown(self._wire))
        answered = Deferred.fromCoroutine(self._talk.hear(self._waiting.popleft(), call))
        answered.addCallbacks(self._answered, self._failed)

    def _answered(self, reply: Reply) -> None:
        self._working = False
        if self._gone:
            self._waiting.clear()
            return
        self._tell(reply.body)
        self._listen_again()
        self._go_on()

    def _tell(self, document: bytes) -> None:
        try:
            self._wire.write(document + b"\n")
        except RuntimeError:  # of a reset that comes together with data uvloop (0.23) tells only whoever writes
            self._gone = True
            self._wire.abortConnection()

    def _failed(self, failure: Failure) -> None:
        log.error("ncip.broken", why=str(failure.value), traceback=failure.getTraceback())
        self._wire.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._gone = True
        self.setTimeout(None)


class NcipStreamFactory(Factory):
    """One port."""

    noisy = False

    def __init__(self, talk: Hears, largest: int) -> None:
        self._talk = talk
        self._largest = largest

    def buildProtocol(self, addr: object) -> NcipStream:
        return NcipStream(self._talk, self._largest)
