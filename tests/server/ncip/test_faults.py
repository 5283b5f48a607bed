"""A message with a date or an amount that is none: whose it is, what is told of it, and what is kept."""

import time
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from protocols.ncip.codec import tree, understand
from protocols.ncip.problems import ProblemName
from protocols.ncip.records import CreateUser
from server.commands.ncip import app
from tests.daemon import PATIENCE, Daemon
from tests.server.ncip.test_house import FIXTURES, NAMESPACES, ask, hold

NAME = "<UnstructuredPersonalUserName>Moe, Joe</UnstructuredPersonalUserName>"
NAMED = f"<NameInformation><PersonalNameInformation>{NAME}</PersonalNameInformation></NameInformation>"
UNBORN = (
    f"<UserId><UserIdentifierValue>29990009</UserIdentifierValue></UserId>{NAMED}<DateOfBirth>07/07/1977</DateOfBirth>"
)


def test_all_else_is_read() -> None:
    inside = f"<CreateUser>{UNBORN}</CreateUser>".replace("<", "<ns1:").replace("<ns1:/", "</ns1:")
    data = f"<ns1:NCIPMessage {NAMESPACES}>{inside}</ns1:NCIPMessage>".encode()
    found = understand(tree(data), len(data))
    assert isinstance(found.message, CreateUser)
    assert found.message.user_id and found.message.user_id.user_identifier_value == "29990009"
    assert found.message.date_of_birth is None
    assert found.fault is not None
    assert (found.fault.name, found.fault.element) == (ProblemName.INVALID_DATE, "DateOfBirth")
    assert "1977" not in found.fault.detail


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("faults")) as daemon:
        yield daemon


def kept(town: Daemon, service: str, *words: str) -> str:
    """The exchanges on record, as soon as one of the service is among them."""
    deadline = time.monotonic() + PATIENCE
    said = ""
    while service not in said and time.monotonic() < deadline:
        time.sleep(0.2)
        said = CliRunner().invoke(app, ["log", "--data", str(town.data), *words], env={"COLUMNS": "200"}).stdout
    return said


@pytest.mark.slow
def test_it_is_its_partner_s_like_any_refusal(town: Daemon) -> None:
    """And whose birthday it should have been stays hidden."""
    town.control("world", FIXTURES)
    ask(town, "RequestItem", hold("H-5") + "<NeedBeforeDate>24/12/2026</NeedBeforeDate>")
    assert "Invalid Date" in kept(town, "RequestItem", "--agency", "EX-PLAIN", "--request", "H-5")
    assert "Invalid Date" in ask(town, "CreateUser", UNBORN)
    said = kept(town, "CreateUser", "--agency", "EX-PLAIN", "--show")
    assert "Invalid Date" in said
    assert "1977" not in said
