"""What a tester asks of a demonstration's people: staff's work, and a look at the post and at staff's list.

ASK ClaimReturned item=AB1          a command of circulation, as staff
KAL close KAL-S 2026-03-16 2026-03-17
ASK letters A1 reminder email 1     refused unless exactly so many such messages were written
KAL notes fee_not_set 1             refused unless staff's list has so many open entries of this reason
KAL unread k1@example.org           nobody reads this address
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Final

from sqlalchemy import func, select

from backend.model import LibraryId
from backend.store.notes import open_notes
from backend.store.outbox import bury
from backend.store.people import pin_facts
from backend.store.session import Session
from backend.tables_jobs import outbox
from server.demo.control import Refusal
from server.office.errors import OrderRefused
from server.office.orders import CloseBranch, DoWork
from server.service import Daemon

TESTER: Final = "tester"
LEAST_WORDS: Final = 2
MOST: Final = 1000  # entries of staff's list that are looked at


class Errands:
    """Each answers in a line, or raises Refusal."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon

    async def run(self, text: str) -> str:
        """`LIBRARY ERRAND WORDS`."""
        said = text.split()
        if len(said) < LEAST_WORDS:
            raise Refusal(HTTPStatus.BAD_REQUEST, "expected LIBRARY ERRAND WORDS")
        library, errand, *words = said
        try:
            if errand == "close":
                return await self._close(library, words)
            if errand in LOOKS:
                look = partial(LOOKS[errand], library=LibraryId(library), words=words, now=self._daemon.clock.now())
                answer: str = await self._daemon.door.on_thread(lambda: self._daemon.store.call(look, write=True))
                return answer
            return await self._work(library, errand, words)
        except OrderRefused as why:
            raise Refusal(HTTPStatus.CONFLICT, str(why)) from why

    async def _work(self, library: str, command: str, words: Sequence[str]) -> str:
        args = dict(word.split("=", 1) for word in words if "=" in word)
        done = await self._daemon.door.carry_out(DoWork(command=command, args=args, who=TESTER, library=library))
        if not done.granted:
            raise Refusal(HTTPStatus.CONFLICT, "; ".join(done.words))
        return "; ".join(done.words)

    async def _close(self, library: str, words: Sequence[str]) -> str:
        branch, first, last = words
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
        done = await self._daemon.door.carry_out(CloseBranch(branch=branch, days=days, who=TESTER, library=library))
        return "; ".join(done.words)


def letters(session: Session, library: LibraryId, words: Sequence[str], now: datetime) -> str:
    """How many messages of a kind a patron was written, sent or not."""
    patron, template, channel, count = words
    known = pin_facts(session, patron, library, now)
    number = known.patron if known else None
    wanted = select(func.count()).where(
        outbox.c.addressee == number, outbox.c.template == template, outbox.c.channel == channel
    )
    return as_said(f"{template} by {channel} to {patron}", session.query(wanted)[0][0], int(count))


def notes(session: Session, library: LibraryId, words: Sequence[str], now: datetime) -> str:
    """How many open entries staff's list has."""
    reason, count = words
    found = [note for note in open_notes(session, library, MOST) if note.reason == reason]
    return as_said(f"{reason} on the list", len(found), int(count))


def unread(session: Session, library: LibraryId, words: Sequence[str], now: datetime) -> str:
    """What a mail server says of an address that is none any more."""
    bury(session, words[0], now, "said so by a tester")
    return f"nobody reads {words[0]}"


def as_said(what: str, found: int, said: int) -> str:
    if found != said:
        raise Refusal(HTTPStatus.CONFLICT, f"{found} {what}, not {said}")
    return f"{found} {what}"


LOOKS: Final[Mapping[str, Callable[..., str]]] = {"letters": letters, "notes": notes, "unread": unread}
