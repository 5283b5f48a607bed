"""SIP2 over TCP: bytes in, bytes out, time-outs and limits. Passes on, decides nothing (see conversation.py)."""

from dataclasses import dataclass, field
from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHandshakeListener
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.sip2.dialects import STANDARD
from protocols.sip2.events import Asked, Close, Event, Failed, Ignored, Reply, Request
from protocols.sip2.session import AcsSession, Limits
from protocols.sip2.table import Message
from protocols.sip2.telnet import Attempt, HangUp, TelnetEvent, TelnetLogin, Through, Write
from server.config import Listener
from server.conversation import Conversation, House
from server.listening import names_in
from server.log import logger
from server.reactor import Reactor, Wire

log = logger("sip2")


@implementer(IHandshakeListener)
class Sip2Protocol(Protocol, TimeoutMixin):
    """One connection. Everything it knows of SIP2 is in its session, of the account in its conversation."""

    def __init__(self, factory: "Sip2Factory") -> None:
        self._factory = factory
        self._conversation = Conversation(factory.house)
        self._telnet = TelnetLogin() if factory.listener.transport == "telnet" else None
        self._session = AcsSession(STANDARD, limits=Limits(longest_frame=factory.listener.longest_message))
        self._working = False
        self._half_closed = False
        self._gone = False

    # Twisted's side.

    def connectionMade(self) -> None:
        self._wire = cast(Wire, self.transport)
        if not self._factory.admit(self):
            self._gone = True
            self._wire.abortConnection()
            return
        self._wire.setTcpNoDelay(True)
        self._wire.setTcpKeepAlive(True)
        self._conversation.arrive(getattr(self._wire.getPeer(), "host", ""))
        self.setTimeout(self._factory.listener.login_within)
        if self._conversation.bind(self._factory.bound):
            self._logged_in()
        elif self._telnet is not None:
            self._telnet_events(self._telnet.start())

    def handshakeCompleted(self) -> None:
        """TLS is up: a client certificate that was verified may name an account (IHandshakeListener)."""
        certificate = self._wire.getPeerCertificate()
        unknown = certificate is not None and not self._conversation.known
        if unknown and self._conversation.show_certificate(names_in(certificate)):
            self._logged_in()

    def dataReceived(self, data: bytes) -> None:
        self.resetTimeout()
        if self._telnet is not None:
            self._telnet_events(self._telnet.receive(data))
        else:
            self._hear(data)

    def readConnectionLost(self) -> None:
        """The peer has sent all it has; it may still read the answers (nc, old scripts)."""
        self._half_closed = True
        self._close_when_done()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._gone = True
        self._conversation.leave()
        self.setTimeout(None)
        self._factory.leave(self)

    def timeoutConnection(self) -> None:
        log.info("sip2.idle", account=self._conversation.name)
        self._wire.loseConnection()

    @property
    def working(self) -> bool:
        """Whether a message is being answered."""
        return self._working

    def hang_up(self) -> None:
        """Close after what was written."""
        self._wire.loseConnection()

    # The session's side.

    def _hear(self, data: bytes) -> None:
        self._take(self._session.receive(data, self._factory.seconds()))
        self._mind_backlog()

    def _take(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Reply():
                    self._write(event)
                case Request() | Failed():
                    self._begin(event)
                case Ignored():
                    self._conversation.ignored(event)
                case Close():
                    self._conversation.closing(event)
                    self._wire.loseConnection()

    def _write(self, reply: Reply) -> None:
        if not self._gone:
            self._wire.write(reply.data)
        if reply.error is not None:
            self._conversation.complained(reply)

    def _begin(self, asked: Request | Failed) -> None:
        self._working = True
        wait = self._conversation.wait(asked.now)
        if wait:
            self._factory.reactor.callLater(wait, self._carry_out, asked)
        else:
            self._carry_out(asked)

    def _carry_out(self, asked: Request | Failed) -> None:
        answer = Deferred.fromCoroutine(self._conversation.answer(asked))
        answer.addCallbacks(self._answered, self._broken, callbackArgs=(asked,))

    def _answered(self, message: Message, asked: Asked) -> None:
        self._working = False
        self._conversation.answered(asked, message, self._factory.seconds())
        if self._conversation.just_logged_in():
            self._logged_in()
        self._take(self._session.answer(message))
        self._mind_backlog()
        self._close_when_done()

    def _broken(self, failure: Failure) -> None:
        """Only a fault in the desk itself comes here: the conversation answers for everything else."""
        self._working = False
        log.error("sip2.broken", account=self._conversation.name, exc_info=failure.value)
        self._wire.loseConnection()

    def _logged_in(self) -> None:
        self._session.log_in(self._conversation.dialect, self._conversation.limits)
        self.setTimeout(self._conversation.idle or self._factory.listener.idle or None)

    def _mind_backlog(self) -> None:
        if self._gone:
            return
        if self._session.backlogged:
            self._wire.pauseProducing()
        elif not self._half_closed:
            self._wire.resumeProducing()

    def _close_when_done(self) -> None:
        if self._half_closed and not self._working and not self._gone:
            self._wire.loseConnection()

    # Telnet's side.

    def _telnet_events(self, events: list[TelnetEvent]) -> None:
        for event in events:
            match event:
                case Write():
                    self._wire.write(event.data)
                case Attempt():
                    judged = Deferred.fromCoroutine(self._conversation.log_in(event.user, event.password))
                    judged.addCallbacks(self._telnet_judged, self._broken)
                case Through():
                    self._hear(event.data)
                case HangUp():
                    self._wire.loseConnection()

    def _telnet_judged(self, good: bool) -> None:
        if self._telnet is None or self._gone:
            return
        if good:
            self._conversation.just_logged_in()
            self._logged_in()
        self._telnet_events(self._telnet.accept() if good else self._telnet.reject())


@dataclass(eq=False)
class Sip2Factory(Factory):
    """One listening address and the connections on it."""

    house: House
    listener: Listener
    reactor: Reactor
    open: set[Sip2Protocol] = field(default_factory=set)

    noisy = False

    @property
    def bound(self) -> str | None:
        """The account that every connection here belongs to without a login."""
        return self.listener.account

    def seconds(self) -> float:
        return self.reactor.seconds()

    def buildProtocol(self, addr: object) -> Sip2Protocol:
        return Sip2Protocol(self)

    def admit(self, connection: Sip2Protocol) -> bool:
        """Whether there is room for one more connection."""
        if len(self.open) >= self.listener.most_connections:
            log.warning("sip2.full", listener=self.listener.listen)
            return False
        self.open.add(connection)
        self.house.metrics.connections.inc()
        return True

    def leave(self, connection: Sip2Protocol) -> None:
        if connection in self.open:
            self.open.discard(connection)
            self.house.metrics.connections.dec()

    def working(self) -> bool:
        """Whether any connection has a message in work."""
        return any(connection.working for connection in self.open)

    def hang_up(self) -> None:
        """Close every connection after what was written."""
        for connection in tuple(self.open):
            connection.hang_up()
