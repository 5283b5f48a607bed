"""A copy that a partner orders for a patron, until the patron has it: over both languages (S-116)."""

import re
from collections.abc import Iterator

import pytest

from tests.daemon import Daemon
from tests.server.ncip.test_house import STAMP, ask
from tests.server.office.installation import run

pytestmark = pytest.mark.slow

FIXTURES = 'extends = "fixtures"\n'
PRICE = "<CurrencyCode>SEK</CurrencyCode><MonetaryValue>6250</MonetaryValue>"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("copies")) as daemon:
        yield daemon


def element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def request(number: str) -> str:
    return element("RequestId", element("AgencyId", "EX-PLAIN") + element("RequestIdentifierValue", number))


def ordered(town: Daemon, number: str, card: str) -> str:
    """The barcode of a copy that costs 62.50 and lies on the pickup shelf."""
    words = element("BibliographicDescription", element("TitleOfComponent", "Hummer"))
    order = (
        element("UserId", element("UserIdentifierValue", card))
        + element("ItemId", element("ItemIdentifierValue", "LM1"))
        + request(number)
        + element("RequestType", "Non-returnable Copy")
        + element("RequestScopeType", "Item")
        + element("ItemOptionalFields", words)
    )
    said = ask(town, "RequestItem", order, to="SE-LYS")
    barcode = re.search(r"ItemIdentifierValue>(LYS-[0-9]+)<", said)
    assert barcode is not None, said
    added = element("AddRequestFields", element("AcknowledgedFeeAmount", PRICE))
    assert "Problem" not in ask(town, "UpdateRequestItem", request(number) + added, to="SE-LYS")
    item = element("ItemId", element("ItemIdentifierValue", number))
    came = item + request(number) + element("DateReceived", "2026-02-12T10:00:00Z")
    assert "Problem" not in ask(town, "ItemReceived", came, to="SE-LYS")
    return barcode[1]


def test_it_is_fetched_at_the_self_check(town: Daemon) -> None:
    town.control("world", FIXTURES)
    card, pin = town.secrets["patron.L1.card"], town.secrets["patron.L1.pin"]
    with town.terminal("T-LYS-S") as wire:
        barcode = ordered(town, "C-1", card)
        fetch = f"11NN{STAMP}{'':18}AOLYS|AA{card}|AB{barcode}|AC|AD{pin}|"
        asked = wire.ask(fetch).decode("cp850")
        waits = wire.ask(f"63000{STAMP}Y         AOLYS|AA{card}|AC|AD{pin}|").decode("cp850")
        given = wire.ask(f"{fetch}BOY|").decode("cp850")
        owes = wire.ask(f"63000{STAMP}          AOLYS|AA{card}|AC|AD{pin}|").decode("cp850")
        again = wire.ask(f"11NN{STAMP}{'':18}AOLYS|AA{card}|AB{barcode}|AC|AD{pin}|BOY|BZ|").decode("cp850")
    assert asked.startswith("120") and "|BT01|BHSEK|BV62.50|" in asked and "|AH|" in asked
    assert f"|AS{barcode}|" in waits and "|BV0.00|" in waits
    assert given.startswith("121") and "|AH|" in given and "|BV62.50|" in given
    assert "|BV62.50|" in owes and owes[37:49] == "0" * 12  # no hold, nothing overdue, nothing on loan
    assert again[:3] in ("120", "121") and "|AH|" in again
    assert town_owes(town, card) == "6250"


def town_owes(town: Daemon, card: str) -> str:
    user = element("UserId", element("UserIdentifierValue", card)) + "<UserFiscalAccountDesired/>"
    found = re.search(r"AccountBalance>.*?MonetaryValue>(\d+)<", ask(town, "LookupUser", user, to="SE-LYS"), re.DOTALL)
    assert found is not None
    return found[1]


def test_it_is_handed_out_by_a_partner(town: Daemon) -> None:
    """`fee_ack` with the fee, then what is not returned; a second time there is nothing to hand out."""
    town.control("world", FIXTURES)
    card = town.secrets["patron.L1.card"]
    barcode = ordered(town, "C-2", card)
    wish = element("UserId", element("UserIdentifierValue", card)) + element(
        "ItemId", element("ItemIdentifierValue", barcode)
    )
    asked = ask(town, "CheckOutItem", wish, to="SE-LYS")
    assert ">fee_ack<" in asked and "RequiredFeeAmount" in asked and ">6250<" in asked
    given = ask(town, "CheckOutItem", wish + element("AcknowledgedFeeAmount", PRICE), to="SE-LYS")
    assert "NonReturnableFlag" in given and "DateDue" not in given and "Problem" not in given
    assert town_owes(town, card) == "6250"
    back = ask(town, "CheckInItem", element("ItemId", element("ItemIdentifierValue", barcode)), to="SE-LYS")
    assert "Item Not Checked Out" in back
    anew = ask(town, "CheckOutItem", wish + element("AcknowledgedFeeAmount", PRICE), to="SE-LYS")
    assert "Item Does Not Circulate" in anew
    assert town_owes(town, card) == "6250"


def test_staff_hear_of_the_order(town: Daemon) -> None:
    """Nobody else makes it."""
    town.control("world", FIXTURES)
    ordered(town, "C-3", town.secrets["patron.L1.card"])
    notes = run("staff", "notes", "--library", "LYS", "--data", str(town.data))
    assert "A copy is ordered" in notes.out and "Hummer" in notes.out


def test_nobody_else_waits_for_it(town: Daemon) -> None:
    """Who ordered it keeps it."""
    town.control("world", FIXTURES)
    card, pin = town.secrets["patron.L4.card"], town.secrets["patron.L4.pin"]
    barcode = ordered(town, "C-4", town.secrets["patron.L1.card"])
    with town.terminal("T-LYS-S") as wire:
        said = wire.ask(f"15+{STAMP}BY3|AOLYS|AA{card}|AD{pin}|AB{barcode}|AC|").decode("cp850")
    assert said.startswith("160")
