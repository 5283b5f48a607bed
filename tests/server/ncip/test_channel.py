"""HTTP connections that are used in an odd way: one half closed, answers that nobody takes."""

import socket
from collections.abc import Iterator

import pytest

from protocols.ncip.codec import encode
from protocols.ncip.envelope import InitiationHeader
from protocols.ncip.identifiers import FromAgencyId, ToAgencyId, UserId
from protocols.ncip.kinds import Coded
from protocols.ncip.lookups import LookupUser
from tests.daemon import PATIENCE, Daemon

pytestmark = pytest.mark.slow

SMALL = 1 << 14  # bytes of a buffer
MUCH = 64 << 20  # bytes of requests; what the two ends and the network between them hold is far less
QUIET = 1.0  # seconds in which nothing more is taken from us
QUESTION = encode(
    LookupUser(
        initiation_header=InitiationHeader(
            from_agency_id=FromAgencyId(agency_id=Coded("EX-PLAIN")), to_agency_id=ToAgencyId(agency_id=Coded("SE-KAL"))
        ),
        user_id=UserId(user_identifier_value="20001001"),
        user_element_type=tuple(map(Coded, ("Name Information", "User Privilege", "User Address Information"))),
    )
)
REQUEST = b"POST /ncip HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(QUESTION), QUESTION)
ANSWER = b"</ns1:NCIPMessage>"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("channel")) as daemon:
        yield daemon


def heard(wire: socket.socket, stop: int | None = None) -> int:
    """How many answers come, until the end or until there are as many as `stop`."""
    counted, rest = 0, b""
    while stop is None or counted < stop:
        data = wire.recv(1 << 16)
        if not data:
            break
        rest += data
        counted += rest.count(ANSWER)
        rest = rest[rest.rfind(ANSWER) + len(ANSWER) :] if ANSWER in rest else rest
    return counted


@pytest.mark.parametrize("times", [1, 3])
def test_who_has_said_all_is_answered(town: Daemon, times: int) -> None:
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", town.ncip_port), timeout=PATIENCE) as wire:
            wire.sendall(REQUEST * times)
            wire.shutdown(socket.SHUT_WR)
            assert heard(wire) == times


def test_who_takes_no_answers_is_not_read_on(town: Daemon) -> None:
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
        wire.settimeout(PATIENCE)
        wire.connect(("127.0.0.1", town.ncip_port))
        wire.settimeout(QUIET)
        sent, many = 0, REQUEST * 100
        with pytest.raises(TimeoutError):
            while sent < MUCH:
                sent += wire.send(many[sent % len(REQUEST) :])
        wire.settimeout(PATIENCE)
        whole = sent // len(REQUEST)
        assert heard(wire, whole) == whole  # nothing is lost, and the line goes on
        wire.sendall(REQUEST[sent % len(REQUEST) :])
        assert heard(wire, 1) == 1
