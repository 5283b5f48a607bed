"""NCIP on bare TCP: documents one after another, each answered before the next."""

import pytest
from twisted.internet.testing import StringTransport as Plain

from protocols.ncip.codec import encode
from protocols.ncip.legacy import LookupVersion
from server.agencies.registry import Call
from server.ncip.stream import NcipStream, NcipStreamFactory
from server.ncip.talk import Reply


class StringTransport(Plain):
    """With what a TCP transport has."""

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Nothing is delayed in memory."""


ONE = encode(LookupVersion())


class Echo:
    """Answers with a count."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def hear(self, data: bytes, call: Call) -> Reply:
        self.heard.append(data)
        return Reply(f"<answer>{len(self.heard)}</answer>".encode())


def connected() -> tuple[Echo, NcipStream, StringTransport]:
    echo = Echo()
    protocol = NcipStreamFactory(echo, 10_000).buildProtocol(None)
    wire = StringTransport()
    protocol.makeConnection(wire)
    return echo, protocol, wire


def test_documents_in_order_however_they_are_cut() -> None:
    for size in (1, 7, 100_000):
        echo, protocol, wire = connected()
        stream = ONE + b"\n" + ONE + b"\x04" + ONE
        for start in range(0, len(stream), size):
            protocol.dataReceived(stream[start : start + size])
        assert wire.value() == b"<answer>1</answer>\n<answer>2</answer>\n<answer>3</answer>\n"
        assert echo.heard == [ONE, ONE, ONE]
        protocol.setTimeout(None)


def test_what_comes_before_nonsense_is_answered_first() -> None:
    _, protocol, wire = connected()
    protocol.dataReceived(ONE + b"\n")
    protocol.dataReceived(b"no XML at all")
    said = wire.value()
    assert said.startswith(b"<answer>1</answer>\n")
    assert b"Protocol Error" in said
    assert wire.disconnecting
    protocol.setTimeout(None)


def test_who_does_not_read_is_not_listened_to() -> None:
    echo, protocol, wire = connected()
    protocol.pauseProducing()  # the transport has no room for more
    protocol.dataReceived(ONE * 3)
    assert echo.heard == []
    assert wire.producerState == "paused"
    protocol.resumeProducing()
    assert len(echo.heard) == 3
    assert wire.producerState == "producing"
    protocol.setTimeout(None)


def test_no_end_in_sight() -> None:
    _, protocol, wire = connected()
    protocol.dataReceived(b"<x>" + b"y" * 20_000)
    assert b"Invalid Message Syntax Error" in wire.value()
    assert wire.disconnecting
    protocol.setTimeout(None)


def test_who_has_said_all_is_answered_all_the_same() -> None:
    _, protocol, wire = connected()
    protocol.dataReceived(ONE * 2 + b"\n")
    protocol.readConnectionLost()
    assert wire.value() == b"<answer>1</answer>\n<answer>2</answer>\n"
    assert wire.disconnecting
    protocol.setTimeout(None)


def test_the_end_in_the_middle_of_a_message() -> None:
    _, protocol, wire = connected()
    protocol.dataReceived(ONE + ONE[:-9])
    protocol.readConnectionLost()
    said = wire.value()
    assert said.startswith(b"<answer>1</answer>\n")
    assert b"Invalid Message Syntax Error" in said
    assert wire.disconnecting
    protocol.setTimeout(None)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_at_once(encoding: str) -> None:
    _, protocol, wire = connected()
    for byte in ONE.decode().encode(encoding)[:8]:
        protocol.dataReceived(bytes([byte]))
    assert b"Protocol Error" in wire.value()
    assert wire.disconnecting
    protocol.setTimeout(None)
