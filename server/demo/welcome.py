"""What `skranke demo` prints: where to connect, with which login, and a first conversation to paste into a shell."""

import shlex
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from backend.clock import LibraryTime
from server.demo.demo import Demo

TERMINAL: Final = "T-KAL-S"
PATRON: Final = "K1"
ITEM: Final = "KB3"
NO_DATE: Final = " " * 18


def first_conversation(demo: Demo, now: datetime) -> tuple[str, ...]:
    """Log in, ask for the status, borrow a book, return it: SIP2 lines without error detection, ended by CR."""
    library = demo.town.library_of(next(one.branch for one in demo.town.terminals if one.login == TERMINAL))
    stamp = stamp_of(demo.town.policies[library].time, now)
    card, pin = demo.town.patrons[PATRON].readable_card, demo.secrets.pin_of(PATRON)
    return (
        f"9300CN{TERMINAL}|CO{demo.secrets.passwords[TERMINAL]}|CP|",
        "9900802.00",
        f"11NN{stamp}{NO_DATE}AO{library}|AA{card}|AB{ITEM}|AC|AD{pin}|",
        f"09N{stamp}{stamp}AP|AO{library}|AB{ITEM}|AC|",
    )


def stamp_of(time: LibraryTime, now: datetime) -> str:
    """Eighteen characters, on the library's wall clock."""
    return f"{time.local(now):%Y%m%d    %H%M%S}"


def welcome(demo: Demo, addresses: Mapping[str, str], now: datetime) -> str:
    """`addresses` by service: `sip2`, `ncip`, `page`, ... as `host:port`."""
    patron, item = demo.town.patrons[PATRON], demo.town.items[ITEM]
    where = [f"  {service.upper():<5} {address}" for service, address in addresses.items()]
    host, _, port = addresses.get("sip2", "127.0.0.1:6001").rpartition(":")
    spoken = "".join(rf"{line}\r" for line in first_conversation(demo, now))
    return "\n".join(
        [
            f"A town with {len(demo.town.policies)} libraries, {len(demo.town.patrons)} patrons"
            f" and {len(demo.town.items)} copies is ready.",
            *where,
            f"  Terminal {TERMINAL}, password {demo.secrets.passwords[TERMINAL]}",
            f"  Patron {PATRON} ({patron.given_name} {patron.family_name}), card {patron.readable_card},"
            f" PIN {demo.secrets.pin_of(PATRON)}; book {ITEM}: {item.name}",
            f"  All others: {demo.data / 'demo.json'}",
            "",
            "A first conversation, to paste (log in, status, borrow, return):",
            "",
            rf"  printf '{spoken}' | nc -q 1 {host.strip('[]')} {port} | tr '\r' '\n'",
            "",
            "The same without nc:",
            "",
            f"  {without_nc(host.strip('[]'), int(port), spoken)}",
        ]
    )


def without_nc(host: str, port: int, spoken: str) -> str:
    r"""A line for the shell that needs nothing but the Python we run on; `spoken` is ASCII with `\r` written out."""
    talk = (
        f'import socket; s = socket.create_connection(("{host}", {port})); s.sendall(b"{spoken}"); s.shutdown(1);'
        r' print(s.makefile(encoding="cp850", newline="\r").read().replace("\r", "\n"))'
    )
    return shlex.join((sys.executable, "-c", talk))
