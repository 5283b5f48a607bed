"""Play a transcript against an ACS and judge every answer.

The player fills in sequence numbers, checksums and placeholders, logs the terminal in, and proves the trailer of each
answer: a request with a trailer is answered with one of the same number, a request without is answered without.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from conformance import control as controls
from conformance.connection import Connection, Dial, HungUpError, NoAnswerError
from conformance.control import Control, ControlError, NotOfferedError
from conformance.draft import Mistake, TranscriptError
from conformance.matching import compare_fields, compare_whole, fill
from conformance.transcript import CONTROLLING, PLACEHOLDER, SENDING, Step, Transcript, Verb, frames_in, unescape
from conformance.verdict import LineVerdict, Mode, Result, Verdict
from conformance.wire import STAMP_WIDTH, checksum_fault, seal, unseal
from conformance.worlds import compose

LOGIN_STEP = 0  # the line number of what the player says by itself
WITHOUT_SEQUENCE = ("96", "97")
_ANY_TRAILER = re.compile(rb"(AY[0-9]+)?AZ[^|]{1,4}$")  # unreadable ones too
BUILT_IN = ("now", "today", "none")  # placeholders that need no secret


@dataclass(frozen=True, slots=True)
class Target:
    """The ACS under judgement, and what we were told about it.

    `secrets` maps placeholders to text (`terminal.T-KAL-S.login`, `patron.K1.card`, ...).  Without `control` the
    world, clock and jobs are taken as they are, and transcripts that must change them half-way are not run.
    """

    dial: Dial
    secrets: Mapping[str, str]
    control: Control | None = None
    patience: float = 5.0  # seconds to wait for an answer
    quiet: float = 0.2  # seconds without an answer that count as silence
    encoding: str | None = None  # overrides account and default; a transcript's own header comes first
    now: datetime | None = None  # the ACS's clock, where it cannot be set


def flatten(data: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """Nested mappings as one, keys joined by dots: `{"patron": {"K1": {"pin": 1}}}` gives `patron.K1.pin`."""
    flat: dict[str, str] = {}
    for key, value in data.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat


def replay(transcript: Transcript, target: Target, mode: Mode = Mode.WHOLE) -> Verdict:
    """Play one transcript once.  Raises TranscriptError when a placeholder or the world has no value."""
    refuse_unknown_names(transcript, target.secrets)
    world = compose(transcript)
    started = time.monotonic()
    if target.control is None and transcript.needs_control():
        return _verdict(transcript, mode, Result.NOT_RUN, started, (), "needs control of clock, jobs or restart")
    return _play(_Player(transcript, target, mode), world, started)


def _play(player: _Player, world: str | None, started: float) -> Verdict:
    trouble = ""
    try:
        player.prepare(world)
        player.play()
    except NotOfferedError as lacking:
        return _verdict(player.transcript, player.mode, Result.NOT_RUN, started, (), str(lacking))
    except (NoAnswerError, HungUpError, ControlError, OSError) as stopped:
        trouble = f"line {player.line}: {_in_words(stopped)}"
    finally:
        player.close()
    failed = trouble or any(line.faults for line in player.lines)
    result = Result.FAILED if failed else Result.PASSED
    return _verdict(player.transcript, player.mode, result, started, tuple(player.lines), trouble)


def refuse_unknown_names(transcript: Transcript, secrets: Mapping[str, str]) -> None:
    """Raises TranscriptError naming file and line of every placeholder without a value."""
    if missing := find_unknown_names(transcript, secrets):
        raise TranscriptError(missing)


def find_unknown_names(transcript: Transcript, secrets: Mapping[str, str]) -> list[Mistake]:
    """Every placeholder without a value, those of the logins that the player makes included."""
    wanted = [(step.line, name) for step in transcript.steps for name in PLACEHOLDER.findall(step.text)]
    logins = [(1, transcript.terminal)] if transcript.terminal else []
    logins += [(step.line, step.text) for step in transcript.steps if step.verb is Verb.RECONNECT and step.text]
    for line, terminal in logins:
        if terminal != "none":
            wanted += [(line, f"terminal.{terminal}.{part}") for part in ("login", "password")]
    return [
        Mistake(transcript.path, line, f"no value for {{{name}}}")
        for line, name in wanted
        if name not in secrets and name not in BUILT_IN
    ]


def _verdict(
    transcript: Transcript, mode: Mode, result: Result, started: float, lines: tuple[LineVerdict, ...], trouble: str
) -> Verdict:
    spent = time.monotonic() - started
    return Verdict(str(transcript.path), transcript.title, transcript.level, mode, result, spent, lines, trouble)


def _in_words(stopped: Exception) -> str:
    if isinstance(stopped, NoAnswerError):
        return "no answer in time"
    if isinstance(stopped, HungUpError):
        return "the connection was closed"
    return f"{type(stopped).__name__}: {stopped}"


@dataclass(frozen=True, slots=True)
class _Sent:
    """A frame that waits for its answer."""

    text: str
    trailed: bool  # carried a trailer
    sequence: str | None  # the number its answer must carry; None if any, or none, will do
    at: float


@dataclass
class _Player:
    """Walks through the steps of one transcript; `lines` grows by one verdict an expectation."""

    transcript: Transcript
    target: Target
    mode: Mode
    lines: list[LineVerdict] = field(default_factory=list)
    line: int = LOGIN_STEP
    _connection: Connection | None = None
    _digit: int = 0
    _waiting: deque[_Sent] = field(default_factory=deque)
    _last_frame: bytes = b""
    _last_answer: bytes = b""
    _sent_ahead: int | None = None  # line of a step that went out together with the one before

    def __post_init__(self) -> None:
        self._clock = self.target.now or self.transcript.clock
        self._terminal = self.transcript.terminal

    # ---- before the first line

    def prepare(self, world: str | None) -> None:
        """Set clock and world where we can, connect, log in."""
        self._control(controls.CLOCK, self.transcript.clock.isoformat())
        if world is not None:
            self._control(controls.WORLD, world)
        self._connect()

    def _control(self, action: str, argument: str) -> None:
        if self.target.control is not None:
            self.target.control(action, argument)

    def _connect(self) -> None:
        """A new connection, its numbers from zero, logged in if the conversation has a terminal."""
        self.close()
        self._connection = Connection(self.target.dial())
        self._digit = 0
        self._waiting.clear()
        self._sent_ahead = None
        if self._terminal is not None:
            self._log_in(self._terminal)

    def _log_in(self, terminal: str) -> None:
        location = self.transcript.header.get("location", "")
        text = f"9300CN{{terminal.{terminal}.login}}|CO{{terminal.{terminal}.password}}|CP{location}|"
        frame = self._seal(fill(text, self._resolve))
        self._dispatch([(f"93 as {terminal}", frame)])
        self._judge(Step(LOGIN_STEP, Verb.ANSWER, "941"))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def _line_open(self) -> Connection:
        if self._connection is None:
            raise HungUpError("no connection")
        return self._connection

    # ---- the conversation

    def play(self) -> None:
        """Every step in turn; stops with NoAnswerError, HungUpError, ControlError or OSError."""
        for at, step in enumerate(self.transcript.steps):
            self.line = step.line
            if step.verb in SENDING:
                self._say(at, step)
            elif step.verb in CONTROLLING:
                self._ask_control(step)
            elif step.verb is Verb.RECONNECT:
                self._reconnect(step)
            elif step.verb is Verb.CLOSED:
                self._expect_hang_up(step)
            else:
                self._judge(step)

    def _say(self, at: int, step: Step) -> None:
        if self._sent_ahead == step.line:
            self._sent_ahead = None
            return
        frames = [(step.text or step.verb.value, self._frame(step))]
        if self.mode is Mode.BEHIND and (behind := self._step_behind(at)) is not None:
            frames.append((behind.text, self._frame(behind)))
            self._sent_ahead = behind.line
        self._dispatch(frames)

    def _step_behind(self, at: int) -> Step | None:
        """The SC line that may travel with this one: exactly one answer stands between, and it can be awaited."""
        following = self.transcript.steps[at + 1 : at + 3]
        if len(following) < 2 or following[0].verb not in (Verb.ANSWER, Verb.FIELDS, Verb.SAME):
            return None
        return following[1] if following[1].verb is Verb.SEND else None

    def _dispatch(self, frames: list[tuple[str, bytes]]) -> None:
        data = b"".join(frame for _, frame in frames)
        now = time.monotonic()
        for text, frame in frames:
            self._waiting.extend(_await(text, frame, now))
        if self.mode is Mode.BYTES:
            self._line_open.send_by_bytes(data)
        else:
            self._line_open.send(data)

    def _frame(self, step: Step) -> bytes:
        """The bytes of a sending step, with line end where the step does not say its own."""
        if step.verb is Verb.RAW:
            return unescape(fill(step.text, self._resolve))
        if step.verb is Verb.REPEAT:
            return self._last_frame
        frame = self._seal(fill(step.text, self._resolve))
        if step.verb is Verb.SPOILED:
            return _spoil(frame)
        self._last_frame = frame
        return frame

    def _seal(self, text: str) -> bytes:
        body = text.encode(self._encoding, "replace")
        if not self.transcript.error_detection:
            return body + b"\r"
        if text[:2] in WITHOUT_SEQUENCE:
            return seal(body, None) + b"\r"
        sequence, self._digit = str(self._digit), (self._digit + 1) % 10
        return seal(body, sequence) + b"\r"

    @property
    def _encoding(self) -> str:
        named = self.transcript.header.get("encoding") or self.target.encoding
        return named or self.target.secrets.get(f"terminal.{self._terminal}.encoding", "cp850")

    def _resolve(self, name: str) -> str:
        if name == "now":
            return self._clock.strftime("%Y%m%d    %H%M%S")
        if name == "today":
            return self._clock.strftime("%Y%m%d")
        return " " * STAMP_WIDTH if name == "none" else self.target.secrets[name]

    # ---- what is not said on the wire

    def _ask_control(self, step: Step) -> None:
        if step.verb is Verb.CLOCK and self.target.now is None:
            self._clock = datetime.fromisoformat(step.text)
        self._control(step.verb.value.lower(), fill(step.text, self._resolve))
        if step.verb is Verb.KILL:
            self._connect_patiently()

    def _connect_patiently(self) -> None:
        """Connect again to an ACS that is being started: until patience ends, a refused connection is not an answer."""
        deadline = time.monotonic() + max(self.target.patience, controls.PATIENCE)
        while True:
            try:
                return self._connect()
            except (ConnectionError, HungUpError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _reconnect(self, step: Step) -> None:
        if step.text:
            self._terminal = None if step.text == "none" else step.text
        self._connect()

    # ---- answers

    def _judge(self, step: Step) -> None:
        asked = self._waiting.popleft()
        if step.verb is Verb.SILENCE:
            return self._expect_silence(step, asked)
        expected = "the same bytes again" if step.verb is Verb.SAME else f"{fill(step.text, self._resolve)}"
        try:
            answer = self._line_open.receive(self.target.patience)
        except (NoAnswerError, HungUpError) as stopped:
            self._note(step, asked, expected, "", (_in_words(stopped),))
            raise
        got, _ = unseal(answer)
        text = got.decode(self._encoding, "replace")
        faults = (*_trailer_faults(asked, answer), *self._compare(step, answer, text))
        self._note(step, asked, expected, text, faults)
        self._last_answer = answer

    def _compare(self, step: Step, answer: bytes, text: str) -> tuple[str, ...]:
        if step.verb is Verb.SAME:
            return () if answer == self._last_answer else (f"expected {self._last_answer!r} again, got {answer!r}",)
        compare = compare_whole if step.verb is Verb.ANSWER else compare_fields
        return compare(step.text, text, self._resolve)

    def _expect_silence(self, step: Step, asked: _Sent) -> None:
        try:
            answer = self._line_open.receive(self.target.quiet)
        except NoAnswerError:
            return self._note(step, asked, "no answer", "", ())
        self._note(step, asked, "no answer", repr(answer), ("an answer came though none is due",))

    def _expect_hang_up(self, step: Step) -> None:
        asked = self._waiting.popleft() if self._waiting else _Sent("", False, None, time.monotonic())
        try:
            said = self._line_open.wait_for_hang_up(self.target.patience)
        except NoAnswerError:
            return self._note(step, asked, "the line is closed", "", ("the connection stayed open",))
        self._waiting.clear()
        faults = (f"said {said!r} before it closed",) if said else ()
        self._note(step, asked, "the line is closed", repr(said) if said else "", faults)

    def _note(self, step: Step, asked: _Sent, expected: str, got: str, faults: tuple[str, ...]) -> None:
        spent = time.monotonic() - asked.at
        self.lines.append(LineVerdict(step.line, asked.text, expected, got, spent, faults))


def _await(text: str, data: bytes, now: float) -> list[_Sent]:
    """What waits for an answer when `data` has been sent: an entry for each frame in it."""
    waiting = []
    for frame in frames_in(data):
        _, trailer = unseal(frame)
        # 97 asks for an older answer, and 96 answers a spoiled frame: their numbers are not this frame's.
        sequence = None if trailer is None or frame[:2] == b"97" or checksum_fault(frame) else trailer.sequence
        waiting.append(_Sent(text, _ANY_TRAILER.search(frame) is not None, sequence, now))
    return waiting


def _spoil(frame: bytes) -> bytes:
    """The same frame with the last digit of its checksum changed."""
    last = frame[-2:-1]
    return frame[:-2] + (b"0" if last != b"0" else b"1") + b"\r"


def _trailer_faults(asked: _Sent, answer: bytes) -> tuple[str, ...]:
    """A trailer where one was sent, none where none was; 96 has no number, everything else has the number asked."""
    _, trailer = unseal(answer)
    if not asked.trailed:
        return () if trailer is None else ("a checksum in the answer to a request without one",)
    fault = checksum_fault(answer)
    if fault or trailer is None:
        return (fault or "no checksum in the answer",)
    if answer[:2] in (b"96", b"97"):
        return () if trailer.sequence is None else ("a sequence number on 96",)
    if asked.sequence is not None and trailer.sequence != asked.sequence:
        return (f"sequence number {asked.sequence} was sent, {trailer.sequence} came back",)
    return ()
