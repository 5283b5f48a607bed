"""One caller's connection: how long it may be silent, and what it hears, without a socket."""

from dataclasses import dataclass, field

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from server.ncip.http import NcipRequest
from server.ncip.web import QuietSite, Root

IDLE = 60
POST = b"POST /ncip HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\n\r\n?"


@dataclass
class Caller:
    """A connection, the clock it is watched by, and the messages that wait for an answer."""

    clock: Clock = field(default_factory=Clock)
    wire: StringTransport = field(default_factory=StringTransport)
    in_work: list[NcipRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        class Taken(NcipRequest):
            takes = staticmethod(self._take)

        site = QuietSite(Root(), requestFactory=Taken, timeout=IDLE, reactor=self.clock)
        self.channel = site.buildProtocol(None)
        self.channel.makeConnection(self.wire)

    def _take(self, request: NcipRequest) -> bool:
        self.in_work.append(request)
        return request.method == b"POST"

    def answer(self) -> None:
        self.in_work.pop().answer_straight(b"text/plain", b"!")

    @property
    def hung_up(self) -> bool:
        return self.wire.disconnecting


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_who_says_nothing_is_hung_up_on(caller: Caller) -> None:
    caller.clock.advance(IDLE - 1)
    assert not caller.hung_up
    caller.clock.advance(1)
    assert caller.hung_up


def test_whatever_comes_begins_the_time_anew(caller: Caller) -> None:
    caller.clock.advance(IDLE - 1)
    caller.channel.dataReceived(POST[:-1])
    caller.clock.pump([IDLE / 2, IDLE / 2 - 1])
    assert not caller.hung_up
    caller.clock.advance(1)
    assert caller.hung_up


def test_nobody_is_hung_up_on_while_a_message_is_in_work(caller: Caller) -> None:
    caller.channel.dataReceived(POST)
    caller.clock.pump([IDLE, IDLE, IDLE])
    assert not caller.hung_up
    caller.answer()
    caller.clock.pump([IDLE - 1])
    assert not caller.hung_up
    caller.clock.advance(1)
    assert caller.hung_up


def test_nothing_is_watched_that_is_gone(caller: Caller) -> None:
    caller.channel.dataReceived(POST)
    caller.channel.connectionLost()
    assert not caller.clock.getDelayedCalls()


def test_an_answer_has_a_head_and_ends_where_it_says(caller: Caller) -> None:
    caller.channel.dataReceived(POST + POST)
    caller.answer()
    caller.answer()
    first, second = caller.wire.value().split(b"!")[:2]
    assert first.startswith(b"HTTP/1.1 200 OK\r\nServer: Twisted")
    assert first.endswith(b"\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\n")
    assert second == first


def test_what_is_no_proper_message_is_looked_up_among_the_pages(caller: Caller) -> None:
    caller.channel.dataReceived(b"GET /elsewhere HTTP/1.1\r\nHost: here\r\n\r\n" + POST)
    caller.answer()
    missing, _, found = caller.wire.value().partition(b"HTTP/1.1 200 OK")
    assert missing.startswith(b"HTTP/1.1 404 ")
    assert found.endswith(b"\r\n\r\n!")
