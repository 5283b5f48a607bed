"""One exchange: bytes to a message, the caller to a partner, commands to circulation, the outcome to bytes.

Whatever goes wrong below is answered in the protocol's words; HTTP hears of a fault only where no message could.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, cast

from twisted.internet.defer import DeferredLock
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from backend.commands import Command, LookUpItem, LookUpPatron, PinProof, RepeatKey
from backend.lookup_outcomes import ItemFound, PatronFound
from backend.model import BranchId, LibraryId
from backend.order_commands import OrderLookUp
from backend.outcomes import Outcome, Refused
from backend.partner_commands import PartnerLookUp
from backend.partner_outcomes import RequestFound
from backend.policy.shelf import PolicyShelf
from backend.store.errors import StoreError
from protocols.ncip.agencies import agency_key
from protocols.ncip.codec import LIMITS, Decoded, Limits, fingerprint, tree, understand
from protocols.ncip.envelope import Initiation, Message, Response
from protocols.ncip.errors import NcipError, violation
from protocols.ncip.identifiers import RequestId
from protocols.ncip.legacy import LookupVersion
from protocols.ncip.lending import RenewItem
from protocols.ncip.lookups import LookupItem, LookupItemSet, LookupUser
from protocols.ncip.messages import BareProblem, Unread
from protocols.ncip.problems import ProblemName, problem
from protocols.ncip.records import CreateUserFiscalTransaction
from protocols.ncip.redaction import encode_and_redact, shown, unshown
from server.agencies.registry import Agencies, Call, Known, Stranger
from server.bridge import Bridge
from server.desk import ncip as desk
from server.desk.ncip_agency import ask_version
from server.desk.ncip_parts import asked_of_item, patron_of
from server.desk.ncip_problems import name_of, refused, too_long, undated
from server.desk.ncip_turn import Heard, NcipTurn
from server.libraries import Libraries
from server.log import logger
from server.metrics import Metrics
from server.ncip.collecting import collected_at
from server.ncip.course import Course, effect_of, problems_in
from server.ncip.exchanges import ExchangeLog
from server.pins import PinChecker
from server.reactor import Reactor

log = logger("ncip")

NO_KEY: Final = RepeatKey()
RENEWAL_WINDOW: Final = 900  # seconds in which a renewal without a number is taken for the same one
LONG: Final = 1 << 15  # bytes of a message that takes more than a few milliseconds to read
OK, UNAUTHORIZED, TOO_LARGE = 200, 401, 413
TELLS_ALL: Final = (LookupItem, LookupItemSet, LookupUser)  # whose answers hold what was asked for already


@dataclass(frozen=True, slots=True)
class Hall:
    """What every exchange shares.  `postal` gives the address of a library for LookupAgency."""

    bridge: Bridge
    agencies: Agencies
    libraries: Libraries
    shelf: PolicyShelf
    pins: PinChecker
    metrics: Metrics
    log: ExchangeLog
    reactor: Reactor
    own_ids: dict[LibraryId, tuple[str, ...]]
    postal: dict[LibraryId, str]
    pool: ThreadPool
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: a document, and what HTTP says beside it."""

    body: bytes
    status: int = OK


class Talk:
    """Answers messages, whoever brought them."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._in_work = 0
        self._long = DeferredLock()
        self._draining = False

    def drain(self) -> None:
        """Carry out nothing more; what is in work is answered, see `busy`."""
        self._draining = True

    @property
    def busy(self) -> bool:
        """Whether a message is in work."""
        return self._in_work > 0

    async def hear(self, data: bytes, call: Call) -> Reply:
        """The reply to one document."""
        self._in_work += 1
        try:
            return await self._reply(data, call)
        finally:
            self._in_work -= 1

    async def _reply(self, data: bytes, call: Call) -> Reply:
        course = Course(call, data, self._hall.reactor.seconds())
        status = OK
        try:
            decoded = await self._read(data, course)
        except NcipError as error:
            answer, status, course.unread = error.reply(), error.status, unshown(data, error)
            course.effect = f"{type(error).__name__}: {error.detail}"
            return self._sent(course, answer, status, service="")
        message = decoded.message
        if isinstance(message, Initiation):
            answer, status = await self._answer(message, course, decoded.fault)
        else:
            answer = _not_for_us(message)
        return self._sent(course, answer, status, service=name_of(message))

    async def _read(self, data: bytes, course: Course) -> Decoded:
        """Raises NcipError.  Long messages are read one at a time, beside the reactor: others need not wait."""
        limits = self._hall.limits
        if len(data) <= LONG:
            document = tree(data, limits)
            decoded = course.decoded = understand(document, len(data), limits=limits)
            course.document = document
            return decoded
        threads, pool = cast(IReactorFromThreads, self._hall.reactor), self._hall.pool
        decoded, course.unread = await self._long.run(deferToThreadPool, threads, pool, read_long, data, limits)
        course.decoded = decoded
        return decoded

    async def _answer(self, message: Initiation, course: Course, fault: NcipError | None) -> tuple[Message, int]:
        if isinstance(message, LookupVersion):
            return ask_version(message), OK
        if self._draining:
            return desk.unavailable(message), OK
        who = await self._hall.agencies.identify(course.call, message.initiation_header)
        if isinstance(who, Known):
            course.known, course.profile = who, who.partner.shape
        if fault is not None and isinstance(message, Unread):  # told to anybody
            return desk.unread(message, fault, course.profile), OK
        if isinstance(who, Stranger):
            log.warning("ncip.stranger", address=course.call.address, problem=who.problem.value, agency=who.value)
            denied = desk.denied(message, who.problem, element=who.element, value=who.value)
            return denied, UNAUTHORIZED if who.challenge else OK
        return await self._served(message, course, who), OK

    async def _served(self, message: Initiation, course: Course, who: Known) -> Message:
        """A partner's message, whatever becomes of it."""
        decoded, service = course.decoded, name_of(message)
        if decoded and who.partner.strict and not decoded.verdict.valid:
            return desk.unread(message, violation(decoded.verdict.faults[0]), course.profile)
        if not desk.is_served(message):
            return desk.unserved(message, course.profile)
        if not who.partner.may_ask(service):
            unauthorized = ProblemName.UNAUTHORIZED_SERVICE_FOR_AGENCY
            return desk.denied(message, unauthorized, element=service, value=service, profile=course.profile)
        if decoded and decoded.fault is not None:
            return desk.unread(message, decoded.fault, course.profile)
        try:
            return await self._carry_out(message, course, who)
        except StoreError as why:
            log.error("ncip.store_failed", account=who.partner.name, error=type(why).__name__, why=str(why))
        except Exception:
            # A bug of ours is answered like a database that is away: the partner may ask again, we get the traceback.
            log.exception("ncip.failed", account=who.partner.name, service=service)
        self._hall.metrics.failures.inc()
        return desk.unavailable(message, course.profile)

    async def _carry_out(self, message: Initiation, course: Course, who: Known) -> Message:
        hall = self._hall
        meant = collected_at(message, who, hall.shelf, hall.agencies, hall.bridge.clock.now())
        turn = self._turn(message, meant, who.library)
        proof = await self._proof(message, turn)
        turn = turn if proof is turn.pin else replace(turn, pin=proof)
        denied = too_long(message, turn) or undated(message, turn) or desk.unproven(message, turn)
        if denied is not None:
            return denied
        row = desk.row_of(message)
        first = row.find(message, turn) if row.find else None
        if first is not None:
            outcome = await self._hall.bridge.ask(first, turn.asked_by)
            if isinstance(outcome, Refused):
                course.effect = effect_of((outcome,))
                return refused(message, outcome, turn)
            turn = replace(turn, found=outcome if isinstance(outcome, RequestFound) else None)
        asked = row.ask(message, turn)
        if isinstance(asked, Message):
            return asked
        whose = desk.another_s(message, turn)
        if whose is not None and not desk.is_ours(message, await self._hall.bridge.ask(whose, turn.asked_by), turn):
            asked = desk.of_nobody(asked)
        heard = await self._ask(message, asked, turn, who, alternatives=row.alternatives)
        course.effect = effect_of(heard.outcomes)
        if row.answer is None:
            raise TypeError(f"{name_of(message)} asks nothing of circulation")
        return row.answer(message, heard, turn)

    async def _ask(
        self, message: Initiation, asked: tuple[Command, ...], turn: NcipTurn, who: Known, *, alternatives: bool
    ) -> Heard:
        key = _key(message, who)
        bridge = self._hall.bridge
        outcomes: list[Outcome] = []
        if alternatives:
            for command in asked:
                outcomes.append(await bridge.ask(command, turn.asked_by, key))
                if not desk.is_elsewhere(outcomes[-1]):
                    break
        else:
            waiting = [bridge.ask(one, turn.asked_by, NO_KEY if is_look_up(one) else key) for one in asked]
            for answered in waiting:
                outcomes.append(await answered)
        self._count(outcomes[-1])
        return await self._with_extras(message, tuple(outcomes), turn)

    async def _with_extras(self, message: Initiation, outcomes: tuple[Outcome, ...], turn: NcipTurn) -> Heard:
        """What the partner wants to be told beside the answer is looked up after it, and may be missing."""
        outcome = outcomes[-1]
        if isinstance(message, TELLS_ALL) or isinstance(outcome, Refused):
            return Heard(outcomes=outcomes)
        item: Outcome | None = None
        patron: Outcome | None = None
        request = outcome if isinstance(outcome, RequestFound) else turn.found
        barcode = outcome.about.barcode or (request.barcode if request else None)
        number = patron_of(message, turn) or (request.patron_card if request else "")
        if asked_of_item(message) and barcode:
            item = await self._hall.bridge.ask(LookUpItem(item=barcode), turn.asked_by)
        if getattr(message, "user_element_type", ()) and turn.persons and number:
            patron = await self._hall.bridge.ask(LookUpPatron(patron=number), turn.asked_by)
        return Heard(
            outcomes=outcomes,
            item=item if isinstance(item, ItemFound) else None,
            patron=patron if isinstance(patron, PatronFound) else None,
        )

    def _turn(self, message: Initiation, who: Known, sent_to: LibraryId) -> NcipTurn:
        hall, partner = self._hall, who.partner
        library = hall.libraries.of(who.library)
        now = hall.bridge.clock.now()
        policy = hall.shelf.of(who.library, now.replace(microsecond=0))  # known already, if anybody asked this second
        own = tuple(BranchId(branch) for branch in policy.branches)
        header = message.initiation_header
        theirs = header.from_agency_id.agency_id.value if header else ""
        meant = header.to_agency_id.agency_id.value if header else ""
        ids = hall.own_ids.get(who.library, ())
        moved = sent_to != who.library
        return NcipTurn(
            profile=partner.shape,
            manner=partner.answers,
            asked_by=partner.asked_by(who.library, {who.library: own[0]}),
            library=library,
            agency=meant if agency_key(meant) and not moved else hall.agencies.agency_of(who.library),
            partner=theirs if agency_key(theirs) else partner.ids[0],
            own_ids=ids,
            own_agencies=hall.own_ids,
            found_at=sent_to if moved else None,
            aliases=(*ids, *partner.ids),
            own_branches=own,
            postal_address=hall.postal.get(who.library, ""),
            persons=partner.sees_persons,
            now=now,
        )

    async def _proof(self, message: Initiation, turn: NcipTurn) -> PinProof:
        given = desk.pin_given(message, turn)
        if isinstance(given, PinProof):
            return given
        now = self._hall.reactor.seconds()
        return await self._hall.pins.check(given.patron, given.pin, turn.asked_by, now)

    # What is counted and kept.

    def _count(self, outcome: Outcome) -> None:
        if isinstance(outcome, Refused) and outcome.refusals:
            self._hall.metrics.refused.labels(outcome.refusals[0].reason.value).inc()

    def _sent(self, course: Course, answer: Message, status: int, service: str) -> Reply:
        """The answer as bytes; what the schema would refuse is a fault of ours, and never goes out."""
        dialect = course.decoded.dialect if course.decoded else None
        try:
            body, seen = encode_and_redact(answer, course.profile, reply_to=dialect)
        except ValueError:
            log.exception("ncip.unsendable", service=service, answer=answer.element)
            self._hall.metrics.failures.inc()
            answer = _failed(course)
            body, seen = encode_and_redact(answer, course.profile, reply_to=dialect)
        self._keep(course, answer, seen, status, service)
        return Reply(body, status)

    def _keep(self, course: Course, answer: Message, seen: str, status: int, service: str) -> None:
        hall, decoded = self._hall, course.decoded
        took = hall.reactor.seconds() - course.began
        problems = problems_in(answer)
        name = course.known.partner.name if course.known else ""
        hall.metrics.exchanged(service or "-", "problem" if problems else "ok").inc()
        hall.metrics.ncip_seconds.note(took)
        if decoded is not None and name:
            for quirk in decoded.quirks:
                hall.metrics.ncip_quirks.labels(name, quirk.name.value).inc()
            if not decoded.verdict.valid:
                hall.metrics.ncip_invalid.labels(name).inc()
        hall.log.note(course.kept(answer, seen, status, service, at=hall.bridge.clock.now(), took=took))


def read_long(data: bytes, limits: Limits) -> tuple[Decoded, str]:
    """A message, and as it may be kept.  Raises NcipError."""
    document = tree(data, limits)
    decoded = understand(document, len(data), limits=limits)
    return decoded, shown(document, proper=decoded.proper)


def is_look_up(command: Command) -> bool:
    return isinstance(command, LookUpPatron | LookUpItem | PartnerLookUp | OrderLookUp)


def _key(message: Initiation, who: Known) -> RepeatKey:
    """How the same message is known again: by its own number and its content; a renewal by what it asks."""
    request: RequestId | None = getattr(message, "request_id", None)
    number = request.request_identifier_value if request else ""
    if isinstance(message, CreateUserFiscalTransaction):
        said = message.fiscal_transaction_information
        reference = said.fiscal_transaction_reference_id
        number = reference.fiscal_transaction_identifier_value if reference else ""
        number = number or (said.request_id.request_identifier_value if said.request_id else "")
    if not number:
        return RepeatKey(by_meaning=isinstance(message, RenewItem), window=RENEWAL_WINDOW)
    digest = sha256(f"{who.library} {fingerprint(message)}".encode()).digest()[:16]
    return RepeatKey(request=digest, window=who.partner.window)


def _not_for_us(message: Message) -> Message:
    """A response or a bare Problem sent to a responder, or an extension that nobody knows."""
    if isinstance(message, Response | BareProblem):
        detail = f"{message.element} is an answer; nothing was asked"
        return BareProblem(problem=(problem(ProblemName.PROTOCOL_ERROR, detail=detail),))
    return BareProblem(problem=(problem(ProblemName.UNSUPPORTED_SERVICE, detail="an extension of its own"),))


def _failed(course: Course) -> Message:
    message = course.decoded.message if course.decoded else None
    if isinstance(message, Initiation):
        return desk.unavailable(message, course.profile)
    return BareProblem(problem=(problem(ProblemName.TEMPORARY_PROCESSING_FAILURE),))
