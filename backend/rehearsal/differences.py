"""What a changed policy would have made of the same loans and patrons: each date, fee and block that differs."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from backend.model import LibraryId, Loan, PatronId
from backend.money import Money
from backend.outcomes import Refusal, Standing
from backend.policy.model import Policy
from backend.rehearsal.past import NOBODY, Past
from backend.rehearsal.replay import Course, Fee

Kind = Literal["loan", "due", "renewal", "fee", "barred", "block"]
BY_STAFF = "by staff"  # an amount that staff set


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`old` and `new` are a date, an amount or words; `about` says which fee, or when it was renewed."""

    kind: Kind
    about: str = ""
    library: LibraryId
    loan: int | None = None
    lent: str = ""
    barcode: str = ""
    title: str = ""
    patron: str = ""  # a card number; empty when the patron is forgotten
    old: str
    old_row: str = ""
    new: str
    new_row: str = ""


@dataclass(slots=True)
class Reminded:
    """Whose notices have been charged: a fee is one a notice, which several loans may share (C-23)."""

    charged: set[tuple[PatronId, object, int]] = field(default_factory=set)

    def fee(self, past: Past, course: Course, zero: Money) -> Fee:
        """What this loan adds."""
        so_far = own = zero
        for step in course.reminders:
            fee = max(step.amount - so_far, zero) if step.row.mode == "level" else step.amount
            so_far += fee
            notice = (past.loan.patron, course.loan.due_on, step.number)
            shared = step.row.per == "notice" and past.loan.patron != NOBODY
            if not (shared and notice in self.charged):
                own += fee
            self.charged.add(notice)
        return Fee(amount=own, row=course.reminders[-1].row.id if course.reminders else "")


@dataclass(slots=True)
class Side:
    """One of the two policies, and what was charged under it."""

    policy: Policy
    reminded: Reminded = field(default_factory=Reminded)
    charged: dict[str, int] = field(default_factory=dict)  # by kind of fee, in minor units

    def fees(self, past: Past, course: Course, leave_out: frozenset[str]) -> dict[str, Fee]:
        """By kind, nothing where there is none; counted."""
        zero = self.policy.zero
        nothing = Fee(amount=zero, row="")
        found = {
            "overdue": course.overdue or nothing,
            "reminder": self.reminded.fee(past, course, zero),
            "replacement": course.replacement or nothing,
            "lending": Fee(amount=course.lending or zero, row=course.row),
        }
        told = {kind: fee for kind, fee in found.items() if kind not in leave_out}
        for kind, fee in told.items():
            self.charged[kind] = self.charged.get(kind, 0) + (fee.amount.minor if fee.amount else 0)
        return told

    def wall(self, instant: datetime) -> str:
        return f"{self.policy.time.local(instant):%Y-%m-%d %H:%M}"


@dataclass(slots=True)
class Comparison:
    """Two policies side by side, loan by loan."""

    old: Side
    new: Side

    def of_loan(
        self, past: Past, before: Course, after: Course, leave_out: frozenset[str] = frozenset()
    ) -> Iterator[Difference]:
        """What differs, but what is to be left out; a loan that either would refuse is only told to be so."""
        plain = self._plain(past)
        if before.refused or after.refused:
            if before.refused != after.refused:
                old, new = (one.refused.value if one.refused else "lent" for one in (before, after))
                yield replace(plain, kind="loan", old=old, old_row=before.row, new=new, new_row=after.row)
            return
        if "due" not in leave_out:
            yield from self._dates(plain, before, after)
        yield from self._fees(plain, past, before, after, leave_out)

    def _dates(self, plain: Difference, before: Course, after: Course) -> Iterator[Difference]:
        if before.loan.due != after.loan.due:
            old, new = self._days(before.loan, after.loan)
            yield replace(plain, kind="due", old=old, old_row=before.row, new=new, new_row=after.row)
        no_longer = {one.at: one for one in after.denied}
        no_more = {one.at: one for one in before.denied}
        for at in sorted({*no_longer, *no_more}):
            was, will = no_more.get(at), no_longer.get(at)
            old, new = (one.reason.value if one else "renewed" for one in (was, will))
            told = replace(plain, kind="renewal", about=self.old.wall(at), old=old, new=new)
            if old != new:
                yield replace(told, old_row=(was and was.row) or "", new_row=(will and will.row) or "")
        if before.barred_until != after.barred_until:
            old, new = (str(one.barred_until or "") for one in (before, after))
            yield replace(plain, kind="barred", old=old, new=new)

    def _days(self, before: Loan, after: Loan) -> tuple[str, str]:
        """The days; with the time, where that alone differs."""
        if before.due_on != after.due_on:
            return str(before.due_on), str(after.due_on)
        return self.old.wall(before.due), self.new.wall(after.due)

    def _fees(
        self, plain: Difference, past: Past, before: Course, after: Course, leave_out: frozenset[str]
    ) -> Iterator[Difference]:
        old, new = self.old.fees(past, before, leave_out), self.new.fees(past, after, leave_out)
        for about, was in old.items():
            will = new[about]
            if was.amount != will.amount:
                yield replace(
                    plain,
                    kind="fee",
                    about=about,
                    old=amount(was.amount),
                    old_row=was.row,
                    new=amount(will.amount),
                    new_row=will.row,
                )

    def _plain(self, past: Past) -> Difference:
        return Difference(
            kind="loan",
            library=past.loan.library,
            loan=past.loan.id,
            lent=str(self.old.policy.time.today(past.loan.lent)),
            barcode=past.item.barcode,
            title=past.item.title,
            patron=past.patron.card if past.patron else "",
            old="",
            new="",
        )


def of_patron(library: LibraryId, card: str, before: Standing, after: Standing) -> Iterator[Difference]:
    """A block that would stand, would not, or would stop something else."""
    if (before.stops, codes(before)) != (after.stops, codes(after)):
        yield Difference(
            kind="block",
            library=library,
            patron=card,
            old=in_words(before),
            old_row=rows_of(before),
            new=in_words(after),
            new_row=rows_of(after),
        )


def codes(standing: Standing) -> list[str]:
    return [one.reason.value for one in standing.reasons]


def rows_of(standing: Standing) -> str:
    return " ".join(one.row for one in standing.reasons if one.row)


def in_words(standing: Standing) -> str:
    """`checkout, renewal: debt_limit 80.00`."""
    stops = ", ".join(sorted(stop.value for stop in standing.stops)) or "nothing"
    why = ", ".join(reason_in_words(one) for one in standing.reasons)
    return f"{stops}: {why}" if why else stops


def reason_in_words(refusal: Refusal) -> str:
    fact = amount(refusal.amount) if refusal.amount else refusal.count
    return f"{refusal.reason.value} {fact}" if fact else refusal.reason.value


def amount(of: Money | None) -> str:
    """`75.00`."""
    return BY_STAFF if of is None else of.text()
