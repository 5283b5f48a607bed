"""NCIP over HTTP: POST to /ncip or /ncip/<library>.  200 for whatever is a message; 4xx where no message could help."""

import gzip
import zlib
from base64 import b64decode
from binascii import Error as BadBase64
from html import escape
from io import BytesIO
from typing import Any, Final, cast
from urllib.parse import parse_qs

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web.http import Request as HttpRequest
from twisted.web.iweb import IRequest
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from backend.model import LibraryId
from protocols.ncip.kinds import BLANK
from server.agencies.registry import Call
from server.libraries import Libraries
from server.listening import names_shown
from server.log import logger
from server.ncip.talk import Reply, Talk

log = logger("ncip")

XML: Final = b"application/xml; charset=utf-8"
TEXT: Final = b"text/plain; charset=utf-8"
FORM: Final = b"application/x-www-form-urlencoded"
WORTH_PACKING: Final = 1024  # bytes
FAR_TOO_LARGE: Final = 8  # times the limit; then the connection is cut
OK, BAD, UNAUTHORIZED, NOWHERE, NO_METHOD, TOO_LARGE, UNSUPPORTED, BROKEN = 200, 400, 401, 404, 405, 413, 415, 500


class NcipRequest(Request):
    """A request whose body is counted as it comes, kept in memory, and dropped once it is too large."""

    largest = 1 << 20
    received = 0

    def gotLength(self, length: int | None) -> None:
        self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        self.received += len(data)
        if self.received <= self.largest:
            super().handleContentChunk(data)
        elif self.received > self.largest * FAR_TOO_LARGE and self.channel is not None:
            self.channel.forceAbortClient()

    @property
    def is_too_large(self) -> bool:
        return self.received > self.largest


class NcipPage(Resource):
    """One URL; `library` is what it names, None for partners that fill the header."""

    isLeaf = False

    def __init__(self, talk: Talk, libraries: Libraries, library: LibraryId | None = None) -> None:
        super().__init__()
        self._talk = talk
        self._libraries = libraries
        self._library = library

    def getChild(self, path: bytes, request: IRequest) -> Resource:
        name = path.decode("ascii", "replace")
        if not name:
            return self
        if self._library is None:
            found = next((one for one in self._libraries.ids() if one.casefold() == name.casefold()), None)
            if found is not None:
                return NcipPage(self._talk, self._libraries, found)
        return NoSuchLibrary()

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
        answered = Deferred.fromCoroutine(self._talk.hear(data, call_of(asked, self._library)))
        asked.notifyFinish().addErrback(lambda _gone: None)  # what was asked is carried out and kept all the same
        answered.addCallbacks(send, failed, callbackArgs=(asked,), errbackArgs=(asked,))
        return NOT_DONE_YET


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


def body_of(request: NcipRequest) -> bytes:
    """The document: unpacked, and taken out of a form where it stands in one.  Raises BadBody."""
    content = request.content
    if content is None:
        return b""
    content.seek(0)
    data = unpacked(content.read(), header(request, b"content-encoding"), request.largest)
    kind = (header(request, b"content-type") or b"").partition(b";")[0].strip().lower()
    if kind == FORM and not data.lstrip().startswith(b"<"):  # some send bare XML under this name
        fields = parse_qs(data.decode("utf-8", "replace"))
        return next((texts[0].encode() for name, texts in fields.items() if name.lower() == "xml"), b"")
    return data


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
    place = request.getClientAddress()
    return Call(
        address=getattr(place, "host", "") or "",
        library=library,
        basic=basic_of(header(request, b"authorization")),
        token=token_of(request),
        certificate=names_shown(getattr(request.channel, "transport", None)),
    )


def basic_of(authorization: bytes | None) -> tuple[str, str] | None:
    """User and password of HTTP Basic."""
    kind, _, rest = (authorization or b"").partition(b" ")
    if kind.lower() != b"basic":
        return None
    try:
        user, _, password = b64decode(rest, validate=True).decode("utf-8").partition(":")
    except (BadBase64, ValueError):
        return None
    return user, password


def token_of(request: Any) -> str | None:
    """A bearer token, an API key in a header, or one in the address."""
    kind, _, rest = (header(request, b"authorization") or b"").partition(b" ")
    if kind.lower() == b"bearer":
        return rest.strip().decode("utf-8", "replace")
    key = header(request, b"x-api-key") or next(iter(request.args.get(b"apikey", ())), None)
    return key.decode("utf-8", "replace") if key else None


def send(reply: Reply, request: NcipRequest) -> None:
    """Write the answer, packed where the caller takes it so, unless nobody waits for it any more."""
    if request._disconnected:
        return
    body = reply.body
    request.setResponseCode(reply.status)
    request.setHeader(b"content-type", XML)
    if reply.status == UNAUTHORIZED:
        request.setHeader(b"www-authenticate", b'Basic realm="NCIP"')
    if len(body) >= WORTH_PACKING and b"gzip" in (header(request, b"accept-encoding") or b""):
        request.setHeader(b"content-encoding", b"gzip")
        body = gzip.compress(body, 5, mtime=0)
    request.setHeader(b"content-length", str(len(body)).encode())
    try:
        request.write(body)
        request.finish()
    except RuntimeError:  # of a reset that comes together with data uvloop (0.23) tells only whoever writes
        if request.channel is not None:
            request.channel.forceAbortClient()


def failed(failure: Failure, request: NcipRequest) -> None:
    """We have a bug."""
    log.error("ncip.broken", why=str(failure.value), traceback=failure.getTraceback())
    if request._disconnected or request.finished:
        return
    request.setResponseCode(BROKEN)
    request.finish()


class QuietSite(Site):
    """Without a line in a log for each request: exchanges are kept, masked."""

    def log(self, request: HttpRequest) -> None:
        """Nothing."""


def make_site(talk: Talk, libraries: Libraries, largest: int) -> Site:
    """The whole address: /ncip and what is below it."""
    root = Root()
    page = NcipPage(talk, libraries)
    root.putChild(b"ncip", page)
    root.putChild(b"", page)

    class Bounded(NcipRequest):
        """With this address's limit."""

    Bounded.largest = largest
    return QuietSite(root, requestFactory=Bounded, parsePOSTFormSubmission=False)
