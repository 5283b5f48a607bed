"""Staff's commands about records, consent, invoices and closures; and that a dry run of any of them keeps nothing."""

import csv
import io
from pathlib import Path

import pytest

from tests.databases import everything
from tests.server.office.installation import Installation, Said
from tests.server.office.test_staff import KAL, rows

pytestmark = pytest.mark.slow

ANNA, BO = "20001001", "20001003"


def staff(installation: Installation, *words: str, said: str = "") -> Said:
    return installation.skranke("staff", *words, *KAL, said=said)


def kept(installation: Installation) -> object:
    store = installation.store()
    try:
        return everything(store)
    finally:
        store.close()


@pytest.mark.parametrize(
    "words",
    [
        ("block", ANNA, "--note", "x"),
        ("unblock", ANNA),
        ("charge", ANNA, "75.00"),
        ("pay", ANNA, "5.00"),
        ("waive", ANNA, "{fee}"),
        ("replace-card", ANNA, "20009999"),
        ("link-card", ANNA),
        ("merge", ANNA, BO),
        ("consent", ANNA, "--guardian", BO),
        ("agreement", ANNA, "unstaffed"),
        ("reset-pin", ANNA, "--remove"),
        ("lost", "KB1"),
        ("damaged", "KB1"),
        ("claim-returned", "KB3"),
        ("withdraw-claim", "KB3"),
        ("found", "KB1"),
        ("invoice", ANNA),
        ("export-invoices", "2026-01-05"),
        ("close-days", "KAL-S", "2099-03-16"),
    ],
    ids=lambda words: words[0],
)
def test_a_dry_run_says_so_and_keeps_nothing(installation: Installation, words: tuple[str, ...]) -> None:
    staff(installation, "charge", ANNA, "20.00")
    ((fee,),) = rows(installation, "select id from charges")
    lend(installation)
    before = kept(installation)
    said = staff(installation, *(word.format(fee=fee) for word in words), "--dry-run")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("(dry run) ")
    assert kept(installation) == before


def lend(installation: Installation) -> None:
    """KB3 is on loan to Bo."""
    path = installation.folder / "loans.csv"
    path.write_text(f"patron,barcode,lent,due\n{BO},KB3,2026-01-05,2099-03-16\n")
    assert installation.skranke("import", "loans", str(path), "--library", "KAL").code == 0


@pytest.mark.parametrize("number", ["A|B", "A\tB"])
def test_a_number_that_no_machine_can_send_is_nobodys_card(installation: Installation, number: str) -> None:
    said = staff(installation, "replace-card", ANNA, number)
    assert (said.code, said.out) == (1, "refused: Number has a sign that machines cannot send\n")
    assert staff(installation, "show", ANNA).code == 0


def test_two_records_become_one(installation: Installation) -> None:
    lend(installation)
    said = staff(installation, "merge", ANNA, BO)
    assert said.out == "One record from now on; 1 loans, 0 holds, 0 fees and 0 blocks came along\n"
    assert "loan KB3" in staff(installation, "show", ANNA).out
    assert staff(installation, "show", BO).out == staff(installation, "show", ANNA).out
    assert staff(installation, "merge", ANNA, "99").out == "refused: Card not recognised\n"


def test_the_days_invoices_for_the_accounts_office(installation: Installation, tmp_path: Path) -> None:
    for amount in ("75.00", "20.00"):
        staff(installation, "charge", ANNA, amount, "--note", "x")
    invoiced = staff(installation, "invoice", ANNA)
    kid = invoiced.out.split()[1].rstrip(";")
    staff(installation, "pay", ANNA, "30.00")
    ((day,),) = rows(installation, "select date(issued, 'unixepoch') from invoices")
    out = tmp_path / "invoices.csv"
    said = staff(installation, "export-invoices", str(day), "--to", str(out))
    assert said.out == f"{out}: 1 invoices with 2 lines\n"
    lines = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [(line["kid"], line["amount"], line["owed"], line["total"]) for line in lines] == [
        (kid, "75.00", "45.00", "95.00"),
        (kid, "20.00", "20.00", "95.00"),
    ]
    assert lines[0]["card"] == "2000 1001" and lines[0]["currency"] == "SEK"
    assert out.stat().st_mode & 0o077 == 0
    assert staff(installation, "export-invoices", str(day), "--to", str(out)).code == 2  # it is there already
    assert rows(installation, "select command, account from journal order by id desc limit 1") == [
        ("ExportInvoices", "staff:kari")
    ]
    printed = staff(installation, "export-invoices", "2001-01-01").out
    assert printed.splitlines() == [
        "kid,issued,card,addressed_to,address,kind,title,barcode,amount,owed,total,currency"
    ]


def test_a_rehearsed_closure_counts_what_the_real_one_moves(installation: Installation) -> None:
    lend(installation)
    rehearsed = staff(installation, "close-days", "KAL-S", "2099-03-16", "--dry-run")
    real = staff(installation, "close-days", "KAL-S", "2099-03-16")
    assert rehearsed.out == f"(dry run) {real.out}"
    assert "1 due dates" in real.out
    assert staff(installation, "close-days", "XXX", "2099-03-16", "--dry-run").code == 1


@pytest.mark.parametrize("way", [(), ("--dry-run",)])
def test_a_day_that_has_passed_can_no_longer_be_closed(installation: Installation, way: tuple[str, ...]) -> None:
    said = staff(installation, "close-days", "KAL-S", "2001-03-16", "--last", "2099-03-16", "--language", "sv", *way)
    assert (said.code, said.out) == (1, "")
    assert "2001-03-16 har passerat" in said.err
    assert rows(installation, "select * from closures") == []
