"""What the database alone can do: a loop of the statements that a checkout and a check-in need, on the plain driver.

The same tables, indexes and settings as the daemon's; no rules, no protocol, no threads. Five statements a command:
who, what, the loan, the item, the journal.
"""

import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.town import BRANCH, LIBRARY, TERMINALS, Stand

NOW: Final = 1_770_000_000  # seconds since 1970; when does not matter here

WHO = """
    select patrons.id, family_name, given_name, birth_date, category, language, expires, lost, pin_failures
    from identifiers join patrons on patrons.id = identifiers.patron
    where identifiers.library = ? and identifiers.value = ?
"""
WHAT = """
    select items.id, barcode, material, audience, loan_type, home_branch, present_branch, state, title, author, loans.id
    from items join titles on titles.id = items.title_id
    left join loans on loans.item = items.id and loans.closed_at is null
    where items.barcode_key = ? and items.library = ?
"""
LEND = """
    insert into loans (id, library, branch, patron, item, account, lent, due, due_on, policy, policy_row, currency)
    values (?, ?, ?, ?, ?, ?, ?, ?, '2026-03-12', 'b1946ac92492d2347c6235b4d2611184', 'BEN-loan', 'NOK')
"""
END = "update loans set closed_at = ? where id = ? and closed_at is null"
MOVE = "update items set state = 'shelf', present_branch = ? where id = ?"
TELL = """
    insert into journal (at, account, library, branch, channel, command, asked, answer, outcome, granted, policy,
        patron, item, frame)
    values (?, ?, ?, ?, 'selfcheck', ?, ?, ?, ?, 1, 'b1946ac92492d2347c6235b4d2611184', ?, ?, ?)
"""
ASKED = '{"at": 1770000000, "item": "30000000", "fee_accepted": false, "channel": "selfcheck"}'
OUTCOME = '{"at": 1770000000, "loan": {"id": 1, "due": 1772000000}, "item": {"title": "A title of ordinary length"}}'


class Desk:
    """Lends and takes back the books of all terminals in turn."""

    def __init__(self, database: Path) -> None:
        self.connection = sqlite3.connect(database, isolation_level=None, cached_statements=512)
        for setting in ("journal_mode = wal", "synchronous = full", "foreign_keys = on", "cache_size = -65536"):
            self.connection.execute(f"pragma {setting}")
        ((last,),) = self.connection.execute("select coalesce(max(id), 0) from loans").fetchall()
        self._loans = count(last + 1)
        self._turn = count()

    def serve_one(self) -> None:
        """One checkout or check-in: five statements, inside the caller's transaction."""
        turn = next(self._turn)
        stand = Stand.number(turn // 2 % TERMINALS)
        execute = self.connection.execute
        ((patron, *_),) = execute(WHO, (LIBRARY, stand.card)).fetchall()
        ((item, *_, loan),) = execute(WHAT, (stand.books[0], LIBRARY)).fetchall()
        if loan is None:
            made = next(self._loans)
            execute(LEND, (made, LIBRARY, BRANCH, patron, item, stand.login, NOW, NOW + 2_419_200))
        else:
            execute(END, (NOW + turn, loan))
        execute(MOVE, (BRANCH, item))
        command = "CheckOut" if loan is None else "CheckIn"
        frame = f"{turn:032x}"
        execute(TELL, (NOW, stand.login, LIBRARY, BRANCH, command, ASKED, command, OUTCOME, patron, item, frame))

    def serve(self, group: int) -> None:
        """`group` commands in one transaction, made durable by one fsync."""
        self.connection.execute("begin immediate")
        for _ in range(group):
            self.serve_one()
        self.connection.execute("commit")

    def close(self) -> None:
        self.connection.close()


def measure(database: Path, group: int, seconds: float, clock: Callable[[], float] = perf_counter) -> float:
    """Commands a second, `group` of them in a transaction."""
    desk = Desk(database)
    desk.serve(group)
    served, begun = 0, clock()
    while (spent := clock() - begun) < seconds:
        desk.serve(group)
        served += group
    desk.close()
    return served / spent
