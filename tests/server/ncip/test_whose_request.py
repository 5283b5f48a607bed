"""A request that has only a number of ours: who may come back to it."""

import re
from collections.abc import Iterator

import pytest

from tests.daemon import Daemon
from tests.server.ncip.test_house import HEAD, NAMESPACES

pytestmark = pytest.mark.slow

WORLD = """extends = "fixtures"
[[item]]
barcode = "BAR-T9"
name = "T9"
title = "T9"
home = "BAR-1"
"""
TITLE = (
    "<BibliographicId><BibliographicRecordId>"
    "<BibliographicRecordIdentifier>T9</BibliographicRecordIdentifier><AgencyId>BAR</AgencyId>"
    "</BibliographicRecordId></BibliographicId>"
)
KIND = "<RequestType>Loan</RequestType>"
SCOPE = "<RequestScopeType>Bibliographic Item</RequestScopeType><PickupLocation>ASK-H</PickupLocation>"
WANTED = "<RequestElementType>User Id</RequestElementType><RequestElementType>Request Status Type</RequestElementType>"
ASKER = "NO-0220000"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("numbers")) as daemon:
        daemon.control("world", WORLD)
        yield daemon


def ask(town: Daemon, service: str, content: str, by: str = "EX-PLAIN") -> str:
    head = HEAD.replace("SE-KAL", ASKER).replace("EX-PLAIN", by)
    inside = re.sub(r"<(/?)([A-Z])", r"<\1ns1:\2", f"<{service}>{head}{content}</{service}>")
    return town.post(f"<ns1:NCIPMessage {NAMESPACES}>{inside}</ns1:NCIPMessage>".encode()).body.decode()


def user(card: str) -> str:
    return f"<UserId><UserIdentifierValue>{card}</UserIdentifierValue></UserId>"


def request(number: str) -> str:
    named = f"<RequestIdentifierValue>{number}</RequestIdentifierValue>"
    return f"<RequestId><AgencyId>{ASKER}</AgencyId>{named}</RequestId>"


def test_our_number_alone_is_good_for_its_maker_only(town: Daemon) -> None:
    card, other = town.secrets["patron.A1.card"], town.secrets["patron.A4.card"]
    made = ask(town, "RequestItem", user(card) + TITLE + KIND + SCOPE)
    found = re.search(r"RequestIdentifierValue>([0-9]+)<", made)
    assert found is not None, made
    by_number = request(found[1])
    for stranger in ("EX-WARY", "EX-VUFIND"):
        assert "Unknown Request" in ask(town, "LookupRequest", by_number + WANTED, by=stranger)
        for service, rest in (("CancelRequestItem", KIND), ("UpdateRequestItem", "")):
            assert "Unknown Request" in ask(town, service, by_number + rest, by=stranger)
    assert "Unknown Request" in ask(town, "LookupRequest", user(other) + by_number + WANTED, by="EX-VUFIND")
    assert card in ask(town, "LookupRequest", user(card) + by_number + WANTED, by="EX-VUFIND")
    assert card in ask(town, "LookupRequest", by_number + WANTED)
    assert "Problem" not in ask(town, "CancelRequestItem", user(card) + by_number + KIND)
