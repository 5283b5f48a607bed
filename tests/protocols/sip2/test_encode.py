"""What goes out is in the text's form, and in the shape that the account's machine wants."""

from datetime import date, time

import pytest

from protocols.sip2 import messages as m
from protocols.sip2.codec import decode, encode
from protocols.sip2.codes import PatronStatus, Summary, YesNoUnknown
from protocols.sip2.dialects import Dialect
from protocols.sip2.stamp import Stamp

AT = Stamp(date(2026, 11, 21), time(10, 15, 42))
DATE = "20261121    101542"

RESPONSE = m.CheckinResponse(
    ok=True,
    resensitize=True,
    magnetic_media=YesNoUnknown.NO,
    alert=True,
    transaction_date=AT,
    institution_id="SKB",
    item_identifier="30",
    permanent_location="",
    title_identifier="Sult | roman\r\nav K. Hamsun",
    alert_type="01",
    destination_location="Voksen",
    hold_patron_name="Bjørk, Åse",
    screen_message=("", "Hentehylla"),
)


@pytest.mark.parametrize(
    ("dialect", "fields"),
    [
        (Dialect(), "AOSKB|AB30|AQ|AJSult   roman av K. Hamsun|AFHentehylla|"),
        (Dialect(delimiter_substitute="/"), "AOSKB|AB30|AQ|AJSult / roman av K. Hamsun|AFHentehylla|"),
        (Dialect(delimiter="^"), "AOSKB^AB30^AQ^AJSult | roman av K. Hamsun^AFHentehylla^"),
        (
            Dialect(extensions=frozenset({"CV", "CT"})),
            "AOSKB|AB30|AQ|AJSult   roman av K. Hamsun|CV01|CTVoksen|AFHentehylla|",
        ),
        (Dialect(remove=frozenset({"AJ", "AB"})), "AOSKB|AB|AQ|AFHentehylla|"),
        (
            Dialect(overwrite={"AF": "Snakk med oss"}),
            "AOSKB|AB30|AQ|AJSult   roman av K. Hamsun|AFSnakk med oss|AFSnakk med oss|",
        ),
    ],
)
def test_a_dialect_shapes_what_goes_out(dialect: Dialect, fields: str) -> None:
    assert encode(RESPONSE, dialect) == f"101YNY{DATE}{fields}"


def test_fees_stand_together_group_by_group() -> None:
    fees = (
        m.FeeItem(amount=4000, title="Sult", fee_identifier="F1"),
        m.FeeItem(amount=100, description="kopi"),
    )
    status = frozenset({PatronStatus.EXCESSIVE_FEES})
    message = m.PatronInformationResponse(
        patron_status=status,
        language="012",
        transaction_date=AT,
        hold_items_count=0,
        overdue_items_count=0,
        charged_items_count=12345,
        fine_items_count=2,
        recall_items_count=0,
        unavailable_holds_count=0,
        institution_id="SKB",
        patron_identifier="N1",
        personal_name="",
        fee_items=fees,
    )
    text = encode(message, Dialect(extensions=frozenset({"FA", "FD", "FF", "CG"})))
    assert text.endswith("AE|FA40.00|FDSult|CGF1|FA1.00|FFkopi|")
    assert text.startswith(f"64{' ' * 11}Y  012{DATE}000000009999")
    read_back = decode(text, sender=m.Sender.ACS).message
    assert isinstance(read_back, m.PatronInformationResponse)
    assert read_back.fee_items == fees


def test_a_fixed_field_that_does_not_fit_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="language: 3 characters expected"):
        encode(m.PatronInformation(language="no", summary=Summary.NOTHING, institution_id="", patron_identifier="N1"))
