"""One connection's conversation, after its bytes were read and before its answer is written.

What is asked of circulation and with which key a repeat is recognised.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from twisted.internet.defer import Deferred

from backend.commands import Command, PinProof, RepeatKey
from backend.numbers import compared
from backend.outcomes import Outcome, Refused
from backend.store.errors import StoreError
from backend.store.work import Answer
from backend.store.work import Failed as NotDone
from protocols.sip2.errors import Unanswerable
from protocols.sip2.events import Asked, Close, Failed, Ignored, Reply, Request
from protocols.sip2.messages import BlockPatron, EndPatronSession, Login, LoginResponse, ScStatus
from protocols.sip2.quirks import Quirk, Repair
from protocols.sip2.table import Message
from server.bridge import Bridge
from server.desk import sip2 as desk
from server.desk.manner import Manner
from server.desk.sip2_pin import PinToProve, Query, pin_given
from server.desk.turn import Turn
from server.last_frames import NO_KEY, LastFrames
from server.libraries import Libraries
from server.log import logger
from server.metrics import Metrics
from server.pins import PinChecker
from server.presence import Presence, Proven
from server.recording import Recorder
from server.registry import Registry

log = logger("sip2")

TENTHS = 10  # of a second, in which 98 tells its time-out
STRANGERS = Manner()  # before a login
PLAIN = ("0", "0")  # login name and password as they are; other algorithms are agreed with nobody


@dataclass(frozen=True, slots=True)
class House:
    """What every conversation shares."""

    bridge: Bridge
    registry: Registry
    libraries: Libraries
    pins: PinChecker
    metrics: Metrics
    recorder: Recorder
    seconds: Callable[[], float]  # that pass, see server/steady.py
    last_frames: LastFrames
    traces: bool = False  # whether the log wants to hear of every message
    oddities: set[tuple[str, Quirk]] = field(default_factory=set)  # by account; each was told in the log once


class Line(Protocol):
    """Whoever holds the connection."""

    def answered(self, asked: Asked, message: Message) -> None:
        """The response to what was asked."""

    def broken(self, why: BaseException | None) -> None:
        """There will be none: a fault of ours."""


class Conversation(Presence):
    """State between the messages of one connection; the text of SIP2 wants none but the login, C-18 one proof more."""

    def __init__(self, house: House) -> None:
        super().__init__(house.registry, house.metrics)
        self._house = house
        self._print_width = 0

    def wait(self, asked: Asked) -> float:
        """Seconds that the answer is held back, because the account asks too often: half its time-out at most."""
        entry = self._entry
        if entry is None:
            return 0.0
        longest = entry.manner.timeout / TENTHS / 2
        wait = entry.patience.hold_back(asked.now, asked.frame if asked.error_detection else None, longest)
        if wait:
            self._house.metrics.held_back.labels(self.name).inc()
            log.warning("sip2.held_back", account=self.name, seconds=round(wait, 1))
        return wait

    # What is said.

    def answer(self, asked: Request | Failed, line: Line) -> None:
        """Tell `line` the response, now or later; every failure below is answered, in words of the protocol.

        Coroutines only where something else than circulation is waited for: most messages go by without one.
        """
        if isinstance(asked, Failed):
            line.answered(asked, self._refuse(asked.error))
            return
        message = asked.message
        if isinstance(message, ScStatus):
            self._print_width = message.max_print_width
        if isinstance(message, Login):
            told = Deferred.fromCoroutine(self._greet(message, asked, line))
        elif self._proven is not None or isinstance(given := pin_given(message, self._manner), PinToProve):
            told = Deferred.fromCoroutine(self._prove(asked, line))
        else:
            self._carry_out(asked, self._turn(given), line)
            return
        told.addErrback(lambda failure: line.broken(failure.value))

    def _refuse(self, error: Unanswerable) -> Message:
        self._house.metrics.bad_frames.labels(type(error).__name__).inc()
        log.warning("sip2.unreadable", account=self.name, error=type(error).__name__, why=str(error))
        return desk.fail(error, self._turn())

    async def _greet(self, message: Login, asked: Request, line: Line) -> None:
        plain = (message.uid_algorithm, message.pwd_algorithm) == PLAIN
        said = message.login_user_id, message.login_password, message.location_code
        ok = await self.log_in(*said, asked.delimiter) if plain else self._fall_back()
        line.answered(asked, LoginResponse(ok=ok))

    def _carry_out(self, asked: Request, turn: Turn, line: Line) -> None:
        message = asked.message
        try:
            if isinstance(message, BlockPatron):
                turn = self._mind_blocked_cards(turn, asked.now)
            command = desk.ask(message, turn)
            if not isinstance(command, Message):
                key = self._key(asked, command, turn)
                self._house.bridge.put(command, turn.asked_by, key, partial(self._heard, asked, turn, line))
                return
        except Exception as why:
            command = self._apologise(why, message, turn)
        line.answered(asked, command)

    def _heard(self, asked: Request, turn: Turn, line: Line, answer: Answer[Outcome]) -> None:
        """What circulation says; nobody above us would tell the machine of a fault."""
        try:
            line.answered(asked, self._put_in_words(answer, asked.message, turn))
        except Exception as why:
            line.broken(why)

    def _put_in_words(self, answer: Answer[Outcome], message: Message, turn: Turn) -> Message:
        if isinstance(answer, NotDone):
            return self._apologise(answer.error, message, turn)
        try:
            self._count(answer.value)
            return desk.answer(message, answer.value, turn)
        except Exception as why:
            return self._apologise(why, message, turn)

    def _apologise(self, why: Exception, message: Message, turn: Turn) -> Message:
        """The fail form when nothing could be asked, or nothing came back."""
        self._house.metrics.failures.inc()
        if isinstance(why, StoreError):
            log.error("sip2.store_failed", account=self.name, error=type(why).__name__, why=str(why))
        else:  # a bug of ours must not cost the machine its line: it gets its fail form, we get the traceback
            log.error("sip2.failed", account=self.name, code=message.layout.code, exc_info=why)
        return desk.unavailable(message, turn)

    def _mind_blocked_cards(self, turn: Turn, now: float) -> Turn:
        """A kiosk's bug must not lock out a town: beyond its hourly measure an account may not block cards."""
        patience = self._entry.patience.blocked_cards if self._entry else None
        if patience is None:
            return turn
        if patience.wait(now):
            log.warning("sip2.too_many_blocked_cards", account=self.name)
            return replace(turn, asked_by=replace(turn.asked_by, may_block_cards=False))
        patience.note(now)
        return turn

    def _key(self, asked: Request, command: Command, turn: Turn) -> RepeatKey:
        if self._entry is None:
            return NO_KEY
        return self._house.last_frames.key(asked, command, turn.asked_by.account, self._entry.settings.repeats)

    @property
    def _manner(self) -> Manner:
        return self._entry.manner if self._entry else STRANGERS

    def _turn(self, pin: PinProof = PinProof.ABSENT) -> Turn:
        house = self._house
        asked_by = self._entry.asked_by if self._entry else house.libraries.stranger()
        return Turn(
            manner=self._manner,
            asked_by=asked_by,
            library=house.libraries.of(asked_by.library) if self._entry else house.libraries.front(),
            now=house.bridge.clock.now(),
            pin=pin,
            print_width=self._print_width,
            online=house.bridge.online,
        )

    # Whose PIN was proven (C-18).

    async def _prove(self, asked: Request, line: Line) -> None:
        """Answer after the PIN was looked at, or whose it was."""
        turn = self._turn()
        try:
            turn = replace(turn, pin=await self._proof(asked.message, turn, asked.now))
        except Exception as why:
            line.answered(asked, self._apologise(why, asked.message, turn))
        else:
            self._carry_out(asked, turn, line)

    async def _proof(self, message: Message, turn: Turn, now: float) -> PinProof:
        number = getattr(message, "patron_identifier", None)
        patron = None if number is None else turn.manner.patrons.normal(number)
        await self._forget_proof(message, patron, turn, now)
        given = pin_given(message, turn.manner)
        if isinstance(given, PinToProve):
            checked = await self._house.pins.check(given.patron, given.pin, turn.asked_by, now)
            if checked is PinProof.RIGHT and isinstance(message, Query):
                self._proven = Proven({compared(given.patron)}, now)
            return checked
        if given is PinProof.ABSENT and self._proven is not None and patron is not None:
            return PinProof.RIGHT
        return given

    async def _forget_proof(self, message: Message, patron: str | None, turn: Turn, now: float) -> None:
        """35, another patron's message, or silence for as long as the library's policy says end a proof."""
        proven = self._proven
        if proven is None:
            return
        over = isinstance(message, EndPatronSession) or now - proven.last > turn.library.pin_lasts
        if over or not (patron is None or await self._is_theirs(proven, patron, turn)):
            self._proven = None
        else:
            proven.last = now

    async def _is_theirs(self, proven: Proven, number: str, turn: Turn) -> bool:
        """Whether a number is the proven patron's: a new card, a national number, the same in another spelling."""
        if compared(number) in proven.numbers:
            return True
        theirs = await self._house.pins.same_patron(next(iter(proven.numbers)), number, turn.asked_by)
        if theirs:
            proven.numbers.add(compared(number))
        return theirs

    # What is counted and logged.

    def _count(self, outcome: Outcome) -> None:
        if isinstance(outcome, Refused) and outcome.refusals:
            self._house.metrics.refused.labels(outcome.refusals[0].reason.value).inc()

    def answered(self, asked: Asked, message: Message, now: float) -> None:
        """Called when the answer is about to be written."""
        metrics = self._house.metrics
        metrics.answered.note(message.layout.code)
        metrics.seconds.note(now - asked.now)
        for repair in asked.repairs if isinstance(asked, Request) else ():
            self._repaired(repair)
        if self._house.traces:
            ms = round((now - asked.now) * 1000, 1)
            log.debug("sip2.answered", account=self.name, code=message.layout.code, ms=ms)
        if self._entry is not None and self._entry.settings.recording.on:
            self._house.recorder.record(self._entry, asked, message)

    def _repaired(self, repair: Repair) -> None:
        """Counted each time; news once for each account."""
        self._house.metrics.quirks.labels(self.name, repair.quirk.value).inc()
        oddity = (self.name, repair.quirk)
        tell = log.debug if oddity in self._house.oddities else log.info
        self._house.oddities.add(oddity)
        tell("sip2.repaired", account=self.name, quirk=repair.quirk.value, where=repair.where)

    def ignored(self, event: Ignored) -> None:
        """Count and log a frame that gets no answer."""
        self._house.metrics.bad_frames.labels(type(event.error).__name__).inc()
        log.info("sip2.ignored", account=self.name, error=type(event.error).__name__, why=str(event.error))

    def complained(self, reply: Reply) -> None:
        """Count and log a frame that was answered by 96."""
        error = type(reply.error).__name__
        self._house.metrics.bad_frames.labels(error).inc()
        log.info("sip2.asked_to_resend", account=self.name, error=error, why=str(reply.error))

    def closing(self, event: Close) -> None:
        """Count and log why we hang up."""
        if event.error is not None:
            self._house.metrics.bad_frames.labels(type(event.error).__name__).inc()
        log.warning("sip2.closed", account=self.name, peer=self._address, reason=event.reason.value)
