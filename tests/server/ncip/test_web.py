"""NCIP over a real socket: what HTTP allows, and what hostile callers try."""

import gzip
import http.client
import socket
import struct
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from protocols.ncip.codec import decode, encode
from protocols.ncip.envelope import InitiationHeader, Message
from protocols.ncip.identifiers import FromAgencyId, ItemId, ToAgencyId, UserId
from protocols.ncip.kinds import Coded
from protocols.ncip.lending import CheckOutItem, CheckOutItemResponse
from protocols.ncip.lookups import LookupUser, LookupUserResponse
from tests.daemon import PATIENCE, Daemon

pytestmark = pytest.mark.slow

XML = "application/xml; charset=utf-8"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("web")) as daemon:
        yield daemon


def header(sender: str = "EX-PLAIN") -> InitiationHeader:
    return InitiationHeader(
        from_agency_id=FromAgencyId(agency_id=Coded(sender)), to_agency_id=ToAgencyId(agency_id=Coded("SE-KAL"))
    )


def look_up(card: str = "20001001") -> bytes:
    return encode(LookupUser(initiation_header=header(), user_id=UserId(user_identifier_value=card)))


def post(
    town: Daemon, body: bytes, headers: dict[str, str] | None = None, path: str = "/ncip", chunked: bool = False
) -> tuple[int, http.client.HTTPMessage, bytes]:
    line = http.client.HTTPConnection("127.0.0.1", town.ncip_port, timeout=PATIENCE)
    try:
        content = iter([body[:10], body[10:]]) if chunked else body
        line.request("POST", path, content, headers or {"Content-Type": XML}, encode_chunked=chunked)
        answer = line.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        line.close()


def message(body: bytes) -> Message:
    decoded = decode(body)
    assert decoded.verdict.valid, decoded.verdict.faults
    return decoded.message


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": XML},
        {"Content-Type": "text/xml; charset=UTF-8"},
        {"Content-Type": "application/octet-stream"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/mixed"},
        {"X-No-Type": "at all"},
    ],
)
def test_any_content_type_will_do(town: Daemon, headers: dict[str, str]) -> None:
    status, told, body = post(town, look_up(), headers)
    assert (status, told["content-type"]) == (200, XML)
    assert isinstance(message(body), LookupUserResponse)


@pytest.mark.parametrize("packed", [gzip.compress(look_up()), zlib.compress(look_up())], ids=["gzip", "deflate"])
def test_packed_questions(town: Daemon, packed: bytes) -> None:
    name = "gzip" if packed.startswith(b"\x1f\x8b") else "deflate"
    status, _, body = post(town, packed, {"Content-Type": XML, "Content-Encoding": name})
    assert status == 200
    assert isinstance(message(body), LookupUserResponse)


def test_packed_answers_for_who_takes_them(town: Daemon) -> None:
    wants_all = look_up().replace(
        b"</ns1:LookupUser>",
        b"<ns1:UserElementType>Name Information</ns1:UserElementType>"
        b"<ns1:UserElementType>User Privilege</ns1:UserElementType>"
        b"<ns1:UserElementType>User Address Information</ns1:UserElementType></ns1:LookupUser>",
    )
    _, told, body = post(town, wants_all, {"Content-Type": XML, "Accept-Encoding": "gzip"})
    assert told["content-encoding"] == "gzip"
    assert isinstance(message(gzip.decompress(body)), LookupUserResponse)


def test_chunked_bodies(town: Daemon) -> None:
    status, _, body = post(town, look_up(), {"Content-Type": XML, "Transfer-Encoding": "chunked"}, chunked=True)
    assert status == 200
    assert isinstance(message(body), LookupUserResponse)


def test_a_target_may_name_the_host(town: Daemon) -> None:
    status, _, body = post(town, look_up(), path=f"http://127.0.0.1:{town.ncip_port}/ncip/KAL")
    assert status == 200
    assert isinstance(message(body), LookupUserResponse)


def test_a_long_message_is_answered_like_any_other(town: Daemon) -> None:
    padded = look_up().replace(b"</ns1:LookupUser>", b" " * (1 << 16) + b"</ns1:LookupUser>")
    status, _, body = post(town, padded)
    assert status == 200
    assert isinstance(message(body), LookupUserResponse)
    assert b"Invalid Message Syntax Error" in post(town, padded[:-30])[2]


def test_one_line_for_many_exchanges(town: Daemon) -> None:
    line = http.client.HTTPConnection("127.0.0.1", town.ncip_port, timeout=PATIENCE)
    for _ in range(5):
        line.request("POST", "/ncip", look_up(), {"Content-Type": XML})
        assert isinstance(message(line.getresponse().read()), LookupUserResponse)
    line.close()


def test_pipelined_questions_are_answered_in_order(town: Daemon) -> None:
    one = look_up("20001001")
    other = look_up("20001003")
    with socket.create_connection(("127.0.0.1", town.ncip_port), timeout=PATIENCE) as wire:
        for body in (one, other):
            head = f"POST /ncip HTTP/1.1\r\nHost: x\r\nContent-Type: {XML}\r\nContent-Length: {len(body)}\r\n\r\n"
            wire.sendall(head.encode() + body)
        heard = b""
        while heard.count(b"</ns1:NCIPMessage>") < 2:
            heard += wire.recv(65536)
    assert heard.index(b"20001001") < heard.index(b"20001003")


def test_a_page_and_messages_on_one_line_are_answered_in_order(town: Daemon) -> None:
    """What goes straight to the socket does not overtake what waits in a buffer."""
    body = look_up()
    posted = b"POST /ncip/KAL HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n%s"
    looked = b"GET /ncip HTTP/1.1\r\nHost: x\r\n\r\n"
    last = posted % (len(body), b"Connection: close\r\n", body)
    with socket.create_connection(("127.0.0.1", town.ncip_port), timeout=PATIENCE) as line:
        line.sendall(posted % (len(body), b"", body) + looked + posted % (len(body), b"", body) + looked + last)
        heard = b"".join(iter(lambda: line.recv(65536), b""))
    kinds = [part.partition(b"\r\n")[0] for part in heard.split(b"Content-Type: ")[1:]]
    assert kinds == [XML.encode(), b"text/html; charset=utf-8"] * 2 + [XML.encode()]
    assert heard.count(b"LookupUserResponse>") == 6


def test_who_asks_to_continue_is_told_to(town: Daemon) -> None:
    body = look_up()
    with socket.create_connection(("127.0.0.1", town.ncip_port), timeout=PATIENCE) as wire:
        head = f"POST /ncip HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n"
        wire.sendall(head.encode())
        assert wire.recv(1024).startswith(b"HTTP/1.1 100")
        wire.sendall(body)
        assert b"LookupUserResponse" in wire.recv(65536)


def test_who_hangs_up_is_no_fault_of_ours(town: Daemon) -> None:
    body = look_up()
    reset = struct.pack("ii", 1, 0)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", town.ncip_port), timeout=PATIENCE) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            line.sendall(b"POST /ncip HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            time.sleep(0.002)
    assert isinstance(message(post(town, body)[2]), LookupUserResponse)
    assert "ncip.failed" not in town.said()
    assert "ncip.broken" not in town.said()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"  \n ", {}, 400),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(look_up())[:-20], {"Content-Encoding": "gzip"}, 400),
        (look_up(), {"Content-Encoding": "br"}, 415),
        (b"<" + b"x" * (1 << 20), {}, 413),
        (gzip.compress(b" " * (1 << 22)), {"Content-Encoding": "gzip"}, 413),
    ],
    ids=["empty", "blank", "not-gzip", "cut", "brotli", "large", "bomb"],
)
def test_what_http_cannot_use(town: Daemon, body: bytes, headers: dict[str, str], status: int) -> None:
    assert post(town, body, {"Content-Type": XML, **headers})[0] == status


@pytest.mark.parametrize("path", ["/ncip/NOPE", "/ncip/KAL/more", "/elsewhere"])
def test_an_address_of_no_library(town: Daemon, path: str) -> None:
    status, headers, body = post(town, look_up(), path=path)
    assert (status, headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert b"/ncip/<library>" in body


def test_other_methods(town: Daemon) -> None:
    line = http.client.HTTPConnection("127.0.0.1", town.ncip_port, timeout=PATIENCE)
    line.request("PUT", "/ncip", b"x")
    assert line.getresponse().status == 405
    line.close()


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe<\x00",
        b'<?xml version="1.0" encoding="no-such"?><x/>',
        b'<?xml version="1.0" encoding="UTF-8"?><x>\xff</x>',
        b"<x " + b" ".join(b'a%d="1"' % number for number in range(50_000)) + b"/>",
        b"<a>" * 100_000,
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x>&y;</x>',
    ],
    ids=["utf-16-cut", "unknown-encoding", "bad-utf-8", "attributes", "depth", "external"],
)
def test_hostile_bodies_get_a_problem_and_nothing_else(town: Daemon, body: bytes) -> None:
    began = time.monotonic()
    status, _, answer = post(town, body)
    assert status == 200
    assert b"<ns1:Problem>" in answer
    assert time.monotonic() - began < PATIENCE / 2


def test_one_winner_of_one_copy(town: Daemon) -> None:
    """Two partners at the same instant: one loan, one reasoned refusal (C-28)."""
    town.control("world", 'extends = "fixtures"\n')

    def lend(card: str) -> Message:
        question = CheckOutItem(
            initiation_header=header(),
            user_id=UserId(user_identifier_value=card),
            item_id=ItemId(item_identifier_value="KB3"),
        )
        return message(post(town, encode(question))[2])

    with ThreadPoolExecutor(2) as pool:
        answers = [one for one in pool.map(lend, ("20001001", "20001003")) if isinstance(one, CheckOutItemResponse)]
    lent = [one for one in answers if not one.problem]
    refused = [one.problem[0].problem_detail for one in answers if one.problem]
    assert (len(lent), refused) == (1, ["on_loan_other"])
