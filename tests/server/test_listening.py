"""TLS as machines see it: the whole chain is shown, every authority in the file counts, strangers are turned away."""

import socket
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from OpenSSL import SSL

from server.config import Tls
from server.listening import PortError, names_in, tls_options
from tests.server.certificates import Signed, signed


def issued(name: str, by: Signed | None = None, authority: bool = False) -> Signed:
    """A certificate for the host `name`, signed by itself or by another."""
    return signed(name, by, authority=authority, dns=name)


@dataclass(frozen=True)
class Authorities:
    """A root, what it signs with, and a server's files."""

    root: Signed
    between: Signed
    folder: Path

    def written(self, name: str, *content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(b"".join(content))
        return path

    def tls(self, *machines: Signed) -> Tls:
        """The server's settings; with `machines`, those authorities of clients."""
        own = issued("skranke.example", self.between)
        return Tls(
            certificate=self.written("own.pem", own.pem(), self.between.pem()),
            key=self.written("own.key", own.key_pem()),
            client_authorities=self.written("machines.pem", *(one.pem() for one in machines)) if machines else None,
        )


@pytest.fixture
def authorities(tmp_path: Path) -> Authorities:
    root = issued("root", authority=True)
    return Authorities(root, issued("between", root, authority=True), tmp_path)


def talk(tls: Tls, trusting: Path, client: Path | None = None) -> tuple[str, ...]:
    """The names the server finds in the client's certificate, () for none. Raises OSError when a side refuses."""
    ours, theirs = socket.socketpair()
    server = SSL.Connection(tls_options(tls).getContext(), ours)
    server.set_accept_state()
    found: list[tuple[str, ...]] = []

    def serve() -> None:
        try:
            server.do_handshake()
            certificate = server.get_peer_certificate()
            found.append(names_in(certificate) if certificate else ())
            server.sendall(b"941\r")
        except SSL.Error:
            ours.close()

    thread = threading.Thread(target=serve)
    thread.start()
    context = ssl.create_default_context(cafile=str(trusting))
    if client is not None:
        context.load_cert_chain(str(client))
    try:
        with context.wrap_socket(theirs, server_hostname="skranke.example") as line:
            assert line.recv(10) == b"941\r"
    finally:
        theirs.close()
        thread.join(10)
        ours.close()
    return found[0]


def test_a_machine_that_trusts_the_root_sees_the_whole_chain(authorities: Authorities) -> None:
    trusting = authorities.written("root.pem", authorities.root.pem())
    assert talk(authorities.tls(), trusting) == ()


def test_machines_of_every_authority_in_the_file_are_known_by_name(authorities: Authorities) -> None:
    trusting = authorities.written("root.pem", authorities.root.pem())
    first, second = issued("maker one", authority=True), issued("maker two", authority=True)
    tls = authorities.tls(first, second)
    for maker, name in ((first, "kasse1.example"), (second, "sorter1.example")):
        machine = issued(name, maker)
        shown = authorities.written(f"{name}.pem", machine.pem(), machine.key_pem())
        assert talk(tls, trusting, shown) == (name, name)


@pytest.mark.parametrize("shows", [False, True])
def test_a_stranger_is_turned_away(authorities: Authorities, shows: bool) -> None:
    trusting = authorities.written("root.pem", authorities.root.pem())
    stranger = issued("kasse1.example")
    shown = authorities.written("stranger.pem", stranger.pem(), stranger.key_pem()) if shows else None
    with pytest.raises((OSError, AssertionError)):
        talk(authorities.tls(issued("maker", authority=True)), trusting, shown)


def test_a_key_of_another_certificate_is_one_line(authorities: Authorities) -> None:
    tls = authorities.tls()
    authorities.written("own.key", issued("another").key_pem())
    with pytest.raises(PortError, match=r"own\.key: not a certificate and its key in PEM$"):
        tls_options(tls)
