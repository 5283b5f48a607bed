"""The NCIP format and its player, told on small conversations with a responder made by hand."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from conformance.draft import TranscriptError
from conformance.ncip.play import NcipTarget, find_unknown_names, play
from conformance.ncip.transcript import Verb, parse

pytestmark = pytest.mark.slow

HEAD = "title = t\nsource = s\nlevel = must\nworld = none\n\n"
SECRETS = {"partner.plain.agency": "EX", "patron.K1.card": "42"}
GOOD = (
    '<?xml version="1.0"?><ns1:NCIPMessage xmlns:ns1="http://www.niso.org/2008/ncip"><ns1:LookupUserResponse>'
    "<ns1:UserId><ns1:UserIdentifierValue>42</ns1:UserIdentifierValue></ns1:UserId>"
    "</ns1:LookupUserResponse></ns1:NCIPMessage>"
)


class Responder(BaseHTTPRequestHandler):
    """Says GOOD, and remembers what it was told."""

    heard: list[str] = []  # noqa: RUF012 - one server, one list

    def do_POST(self) -> None:
        self.heard.append(self.rfile.read(int(self.headers["content-length"])).decode())
        self.send_response(200)
        self.send_header("content-type", "application/xml; charset=utf-8")
        self.send_header("content-length", str(len(GOOD)))
        self.end_headers()
        self.wfile.write(GOOD.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def responder() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Responder)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


ASK = """POST
  <LookupUser>
    <UserId><UserIdentifierValue>{patron.K1.card}</UserIdentifierValue></UserId>
  </LookupUser>
"""


def played(base: str, text: str) -> list[str]:
    verdict = play(parse(HEAD + text, Path("t.txt")), NcipTarget(base, SECRETS))
    return [fault for line in verdict.lines for fault in line.faults]


def test_root_header_and_prefix_are_filled_in(responder: str) -> None:
    expected = "EXPECT 200 LookupUserResponse\n  UserId/UserIdentifierValue = {patron.K1.card}\n  not Problem\n"
    assert played(responder, ASK + expected + "REPEAT\nSAME\n") == []
    said = Responder.heard[-1]
    assert "<ns1:LookupUser><ns1:InitiationHeader>" in said
    assert "<ns1:UserIdentifierValue>42</ns1:UserIdentifierValue>" in said


@pytest.mark.parametrize(
    ("expected", "fault"),
    [
        ("EXPECT 404", "status: expected 404, got 200"),
        ("EXPECT 200 LookupItemResponse", "message: expected LookupItemResponse, got LookupUserResponse"),
        ("EXPECT 200\n  UserId/UserIdentifierValue = 43", "UserId/UserIdentifierValue: expected '43', got '42'"),
        ("EXPECT 200\n  UserId/UserIdentifierValue 2 = 42", "expected '42', got nothing"),
        ("EXPECT 200\n  not UserId/UserIdentifierValue", "not wanted, got '42'"),
        ("EXPECT 200\n  Problem = ~", "Problem: expected '~', got nothing"),
    ],
)
def test_what_is_wrong_is_told(responder: str, expected: str, fault: str) -> None:
    (told,) = played(responder, ASK + expected)
    assert fault in told


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no `title`"),
        (HEAD + "SHOUT\n", "neither"),
        (HEAD + "GET /\n  <X/>\nEXPECT 200\n", "indented line"),
        (HEAD + "POST\n  <X/>\nEXPECT soon\n", "status of HTTP"),
        (HEAD + "POST\n  <X/>\nEXPECT 200\n  what\n", "path = text"),
        (HEAD + "POST\n  <X/>\n", "nothing is expected"),
        ("colour = red\n" + HEAD, "unknown key"),
        ("given.shoe = { size = 1 }\n" + HEAD, "no table `shoe`"),
    ],
)
def test_mistakes_are_told_with_their_line(text: str, why: str) -> None:
    with pytest.raises(TranscriptError, match=why):
        parse(text, Path("t.txt"))


def test_steps_and_names() -> None:
    transcript = parse(HEAD + ASK + "EXPECT 200\n", Path("t.txt"))
    assert [step.verb for step in transcript.steps] == [Verb.POST, Verb.EXPECT]
    assert find_unknown_names(transcript, SECRETS) == []
    assert len(find_unknown_names(transcript, {})) == 1
