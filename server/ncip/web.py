"""NCIP over HTTP: POST to /ncip or /ncip/<library>.  200 for whatever is a message; 4xx where no message could help."""

import gzip
import zlib
from base64 import b64decode
from binascii import Error as BadBase64
from html import escape
from typing import Any, Final, cast
from urllib.parse import parse_qs

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web.http import Request as HttpRequest
from twisted.web.iweb import IRequest
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from backend.model import LibraryId
from protocols.ncip.kinds import BLANK
from server.agencies.registry import Call
from server.libraries import Libraries
from server.log import logger
from server.ncip.http import NcipChannel, NcipRequest
from server.ncip.talk import Reply, Talk

log = logger("ncip")

XML: Final = b"application/xml; charset=utf-8"
ADDRESS: Final = b"/ncip"
TEXT: Final = b"text/plain; charset=utf-8"
FORM: Final = b"application/x-www-form-urlencoded"
WORTH_PACKING: Final = 1024  # bytes
OK, BAD, UNAUTHORIZED, NOWHERE, NO_METHOD, TOO_LARGE, UNSUPPORTED, BROKEN = 200, 400, 401, 404, 405, 413, 415, 500


class NcipPage(Resource):
    """One URL; `library` is what it names, None for partners that fill the header."""

    isLeaf = False

    def __init__(self, talk: Talk, libraries: Libraries, library: LibraryId | None = None) -> None:
        super().__init__()
        self._talk = talk
        self._libraries = libraries
        self._library = library

    def getChild(self, path: bytes, request: IRequest) -> Resource:
        return self.below(path) or NoSuchLibrary()

    def below(self, path: bytes) -> "NcipPage | None":
        """The page of that name below this one: a library's, or this one itself without a name."""
        if not path:
            return self
        name = path.decode("ascii", "replace").casefold()
        found = None if self._library else next((one for one in self._libraries.ids() if one.casefold() == name), None)
        return NcipPage(self._talk, self._libraries, found) if found else None

    def render(self, request: IRequest) -> int | bytes:
        """Only what is here: NCIP is posted, people look."""
        if request.method not in (b"GET", b"HEAD", b"POST"):
            request.setHeader(b"allow", b"GET, HEAD, POST")
            return refuse(cast(NcipRequest, request), NO_METHOD, "NCIP is posted")
        return cast(int | bytes, super().render(request))

    def render_GET(self, request: IRequest) -> bytes:
        """For a person who looks."""
        whose = self._libraries.of(self._library).name if self._library else "libraries"
        request.setHeader(b"content-type", b"text/html; charset=utf-8")
        html = (
            f"<!doctype html><meta charset=utf-8><title>NCIP</title><h1>NCIP 2.02: {escape(whose)}</h1>"
            "<p>Partner systems POST one NCIPMessage here, as application/xml.</p>"
        )
        return html.encode()

    def render_POST(self, request: IRequest) -> int | bytes:
        asked = cast(NcipRequest, request)
        if asked.is_too_large:
            return refuse(asked, TOO_LARGE, f"more than {asked.largest} bytes")
        try:
            data = body_of(asked)
        except BadBody as why:
            return refuse(asked, why.status, str(why))
        if not data.strip(BLANK.encode()):
            return refuse(asked, BAD, "an NCIPMessage is expected in the body")
        self.hear(asked, data)
        return NOT_DONE_YET

    def takes(self, request: NcipRequest) -> bool:
        """Whether it is a proper message to this page or to one below it, and so in work from now on."""
        before, address, path = request.path.partition(ADDRESS)
        if request.method != b"POST" or before or not address or request.is_too_large:
            return False
        page = self.below(path.removeprefix(b"/")) if path[:1] in (b"", b"/") else None
        if page is None or is_wrapped(request):
            return False
        data = request.content.read()
        if not data or data.isspace():
            return False
        page.hear(request, data)
        return True

    def hear(self, request: NcipRequest, data: bytes) -> None:
        """Carry it out, and answer; it is kept even if nobody waits for the answer any more."""
        answered = Deferred.fromCoroutine(self._talk.hear(data, call_of(request, self._library)))
        answered.addCallbacks(send, failed, callbackArgs=(request,), errbackArgs=(request,))


class NoSuchLibrary(Resource):
    """Any other address: a transport's fault, so a status in place of a Problem, in words for a person."""

    isLeaf = True

    def render(self, request: IRequest) -> bytes:
        return refuse(cast(NcipRequest, request), NOWHERE, "no library is at this address; NCIP is at /ncip/<library>")


class Root(Resource):
    """The whole address."""

    def getChild(self, path: bytes, request: IRequest) -> Resource:
        return NoSuchLibrary()


class BadBody(Exception):
    """The body is nothing that HTTP can make sense of."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def refuse(request: NcipRequest, status: int, why: str) -> bytes:
    request.setResponseCode(status)
    request.setHeader(b"content-type", TEXT)
    return f"{why}\n".encode()


def is_wrapped(request: NcipRequest) -> bool:
    """Is the document packed, or perhaps in a form?"""
    return header(request, b"content-encoding") is not None or kind_of(request) == FORM


def kind_of(request: NcipRequest) -> bytes:
    return (header(request, b"content-type") or b"").partition(b";")[0].strip().lower()


def body_of(request: NcipRequest) -> bytes:
    """The document: unpacked, and taken out of a form where it stands in one.  Raises BadBody."""
    content = request.content
    if content is None:
        return b""
    content.seek(0)
    data = unpacked(content.read(), header(request, b"content-encoding"), request.largest)
    if kind_of(request) == FORM and not data.lstrip().startswith(b"<"):  # some send bare XML under this name
        fields = parse_qs(data)  # as bytes: the document says itself in which letters it is written
        return next((texts[0] for name, texts in fields.items() if name.lower() == b"xml"), b"")
    return data


def takes_gzip(accepted: bytes) -> bool:
    """Does Accept-Encoding name gzip, and not with a weight of nothing?"""
    for one in accepted.lower().split(b","):
        name, _, weight = one.replace(b" ", b"").partition(b";q=")
        if name in (b"gzip", b"x-gzip"):
            return weight.strip(b"0.") != b"" or not weight
    return False


def unpacked(data: bytes, encoding: bytes | None, largest: int) -> bytes:
    """Raises BadBody for a body that is none, or that grows beyond the limit."""
    name = (encoding or b"identity").strip().lower()
    if name in (b"identity", b""):
        return data
    if name not in (b"gzip", b"x-gzip", b"deflate"):
        raise BadBody(UNSUPPORTED, f"content-encoding {name.decode('ascii', 'replace')} is not understood")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, by its first bytes
    try:
        whole = unpack.decompress(data, largest + 1)
    except zlib.error as why:
        raise BadBody(BAD, f"the body is not {name.decode()}: {why}") from why
    if len(whole) > largest:
        raise BadBody(TOO_LARGE, f"more than {largest} bytes when unpacked")
    if not unpack.eof:
        raise BadBody(BAD, f"the body is not whole {name.decode()}")
    return whole


def header(request: Any, name: bytes) -> bytes | None:
    value: bytes | None = request.getHeader(name)
    return value


def call_of(request: Any, library: LibraryId | None) -> Call:
    """What is known of the caller from the request alone."""
    authorization = header(request, b"authorization") or b""
    return Call(
        address=request.channel.address,
        library=library,
        basic=basic_of(authorization),
        token=token_of(request, authorization),
        certificate=request.channel.certificate,
    )


def basic_of(authorization: bytes) -> tuple[str, str] | None:
    """User and password of HTTP Basic."""
    kind, _, rest = authorization.partition(b" ")
    if kind.lower() != b"basic":
        return None
    try:
        user, _, password = b64decode(rest, validate=True).decode("utf-8").partition(":")
    except (BadBase64, ValueError):
        return None
    return user, password


def token_of(request: Any, authorization: bytes) -> str | None:
    """A bearer token, an API key in a header, or one in the address."""
    kind, _, rest = authorization.partition(b" ")
    if kind.lower() == b"bearer":
        return rest.strip().decode("utf-8", "replace")
    key = header(request, b"x-api-key") or next(iter(request.args.get(b"apikey", ())), None)
    return key.decode("utf-8", "replace") if key else None


def send(reply: Reply, request: NcipRequest) -> None:
    """Write the answer, packed where the caller takes it so, unless nobody waits for it any more."""
    if request._disconnected:
        return
    packed = len(reply.body) >= WORTH_PACKING and takes_gzip(header(request, b"accept-encoding") or b"")
    try:
        if reply.status == OK and not packed and request.stays:
            request.answer_straight(XML, reply.body)
        else:
            send_at_length(reply, request, packed=packed)
    except RuntimeError:  # of a reset that comes together with data uvloop (0.23) tells only whoever writes
        if request.channel is not None:
            request.channel.forceAbortClient()


def send_at_length(reply: Reply, request: NcipRequest, *, packed: bool) -> None:
    body = gzip.compress(reply.body, 5, mtime=0) if packed else reply.body
    request.name_us()
    request.setResponseCode(reply.status)
    request.setHeader(b"content-type", XML)
    if reply.status == UNAUTHORIZED:
        request.setHeader(b"www-authenticate", b'Basic realm="NCIP"')
    if packed:
        request.setHeader(b"content-encoding", b"gzip")
    request.setHeader(b"content-length", str(len(body)).encode())
    request.write(body)
    request.finish()


def failed(failure: Failure, request: NcipRequest) -> None:
    """We have a bug."""
    log.error("ncip.broken", why=str(failure.value), traceback=failure.getTraceback())
    if request._disconnected or request.finished:
        return
    request.name_us()
    request.setResponseCode(BROKEN)
    request.finish()


class QuietSite(Site):
    """Without a line in a log for each request: exchanges are kept, masked."""

    def buildProtocol(self, addr: object) -> Any:
        """Twisted's own goes through a wrapper that could change to HTTP/2, which nobody speaks here."""
        return NcipChannel(self)

    def log(self, request: HttpRequest) -> None:
        """Nothing."""


def make_site(talk: Talk, libraries: Libraries, largest: int) -> Site:
    """The whole address: /ncip and what is below it."""
    root = Root()
    page = NcipPage(talk, libraries)
    root.putChild(b"ncip", page)
    root.putChild(b"", page)

    class Bounded(NcipRequest):
        """With this address's limit, and its page."""

        takes = staticmethod(page.takes)

    Bounded.largest = largest
    return QuietSite(root, requestFactory=Bounded, parsePOSTFormSubmission=False)
