"""Daily work, losses, invoices and closures from the command line, with and without a daemon."""

import pytest

from tests.server.office.installation import Installation, Running
from tests.server.office.test_staff import KAL, rows

pytestmark = pytest.mark.slow


def test_the_jobs_of_a_day_that_has_been(installation: Installation) -> None:
    said = installation.skranke("jobs", "run", "--date", "2026-02-12", "--library", "KAL")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("KAL 2026-02-12: holds_expired 0")
    late = installation.skranke("jobs", "run", "--date", "2026-02-11", "--library", "KAL")
    assert (late.code, late.err) == (1, "skranke: KAL: the jobs of 2026-02-12 have run already\n")


def test_a_day_to_come_is_left_to_come(installation: Installation) -> None:
    said = installation.skranke("jobs", "run", "--date", "2999-01-01", "--library", "KAL")
    assert (said.code, said.err) == (1, "skranke: 2999-01-01 has not come yet at KAL\n")


def test_an_invoice_has_a_number_and_a_letter(installation: Installation) -> None:
    assert installation.skranke("staff", "charge", "20001001", "75.00", *KAL).code == 0
    rehearsed = installation.skranke("staff", "invoice", "20001001", "--dry-run", *KAL)
    assert rehearsed.out == "(dry run) Invoice; 75.00 SEK charged\n"  # its number is not known before it is written
    said = installation.skranke("staff", "invoice", "20001001", *KAL)
    ((kid, amount),) = rows(installation, "select kid, amount from invoices")
    assert (said.out, amount) == (f"Invoice {kid}; 75.00 SEK charged\n", 7500)
    assert rows(installation, "select template, channel from outbox") == [("invoice", "post")]
    paid = installation.skranke("staff", "pay", "20001001", "75.00", "--fee", str(kid), *KAL)
    assert paid.out == "75.00 SEK paid; 0.00 SEK still owed\n"


def test_lost_and_found(installation: Installation) -> None:
    assert installation.skranke("staff", "lost", "KB1", *KAL).code == 0
    assert rows(installation, "select state from items where barcode = 'KB1'") == [("lost",)]
    assert installation.skranke("staff", "found", "KB1", *KAL).code == 0
    assert rows(installation, "select state from items where barcode = 'KB1'") == [("shelf",)]


def test_a_closure_is_kept_for_the_next_start(installation: Installation) -> None:
    said = installation.skranke("staff", "close-days", "KAL-S", "2999-03-15", "--last", "2999-03-16", *KAL)
    assert said.out == "KAL-S is closed; 0 due dates and 0 pickup days moved\n"
    assert rows(installation, "select day from closures order by day") == [("2999-03-15",), ("2999-03-16",)]


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_a_mistyped_year_closes_nothing(installation: Installation, dry: tuple[str, ...]) -> None:
    """Every loan of the branch would fail for want of an open day, and nothing opens a day again."""
    for last in ("3001-03-16", "3099-12-31"):
        said = installation.skranke("staff", "close-days", "KAL-S", "2999-03-15", "--last", last, *dry, *KAL)
        assert (said.code, said.err) == (1, "skranke: A branch cannot be closed so long on end: at most 366 days\n")
    assert rows(installation, "select day from closures") == []


def test_closures_add_up(installation: Installation) -> None:
    """A year that is announced in two halves, and a third of them."""
    halves = (("2999-01-01", "2999-06-30"), ("2999-07-01", "2999-12-31"), ("3000-01-01", "3000-06-30"))
    said = [installation.skranke("staff", "close-days", "KAL-S", begin, "--last", end, *KAL) for begin, end in halves]
    assert [one.code for one in said] == [0, 0, 1]


def test_through_a_running_daemon(daemon: Running) -> None:
    said = daemon.at.skranke("jobs", "run", "--date", "2999-01-01", "--library", "KAL")
    assert said.err == "skranke: 2999-01-01 has not come yet at KAL\n"
    closed = daemon.at.skranke("staff", "close-days", "KAL-S", "2999-03-15", *KAL)
    assert closed.out == "KAL-S is closed; 0 due dates and 0 pickup days moved\n"
