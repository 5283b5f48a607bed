"""Play an NCIP transcript against a responder and judge every answer.

Asks nothing of the answer but what the transcript says, and what holds of every answer: prefix ns1, one child of the
root, header swapped.
"""

from __future__ import annotations

import base64
import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from conformance import control as controls
from conformance.control import Control, ControlError, NotOfferedError
from conformance.draft import Mistake
from conformance.matching import fill
from conformance.ncip.transcript import EXPECTATION, NcipTranscript, Step, Verb
from conformance.transcript import PLACEHOLDER
from conformance.verdict import LineVerdict, Mode, Result, Verdict
from conformance.worlds import compose

NCIP = "http://www.niso.org/2008/ncip"
VERSION = "http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd"
OPENING = re.compile(r"<(/?)(?![\w.-]+:)([A-Za-z])")  # of a name without a prefix of its own
PATIENCE = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class NcipTarget:
    """The responder under judgement: its address as `http://host:port`, and what we were told about it."""

    base: str
    secrets: Mapping[str, str]
    control: Control | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    kind: str
    seconds: float


def play(transcript: NcipTranscript, target: NcipTarget) -> Verdict:
    """The verdict on one conversation."""
    player = _Player(transcript, target)
    started = time.monotonic()
    trouble, result = "", Result.PASSED
    try:
        player.prepare()
        player.play()
    except NotOfferedError as why:
        trouble, result = str(why), Result.NOT_RUN
    except (ControlError, OSError, http.client.HTTPException) as why:
        trouble, result = f"{type(why).__name__}: {why}", Result.FAILED
    finally:
        player.close()
    if any(line.faults for line in player.lines):
        result = Result.FAILED
    spent = time.monotonic() - started
    return Verdict(
        str(transcript.path),
        transcript.title,
        transcript.level,
        Mode.WHOLE,
        result,
        spent,
        tuple(player.lines),
        trouble,
    )


def find_unknown_names(transcript: NcipTranscript, secrets: Mapping[str, str]) -> list[Mistake]:
    """Every placeholder without a value."""
    texts = [(step.line, text) for step in transcript.steps for _, text in ((0, step.text), *step.lines)]
    return [
        Mistake(transcript.path, line, f"no value for {{{name}}}")
        for line, text in texts
        for name in PLACEHOLDER.findall(text)
        if name not in secrets
    ]


class _Player:
    """One conversation under way."""

    def __init__(self, transcript: NcipTranscript, target: NcipTarget) -> None:
        self.lines: list[LineVerdict] = []
        self._transcript = transcript
        self._target = target
        self._header = transcript.header
        parts = urlsplit(target.base)
        self._line = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=PATIENCE)
        self._sent = b""
        self._answer: Answer | None = None
        self._before: Answer | None = None

    def prepare(self) -> None:
        """The world and the clock."""
        world = compose(self._transcript)
        if self._target.control is not None:
            self._target.control(controls.CLOCK, self._transcript.clock.isoformat())
            if world is not None:
                self._target.control(controls.WORLD, world)

    def close(self) -> None:
        self._line.close()

    def play(self) -> None:
        for step in self._transcript.steps:
            match step.verb:
                case Verb.CLOCK | Verb.JOB | Verb.CONTROL:
                    self._ask_control(step)
                case Verb.EXPECT | Verb.SAME:
                    self._judge(step)
                case _:
                    self._say(step)

    def _ask_control(self, step: Step) -> None:
        if self._target.control is None:
            raise NotOfferedError("nobody here can set the clock or run jobs")
        self._target.control(step.verb.lower(), fill(step.text, self._resolve))

    # Speaking.

    def _say(self, step: Step) -> None:
        if step.verb is not Verb.REPEAT:
            self._sent = self._document(step)
        method = "GET" if step.verb is Verb.GET else "POST"
        path = step.text or self._header.get("path", "/ncip")
        began = time.monotonic()
        self._line.request(method, path, self._sent if method == "POST" else None, self._headers())
        answer = self._line.getresponse()
        body = answer.read()
        self._before = self._answer
        kind = answer.getheader("content-type") or ""
        self._answer = Answer(answer.status, body, kind, time.monotonic() - began)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": self._header.get("content_type", "application/xml; charset=utf-8")}
        if "basic" in self._header:
            plain = fill(self._header["basic"], self._resolve).encode()
            headers["Authorization"] = f"Basic {base64.b64encode(plain).decode()}"
        return headers

    def _document(self, step: Step) -> bytes:
        text = fill(step.body, self._resolve)
        if step.verb is Verb.RAW:
            return text.strip().encode()
        prefixed = OPENING.sub(r"<\1ns1:\2", text.strip()).replace("<ns1:?", "<?")
        opening, bracket, rest = prefixed.partition(">")
        empty = opening.endswith("/")
        name = opening.removeprefix("<ns1:").rstrip("/").strip()
        inside = (
            f"<ns1:{name}>{self._heading()}</ns1:{name}>" if empty else f"{opening}{bracket}{self._heading()}{rest}"
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><ns1:NCIPMessage xmlns:ns1="{NCIP}" ns1:version="{VERSION}">'
            f"{inside}</ns1:NCIPMessage>"
        ).encode()

    def _heading(self) -> str:
        """InitiationHeader, unless the transcript writes its own or none."""
        if self._header.get("header") == "none":
            return ""
        sender = self._resolve(f"partner.{self._header.get('from', 'plain')}.agency")
        secret = fill(self._header.get("secret", ""), self._resolve)
        shown = f"<ns1:FromAgencyAuthentication>{secret}</ns1:FromAgencyAuthentication>"
        return (
            f"<ns1:InitiationHeader><ns1:FromAgencyId><ns1:AgencyId>{sender}</ns1:AgencyId></ns1:FromAgencyId>"
            f"{shown if secret else ''}<ns1:ToAgencyId><ns1:AgencyId>{self._header.get('to', 'SE-KAL')}</ns1:AgencyId>"
            "</ns1:ToAgencyId></ns1:InitiationHeader>"
        )

    def _resolve(self, name: str) -> str:
        return self._target.secrets[name]

    # Judging.

    def _judge(self, step: Step) -> None:
        answer = self._answer
        if answer is None:
            self._note(step, "", ("nothing was asked",), 0.0)
            return
        got = f"{answer.status} {answer.body.decode('utf-8', 'replace')}"
        if step.verb is Verb.SAME:
            same = self._before is not None and self._before.body == answer.body
            self._note(step, got, () if same else ("another answer than before",), answer.seconds)
            return
        self._note(step, got, tuple(self._faults(step, answer)), answer.seconds)

    def _note(self, step: Step, got: str, faults: tuple[str, ...], seconds: float) -> None:
        expected = f"{step.verb} {step.text} " + "; ".join(text for _, text in step.lines)
        sent = self._sent.decode("utf-8", "replace")
        self.lines.append(LineVerdict(step.line, sent, expected.strip(), got, seconds, faults))

    def _faults(self, step: Step, answer: Answer) -> list[str]:
        status, _, name = step.text.partition(" ")
        faults = [] if answer.status == int(status) else [f"status: expected {status}, got {answer.status}"]
        if not name and not step.lines:
            return faults
        try:
            root = etree.fromstring(answer.body, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as why:
            return [*faults, f"no XML: {why}"]
        faults += of_every_answer(root, answer, version_1=self._header.get("wire") == "1")
        message = root[0] if len(root) else root
        top = root if local(message) in ("Problem", "VersionSupported") else message
        if name and name not in (local(message), local(root)):
            faults.append(f"message: expected {name}, got {local(message)}")
        for _, text in step.lines:
            faults += self._expectation(text, top)
        return faults

    def _expectation(self, text: str, message: etree._Element) -> list[str]:
        found = EXPECTATION.match(text)
        if found is None:
            return [f"not understood: {text}"]
        if found["none"]:
            there = at(message, found["absent"])
            return [f"{found['absent']}: not wanted, got {said(there[0])!r}"] if there else []
        wanted = fill(found["text"], self._resolve).strip()
        elements = at(message, found["path"])
        if found["nth"]:
            elements = elements[int(found["nth"]) - 1 : int(found["nth"])]
        pattern = re.compile(".*".join(map(re.escape, wanted.split("~"))), re.DOTALL)
        if any(pattern.fullmatch(said(element)) for element in elements):
            return []
        came = ", ".join(repr(said(element)) for element in elements) or "nothing"
        return [f"{found['path']}: expected {wanted!r}, got {came}"]


def of_every_answer(root: etree._Element, answer: Answer, *, version_1: bool) -> list[str]:
    """What partners rely on whatever they asked."""
    faults = []
    if not answer.kind.startswith("application/xml"):
        faults.append(f"content type: {answer.kind}")
    if not version_1 and (root.prefix != "ns1" or etree.QName(root).namespace != NCIP):
        faults.append(f"root: {local(root)} with prefix {root.prefix}, not ns1")
    if local(root) not in ("NCIPMessage", "NCIPVersionMessage") or len(root) < 1:
        faults.append(f"root: {local(root)} with {len(root)} children")
    return faults


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


def said(element: etree._Element) -> str:
    return (element.text or "").strip()


def at(element: etree._Element, path: str) -> list[etree._Element]:
    """Every element at a path of local names below `element`, in document order."""
    found = [element]
    for name in path.split("/"):
        found = [child for one in found for child in one if isinstance(child.tag, str) and local(child) == name]
    return found
