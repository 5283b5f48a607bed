"""Two clients that others wrote hold whole conversations with a running town: `Sip2` 1.1 and the codec of `pysip2`.

Both borrow, renew, request, pay and return; `pysip2` decodes every frame that comes, one of each kind at least.
"""

import logging
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pysip2
import pytest
from pysip2 import (
    ACSStatusResponse,
    BlockPatronRequest,
    CheckinRequest,
    CheckinResponse,
    CheckoutRequest,
    CheckoutResponse,
    EndPatronSessionRequest,
    EndSessionResponse,
    FeePaidRequest,
    FeePaidResponse,
    HoldRequest,
    HoldResponse,
    ItemInformationRequest,
    ItemInformationResponse,
    ItemStatusUpdateRequest,
    ItemStatusUpdateResponse,
    LoginRequest,
    LoginResponse,
    PatronEnableRequest,
    PatronEnableResponse,
    PatronInformationRequest,
    PatronInformationResponse,
    PatronStatusRequest,
    PatronStatusResponse,
    RenewAllRequest,
    RenewAllResponse,
    RenewRequest,
    RenewResponse,
    RequestACSResend,
    RequestSCResend,
    SCStatusRequest,
)

from conformance.control import CLOCK, WORLD
from protocols.sip2.messages import layouts
from protocols.sip2.table import Sender
from tests.daemon import Daemon, Terminal

pytestmark = pytest.mark.slow

TERMINAL = "T-KAL-S"
BOOK = "KB3"
WANTED = "KB1"  # every copy of its title is out: it can be requested
STAMP = "20260212    120000"
LATER = "2026-02-25T12:00:00+01:00"  # when a renewal gains days
WORLD_OF_K1 = """\
extends = "fixtures"

[[loan]]
item = "KB1"
patron = "K5"
lent = 2026-02-02
due = 2026-03-02

[[loan]]
item = "KB2"
patron = "K6"
lent = 2026-02-02
due = 2026-03-02

[[loan]]
item = "KX1"
patron = "K6"
lent = 2026-02-05
due = 2026-02-19

[[charge]]
patron = "K1"
kind = "misc"
amount = "75.00"
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with Daemon(tmp_path_factory.mktemp("third-party")) as daemon:
        yield daemon


@pytest.fixture
def town(house: Daemon) -> Daemon:
    """The town on the first day, with what K1 owes and wants."""
    house.control(CLOCK, "2026-02-12T12:00:00+01:00")
    house.control(WORLD, WORLD_OF_K1)
    return house


# ---- Sip2 1.1


@pytest.fixture
def client(town: Daemon, tmp_path: Path) -> Iterator[Any]:
    """`Sip2`, connected without TLS (its default), for K1 at a terminal in Kalmar."""
    client: Any = import_module("Sip2.sip2").Sip2()
    client.hostName, client.hostPort, client.tlsEnable = "127.0.0.1", town.sip2_port, False
    client.hostEncoding = "cp850"
    client.logfile_path, client.loglevel = str(tmp_path), "CRITICAL"
    client.institutionId, client.scLocation = "KAL", "KAL-S"
    client.patron, client.patronpwd = town.secrets["patron.K1.card"], town.secrets["patron.K1.pin"]
    client.connect()
    yield client
    client.disconnect()
    logger = logging.getLogger("Sip2")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def log_in(client: Any, town: Daemon) -> None:
    answer = client.sip_login_response(
        client.get_response(client.sip_login_request(TERMINAL, town.secrets[f"terminal.{TERMINAL}.password"]))
    )
    assert answer["fixed"]["Ok"] == "1"


def pay_all(client: Any, number: str) -> None:
    answer = client.sip_fee_paid_response(
        client.get_response(client.sip_fee_paid_request(1, 0, "75.00", transactionId=number, currencyType="SEK"))
    )
    assert answer["fixed"]["PaymentAccepted"] == "Y"


def test_sip2_is_told_what_the_desk_can_do(client: Any, town: Daemon) -> None:
    log_in(client, town)
    status = client.sip_sc_status_response(client.get_response(client.sip_sc_status_request()))
    assert status["fixed"]["OnlineStatus"] == "Y"
    assert status["fixed"]["ProtocolVersion"] == "2.00"
    assert status["variable"]["AO"] == ["KAL"]


def test_sip2_pays_borrows_renews_and_returns(client: Any, town: Daemon) -> None:
    log_in(client, town)
    pay_all(client, "sip2-1")
    lent = client.sip_checkout_response(client.get_response(client.sip_checkout_request(BOOK)))
    assert lent["fixed"]["Ok"] == "1"
    assert lent["variable"]["AH"] == ["20260312    235959"]
    town.control(CLOCK, LATER)
    renewed = client.sip_renew_response(client.get_response(client.sip_renew_request(BOOK)))
    assert renewed["fixed"]["Ok"] == "1"
    charged = client.sip_patron_information_response(
        client.get_response(client.sip_patron_information_request("charged"))
    )
    assert charged["variable"]["AU"] == [BOOK]
    returned = client.sip_checkin_response(client.get_response(client.sip_checkin_request(BOOK)))
    assert returned["fixed"]["Ok"] == "1"
    ended = client.sip_end_patron_session_response(client.get_response(client.sip_end_patron_session_request()))
    assert ended["fixed"]["EndSession"] == "Y"


def test_sip2_requests_and_asks_about_things(client: Any, town: Daemon) -> None:
    log_in(client, town)
    pay_all(client, "sip2-2")
    held = client.sip_hold_response(
        client.get_response(client.sip_hold_request("+", holdType=2, itemIdentifier=WANTED, pickupLocation="KAL-S"))
    )
    assert held["fixed"]["Ok"] == "1"
    thing = client.sip_item_information_response(client.get_response(client.sip_item_information_request(WANTED)))
    assert thing["fixed"]["CirculationStatus"] == "04"
    stored = client.sip_item_status_update_response(
        client.get_response(client.sip_item_status_update_request(BOOK, "weight=310g"))
    )
    assert stored["fixed"]["ItemPropertiesOk"] == "1"
    cancelled = client.sip_hold_response(client.get_response(client.sip_hold_request("-", itemIdentifier=WANTED)))
    assert cancelled["fixed"]["Ok"] == "1"
    everything = client.sip_renew_all_response(client.get_response(client.sip_renew_all_request()))
    assert everything["fixed"]["Ok"] == "1"


def test_sip2_blocks_a_card_and_asks_for_an_answer_again(client: Any, town: Daemon) -> None:
    log_in(client, town)
    good = client.sip_patron_status_response(client.get_response(client.sip_patron_status_request()))
    assert good["variable"]["BL"] == ["Y"]
    again = client.get_response(client.sip_sc_resend_request())
    assert again == client.last_response
    blocked = client.sip_patron_status_response(client.get_response(client.sip_block_patron_request("left behind")))
    assert blocked["fixed"]["PatronStatus"][4] == "Y"
    enabled = client.sip_patron_enable_response(client.get_response(client.sip_patron_enable_request()))
    assert enabled["variable"]["AA"] == [client.patron]


# ---- the codec of pysip2


class Peer:
    """A terminal that writes and reads with `pysip2`; `heard` holds the commands it has decoded."""

    def __init__(self, line: Terminal, town: Daemon) -> None:
        self._line = line
        self._digit = -1
        self.heard: set[str] = set()
        self.mine = {"institution_id": "KAL", "terminal_password": ""}
        self.me = self.mine | {
            "patron_identifier": town.secrets["patron.K1.card"],
            "patron_password": town.secrets["patron.K1.pin"],
        }

    def ask(self, request: Any, expected: type[Any]) -> Any:
        """Send `request`, decode the answer as `expected`; raises SIP2Error when `pysip2` does not accept it."""
        control = isinstance(request, RequestACSResend)
        self._digit = self._digit if control else (self._digit + 1) % 10
        self._line.send(pysip2.encode_message(request, sequence_number=self._digit, checksum=True))
        return self.decode(self._line.hear(), expected)

    def decode(self, frame: bytes, expected: type[Any]) -> Any:
        decoded = pysip2.decode_as(frame, expected)
        assert decoded.checksum is not None
        assert decoded.sequence_number == (None if expected is RequestSCResend else self._digit)
        self.heard.add(frame[:2].decode())
        return decoded.message

    def spoil(self) -> Any:
        """A frame whose checksum is wrong, and what is said to it."""
        self._line.send(b"9900802.00AY0AZ0000\r")
        return self.decode(self._line.hear(), RequestSCResend)


@pytest.fixture
def peer(town: Daemon) -> Iterator[Peer]:
    with Terminal(town.dial()) as line:
        peer = Peer(line, town)
        told = town.secrets
        request = LoginRequest(
            uid_algorithm="0",
            pwd_algorithm="0",
            login_user_id=told[f"terminal.{TERMINAL}.login"],
            login_password=told[f"terminal.{TERMINAL}.password"],
        )
        assert peer.ask(request, LoginResponse).ok == "1"
        yield peer


def test_pysip2_accepts_one_answer_of_every_kind(peer: Peer, town: Daemon) -> None:
    me, mine, at = peer.me, peer.mine, {"transaction_date": STAMP}
    lending = at | {"no_block": "N", "nb_due_date": STAMP, "item_identifier": BOOK}
    status = SCStatusRequest(status_code="0", max_print_width="080", protocol_version="2.00")
    assert peer.ask(status, ACSStatusResponse).online_status == "Y"
    assert peer.ask(PatronStatusRequest(language="001", **at, **me), PatronStatusResponse).valid_patron == "Y"
    fee = {"fee_type": "01", "payment_type": "00", "currency_type": "SEK", "fee_amount": "75.00"}
    paid = peer.ask(FeePaidRequest(**at, **fee, **me, transaction_id="pysip2-1"), FeePaidResponse)
    assert paid.payment_accepted == "Y"
    stored = ItemStatusUpdateRequest(**at, **mine, item_identifier=BOOK, item_properties="weight=310g")
    assert peer.ask(stored, ItemStatusUpdateResponse).item_properties_ok == "1"
    hold = at | {"item_identifier": WANTED, "pickup_location": "KAL-S"}
    assert peer.ask(HoldRequest(hold_mode="+", hold_type="2", **hold, **me), HoldResponse).ok == "1"
    assert peer.ask(CheckoutRequest(sc_renewal_policy="N", **lending, **me), CheckoutResponse).ok == "1"
    thing = peer.ask(ItemInformationRequest(**at, **mine, item_identifier=BOOK), ItemInformationResponse)
    assert thing.circulation_status == "04"
    town.control(CLOCK, LATER)
    assert peer.ask(RenewRequest(third_party_allowed="N", **lending, **me), RenewResponse).ok == "1"
    assert peer.ask(RenewAllRequest(**at, **me), RenewAllResponse).ok in "01"
    for place in range(6):
        summary = f"{'Y':>{place + 1}}".ljust(10)
        wanted = PatronInformationRequest(language="001", **at, summary=summary, **me)
        assert peer.ask(wanted, PatronInformationResponse).charged_items_count == "0001"
    returned = CheckinRequest(
        **at, **mine, no_block="N", return_date=STAMP, current_location="KAL-S", item_identifier=BOOK
    )
    assert peer.ask(returned, CheckinResponse).ok == "1"
    assert peer.ask(RequestACSResend(), CheckinResponse).ok == "1"
    assert peer.ask(EndPatronSessionRequest(**at, **me), EndSessionResponse).end_session == "Y"
    card = mine | {"patron_identifier": me["patron_identifier"]}
    blocked = BlockPatronRequest(card_retained="N", **at, **card, blocked_card_message="left behind")
    assert peer.ask(blocked, PatronStatusResponse).patron_status[4] == "Y"
    assert peer.ask(PatronEnableRequest(**at, **me), PatronEnableResponse).patron_identifier == me["patron_identifier"]
    peer.spoil()
    assert peer.heard == {layout.code for layout in layouts(Sender.ACS)}


def test_pysip2_accepts_every_refusal(peer: Peer) -> None:
    nobody = peer.mine | {"patron_identifier": "no-such-card", "patron_password": ""}
    at = {"transaction_date": STAMP}
    lending = at | {"no_block": "N", "nb_due_date": STAMP, "item_identifier": "no-such-book"}
    assert peer.ask(PatronStatusRequest(language="001", **at, **nobody), PatronStatusResponse).valid_patron == "N"
    wanted = PatronInformationRequest(language="001", **at, summary=" " * 10, **nobody)
    assert peer.ask(wanted, PatronInformationResponse).valid_patron == "N"
    assert peer.ask(CheckoutRequest(sc_renewal_policy="N", **lending, **nobody), CheckoutResponse).ok == "0"
    assert peer.ask(RenewRequest(third_party_allowed="N", **lending, **nobody), RenewResponse).ok == "0"
    assert peer.ask(RenewAllRequest(**at, **nobody), RenewAllResponse).ok == "0"
    hold = HoldRequest(hold_mode="+", **at, item_identifier="no-such-book", **nobody)
    assert peer.ask(hold, HoldResponse).ok == "0"
    fee = {"fee_type": "01", "payment_type": "00", "currency_type": "SEK", "fee_amount": "75.00"}
    assert peer.ask(FeePaidRequest(**at, **fee, **nobody), FeePaidResponse).payment_accepted == "N"
    place = {"return_date": STAMP, "current_location": "KAL-S", "item_identifier": "no-such-book", "no_block": "N"}
    assert peer.ask(CheckinRequest(**at, **peer.mine, **place), CheckinResponse).ok == "0"
    unknown = ItemInformationRequest(**at, **peer.mine, item_identifier="no-such-book")
    assert peer.ask(unknown, ItemInformationResponse).circulation_status == "01"
