"""`skranke sip2 send`: a person's client. Logs in if asked to, sends one message, prints the answer field by field."""

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from protocols.sip2 import charset
from protocols.sip2.codec import Decoded, decode
from protocols.sip2.errors import Sip2Error
from protocols.sip2.framing import FrameBuffer, Line, open_frame, seal
from protocols.sip2.kinds import AMOUNT, AnyKind
from protocols.sip2.messages import BY_CODE, Layout, Sender
from protocols.sip2.table import Cardinality, FixedSlot, GroupSlot, VariableSlot

app = typer.Typer(no_args_is_help=True, help="Speak SIP2 by hand.")

ANSWER_WITHIN = 30.0  # seconds
LONGEST_ANSWER = 1 << 20  # bytes
BLANK_DATE = " " * 18

# What a person need not say: the fixed fields of a request, by name.
UNSAID = {
    "nb_due_date": BLANK_DATE,
    "language": "000",
    "summary": " " * 10,
    "hold_mode": "+",
    "status_code": "0",
    "max_print_width": "080",
    "protocol_version": "2.00",
    "uid_algorithm": "0",
    "pwd_algorithm": "0",
    "fee_type": "01",
    "payment_type": "00",
    "currency_type": "NOK",
}
DATES = ("transaction_date", "return_date")


class UsageError(typer.BadParameter):
    """The words on the command line do not make a message."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Where the ACS is and how it is spoken to."""

    host: str
    port: int
    tls: bool
    encoding: str
    error_detection: bool


def friendly(layout: Layout) -> str:
    """A request's name as a person types it: patron-information; without what every request is."""
    return layout.section.casefold().replace(" ", "-").removeprefix("sc-").removesuffix("-request")


REQUESTS: Final = {friendly(layout): layout for layout in BY_CODE.values() if layout.sender is Sender.SC}


def named(name: str) -> Layout:
    """A request by its code or by its name in any spelling: 11, Checkout, patron-information, status."""
    wanted = name.replace("-", "").replace("_", "").replace(" ", "").casefold()
    for known, layout in REQUESTS.items():
        if wanted in (layout.code, layout.message.__name__.casefold(), known.replace("-", "")):
            return layout
    known = ", ".join(f"{layout.code} {known}" for known, layout in REQUESTS.items())
    raise UsageError(f"no such request: {name}. There are {known}")


def fixed_text(slot: FixedSlot, said: dict[str, str], now: datetime) -> str:
    """The characters of one field without id."""
    unsaid = f"{now:%Y%m%d    %H%M%S}" if slot.name in DATES else UNSAID.get(slot.name, "N")
    text = said.pop(slot.name, unsaid)
    if len(text) != slot.field.width:
        raise UsageError(f"{slot.name} has {slot.field.width} characters, not {len(text)}")
    return text


def compose(layout: Layout, said: dict[str, str], now: datetime) -> str:
    """The message as text without trailer; `said` by field name or id. Raises UsageError for a name that is none."""
    said = dict(said)
    head = layout.code + "".join(fixed_text(slot, said, now) for slot in layout.fixed)
    pieces = []
    for slot in layout.identified():
        text = said.pop(slot.name, said.pop(slot.field.code, None))
        if text is None and slot.cardinality is not Cardinality.ONCE:
            continue
        pieces.append(f"{slot.field.code}{text or ''}|")
    if said:
        raise UsageError(f"{layout.message.__name__} has no {', '.join(said)}")
    return head + "".join(pieces)


def shown(value: object, kind: AnyKind, currency: str) -> str:
    """A value as a person reads it; an amount in whole units with its `currency`, "" when nobody says which."""
    if kind is AMOUNT and isinstance(value, int):
        return f"{AMOUNT.write(value)} {currency}".rstrip()
    if isinstance(value, Enum):
        return f"{value.value} ({value.name.lower().replace('_', ' ')})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return " ".join(sorted(shown(one, kind, currency) for one in value)) or "none"
    return str(value)


def row_of(slot: FixedSlot | VariableSlot, value: object, currency: str) -> tuple[str, str, str]:
    """(id, name, value) of one line."""
    code = slot.field.code if isinstance(slot, VariableSlot) else ""
    return code, slot.name.replace("_", " "), shown(value, slot.field.kind, currency)


def each_of(slot: FixedSlot | VariableSlot | GroupSlot, value: object) -> list[tuple[FixedSlot | VariableSlot, object]]:
    """The line itself, or the lines of a group."""
    if isinstance(slot, GroupSlot):
        return [(line, getattr(value, line.name)) for line in slot.slots]
    return [(slot, value)]


def rows(decoded: Decoded) -> list[tuple[str, str, str]]:
    """(id, name, value) of everything in an answer, in the order of the table; unknown ids last."""
    message, found = decoded.message, []
    currency = str(getattr(message, "currency_type", None) or "")  # BH
    for slot in (*message.layout.fixed, *message.layout.variable):
        value = getattr(message, slot.name)
        for one in value if isinstance(value, tuple) else (value,):
            said = each_of(slot, one)
            found += [row_of(line, text, currency) for line, text in said if text is not None]
    return found + [(code, "(unknown)", text) for code, texts in decoded.extras.items() for text in texts]


def tell(console: Console, text: str, decoded: Decoded) -> None:
    """Print one answer."""
    layout = decoded.message.layout
    table = Table(title=f"{layout.code} {layout.section}", title_justify="left", show_header=False, box=None)
    for row in rows(decoded):
        table.add_row(*row)
    console.print(text, markup=False, highlight=False, soft_wrap=True)
    console.print(table)
    for repair in decoded.repairs:
        console.print(f"not as the standard has it: {repair.quirk.value} {repair.where}", markup=False)


class Talk:
    """One connection to an ACS, one message at a time."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._socket = socket.create_connection((peer.host, peer.port), timeout=ANSWER_WITHIN)
        if peer.tls:
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=peer.host)
        self._lines = FrameBuffer(LONGEST_ANSWER)
        self._sequence = 0

    def ask(self, text: str) -> str:
        """Send one message, return the answer's text without trailer. Raises ConnectionError, Sip2Error."""
        body = text.encode(self._peer.encoding, "replace")
        sequence = str(self._sequence % 10) if self._peer.error_detection else None
        self._sequence += 1
        self._socket.sendall(seal(body, sequence=sequence, error_detection=self._peer.error_detection))
        frame = open_frame(self._line())
        answer, _replaced = charset.decode(frame.body, self._peer.encoding)
        return answer

    def _line(self) -> Line:
        while True:
            data = self._socket.recv(4096)
            if not data:
                raise ConnectionError("the server closed the connection without an answer")
            for line in self._lines.feed(data):
                if isinstance(line, Sip2Error):
                    raise line
                return line

    def close(self) -> None:
        self._socket.close()


def parted(fields: list[str]) -> dict[str, str]:
    """`AA=K1` and `patron_identifier=K1` as a mapping."""
    for word in fields:
        if "=" not in word:
            raise UsageError(f"FIELD=VALUE expected, got {word}")
    return {name.replace("-", "_"): value for name, _, value in (word.partition("=") for word in fields)}


def address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal():
        raise UsageError(f"HOST:PORT expected, got {text}")
    return host.strip("[]") or "127.0.0.1", int(port)


@app.command()
def send(
    where: Annotated[str, typer.Argument(metavar="HOST:PORT")],
    request: Annotated[
        str, typer.Argument(metavar="MESSAGE", help="A code (11), a name (checkout), or a whole frame.")
    ],
    fields: Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="By id (AA=K1) or by name.")] = None,
    login: Annotated[str, typer.Option(help="Log in first as this terminal.")] = "",
    password: Annotated[str, typer.Option(envvar="SKRANKE_PASSWORD", help="The terminal's password.")] = "",
    location: Annotated[str, typer.Option(help="Location code (CP) of the login.")] = "",
    error_detection: Annotated[bool, typer.Option(help="Send sequence number and checksum.")] = True,
    encoding: Annotated[str, typer.Option(help="Character set of the account.")] = "cp850",
    tls: Annotated[bool, typer.Option(help="TLS, the server's certificate verified.")] = False,
) -> None:
    """Send one message and print the answer, decoded field by field."""
    from server.cli import SystemClock  # the clock's one owner

    console = Console()
    host, port = address(where)
    now = SystemClock().now().astimezone()
    whole = request[:2] in BY_CODE and len(request) > 2 and not fields
    text = request.rstrip("\r\n") if whole else compose(named(request), parted(fields or []), now)
    try:
        talk = Talk(Peer(host, port, tls, encoding, error_detection))
        if login:
            said = {"CN": login, "CO": password, **({"CP": location} if location else {})}
            greeted = talk.ask(compose(BY_CODE["93"], said, now))
            if greeted != "941":
                raise ConnectionError(f"the login was refused: {greeted}")
        answer = talk.ask(text)
        talk.close()
        tell(console, answer, decode(answer, sender=Sender.ACS))
    except (OSError, Sip2Error) as why:
        Console(stderr=True).print(f"skranke: {where}: {why}", markup=False, highlight=False)
        raise typer.Exit(1) from why
