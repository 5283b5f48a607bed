"""TLS, client certificates, and a balancer in front that says whose connection it is."""

import os
import signal
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.certificates import (
    DESK,
    MACHINES,
    MIDDLE,
    OTHER_MACHINES,
    ROOT,
    Signed,
    showing,
    signed,
    trusting,
)
from tests.server.wires import PASSWORD, PATRON, STATUS, House, Line, account, build, eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("secure")
    DESK.write(made, "desk", MIDDLE)
    MACHINES.write(made, "machines", OTHER_MACHINES)
    return made


LISTENERS = {
    "plain": (),
    "tls": ('tls = {certificate = "desk.pem", key = "desk.key"}',),
    "mutual": ('tls = {certificate = "desk.pem", key = "desk.key", client_authorities = "machines.pem"}',),
    "proxied": ("proxy_protocol = true",),
    "proxied-tls": ("proxy_protocol = true", 'tls = {certificate = "desk.pem", key = "desk.key"}'),
    "proxied-telnet": ("proxy_protocol = true", 'transport = "telnet"'),
}
ACCOUNTS = (
    account("kasse1"),
    account("sorter", 'sources.certificates = ["sorter-7", "sorter.example.org"]'),
    account("branch", 'sources.no_login = ["192.0.2.7", "2001:db8::7"]'),
    account("fenced", 'sources.networks = ["198.51.100.0/24"]'),
)


@pytest.fixture(scope="module")
def house(folder: Path) -> Iterator[House]:
    built = build(folder, LISTENERS, ACCOUNTS)
    yield built
    assert built.running.stop() == 0
    assert "Traceback" not in (folder / "log").read_text("utf-8")


# ---- TLS -----------------------------------------------------------------------------


def test_sip2_over_tls_with_the_whole_chain(house: House) -> None:
    with house.line("tls", tls=trusting()) as line:  # the client knows the root only
        assert line.login("kasse1") == "941"
        line.send((STATUS + "\r").encode() * 300)
        assert [line.hear()[:2] for _ in range(300)] == [b"98"] * 300
        assert isinstance(line.socket, ssl.SSLSocket)
        assert line.socket.version() in ("TLSv1.2", "TLSv1.3")


def test_plain_sip2_on_a_tls_port_is_hung_up_on(house: House) -> None:
    with house.line("tls") as line:
        line.send(STATUS.encode() + b"\r")
        assert not line.rest().startswith(b"98")
    assert eventually(lambda: house.logged("sip2.tls_failed"))


@pytest.mark.parametrize("authority", [MACHINES, OTHER_MACHINES], ids=["first", "second"])
@pytest.mark.parametrize(("name", "dns"), [("sorter-7", None), ("x", "sorter.example.org")])
def test_a_client_certificate_is_the_login(
    house: House, folder: Path, authority: Signed, name: str, dns: str | None
) -> None:
    with house.line("mutual", tls=showing(folder, signed(name, authority, dns=dns))) as line:
        assert line.ask(PATRON).startswith("24")
        assert house.logged("sip2.login", account="sorter")


def test_an_unknown_name_in_a_good_certificate_must_log_in(house: House, folder: Path) -> None:
    with house.line("mutual", tls=showing(folder, signed("somebody", MACHINES))) as line:
        assert "|BLY|" not in line.ask(PATRON)
        assert line.login("kasse1") == "941"


@pytest.mark.parametrize("shown", [None, signed("sorter-7"), signed("sorter-7", ROOT)], ids=["none", "own", "foreign"])
def test_without_a_good_certificate_nobody_gets_in(house: House, folder: Path, shown: Signed | None) -> None:
    client = showing(folder, shown) if shown else trusting()
    with pytest.raises((ssl.SSLError, ConnectionError)), house.line("mutual", tls=client) as line:
        line.ask(STATUS)


def test_a_peer_that_cuts_tls_off_leaves_nothing_behind(house: House) -> None:
    for said in (STATUS.encode() + b"\r9300CNkas", b"93", PATRON.encode() + b"\r", b"7100\r") * 5:
        line = house.line("tls", tls=trusting())
        line.send(said)
        line.vanish()
    assert eventually(lambda: house.metric("skranke_sip2_connections") == 0)


def test_renewed_certificates_are_shown_after_sighup(house: House, folder: Path) -> None:
    renewed = signed("Another root", authority=True)
    with house.line("tls", tls=trusting()) as old:
        assert old.login("kasse1") == "941"
        try:
            (folder / "desk.key").write_text("garbled")
            os.kill(house.running.process.pid, signal.SIGHUP)
            assert "not a certificate and its key" in house.running.wait_for("service.not_reloaded")["why"]
            with house.line("tls", tls=trusting()) as line:
                assert line.ask(STATUS).startswith("98")
            signed("desk", renewed, dns="desk.example.org").write(folder, "desk")
            os.kill(house.running.process.pid, signal.SIGHUP)
            house.running.wait_for("service.reloaded")
            with house.line("tls", tls=trusting(renewed)) as line:
                assert line.ask(STATUS).startswith("98")
            assert old.ask(PATRON).startswith("24")
        finally:
            DESK.write(folder, "desk", MIDDLE)
            os.kill(house.running.process.pid, signal.SIGHUP)
            house.running.wait_for("service.reloaded", 2)


# ---- behind a balancer ---------------------------------------------------------------

V2 = b"\r\n\r\n\0\r\nQUIT\n"


def v1(source: str, family: str = "TCP4") -> bytes:
    here = "2001:db8::1" if family == "TCP6" else "192.0.2.1"
    return f"PROXY {family} {source} {here} 50000 6001\r\n".encode()


def v2(source: str, extra: bytes = b"") -> bytes:
    """The binary header; `extra` are TLVs behind the addresses."""
    version = socket.AF_INET6 if ":" in source else socket.AF_INET
    here = "2001:db8::1" if ":" in source else "192.0.2.1"
    addresses = socket.inet_pton(version, source) + socket.inet_pton(version, here) + struct.pack("!HH", 50000, 6001)
    family = 0x21 if ":" in source else 0x11
    return V2 + struct.pack("!BBH", 0x21, family, len(addresses + extra)) + addresses + extra


@pytest.mark.parametrize(
    "header",
    [v1("192.0.2.7"), v1("2001:db8::7", "TCP6"), v2("192.0.2.7"), v2("2001:db8::7"), v2("192.0.2.7", b"\x04\0\x01x")],
    ids=["v1", "v1 IPv6", "v2", "v2 IPv6", "v2 with more"],
)
@pytest.mark.parametrize("together", [True, False])
def test_the_proven_address_is_the_one_that_counts(house: House, header: bytes, together: bool) -> None:
    with house.line("proxied") as line:
        if together:
            line.send(header + PATRON.encode() + b"\r")
        else:
            line.send(header)
            assert line.is_silent()
            line.send(PATRON.encode() + b"\r")
        assert b"|BLY|" in line.hear()  # branch, by its address


@pytest.mark.parametrize("header", [v1("192.0.2.7"), v2("192.0.2.7", b"\x04\0\x01x")], ids=["v1", "v2"])
@pytest.mark.parametrize("size", [1, 5, 14])
def test_a_header_may_come_in_pieces(house: House, header: bytes, size: int) -> None:
    stream = header + PATRON.encode() + b"\r"
    with house.line("proxied") as line:
        for start in range(0, len(stream), size):
            line.send(stream[start : start + size])
            time.sleep(0.002)
        assert b"|BLY|" in line.hear()


@pytest.mark.parametrize(
    ("header", "answer"), [(v1("198.51.100.9"), "941"), (v2("198.51.100.9"), "941"), (v1("203.0.113.9"), "940")]
)
def test_networks_and_log_see_the_proven_address(house: House, header: bytes, answer: str) -> None:
    with house.line("proxied") as line:
        line.send(header)
        assert line.login("fenced") == answer
    peer = header.split()[2].decode() if header.startswith(b"PROXY") else "198.51.100.9"
    assert house.logged("sip2.login" if answer == "941" else "sip2.login_refused", peer=peer)


NOBODY = {
    "v1 unknown": b"PROXY UNKNOWN\r\n",
    "v1 unknown and more": b"PROXY UNKNOWN ffff::1 whatever 1 2\r\n",
    "v2 local": V2 + b"\x20\0\0\0",
    "v2 local with addresses": v2("192.0.2.7").replace(b"\x21\x11", b"\x20\x11", 1),
    "v2 family left open": V2 + b"\x21\0\0\x02xx",
}


@pytest.mark.parametrize("header", NOBODY.values(), ids=NOBODY)
def test_a_balancers_own_connection_comes_from_the_balancer(house: House, header: bytes) -> None:
    with house.line("proxied") as line:
        line.send(header)
        assert line.login("kasse1") == "941"


@pytest.mark.parametrize("header", [v2("192.0.2.7"), v1("192.0.2.7")], ids=["v2", "v1"])
def test_tls_comes_inside(house: House, header: bytes) -> None:
    with house.line("proxied-tls") as line:
        line.send(header)
        line.secure(trusting())
        assert "|BLY|" in line.ask(PATRON)


def test_telnet_behind_a_balancer(house: House) -> None:
    with house.line("proxied-telnet") as line:
        line.send(v1("198.51.100.9"))
        assert line.hear(b": ") == b"login"
        line.send(f"fenced\r\n{PASSWORD}\r\n".encode())
        assert line.hear(b"\r\n") == b"Password: Login OK"
        assert "|BLY|" in line.ask(PATRON)


@pytest.mark.parametrize(
    "data",
    [
        STATUS.encode() + b"\r",
        b"PROXY nonsense\r\n",
        V2 + b"\x21\x11\0\x01\0" + b"x" * 20,
        b"\x16\x03\x01\x02\0\x01\0\x01",
        v1("not-an-address"),
        v1("2001:db8::7"),
        v1("192.0.2.7").replace(b"50000", b"99999"),
        b"PROXY TCP4 " + b"1" * 100,
        V2 + b"\x11\x11\0\x0c" + b"x" * 12,
    ],
    ids=[
        "no header",
        "v1 nonsense",
        "v2 too short",
        "TLS",
        "v1 no address",
        "v1 other version's address",
        "v1 no port",
        "v1 without end",
        "v2 of version 1",
    ],
)
def test_without_a_header_nobody_gets_in(house: House, data: bytes) -> None:
    with house.line("proxied") as line:
        line.send(data)
        assert line.rest() == b""


def test_a_header_where_none_is_expected_is_no_message(house: House) -> None:
    with Line(house.ports["plain"]) as line:
        line.send(v1("192.0.2.7"))
        assert "|BLY|" not in line.ask(PATRON)
