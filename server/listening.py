"""Opening ports: plain, TLS, behind a balancer, handed over by systemd; a refused port is one clear line."""

import os
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography.x509 import DNSName, ExtensionNotFound, SubjectAlternativeName, load_pem_x509_certificates
from cryptography.x509.oid import NameOID
from OpenSSL import SSL, crypto
from OpenSSL.crypto import X509
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.ssl import CertificateOptions
from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import implementer

from server.config import Address, Tls
from server.proxied import ProxiedFactory
from server.reactor import Port, Reactor

BACKLOG = 1024  # connections the kernel may hold for us; e-content log-ins come in bursts
FIRST_SYSTEMD_FD = 3  # sd_listen_fds(3)


class PortError(Exception):
    """A port could not be opened; the message says which and why."""


@implementer(IOpenSSLServerConnectionCreator)
class Credentials:
    """What a TLS port shows and demands: read from files, and read again when they were renewed. Raises PortError."""

    def __init__(self, tls: Tls) -> None:
        self._tls = tls
        self.use(self.read())

    def read(self) -> CertificateOptions:
        """What the files say now. Raises PortError."""
        return tls_options(self._tls)

    def use(self, options: CertificateOptions) -> None:
        """For every connection from now on."""
        self._options = options

    def serverConnectionForTLS(self, protocol: object) -> SSL.Connection:
        return SSL.Connection(self._options.getContext(), None)


@dataclass(frozen=True, slots=True)
class Ear:
    """An open port and where it is; `credentials` when it speaks TLS."""

    port: Port
    address: Address
    credentials: Credentials | None = None


def tls_options(tls: Tls) -> CertificateOptions:
    """Server side options; with authorities, a client certificate is demanded. Raises PortError on a bad file."""
    try:
        own, *chain = certificates_in(tls.certificate)
        key = crypto.load_privatekey(crypto.FILETYPE_PEM, tls.key.read_bytes())
        roots = certificates_in(tls.client_authorities) if tls.client_authorities else None
        options = CertificateOptions(
            privateKey=key, certificate=own, extraCertChain=chain, verify=roots is not None, caCerts=roots
        )
        options.getContext()  # here the key is compared with the certificate
        return options
    except OSError as why:
        raise PortError(f"TLS: {why.filename}: {why.strerror}") from why
    except (SSL.Error, crypto.Error, ValueError, TypeError) as why:
        raise PortError(f"TLS: {tls.certificate}, {tls.key}: not a certificate and its key in PEM") from why


def certificates_in(path: Path) -> list[X509]:
    """Every certificate of a PEM file, in its order: a server's own, then its chain. Raises PortError, OSError."""
    try:
        return [X509.from_cryptography(one) for one in load_pem_x509_certificates(path.read_bytes())]
    except ValueError as why:
        raise PortError(f"TLS: {path}: no certificate in PEM") from why


def listen(reactor: Reactor, address: Address, factory: Any, tls: Tls | None = None, *, proxied: bool = False) -> Ear:
    """Open one port (port 0: any free one). Raises PortError.

    `proxied`: a balancer's PROXY header stands before everything else, TLS too, and says whose connection it is.
    """
    credentials = Credentials(tls) if tls else None
    if credentials is not None:
        factory = TLSMemoryBIOFactory(credentials, False, factory)
    if proxied:
        factory = ProxiedFactory(factory)
    try:
        port = opened(reactor, address, factory)
    except CannotListenError as why:
        raise PortError(f"{address}: {os.strerror(why.socketError.errno) if why.socketError.errno else why}") from why
    except (OSError, ValueError) as why:
        raise PortError(f"{address}: {why}") from why
    where = port.getHost()
    return Ear(port, Address(where.host, where.port), credentials)


def opened(reactor: Reactor, address: Address, factory: Any) -> Port:
    """Raises CannotListenError, OSError, ValueError."""
    if address.systemd is not None:
        return adopt(reactor, address.systemd, factory)
    return reactor.listenTCP(address.port, factory, backlog=BACKLOG, interface=address.host)


def host_of(peer: object) -> str:
    """The IP address of a peer, "" for one that has none: a Unix socket, or whatever a PROXY header made up."""
    host = getattr(peer, "host", "")
    try:
        return str(ip_address(host))
    except ValueError:
        return ""


def adopt(reactor: Reactor, number: int, factory: Any) -> Port:
    """The `number`-th socket of systemd's socket activation."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or number >= int(os.environ.get("LISTEN_FDS", "0")):
        raise ValueError("systemd has not handed over such a socket")
    with socket.socket(fileno=os.dup(FIRST_SYSTEMD_FD + number)) as given:
        given.setblocking(False)
        return reactor.adoptStreamPort(given.fileno(), given.family, factory)


def tell_systemd(state: str) -> None:
    """sd_notify(3): for instance READY=1. Nothing happens outside systemd."""
    where = os.environ.get("NOTIFY_SOCKET")
    if not where:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        out.connect("\0" + where[1:] if where.startswith("@") else where)
        out.sendall(state.encode())


def names_shown(wire: object) -> tuple[str, ...]:
    """The names in the client certificate that TLS has verified on this connection; none where there is none."""
    read = getattr(wire, "getPeerCertificate", None)
    certificate = read() if read is not None else None
    return names_in(certificate) if certificate is not None else ()


def names_in(certificate: X509) -> tuple[str, ...]:
    """Common name and DNS names of a certificate."""
    read = certificate.to_cryptography()
    common = [str(name.value) for name in read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    try:
        alternative = read.extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound:
        return tuple(common)
    return (*common, *alternative.get_values_for_type(DNSName))
