"""`skranke ncip send` and `skranke ncip log`: a person's client, and what was kept of exchanges with partners."""

import base64
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from backend.store.exchanges import KEPT, Kept, kept_of
from backend.store.schema import connected
from protocols.ncip.agencies import spellings
from protocols.ncip.codec import Unsendable, decode, encode, parse
from protocols.ncip.elements import LEAVES
from protocols.ncip.envelope import Message
from protocols.ncip.errors import NcipError
from protocols.ncip.messages import SERVICES
from protocols.ncip.nodes import Node
from protocols.ncip.profiles import PROFILES, Wire
from protocols.ncip.quirks import Quirks
from protocols.ncip.reading import Reader
from protocols.ncip.table import CLASSES
from server.commands import ncip_agencies
from server.commands.where import ConfigFile, DataDirectory, config_at

app = typer.Typer(no_args_is_help=True, help="Speak NCIP by hand, and look up what partners said.")
app.add_typer(ncip_agencies.app, name="agencies")

REFUSED = 3  # the exit status when the answer is a Problem
ANSWER_WITHIN = 30.0  # seconds
LONGEST_ANSWER = 1 << 24  # bytes
INSIDE = {  # what a person means by the short name of an element
    "UserId": "UserIdentifierValue",
    "ItemId": "ItemIdentifierValue",
    "RequestId": "RequestIdentifierValue",
    "BibliographicId": "BibliographicRecordId/BibliographicRecordIdentifier",
    "AcknowledgedFeeAmount": "MonetaryValue",
    "PaidFeeAmount": "MonetaryValue",
}


class UsageError(typer.BadParameter):
    """The words on the command line do not make a message."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who asks whom, with which secret."""

    sender: str
    receiver: str
    secret: str

    def header(self) -> Node | None:
        """InitiationHeader; None when nobody is named."""
        if not self.sender and not self.receiver:
            return None
        children = [agency("FromAgencyId", self.sender)]
        if self.secret:
            children.append(Node("FromAgencyAuthentication", text=self.secret))
        return Node("InitiationHeader", children=[*children, agency("ToAgencyId", self.receiver)])


def agency(name: str, text: str) -> Node:
    return Node(name, children=[Node("AgencyId", text=text)])


def named(name: str) -> str:
    """A service by its name in any spelling: LookupUser, lookup-user.  Raises UsageError."""
    wanted = name.replace("-", "").replace("_", "").casefold()
    for service in SERVICES:
        if service.casefold() == wanted:
            return service
    raise UsageError(f"no such service: {name}. There are {', '.join(SERVICES)}")


def put(root: Node, path: str, text: str) -> None:
    """The value at a path of element names below `root`.  Raises UsageError for a name that is none."""
    *above, last = (path + (f"/{INSIDE[path]}" if path in INSIDE else "")).split("/")
    for name in above:
        if name not in CLASSES:
            raise UsageError(f"{name} is no element that holds others")
        found = root.child(name) if name not in INSIDE or len(above) > 1 else None
        if found is None:
            found = Node(name)
            root.children.append(found)
        root = found
    if last not in LEAVES:
        raise UsageError(f"{last} is no element that holds a value")
    root.children.append(Node(last, text=text))


def compose(service: str, fields: list[str], parties: Parties) -> Message:
    """The message; flags are named without a value.  Raises UsageError."""
    root = Node(service)
    header = parties.header()
    if header is not None:
        root.children.append(header)
    for word in fields:
        name, _, value = word.partition("=")
        put(root, name, value)
    return Reader(Quirks(), lenient=True).read(root, SERVICES[service].initiation)


def proof(token: str, user: str, password: str) -> dict[str, str]:
    """The header that says who we are; none where nothing was given."""
    if token:
        return {"Authorization": f"Bearer {token}"}
    basic = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {basic}"} if user else {}


def post(url: str, body: bytes, who: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body of the answer.  Raises OSError and HTTPException."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"an address such as http://127.0.0.1:8081/ncip expected, got {url}")
    if parts.scheme == "https":
        context = ssl.create_default_context()
        line: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=ANSWER_WITHIN, context=context
        )
    else:
        line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=ANSWER_WITHIN)
    headers = {"Content-Type": "application/xml; charset=utf-8", **who}
    path = (parts.path or "/ncip") + (f"?{parts.query}" if parts.query else "")
    try:
        line.request("POST", path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read(LONGEST_ANSWER)
    finally:
        line.close()


def rows(node: Node, above: str = "") -> list[tuple[str, str]]:
    """(path, value) of every leaf, in order."""
    path = f"{above}/{node.name}" if above else node.name
    if not node.children:
        return [(path, node.text)]
    return [row for child in node.children for row in rows(child, path)]


def tell(console: Console, status: int, body: bytes) -> bool:
    """Print one answer; true when it tells of a Problem.  Raises NcipError when it is none."""
    decoded = decode(body)
    table = Table(title=f"HTTP {status} {decoded.message.element}", title_justify="left", show_header=False, box=None)
    for message in parse(body).children:
        for child in message.children:
            for path, text in rows(child):
                table.add_row(path, text)
    console.print(table)
    for fault in decoded.verdict.faults if decoded.dialect.wire is Wire.VERSION_2 else ():  # no schema of version 1
        console.print(f"not as the schema has it: {fault}", markup=False)
    return bool(getattr(decoded.message, "problem", ()))


@app.command()
def send(
    url: Annotated[str, typer.Argument(metavar="URL", help="http://host:port/ncip or /ncip/LIBRARY")],
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="LookupUser, check-out-item, ...")],
    fields: Annotated[
        list[str] | None,
        typer.Argument(metavar="FIELD=VALUE", help="UserId=20001001, Amount/MonetaryValue=2000, LoanedItemsDesired"),
    ] = None,
    sender: Annotated[str, typer.Option("--from", help="Our agency id.")] = "",
    receiver: Annotated[str, typer.Option("--to", help="The agency that is asked.")] = "",
    secret: Annotated[str, typer.Option(envvar="SKRANKE_SECRET", help="FromAgencyAuthentication.")] = "",
    token: Annotated[str, typer.Option(envvar="SKRANKE_TOKEN", help="Bearer token of HTTP.")] = "",
    user: Annotated[str, typer.Option(help="User of HTTP Basic.")] = "",
    password: Annotated[str, typer.Option(envvar="SKRANKE_PASSWORD", help="Password of HTTP Basic.")] = "",
    profile: Annotated[str, typer.Option(help=f"How to write it: {', '.join(PROFILES)}.")] = "ncip-2.02",
    show: Annotated[bool, typer.Option("--show", help="Print both documents too.")] = False,
) -> None:
    """Send one message and print the answer, element by element.  Ends with 3 when the answer is a Problem."""
    if profile not in PROFILES:
        raise UsageError(f"no such profile: {profile}. There are {', '.join(PROFILES)}")
    console = Console()
    try:
        message = compose(named(service), fields or [], Parties(sender, receiver, secret))
        body = encode(message, PROFILES[profile])
    except Unsendable as why:
        raise UsageError(f"the message would not be valid: {why}") from why
    try:
        status, answer = post(url, body, proof(token, user, password))
        if show:
            console.print(body.decode(), markup=False, highlight=False, soft_wrap=True)
            console.print(answer.decode("utf-8", "replace"), markup=False, highlight=False, soft_wrap=True)
        refused = tell(console, status, answer)
    except (OSError, http.client.HTTPException, NcipError) as why:
        Console(stderr=True).print(f"skranke: {url}: {why}", markup=False, highlight=False)
        raise typer.Exit(1) from why
    if refused:
        raise typer.Exit(REFUSED)


@app.command()
def log(
    agency: Annotated[str, typer.Option(help="The partner's name, or its agency id as it was sent.")] = "",
    request: Annotated[str, typer.Option(help="The RequestId, with or without its agency.")] = "",
    service: Annotated[str, typer.Option(help="LookupUser, CheckOutItem, ...")] = "",
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 20,
    show: Annotated[bool, typer.Option("--show", help="Print both documents, persons masked.")] = False,
    config: ConfigFile = None,
    data: DataDirectory = None,
) -> None:
    """What was kept of exchanges with partners; written up to a second after the answer."""
    url = config_at(config, data).database_url
    with connected(url) as connection:
        found = connection.execute(kept_of(spellings(agency), request or None, service or None, count)).all()
    print_kept(Console(), [KEPT.read(tuple(row)) for row in found], show=show)


def print_kept(console: Console, found: list[Kept], *, show: bool) -> None:
    if not found:
        console.print("Nothing was kept that fits.")
        return
    table = Table("when (UTC)", "partner", "service", "request", "valid", "ms", "effect", box=None)
    for one in found:
        table.add_row(
            f"{one.at:%Y-%m-%d %H:%M:%S}",
            one.account or f"({one.agency})",
            one.service,
            one.request,
            "yes" if one.valid else "no",
            f"{one.micros / 1000:.1f}",
            one.effect,
        )
    console.print(table)
    for one in found if show else ():
        for words in (one.verdict, one.quirks, one.question, one.reply):
            if words:
                console.print(words, markup=False, highlight=False, soft_wrap=True)
