"""What cannot be read whole is answered in the caller's own spelling, and kept as its exchange."""

import time
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from server.commands.ncip import app
from tests.daemon import PATIENCE, Daemon

pytestmark = pytest.mark.slow

V2_02 = "http://www.niso.org/schemas/ncip/v2_02/ncip_v2_02.xsd"
V2_0 = "http://www.niso.org/schemas/ncip/v2_0/imp1/xsd/ncip_v2_0.xsd"
V1_01 = "http://ncip.envisionware.com/documentation/ncip_v1_01.dtd"
NAME = "<NameInformation><PersonalNameInformation><UnstructuredPersonalUserName>Eva</UnstructuredPersonalUserName>"
BORN = "07/07/1977"
CREATE = (
    "<UserId><UserIdentifierValue>29990009</UserIdentifierValue></UserId>"
    f"{NAME}</PersonalNameInformation></NameInformation><DateOfBirth>{BORN}</DateOfBirth>"
)
NOT_RECEIVED = (
    "<RequestId><AgencyId>NO-0602510</AgencyId><RequestIdentifierValue>nn1</RequestIdentifierValue></RequestId>"
    "<DateReceived>20.11.2026</DateReceived>"
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("unread")) as daemon:
        yield daemon


def post(town: Daemon, body: str) -> str:
    status, _, said = town.post(body.encode(), {"Content-Type": "application/xml"})
    assert status == 200
    return said.decode()


def ask(
    town: Daemon, service: str, content: str, sender: str = "EX-PLAIN", to: str = "SE-KAL", version: str = V2_02
) -> str:
    head = (
        f"<InitiationHeader><FromAgencyId><AgencyId>{sender}</AgencyId></FromAgencyId>"
        f"<ToAgencyId><AgencyId>{to}</AgencyId></ToAgencyId></InitiationHeader>"
    )
    return post(town, document(f"<{service}>{head}{content}</{service}>", version))


def document(inside: str, version: str) -> str:
    namespace = "http://www.niso.org/2008/ncip"
    return f'<NCIPMessage xmlns="{namespace}" xmlns:n="{namespace}" n:version="{version}">{inside}</NCIPMessage>'


def danish(inside: str) -> str:
    """A message of version 1, by the partner that speaks it."""
    agency = "<UniqueAgencyId><Scheme>x</Scheme><Value>{}</Value></UniqueAgencyId>"
    who = agency.format("DK-700400"), agency.format("SE-KAL")
    head = f"<FromAgencyId>{who[0]}</FromAgencyId><ToAgencyId>{who[1]}</ToAgencyId>"
    inside = inside.replace("HEAD", f"<InitiationHeader>{head}</InitiationHeader>")
    return f'<NCIPMessage version="{V1_01}">{inside}</NCIPMessage>'


def kept(town: Daemon, wanted: str, *words: str) -> str:
    """What `skranke ncip log` finds, once what is wanted was written."""
    deadline = time.monotonic() + PATIENCE
    said = ""
    while wanted not in said and time.monotonic() < deadline:
        time.sleep(0.2)
        command = ["log", "--data", str(town.data), *words, "--show"]
        said = CliRunner().invoke(app, command, env={"COLUMNS": "300"}).stdout
    return said


def invalid(town: Daemon, partner: str) -> float:
    """How many messages of a partner the schema refused, by the daemon's count."""
    lines = town.page("/metrics").splitlines()
    counted = [line for line in lines if line.startswith("skranke_ncip_invalid_total") and f'"{partner}"' in line]
    return sum(float(line.split()[-1]) for line in counted)


def test_version_1_hears_of_its_date_in_version_1(town: Daemon) -> None:
    said = post(town, danish("<RenewItem>HEAD<DesiredDateDue>24/12/2026</DesiredDateDue></RenewItem>"))
    assert f'version="{V1_01}"' in said
    assert "<Value>Invalid Date</Value>" in said
    assert "<ElementName>DesiredDateDue</ElementName>" in said
    assert "ns1:" not in said


def test_version_1_hears_of_an_unknown_service_in_version_1(town: Daemon) -> None:
    said = post(town, danish("<OpenDoor>HEAD</OpenDoor>"))
    assert "<Value>Unsupported Service</Value>" in said
    assert "ns1:" not in said
    assert "danish" in kept(town, "OpenDoor", "--agency", "DK-700400", "--count", "1")


def test_the_version_comes_back_as_it_was_sent(town: Daemon) -> None:
    said = ask(town, "RenewItem", "<DesiredDateDue>soon</DesiredDateDue>", version=V2_0)
    assert f'ns1:version="{V2_0}"' in said
    assert "Invalid Date" in said


def test_the_norwegian_profile_gets_its_ids_back_and_no_schemes(town: Daemon) -> None:
    said = ask(town, "ItemReceived", NOT_RECEIVED, sender="NO-0602510", to="NO-0220000")
    assert "Invalid Date" in said
    assert "Scheme" not in said
    assert "<ns1:Ext><ns1:RequestId>" in said


def test_a_dispute_about_it_can_be_settled(town: Daemon) -> None:
    before = invalid(town, "partner-plain")
    request = "<RequestId><RequestIdentifierValue>dispute-7</RequestIdentifierValue></RequestId>"
    ask(town, "CheckOutItem", f"{request}<DesiredDateDue>24/12/2026</DesiredDateDue>")
    said = kept(town, "CheckOutItem", "--agency", "EX-PLAIN", "--request", "dispute-7")
    assert "partner-plain" in said
    assert "'24/12/2026' is not a dateTime" in said
    assert invalid(town, "partner-plain") == before + 1


def test_a_day_of_birth_that_is_none_is_told_to_nobody(town: Daemon) -> None:
    said = ask(town, "CreateUser", CREATE)
    assert "<ns1:ProblemElement>DateOfBirth</ns1:ProblemElement>" in said
    assert BORN not in said.replace(f"<ns1:ProblemValue>{BORN}</ns1:ProblemValue>", "")
    log = kept(town, "Invalid Date", "--service", "CreateUser")
    assert "1977" not in log


def test_an_agency_is_found_in_the_log_however_its_id_is_written(town: Daemon) -> None:
    ask(town, "ItemReceived", NOT_RECEIVED, sender="0602510", to="NO-0220000")
    assert "Invalid Date" in kept(town, "0602510</", "--agency", "NO-0602510")


def test_a_person_s_client_tells_of_a_problem_by_its_status(town: Daemon) -> None:
    url = f"http://127.0.0.1:{town.ncip_port}/ncip"
    who = ["--from", "DK-700400", "--to", "SE-KAL", "--profile", "danish-1.01"]
    asked = CliRunner().invoke(app, ["send", url, "lookup-item", "ItemId=NOPE", *who])
    assert asked.exit_code == 3, asked.output
    assert "Unknown Item" in asked.output
    assert "not as the schema" not in asked.output
