"""98: what this account's machine may do, how long to wait, and the right time."""

from functools import lru_cache

from protocols.sip2.codes import BX_POSITIONS
from protocols.sip2.messages import AcsStatus, ScStatus
from protocols.sip2.stamp import Stamp
from server.desk.phrases import Phrase
from server.desk.sip2_answers import screen
from server.desk.turn import Turn

VERSION = "2.00"
OLDEST = "1.00"
KNOWN = frozenset(BX_POSITIONS)
MOST_ROLES = 256  # remembered: every message asks for its account's
WITHOUT_ROLE = frozenset({"93", "97", "99"})  # what every machine may say: login, resend, status


def served(turn: Turn) -> frozenset[str]:
    """The requests that would be carried out: BX, and nothing else, is read off this."""
    return _served(turn.manner.serves, turn.asked_by.may_block_cards, turn.asked_by.may_enable_patrons)


@lru_cache(maxsize=MOST_ROLES)
def _served(role: frozenset[str], may_block_cards: bool, may_enable_patrons: bool) -> frozenset[str]:
    allowed = role | WITHOUT_ROLE
    if not may_block_cards:
        allowed -= {"01"}
    if not may_enable_patrons:
        allowed -= {"25"}
    return allowed & KNOWN


def answer_status(message: ScStatus, turn: Turn) -> AcsStatus:
    """98; not on-line while circulation is away or when the machine speaks something older than 1.00."""
    if message.protocol_version < OLDEST:
        return acs_status(turn, (turn.words().say(Phrase.TOO_OLD),), online=False)
    if not turn.online:
        return acs_status(turn, (turn.words().say(Phrase.OUT_OF_SERVICE),), online=False)
    return acs_status(turn, version=min(message.protocol_version, VERSION))


def acs_status(turn: Turn, texts: tuple[str, ...] = (), *, online: bool = True, version: str = VERSION) -> AcsStatus:
    """98, also unasked for: as the answer to anything while the daemon drains (`online` False)."""
    may = served(turn)
    return AcsStatus(
        online_status=online,
        checkin_ok=online and "09" in may,
        checkout_ok=online and "11" in may,
        acs_renewal_policy=online and "29" in may,
        status_update_ok=online and "01" in may,
        offline_ok=turn.asked_by.offline,
        timeout_period=turn.manner.timeout if online else 0,
        retries_allowed=turn.manner.retries,
        date_time_sync=_clock(turn),
        protocol_version="1.00" if version < VERSION else VERSION,
        institution_id=turn.institution,
        library_name=turn.manner.library_name or turn.library.name or None,
        supported_messages=may,
        terminal_location=turn.manner.terminal_location or turn.library.branches.get(turn.asked_by.branch),
        screen_message=screen(turn, texts),
    )


def _clock(turn: Turn) -> Stamp:
    """Machines set their clocks by it: the library's wall clock."""
    return turn.stamp()
