"""The PROXY protocol, v1 and v2: a balancer's header before everything else says whose connection it is.

Source: HAProxy, proxy-protocol.txt. A header may come in any number of segments; one that names nobody (UNKNOWN, LOCAL,
an address family left open) leaves the connection's own address; anything else that is no header ends the line.
"""

import re
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

from twisted.internet.address import IPv4Address as Tcp4
from twisted.internet.address import IPv6Address as Tcp6
from twisted.internet.address import UNIXAddress
from twisted.internet.interfaces import IAddress
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory

V1: Final = b"PROXY "
V2: Final = b"\r\n\r\n\0\r\nQUIT\n"
LONGEST_V1: Final = 107  # bytes, line end included
HEAD: Final = struct.Struct("!12sBBH")  # signature, version and command, family and transport, length of the rest
LOCAL, PROXY = 0x20, 0x21
PATHS: Final = 216  # bytes of two Unix paths
_LINE = re.compile(rb"PROXY (?:UNKNOWN(?: .*)?|(TCP[46]) ([0-9A-Fa-f.:]+) ([0-9A-Fa-f.:]+) ([0-9]{1,5}) ([0-9]{1,5}))")

Whom = Tcp4 | Tcp6 | UNIXAddress


class HeaderError(ValueError):
    """What came is no header of the PROXY protocol."""


@dataclass(frozen=True, slots=True)
class Header:
    """How many bytes it has, and whose connection it is; None: of whoever opened it."""

    length: int
    source: Whom | None = None


def read_header(data: bytes) -> Header | None:
    """The header that `data` begins with, None while more of it must come. Raises HeaderError."""
    if data.startswith(V1[: len(data)]):
        return read_line(data)
    if data.startswith(V2[: len(data)]):
        return read_block(data)
    raise HeaderError("neither version's signature")


def read_line(data: bytes) -> Header | None:
    """Version 1: one line of text."""
    line, end, _ = data[:LONGEST_V1].partition(b"\r\n")
    if not end:
        if len(data) >= LONGEST_V1:
            raise HeaderError("a line of 107 bytes at most expected")
        return None
    told = _LINE.fullmatch(line)
    if told is None:
        raise HeaderError("not a line of version 1")
    length = len(line) + len(end)
    if told[1] is None:
        return Header(length)
    who, port = address_of(told[1], told[2]), int(told[4])
    address_of(told[1], told[3])
    if max(port, int(told[5])) > 0xFFFF:
        raise HeaderError("not a port")
    return Header(length, tcp(who, port))


def address_of(family: bytes, text: bytes) -> IPv4Address | IPv6Address:
    """Raises HeaderError."""
    try:
        return IPv4Address(text.decode("ascii")) if family == b"TCP4" else IPv6Address(text.decode("ascii"))
    except ValueError as why:
        raise HeaderError("not an address") from why


def read_block(data: bytes) -> Header | None:
    """Version 2: a binary block; what follows the addresses is left unread."""
    if len(data) < HEAD.size:
        return None
    _, command, family, rest = HEAD.unpack_from(data)
    if command not in (LOCAL, PROXY) or family >> 4 > 3 or family & 0xF > 2:
        raise HeaderError("a command, family or transport that there is not")
    length = HEAD.size + rest
    if len(data) < length:
        return None
    if command == LOCAL or not family >> 4 or not family & 0xF:
        return Header(length)
    return Header(length, source_of(family >> 4, data[HEAD.size : length]))


def source_of(family: int, block: bytes) -> Whom:
    """The first address of a block: of IPv4, IPv6 or a Unix socket."""
    if family == 3:
        if len(block) < PATHS:
            raise HeaderError("two paths expected")
        return UNIXAddress(block[: PATHS // 2].rstrip(b"\0"))
    size = 4 if family == 1 else 16
    if len(block) < 2 * size + 4:
        raise HeaderError("two addresses and two ports expected")
    (port,) = struct.unpack_from("!H", block, 2 * size)
    return tcp(ip_address(block[:size]), port)


def tcp(who: IPv4Address | IPv6Address, port: int) -> Whom:
    return (Tcp4 if who.version == 4 else Tcp6)("TCP", str(who), port)


class Proxied(ProtocolWrapper):
    """A connection whose header is read first; everything behind it is the wrapped protocol's."""

    def __init__(self, factory: WrappingFactory[Any], wrapped: Any) -> None:
        super().__init__(factory, wrapped)
        self._begun = bytearray()
        self._header: Header | None = None
        self._refused = False

    def dataReceived(self, data: bytes) -> None:
        if self._refused:
            return
        if self._header is not None:
            self.wrappedProtocol.dataReceived(data)
            return
        self._begun += data
        try:
            self._header = read_header(bytes(self._begun))
        except HeaderError:
            self._refused = True
            self.loseConnection()
            return
        if self._header is not None:
            behind = bytes(self._begun[self._header.length :])
            self._begun.clear()
            if behind:
                self.wrappedProtocol.dataReceived(behind)

    def getPeer(self) -> IAddress:
        source = self._header.source if self._header else None
        peer: IAddress = source or super().getPeer()
        return peer


class ProxiedFactory(WrappingFactory[Proxied]):
    """Every connection begins with a header."""

    protocol = Proxied
    noisy = False
