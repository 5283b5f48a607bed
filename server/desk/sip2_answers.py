"""What every SIP2 answer is made of: echoes, lines of text, dates, names of places, and the form that says no."""

import textwrap
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from backend.model import BranchId
from backend.money import Money
from backend.outcomes import Outcome, Reason, Refusal, Refused
from protocols.sip2.codes import MediaType, SecurityMarker, YesNoUnknown
from protocols.sip2.errors import Partial
from protocols.sip2.failures import fail_form
from protocols.sip2.table import Message
from server.desk.manner import Forms
from server.desk.phrases import Said
from server.desk.turn import Turn
from server.desk.wording import Wording

Answer = TypeVar("Answer", bound=Message)

MEDIA_TYPES = frozenset(map(str, MediaType))
SECURITY_MARKERS = frozenset(map(str, SecurityMarker))
ISO_DUE = "%Y-%m-%d %H:%M:%S"  # Evergreen's default for AH


class WrongOutcomeError(TypeError):
    """An outcome came back that the message cannot have asked for: a fault of ours."""

    def __init__(self, message: Message, outcome: Outcome) -> None:
        super().__init__(f"{type(outcome).__name__} is no answer to {type(message).__name__}")


def words_for(message: Message, outcome: Outcome | None, turn: Turn) -> Wording:
    """Words in the language of the patron, of the message, of the account or of the library."""
    return turn.words(outcome.about.language if outcome else None, language_code(message))


def language_code(message: Message) -> str | None:
    """The language that a 23 or 63 names; other requests name none."""
    code: object = getattr(message, "language", None)
    return code if isinstance(code, str) else None


def screen(turn: Turn, texts: Iterable[str]) -> tuple[str, ...]:
    """AF lines, broken at the width of the account's screen."""
    return _broken(texts, turn.manner.screen.width)


def paper(turn: Turn, texts: Iterable[str]) -> tuple[str, ...]:
    """AG lines, broken at the print width; none where the account wants no receipts."""
    return _broken(texts, turn.print_width) if turn.manner.screen.receipts else ()


def _broken(texts: Iterable[str], width: int) -> tuple[str, ...]:
    if not width:
        return tuple(text for text in texts if text)
    return tuple(line for text in texts for line in textwrap.wrap(text, width))


def media_type(code: str | None) -> str | None:
    """CK: what is on record, `000` where the list does not have it. Some readers stop at a code they do not know."""
    return code if code is None or code in MEDIA_TYPES else MediaType.OTHER.value


def security_marker(code: str) -> str:
    """The same for the marker of 18: `00`."""
    return code if code in SECURITY_MARKERS else SecurityMarker.OTHER.value


def due_date(turn: Turn, due: datetime) -> str:
    """AH, in the form the account wants."""
    pattern = turn.manner.forms.due_date
    if pattern == "sip":
        return str(turn.stamp(due))
    return turn.library.time.local(due).strftime(ISO_DUE if pattern == "iso" else pattern)


def place(turn: Turn, branch: BranchId) -> str:
    """AQ, AP: where that is, by name or by id."""
    return _called(turn, branch, turn.manner.forms.locations)


def destination(turn: Turn, branch: BranchId) -> str:
    """CT: where the item must go, by name or by id."""
    return _called(turn, branch, turn.manner.forms.destination)


def _called(turn: Turn, branch: BranchId, by: str) -> str:
    return turn.library.branches.get(branch, str(branch)) if by == "name" else str(branch)


def full_name(forms: Forms, given: str, family: str) -> str:
    """AE: `Last, First` or `First Last`."""
    if forms.name == "last-first":
        return ", ".join(part for part in (family, given) if part)
    return " ".join(part for part in (given, family) if part)


def magnetic(outcome: Outcome) -> YesNoUnknown:
    """Whether it is a tape or a disk; unknown when the item is."""
    known = outcome.about.magnetic
    return YesNoUnknown.UNKNOWN if known is None else YesNoUnknown.YES if known else YesNoUnknown.NO


def minor(amount: Money | None) -> int | None:
    """Whole øre, as the protocol's amounts are held."""
    return None if amount is None else amount.minor


def said(message: Message, outcome: Outcome, turn: Turn) -> tuple[str, ...]:
    """AF of a granted command: its notes."""
    return screen(turn, words_for(message, outcome, turn).reasons(outcome.notes))


def partial_of(message: Message) -> Partial:
    """What a refusal may echo of a message that was read whole."""
    code = language_code(message)
    fields = {
        slot.field.code: (value,)
        for slot in message.layout.identified()
        if isinstance(value := getattr(message, slot.name), str)
    }
    return Partial(message.layout.code, {"language": code} if code else {}, fields)


def failed(
    form: type[Answer], message: Message, turn: Turn, lines: Sequence[str], at: datetime | None = None
) -> Answer:
    """The message's own response saying no, with the AF lines."""
    answer = fail_form(partial_of(message), turn.stamp(at), turn.institution, screen(turn, lines))
    if not isinstance(answer, form):
        raise TypeError(f"{type(message).__name__} is answered by {type(answer).__name__}")
    return answer


def refused(form: type[Answer], message: Message, outcome: Refused, turn: Turn) -> Answer:
    """The response saying no for every reason found, gravest first, and after them the notes."""
    texts = words_for(message, outcome, turn).reasons((*outcome.refusals, *outcome.notes))
    return failed(form, message, turn, texts, outcome.at)


def told(message: Message, turn: Turn, phrase: Said, **facts: str) -> tuple[str, ...]:
    """One text of the desk's own as AF lines, before anything is known of the patron."""
    return (turn.words(code=language_code(message)).say(phrase, **facts),)


def reasons_of(outcome: Refused) -> frozenset[Reason]:
    """Every reason of a refusal, without its facts."""
    return frozenset(refusal.reason for refusal in outcome.refusals)


def find(refusals: Iterable[Refusal], reason: Reason) -> Refusal | None:
    """The first refusal for that reason."""
    return next((refusal for refusal in refusals if refusal.reason is reason), None)
