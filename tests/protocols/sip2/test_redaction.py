"""No secret is shown, whatever the frame looks like; what concerns a person is masked on request."""

import pytest
from hypothesis import given, settings

from protocols.sip2.codec import encode
from protocols.sip2.redaction import PERSONAL_IDS, SECRET_IDS, redact
from protocols.sip2.table import Message, Sender
from tests import strategies


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("9300CNkiosk1|COhemmelig|CPHall 1|AY0AZF339", "9300CNkiosk1|CO***|CPHall 1|AY0AZF339"),
        (
            "2301220261121    101542AOSKB|AAN1|AC|AD2468|AY2AZF2CA",
            "2301220261121    101542AOSKB|AAN1|AC|AD***|AY2AZF2CA",
        ),
        ("3520261121    101542AD2468|AOSKB|", "3520261121    101542AD***|AOSKB|"),
        ("65AD2468|AOSKB|", "65AD***|AOSKB|"),
        ("\n9300COpw|CNa|", "\n9300CO***|CNa|"),
        ("71COpw|x", "71CO***|x"),
        ("nonsense AD2468", "nonsense AD***"),
        ("09N|\n AD2468|AB30|", "09N|\n AD***|AB30|"),
        ("9900802.00", "9900802.00"),
        ("", ""),
    ],
)
def test_secrets_are_masked(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_persons_are_masked_on_request() -> None:
    text = f"24{' ' * 14}01220261121    101543AOSKB|AAN10000427|AEBjørk, Åse|BLY|AGKvittering til Åse|AFHei|"
    masked = f"24{' ' * 14}01220261121    101543AOSKB|AA***|AE***|BLY|AG***|AFHei|"
    assert redact(text, personal=True) == masked
    assert redact(text) == text


def test_what_is_secret_and_what_is_personal() -> None:
    assert sorted(SECRET_IDS) == ["AC", "AD", "CO"]
    lists_and_names = {"AA", "AE", "AG", "AS", "AT", "AU", "AV", "BD", "BE", "BF", "BM", "BN", "BU", "CD"}
    assert lists_and_names | {"CY", "DA", "PA", "PB", "PC", "PI"} == PERSONAL_IDS


@settings(max_examples=100, deadline=None)
@given(sent=strategies.any_message(Sender.SC), behind=strategies.texts())
def test_no_pin_of_any_request_is_left(sent: Message, behind: str) -> None:
    pin = "~pin~"
    shown = redact(encode(sent, strategies.EVERYTHING) + f"AD{pin}|{behind}")
    assert pin not in shown
