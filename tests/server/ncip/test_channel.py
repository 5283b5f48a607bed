"""One HTTP connection: what is read ahead, and callers that have said all but still listen."""

from collections.abc import Iterator

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from server.ncip.http import NcipChannel

ONE = b"POST /ncip HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
OK = b"HTTP/1.1 200 OK"


class Slow(Resource):
    """Answers when it is told to."""

    isLeaf = True

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Request] = []

    def render_POST(self, request: Request) -> int:
        self.waiting.append(request)
        return NOT_DONE_YET

    def answer(self) -> None:
        request = self.waiting.pop(0)
        request.write(b"")
        request.finish()


@pytest.fixture
def line() -> Iterator[tuple[NcipChannel, Slow, StringTransport]]:
    page, wire = Slow(), StringTransport()
    channel = NcipChannel(Site(page, reactor=Clock()))
    channel.makeConnection(wire)
    yield channel, page, wire


Line = tuple[NcipChannel, Slow, StringTransport]


def test_who_has_said_all_is_answered_all_the_same(line: Line) -> None:
    channel, page, wire = line
    channel.dataReceived(ONE * 3)
    channel.readConnectionLost()
    for count in (1, 2, 3):
        assert not wire.disconnecting
        page.answer()
        assert wire.value().count(OK) == count
    assert wire.disconnecting


def test_who_has_nothing_to_hear_is_let_go(line: Line) -> None:
    channel, page, wire = line
    channel.dataReceived(ONE)
    page.answer()
    channel.readConnectionLost()
    assert wire.disconnecting


def test_who_does_not_read_is_not_listened_to(line: Line) -> None:
    channel, page, wire = line
    channel.dataReceived(ONE)
    channel.pauseProducing()  # the transport has no room for more
    assert wire.producerState == "paused"
    page.answer()
    assert wire.producerState == "paused"
    channel.resumeProducing()
    assert wire.producerState == "producing"


def test_no_more_is_read_while_enough_messages_wait(line: Line) -> None:
    channel, page, wire = line
    channel.dataReceived(ONE * 1000)
    page.answer()
    assert wire.producerState == "paused"
    for _ in range(999):
        page.answer()
    assert wire.producerState == "producing"
    assert wire.value().count(OK) == 1000
