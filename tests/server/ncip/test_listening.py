"""NCIP's ports as partners find them: HTTPS and TLS streams, client certificates, bare TCP, and what breaks them."""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.machine import resident
from tests.daemon import free_ports
from tests.server.certificates import DESK, MACHINES, MIDDLE, OTHER_MACHINES, Signed, showing, signed, trusting
from tests.server.wires import House, Line, build

pytestmark = pytest.mark.slow

END = b"</ns1:NCIPMessage>"
CARD = "20001003"
PARTNERS = """
[[agency]]
name = "certified"
ids = ["EX-CERTIFIED"]
libraries = ["KAL"]
proofs = { certificates = ["partner.example.org"] }

[[agency]]
name = "near"
ids = ["EX-NEAR"]
libraries = ["KAL"]
proofs = { networks = ["127.0.0.1/32"] }
"""
MUTUAL = '{ certificate = "desk.pem", key = "desk.key", client_authorities = "machines.pem" }'


def message(sender: str, service: str = "LookupUser") -> bytes:
    return (
        '<ns1:NCIPMessage xmlns:ns1="http://www.niso.org/2008/ncip"'
        ' ns1:version="http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd">'
        f"<ns1:{service}><ns1:InitiationHeader><ns1:FromAgencyId><ns1:AgencyId>{sender}</ns1:AgencyId>"
        "</ns1:FromAgencyId><ns1:ToAgencyId><ns1:AgencyId>KAL</ns1:AgencyId></ns1:ToAgencyId></ns1:InitiationHeader>"
        f"<ns1:UserId><ns1:UserIdentifierValue>{CARD}</ns1:UserIdentifierValue></ns1:UserId>"
        f"</ns1:{service}></ns1:NCIPMessage>"
    ).encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("partners")
    DESK.write(made, "desk", MIDDLE)
    MACHINES.write(made, "machines", OTHER_MACHINES)
    return made


def running(folder: Path, *settings: str) -> Iterator[House]:
    """An installation whose `[ncip]` has these settings beside its ports."""
    web, stream = free_ports(2)
    ports = (f'listen = "127.0.0.1:{web}"', f'stream = "127.0.0.1:{stream}"', "largest_message = 20000")
    built = build(folder, {"plain": ()}, ("\n".join(["[ncip]", *ports, *settings, PARTNERS]),))
    yield House(built.running, built.ports | {"web": web, "stream": stream})
    assert built.running.stop() == 0
    assert "Traceback" not in (folder / "log").read_text("utf-8")


@pytest.fixture(scope="module")
def secure(folder: Path) -> Iterator[House]:
    yield from running(folder, f"tls = {MUTUAL}", f"stream_tls = {MUTUAL}")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from running(tmp_path_factory.mktemp("bare"))


def post(house: House, body: bytes, tls: ssl.SSLContext | None = None) -> str:
    with Line(house.ports["web"], tls=tls) as line:
        line.send(b"POST /ncip HTTP/1.1\r\nHost: x\r\nConnection: close\r\n")
        line.send(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return line.rest().decode()


def say(house: House, body: bytes, tls: ssl.SSLContext | None = None) -> str:
    """One message on the stream and its answer."""
    with Line(house.ports["stream"], tls=tls) as line:
        line.send(body)
        return line.hear(END).decode()


# ---- client certificates -------------------------------------------------------------


@pytest.mark.parametrize("speak", [post, say])
@pytest.mark.parametrize(("name", "dns"), [("partner.example.org", None), ("x", "partner.example.org")])
def test_a_client_certificate_proves_the_partner(
    secure: House, folder: Path, speak: Callable[..., str], name: str, dns: str | None
) -> None:
    shown = showing(folder, signed(name, MACHINES, dns=dns))
    assert f">{CARD}<" in speak(secure, message("EX-CERTIFIED"), shown)


@pytest.mark.parametrize("speak", [post, say])
def test_somebody_else_s_certificate_proves_nothing(secure: House, folder: Path, speak: Callable[..., str]) -> None:
    said = speak(secure, message("EX-CERTIFIED"), showing(folder, signed("other.example.org", OTHER_MACHINES)))
    assert "Agency Authentication Failed" in said
    assert f">{CARD}<" not in said


@pytest.mark.parametrize("speak", [post, say])
@pytest.mark.parametrize("shown", [None, signed("partner.example.org")], ids=["none", "its own"])
def test_without_a_good_certificate_nobody_is_heard(
    secure: House, folder: Path, speak: Callable[..., str], shown: Signed | None
) -> None:
    client = showing(folder, shown) if shown else trusting()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert not speak(secure, message("EX-CERTIFIED"), client)
        raise ConnectionError("hung up on")


def test_plain_http_on_a_tls_port_is_hung_up_on(secure: House) -> None:
    assert "NCIPMessage" not in post(secure, message("EX-NEAR"))


# ---- bare TCP ------------------------------------------------------------------------


def test_documents_one_after_another_and_all_at_once(bare: House) -> None:
    with Line(bare.ports["stream"]) as line:
        for _ in range(2):
            line.send(message("EX-NEAR") + b"\n")
            assert f">{CARD}<" in line.hear(END).decode()
        line.send((message("EX-NEAR") + b"\x04") * 40)
        assert all(f">{CARD}<" in line.hear(END).decode() for _ in range(40))


def test_a_document_byte_by_byte(bare: House) -> None:
    with Line(bare.ports["stream"]) as line:
        for one in message("EX-NEAR"):
            line.send(bytes([one]))
        assert f">{CARD}<" in line.hear(END).decode()


def test_a_certificate_is_not_needed_and_not_had(bare: House) -> None:
    assert "Agency Authentication Failed" in say(bare, message("EX-CERTIFIED"))


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "Protocol Error"),
        (b"<a>" + b"b" * 30_000, "Invalid Message Syntax Error"),
        (b"<a>" * 20_000, "Invalid Message Syntax Error"),
    ],
    ids=["no XML", "no end", "no bottom"],
)
def test_what_is_no_stream_of_documents_is_told_so_and_closed(bare: House, said: bytes, problem: str) -> None:
    with Line(bare.ports["stream"]) as line, Line(bare.ports["stream"]) as other:
        line.send(message("EX-NEAR") + said)
        heard = line.rest().decode()
        assert f">{CARD}<" in heard
        assert problem in heard
        other.send(message("EX-NEAR"))  # nobody else notices
        assert f">{CARD}<" in other.hear(END).decode()


def test_who_never_reads_fills_no_memory(bare: House) -> None:
    before = resident(bare.running.process.pid)
    with Line(bare.ports["stream"]) as line:
        line.socket.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            for _ in range(400):
                line.send(message("EX-NEAR") * 100)
        assert resident(bare.running.process.pid) - before < 30e6
    assert f">{CARD}<" in say(bare, message("EX-NEAR"))


def test_peers_that_vanish_leave_nothing_behind(bare: House) -> None:
    whole = message("EX-NEAR")
    posted = b"POST /ncip HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(whole) + whole
    for said in (whole[:10], whole[:200], whole, whole * 3, posted[:80], posted, posted * 3) * 3:
        line = Line(bare.ports["web" if said.startswith(b"POST") else "stream"])
        line.send(said)
        line.vanish()
    assert f">{CARD}<" in say(bare, message("EX-NEAR"))
