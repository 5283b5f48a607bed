"""One HTTP connection: reads no further than it is read, and answers who has nothing more to say.

Twisted's own goes on reading while nobody takes its answers, and hangs up on who closes one half (`nc -N`).
"""

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.web.http import HTTPChannel
from zope.interface import implementer


@implementer(IHalfCloseableProtocol)
class PatientChannel(HTTPChannel):
    """HTTP/1.1; the next request is begun when the transport has room for its answer."""

    _heard_all = False  # the peer has closed its half
    _answered: Any = None  # the request whose answer waits to be taken

    def pauseProducing(self) -> None:
        """Answers pile up: listen to nothing more, whether a request is in work or not."""
        super().pauseProducing()
        self._networkProducer.pauseProducing()

    def requestDone(self, request: Any) -> None:
        if self._waitingForTransport:
            self._answered = request
            self.setTimeout(self._savedTimeOut)  # who takes nothing for that long is hung up on
            return
        super().requestDone(request)
        if self._handlingRequest and sum(map(len, self._dataBuffer)) > self._optimisticEagerReadSize:
            # Twisted reads a piece more after each answer, however many requests wait already.
            self._networkProducer.pauseProducing()
        if self._heard_all and not self._handlingRequest:
            self.loseConnection()

    def resumeProducing(self) -> None:
        super().resumeProducing()
        request, self._answered = self._answered, None
        if request is not None:
            self.requestDone(request)

    def readConnectionLost(self) -> None:
        """The peer has sent all it has; it may still read the answers to it."""
        self._heard_all = True
        if not self._handlingRequest:
            self.loseConnection()

    def writeConnectionLost(self) -> None:
        """We never close one half alone."""
