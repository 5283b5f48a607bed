"""What days do to the reference by themselves: closures, and the jobs of a morning."""

from datetime import date, timedelta

from tests.model.records import MORNING, Copy, Fee, Loan
from tests.model.reference import Library


def close_day(library: Library, branch: str, day: date) -> None:
    library.days.closed.add((branch, day))
    for copy in library.copies:
        if copy.loan and not copy.loan.billed and copy.loan.branch == branch and copy.loan.due == day:
            copy.loan.due = library.days.next_open(branch, day)
    for hold in library.holds:
        if hold.state == "ready" and hold.pickup == branch and hold.last_day == day:
            hold.last_day = library.days.next_open(branch, day)


def run_jobs(library: Library) -> None:
    """Those of today."""
    for hold in [one for one in library.holds if one.last_day and one.last_day < library.today]:
        library.holds.remove(hold)
        if hold.copy:
            library.send_on(hold.copy)
    for copy in library.copies:
        if copy.loan:
            remind(library, copy, copy.loan)
    for copy in library.copies:
        if copy.last and copy.last[1] <= library.today - timedelta(days=2) and not owes_for(library, copy.last[0]):
            copy.last = None


def owes_for(library: Library, loan: Loan) -> bool:
    return any(fee.loan is loan and fee.owed for fee in library.fees)


def remind(library: Library, copy: Copy, loan: Loan) -> None:
    late = (library.today - loan.due).days
    sent = [on for due, on in loan.reminded if due == loan.due]
    if loan.claimed or loan.billed or len(sent) == 2:
        return
    if not sent and late >= 10:
        library.fees.append(Fee(loan.who, "reminder", 1000, 1000, (library.today, MORNING), loan))
    elif sent and late >= 20 and (library.today - sent[-1]).days >= 10:
        library.bill(copy, loan, MORNING)
    else:
        return
    loan.reminded.append((loan.due, library.today))
