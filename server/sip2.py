"""SIP2 over TCP: bytes in, bytes out, time-outs and limits. Passes on, decides nothing (see conversation.py)."""

from collections import deque
from dataclasses import dataclass, field
from socket import socket
from typing import cast

from OpenSSL import SSL
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol, IHandshakeListener, IPushProducer
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.tcp import Connection
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
from server.listening import host_of, names_in
from server.log import logger
from server.reactor import DelayedCall, Reactor, Wire

log = logger("sip2")

PIECE = 512  # bytes dealt with at a time: no more than this brings about gathers for a peer that never reads
SPELL = 64  # events of one connection in a row; then it is the others' turn
UNREAD = 120.0  # seconds that a peer may leave our answers unread
LINGER = 10.0  # seconds from hanging up until the line is cut


@implementer(IHandshakeListener, IHalfCloseableProtocol, IPushProducer)
class Sip2Protocol(Protocol, TimeoutMixin):
    """One connection. Everything it knows of SIP2 is in its session, of the account in its conversation."""

    def __init__(self, factory: "Sip2Factory") -> None:
        self._factory = factory
        self._conversation = Conversation(factory.house)
        self._telnet = TelnetLogin() if factory.listener.transport == "telnet" else None
        limits = Limits(longest_frame=factory.listener.longest_message)
        self._session = AcsSession(STANDARD, limits=limits, delimiters=factory.house.registry.delimiters)
        self._inbox = bytearray()  # what came and was not dealt with yet
        self._events: deque[Event] = deque()  # what the session made of the piece before
        self._socket: socket | None = None  # a plain line's, as long as it takes all that is written
        self._met = False  # whether the peer's address is known
        self._dealing = False
        self._paused = False  # nothing is read
        self._wrote = False  # something was written since we looked last
        self._working = False  # a message is being answered
        self._held: DelayedCall | None = None  # its answer is put off, because the account asks too often
        self._unread = False  # the peer does not take its answers
        self._half_closed = False
        self._draining = False
        self._closing = False
        self._gone = False

    # Twisted's side.

    def connectionMade(self) -> None:
        self._wire = cast(Wire, self.transport)
        if isinstance(self.transport, Connection) and not self.transport.TLS:
            self._socket = self.transport.getHandle()
        if not self._factory.admit(self):
            self._gone = True
            self._wire.abortConnection()
            return
        self._wire.setTcpNoDelay(True)
        self._wire.setTcpKeepAlive(True)
        self._wire.registerProducer(self, True)
        self.setTimeout(self._factory.listener.login_within)
        if not self._factory.listener.proxy_protocol:
            self._meet()
        if self._telnet is not None:
            self._telnet_events(self._telnet.start())

    def handshakeCompleted(self) -> None:
        """TLS is up: a client certificate that was verified may name an account (IHandshakeListener)."""
        self._meet()
        certificate = self._wire.getPeerCertificate()
        unknown = certificate is not None and not self._conversation.known
        if unknown and self._conversation.show_certificate(names_in(certificate)):
            self._logged_in()

    def dataReceived(self, data: bytes) -> None:
        self._meet()
        if self._conversation.known:  # before that, whatever comes, the time to log in runs out
            self.resetTimeout()
        if self._telnet is not None:
            self._telnet_events(self._telnet.receive(data))
        else:
            self._inbox += data
        self._deal()

    def readConnectionLost(self) -> None:
        """The peer has sent all it has; it may still read the answers (nc, old scripts)."""
        self._half_closed = True
        self._deal()

    def writeConnectionLost(self) -> None:
        """We never close one half alone."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._gone = True
        self._let_go()
        self._conversation.leave()
        self.setTimeout(None)
        self._factory.leave(self)
        if reason.check(SSL.Error):
            log.info("sip2.tls_failed", listener=self._factory.listener.listen, why=str(reason.value))

    def timeoutConnection(self) -> None:
        if self._closing or self._unread:
            self._wire.abortConnection()
        elif self._working:
            self.setTimeout(LINGER)  # we are the ones who are slow
        else:
            log.info("sip2.idle", account=self._conversation.name)
            self.hang_up()

    # The peer as a reader: Twisted says when our answers pile up (IPushProducer).

    def pauseProducing(self) -> None:
        self._unread = True
        self._mind_reading()
        if self._conversation.known:
            self.setTimeout(UNREAD)

    def resumeProducing(self) -> None:
        self._unread = False
        if self._conversation.known and not self._closing:
            self.setTimeout(self._silence())
        self._deal()

    def stopProducing(self) -> None:
        """The line is gone; connectionLost says so, too."""

    # The end.

    def drain(self) -> None:
        """Answer what is in work, take nothing more, then hang up."""
        self._draining = True
        self._let_go()
        self._deal()

    def hang_up(self) -> None:
        """Close after what was written; a peer that does not take it is cut off."""
        if self._closing or self._gone:
            return
        self._closing = True
        self._wire.unregisterProducer()
        self.setTimeout(LINGER)
        self._wire.loseConnection()

    def cut(self) -> None:
        """Close at once."""
        self._closing = True
        self._wire.abortConnection()

    # Who is there.

    def _meet(self) -> None:
        """Ask the network who is there; behind a balancer that is known when the first byte after its header comes."""
        if self._met:
            return
        self._met = True
        self._conversation.arrive(host_of(self._wire.getPeer()))
        prompted = self._telnet is not None and self._factory.listener.proxy_protocol
        if not prompted and self._conversation.bind(self._factory.bound):
            self._telnet = None
            self._logged_in()

    def _logged_in(self) -> None:
        self._session.log_in(self._conversation.dialect, self._conversation.limits)
        self.setTimeout(self._silence())

    def _silence(self) -> float | None:
        """Seconds of silence that a known account may keep; None: any."""
        return self._conversation.idle or self._factory.listener.idle or None

    # The session's side.

    def _deal(self) -> None:
        """Deal with what came, in its order, until something must be waited for."""
        if self._dealing:
            return  # answers that are there at once come back to the loop below, not deeper and deeper
        self._dealing = True
        for _ in range(SPELL):
            event = self._next()
            if event is None:
                break
            self._do(event)
        else:
            self._factory.reactor.callLater(0, self._deal)
        self._dealing = False
        self._mind_reading()
        self._close_when_done()

    @property
    def _waits(self) -> bool:
        return self._working or self._unread or self._draining or self._closing or self._gone

    def _next(self) -> Event | None:
        if self._waits:
            return None
        while self._inbox and not self._events:
            piece = bytes(self._inbox[:PIECE])
            del self._inbox[:PIECE]
            self._events.extend(self._session.receive(piece, self._factory.seconds()))
        return self._events.popleft() if self._events else None

    def _do(self, event: Event) -> None:
        match event:
            case Reply():
                self._write(event.data)
                if event.error is not None:
                    self._conversation.complained(event)
            case Request() | Failed():
                self._begin(event)
            case Ignored():
                self._conversation.ignored(event)
            case Close():
                self._conversation.closing(event)
                self.hang_up()

    def _write(self, data: bytes) -> None:
        """Straight to the socket, which nearly always takes an answer whole: the loop need not be asked first.

        What it does not take waits in Twisted's buffer, and so does everything after it.
        """
        self._wrote = True
        if self._socket is not None and not self._closing:
            try:
                sent = self._socket.send(data)
            except OSError:  # full, or broken: Twisted will find out which
                sent = 0
            if sent == len(data):
                return
            self._socket, data = None, data[sent:]
        try:
            self._wire.write(data)
        except RuntimeError:  # uvloop, see _mind_reading
            self.cut()

    def _begin(self, asked: Request | Failed) -> None:
        self._working = True
        wait = self._conversation.wait(asked)
        if wait:
            self._held = self._factory.reactor.callLater(wait, self._carry_out, asked)
        else:
            self._carry_out(asked)

    def _let_go(self) -> None:
        """A message that was put off is not begun any more."""
        if self._held is not None and self._held.active():
            self._held.cancel()
            self._working = False

    def _carry_out(self, asked: Request | Failed) -> None:
        try:
            self._conversation.answer(asked, self)
        except Exception as why:
            self.broken(why)

    def answered(self, asked: Asked, message: Message) -> None:
        """The conversation's answer, perhaps much later (Line)."""
        self._working = False
        self._conversation.answered(asked, message, self._factory.seconds())
        if self._gone:
            return
        if self._conversation.just_logged_in():
            self._logged_in()
        elif self._conversation.just_logged_out():
            self._session.log_out()
            self.setTimeout(self._factory.listener.login_within)
        answer, *others = self._session.answer(message)
        self._do(answer)
        self._events.extend(others)
        self._deal()

    def broken(self, why: BaseException | None) -> None:
        """Only a fault in the desk itself comes here: the conversation answers for everything else (Line)."""
        self._working = False
        log.error("sip2.broken", account=self._conversation.name, exc_info=why)
        self.hang_up()

    def _mind_reading(self) -> None:
        """Read on only when what came before is dealt with.

        Of a reset that comes together with data uvloop (0.23) never tells. Whoever is written to is found out then,
        except through TLS; the others' sockets are looked at anew.
        """
        if self._gone or self._closing or self._half_closed:
            return
        full = bool(self._inbox) or self._unread or self._draining
        wrote, self._wrote = self._wrote and self._factory.listener.tls is None, False
        if full or not (self._working or wrote):
            self._wire.pauseProducing()
            self._paused = True
        if self._paused and not full:
            self._wire.resumeProducing()
            self._paused = False

    def _close_when_done(self) -> None:
        left = self._inbox or self._events
        if not self._working and (self._draining or (self._half_closed and not left)):
            self.hang_up()

    # Telnet's side.

    def _telnet_events(self, events: list[TelnetEvent]) -> None:
        for event in events:
            match event:
                case Write():
                    self._write(event.data)
                case Attempt():
                    self._working = True
                    judged = Deferred.fromCoroutine(self._conversation.log_in(event.user, event.password))
                    judged.addCallback(self._telnet_judged)
                    judged.addErrback(lambda failure: self.broken(failure.value))
                case Through():
                    self._inbox += event.data
                case HangUp():
                    self.hang_up()

    def _telnet_judged(self, good: bool) -> None:
        self._working = False
        if self._telnet is None or self._gone:
            return
        if good:
            self._conversation.just_logged_in()
            self._logged_in()
        self._telnet_events(self._telnet.accept() if good else self._telnet.reject())
        self._deal()


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
        """Of the steady clock."""
        return self.house.seconds()

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

    def drain(self) -> None:
        """Answer what is in work on every connection, then hang up."""
        for connection in tuple(self.open):
            connection.drain()

    def cut(self) -> None:
        """Close every connection at once."""
        for connection in tuple(self.open):
            connection.cut()
