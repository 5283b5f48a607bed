"""Carries out one order after the other on a store, and waits for each: the same whether a daemon runs or not.

Everything that is decided is decided by circulation. The clerk finds the library, reads values as people write them,
and says in words what came of it. It runs on a thread of its own, never on the reactor.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import time
from functools import partial
from typing import Any, Final, Protocol, TypeVar, get_args, get_type_hints

from pydantic import ValidationError

from backend.circulation import Circulation
from backend.clock import Clock
from backend.commands import Command
from backend.jobs.run import DayIsOver, Jobs, NotOurTurn
from backend.journal import COMMANDS, adapter, write_outcome
from backend.model import AccountId, AskedBy, BranchId, Channel, LibraryId
from backend.money import Money
from backend.outcomes import Done, Outcome, Refused
from backend.people_commands import ExportInvoices
from backend.plain_words import in_one_line
from backend.policy.shelf import PolicyShelf
from backend.staff_commands import CloseDays
from backend.store.accounts import StoredAccount, put_account, set_disabled, set_password, stored_accounts
from backend.store.agencies import stored_agencies
from backend.store.audit import NobodyKnown, Wanted, recorded
from backend.store.invoiced import Invoiced, InvoiceLine, invoice_lines, journalled
from backend.store.notes import mark_done, open_notes
from backend.store.store import Store
from server.accounts.settings import AccountSettings
from server.accounts.together import AccountError, Joined, joined, misplaced_by, placed, settings_of
from server.agencies.together import Configured, Partners, partners_of
from server.desk.wording import BOOKS, Wording
from server.office import telling
from server.office.errors import OrderRefused
from server.office.orders import (
    MOST_LINES,
    MOST_ROWS,
    OF_THE_INSTALLATION,
    Changed,
    CloseBranch,
    DoWork,
    Import,
    JournalLine,
    ListTerminals,
    NoteLine,
    NotesDone,
    Order,
    PutTerminal,
    ReadInvoices,
    ReadJournal,
    ReadNotes,
    RowTaken,
    RunJobs,
    SetDisabled,
    SetPassword,
    TerminalLine,
    WorkDone,
)
from server.office.partners import OF_PARTNERS

A = TypeVar("A")
LONGEST_NAME: Final = 60  # characters of who asks


class Importer(Protocol):
    """Takes rows of one kind of file, by column name, and says what became of each, in order. Raises StoreError."""

    def __call__(
        self, store: Store, library: LibraryId, rows: Sequence[Mapping[str, str]], clock: Clock, /
    ) -> Sequence[RowTaken]: ...


@dataclass(frozen=True)
class Clerk:
    """`configured` are the accounts of the configuration file as it was last read."""

    store: Store
    circulation: Circulation
    shelf: PolicyShelf
    clock: Clock
    configured: Callable[[], Sequence[AccountSettings]] = tuple
    importers: Mapping[str, Importer] = field(default_factory=dict)
    configured_partners: Configured = lambda: ((), ())
    node: str = "office"  # who runs jobs here, apart from the daemon's own

    def carry_out(self, order: Order[A]) -> A:
        """The answer to any order but Reload. Raises OrderRefused and StoreError."""
        done: A = HOW[type(order)](self, order)
        return done

    def accounts(self) -> Joined:
        """Every account that may connect, of the file and of the database."""
        stored = self.store.call(stored_accounts, write=False)
        return joined(self.configured(), stored, misplaced_by(self.shelf))

    # Circulation.

    def work(self, order: DoWork) -> WorkDone:
        """One command, as the member of staff who asks."""
        library = self.library(order.library)
        asked_by = self.staff(order.who, library, order.branch)
        command = self.command(order, library)
        ask = self.foretell if order.dry_run else self.circulation.handle
        outcome = ask(command, asked_by)
        return WorkDone(
            outcome=type(outcome).__name__,
            granted=not isinstance(outcome, Refused),
            fields=json.loads(write_outcome(outcome)),
            words=telling.tell(outcome, self.wording(library, order.language)),
            dry_run=order.dry_run,
        )

    def foretell(self, command: Command, asked_by: AskedBy) -> Outcome:
        """What would be answered. An invoice has no number before it is written: one made up could be another's."""
        outcome = self.circulation.rehearse(command, asked_by)
        return replace(outcome, kid="") if isinstance(outcome, Done) and outcome.kid else outcome

    def command(self, order: DoWork, library: LibraryId) -> Command:
        """The command that class name and arguments make. Raises OrderRefused with every mistake in one line."""
        cls = COMMANDS.get(order.command)
        if cls is None:
            raise OrderRefused(f"there is no command {order.command}")
        unknown = sorted(order.args.keys() - {one.name for one in fields(cls)})
        if unknown:
            raise OrderRefused(f"{order.command} has no {', '.join(unknown)}")
        try:
            command: Command = adapter(cls).validate_python(self.amounts(cls, order.args, library))
        except ValidationError as why:
            raise OrderRefused(f"{order.command}: {in_one_line(why)}") from why
        return command

    def amounts(self, cls: type[Command], args: Mapping[str, Any], library: LibraryId) -> dict[str, Any]:
        """The arguments, amounts such as `75.00` in the library's currency. Raises OrderRefused."""
        read = dict(args)
        for name, hint in get_type_hints(cls).items():
            if Money in (hint, *get_args(hint)) and isinstance(read.get(name), str):
                currency = self.shelf.of(library, self.clock.now()).currency
                try:
                    read[name] = Money.parse(read[name], currency)
                except ValueError as why:
                    raise OrderRefused(str(why)) from why
        return read

    def staff(self, who: str, library: LibraryId, branch: str) -> AskedBy:
        """A person at the desk: sees whom they serve, so no PIN is asked. Raises OrderRefused."""
        if not who.strip() or len(who) > LONGEST_NAME or not who.isprintable():
            raise OrderRefused("say who asks: a name of at most sixty characters")
        branches = self.shelf.of(library, self.clock.now()).branches
        if branch and branch not in branches:
            raise OrderRefused(f"{library} has no branch {branch}; there are {', '.join(branches)}")
        return AskedBy(
            account=AccountId(f"staff:{who.strip()}"),
            library=library,
            branch=BranchId(branch or next(iter(branches))),
            channel=Channel.DESK,
            may_backdate=True,
            free_return_ok=True,
            renews_for_others=True,
            trusts_patron=True,
        )

    # Accounts of terminals.

    def list_terminals(self, order: ListTerminals) -> list[TerminalLine]:
        """The file's first, then the database's by login."""
        configured = self.configured()
        taken = {name for account in configured for name in (account.name, account.user_id)}
        lines = [line_of(account, "file") for account in configured]
        for row in self.store.call(stored_accounts, write=False):
            lines.append(self.stored_line(row, row.login in taken))
        return lines

    def stored_line(self, row: StoredAccount, hidden: bool) -> TerminalLine:
        try:
            account = placed(settings_of(row), misplaced_by(self.shelf))
        except AccountError as why:
            return TerminalLine(
                name=row.login,
                library=row.library,
                branch=row.branch,
                profile=row.profile,
                kept_in="database",
                opens_by=(),
                state=str(why),
            )
        state = "disabled" if row.disabled else "hidden by the file's" if hidden else "in use"
        return line_of(account, "database", state)

    def put_terminal(self, order: PutTerminal) -> Changed:
        """Only what could be used is kept. Raises OrderRefused."""
        row = order.account
        self.refuse_configured(row.login)
        try:
            placed(settings_of(row), misplaced_by(self.shelf))
        except AccountError as why:
            raise OrderRefused(str(why)) from why
        there = {known.login: known for known in self.store.call(stored_accounts, write=False)}
        if (row.login in there) != order.replace:
            raise OrderRefused(
                f"terminal {row.login}: " + ("there is none" if order.replace else "there is one already")
            )
        if order.replace:
            row = as_it_was(row, there[row.login], keep_password=order.keep_password)
        self.store.call(lambda session: put_account(session, row), write=True)
        return Changed(words=(f"Terminal {row.login} {'changed' if order.replace else 'added'}",))

    def set_password(self, order: SetPassword) -> Changed:
        """Raises OrderRefused for an account that is not in the database."""
        self.refuse_configured(order.login)
        put = partial(set_password, login=order.login, password_hash=order.password_hash)
        return self.changed(order.login, self.store.call(put, write=True), "has a new password")

    def set_disabled(self, order: SetDisabled) -> Changed:
        """Raises OrderRefused for an account that is not in the database."""
        self.refuse_configured(order.login)
        put = partial(set_disabled, login=order.login, disabled=order.disabled)
        words = "is disabled" if order.disabled else "is in use again"
        return self.changed(order.login, self.store.call(put, write=True), words)

    def refuse_configured(self, login: str) -> None:
        if any(login in (account.name, account.user_id) for account in self.configured()):
            raise OrderRefused(f"terminal {login} stands in the configuration file: change it there, then reload")

    def changed(self, login: str, was_there: bool, words: str) -> Changed:
        """The answer to a change of a terminal. Raises OrderRefused when it is not in the database."""
        if not was_there:
            raise OrderRefused(f"there is no terminal {login} in the database")
        return Changed(words=(f"Terminal {login} {words}",))

    # Journal and list.

    def journal(self, order: ReadJournal) -> list[JournalLine]:
        """The deciding rows. Raises OrderRefused when item or patron are not on record."""
        library = self.library(order.library)
        wanted = Wanted(
            library=library,
            account=order.account,
            item=order.item,
            patron=order.patron,
            refused_only=order.refused_only,
            most=most(order.limit),
        )
        try:
            rows = self.store.call(partial(recorded, wanted=wanted, now=self.clock.now()), write=False)
        except NobodyKnown as why:
            raise OrderRefused(str(why)) from why
        words = self.wording(library, order.language)
        return [telling.journal_line(row, words) for row in rows]

    def notes(self, order: ReadNotes) -> list[NoteLine]:
        """What waits for staff, in the language of the order."""
        library = self.library(order.library)
        words = self.wording(library, order.language)
        notes = self.store.call(partial(open_notes, library=library, most=most(order.limit)), write=False)
        return [telling.note_line(note, words) for note in notes]

    def notes_done(self, order: NotesDone) -> Changed:
        library = self.library(order.library)
        who = self.staff(order.who, library, "").account
        mark = partial(mark_done, library=library, numbers=order.notes, who=who, now=self.clock.now())
        count = self.store.call(mark, write=True)
        return Changed(words=(f"{count} of {len(order.notes)} marked as done",))

    def take_rows(self, order: Import) -> list[RowTaken]:
        """Raises OrderRefused for a kind that nobody takes, or too many rows."""
        importer = self.importers.get(order.kind)
        if importer is None:
            raise OrderRefused(f"nothing here imports {order.kind}")
        if len(order.rows) > MOST_ROWS:
            raise OrderRefused(f"at most {MOST_ROWS} rows at a time")
        library = LibraryId("") if order.kind in OF_THE_INSTALLATION else self.library(order.library)
        return list(importer(self.store, library, order.rows, self.clock))

    def partners(self) -> Partners:
        """Every partner that may call, of the file and of the database."""
        configured, names = self.configured_partners()
        return partners_of(configured, self.store.call(stored_agencies, write=False), self.shelf, names)

    # Daily work.

    @property
    def jobs(self) -> Jobs:
        """Jobs by hand, under a name of their own: nobody takes theirs for the almanac's turn."""
        return Jobs(self.store, self.shelf, self.clock, f"{self.node}:office")

    def run_jobs(self, order: RunJobs) -> Changed:
        """Raises OrderRefused for a day to come, and for one that came too late."""
        libraries = (self.library(order.library),) if order.library else self.shelf.libraries()
        words = []
        for library in libraries:
            if order.day > self.jobs.today(library):
                raise OrderRefused(f"{order.day} has not come yet at {library}")
            try:
                words.append(self.jobs.run(library, order.day).words())
            except (DayIsOver, NotOurTurn) as why:
                raise OrderRefused("\n".join((*words, str(why)))) from why
        return Changed(words=tuple(words))

    def close_branch(self, order: CloseBranch) -> Changed:
        """Raises OrderRefused for a branch that is not the library's, and for a day that has passed."""
        library = self.library(order.library)
        asked_by = self.staff(order.who, library, order.branch)
        command = CloseDays(branch=BranchId(order.branch), days=tuple(sorted(order.days)), note=order.note)
        if order.dry_run:
            moved = self.jobs.foresee_closure(library, command)
        else:
            moved = self.jobs.close_days(library, command, asked_by)
        if isinstance(moved, Refused):
            raise OrderRefused("; ".join(self.wording(library, order.language).reasons(moved.refusals)))
        loans, pickups = moved
        return Changed(words=(f"{order.branch} is closed; {loans} due dates and {pickups} pickup days moved",))

    def invoices(self, order: ReadInvoices) -> list[InvoiceLine]:
        """Of the library's local day; that they were handed out is journalled, for they name people."""
        library = self.library(order.library)
        asked_by = self.staff(order.who, library, "")
        policy = self.shelf.of(library, self.clock.now())
        invoiced = Invoiced(library, policy.time.at(order.day, time()), policy.time.end_of(order.day))
        lines = self.store.call(partial(invoice_lines, invoiced=invoiced), write=False)
        if not order.dry_run:
            command = ExportInvoices(day=order.day)
            self.store.call(partial(journalled, command=command, asked_by=asked_by, clock=self.clock), write=True)
        return lines

    # Where and in which words.

    def library(self, name: str) -> LibraryId:
        """The library of this id, or the only one there is. Raises OrderRefused."""
        known = self.shelf.libraries()
        if name in known:
            return LibraryId(name)
        if not name and len(known) == 1:
            return known[0]
        there = ", ".join(known)
        raise OrderRefused(f"there is no library {name}; there are {there}" if name else f"name a library: {there}")

    def wording(self, library: LibraryId, language: str) -> Wording:
        """Raises OrderRefused for a language that nobody has words in."""
        if language not in BOOKS:
            raise OrderRefused(f"there are words in {', '.join(BOOKS)}, not in {language}")
        branches = self.shelf.of(library, self.clock.now()).branches.values()
        return Wording(language, {BranchId(branch.id): branch.name for branch in branches})


HOW: Final[Mapping[type[Order[Any]], Callable[[Clerk, Any], Any]]] = {
    DoWork: Clerk.work,
    ListTerminals: Clerk.list_terminals,
    PutTerminal: Clerk.put_terminal,
    SetPassword: Clerk.set_password,
    SetDisabled: Clerk.set_disabled,
    ReadJournal: Clerk.journal,
    ReadNotes: Clerk.notes,
    NotesDone: Clerk.notes_done,
    Import: Clerk.take_rows,
    RunJobs: Clerk.run_jobs,
    CloseBranch: Clerk.close_branch,
    ReadInvoices: Clerk.invoices,
    **OF_PARTNERS,
}


def as_it_was(row: StoredAccount, before: StoredAccount, *, keep_password: bool) -> StoredAccount:
    """New settings for an account; they neither let it in again nor change its password unasked."""
    password_hash = before.password_hash if keep_password else row.password_hash
    return replace(row, disabled=before.disabled, password_hash=password_hash)


def line_of(account: AccountSettings, kept_in: Any, state: str = "in use") -> TerminalLine:
    """An account as a list shows it."""
    ways = {
        "password": account.password_hash is not None,
        "address": bool(account.sources.no_login),
        "certificate": bool(account.sources.certificates),
    }
    return TerminalLine(
        name=account.name,
        library=account.library,
        branch=account.branch,
        profile=account.profile,
        kept_in=kept_in,
        opens_by=tuple(way for way, there in ways.items() if there),
        state=state,
    )


def most(limit: int) -> int:
    return max(1, min(limit, MOST_LINES))
