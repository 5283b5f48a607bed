"""The form in which each command is told no: its own response, echoing what could be read, with a reason to display.

Knows what a refusal looks like on the wire, not why one is made.  98 has no such form: the ACS tells its true status.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from protocols.sip2 import messages as m
from protocols.sip2.codes import (
    ALL_PRIVILEGES_DENIED,
    CirculationStatus,
    FeeType,
    Language,
    SecurityMarker,
    YesNoUnknown,
)
from protocols.sip2.errors import Partial
from protocols.sip2.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Failure:
    """What a refusal is made of: what could be read, our clock, our institution id, and the lines to display."""

    partial: Partial
    now: Stamp
    institution: str
    says: tuple[str, ...]

    @property
    def patron(self) -> str:
        """The patron identifier as it came, or nothing."""
        return self.partial.first("AA")

    @property
    def item(self) -> str:
        """The item identifier as it came, or nothing."""
        return self.partial.first("AB")

    @property
    def language(self) -> str:
        """The language of the request; unknown where the request has none."""
        return str(self.partial.fixed.get("language", Language.UNKNOWN))

    @property
    def password_verdict(self) -> bool | None:
        """No, where a patron password came: clients take its absence for a yes (NYPL-Simplified 756)."""
        return False if "AD" in self.partial.fields else None


def fail_form(partial: Partial, now: Stamp, institution: str, says: Sequence[str] = ()) -> m.Message:
    """The response to the command in `partial` that says no; raises KeyError for 99 and 97, which have none."""
    return FORMS[partial.code](Failure(partial, now, institution, tuple(says)))


def _login(failure: Failure) -> m.Message:
    return m.LoginResponse(ok=False)


def _patron_status(failure: Failure) -> m.Message:
    return m.PatronStatusResponse(
        patron_status=ALL_PRIVILEGES_DENIED,
        language=failure.language,
        transaction_date=failure.now,
        institution_id=failure.institution,
        patron_identifier=failure.patron,
        personal_name="",
        valid_patron=False,
        valid_patron_password=failure.password_verdict,
        screen_message=failure.says,
    )


def _patron_enable(failure: Failure) -> m.Message:
    return m.PatronEnableResponse(
        patron_status=ALL_PRIVILEGES_DENIED,
        language=Language.UNKNOWN,
        transaction_date=failure.now,
        institution_id=failure.institution,
        patron_identifier=failure.patron,
        personal_name="",
        valid_patron=False,
        valid_patron_password=failure.password_verdict,
        screen_message=failure.says,
    )


def _patron_information(failure: Failure) -> m.Message:
    return m.PatronInformationResponse(
        patron_status=ALL_PRIVILEGES_DENIED,
        language=failure.language,
        transaction_date=failure.now,
        hold_items_count=0,
        overdue_items_count=0,
        charged_items_count=0,
        fine_items_count=0,
        recall_items_count=0,
        unavailable_holds_count=0,
        institution_id=failure.institution,
        patron_identifier=failure.patron,
        personal_name="",
        valid_patron=False,
        valid_patron_password=failure.password_verdict,
        screen_message=failure.says,
    )


def _checkout(failure: Failure) -> m.Message:
    return m.CheckoutResponse(
        ok=False,
        renewal_ok=False,
        magnetic_media=YesNoUnknown.UNKNOWN,
        desensitize=YesNoUnknown.NO,
        transaction_date=failure.now,
        institution_id=failure.institution,
        patron_identifier=failure.patron,
        item_identifier=failure.item,
        title_identifier="",
        due_date="",
        screen_message=failure.says,
    )


def _renew(failure: Failure) -> m.Message:
    return m.RenewResponse(
        ok=False,
        renewal_ok=False,
        magnetic_media=YesNoUnknown.UNKNOWN,
        desensitize=YesNoUnknown.NO,
        transaction_date=failure.now,
        institution_id=failure.institution,
        patron_identifier=failure.patron,
        item_identifier=failure.item,
        title_identifier=failure.partial.first("AJ"),
        due_date="",
        screen_message=failure.says,
    )


def _checkin(failure: Failure) -> m.Message:
    return m.CheckinResponse(
        ok=False,
        resensitize=False,
        magnetic_media=YesNoUnknown.UNKNOWN,
        alert=False,
        transaction_date=failure.now,
        institution_id=failure.institution,
        item_identifier=failure.item,
        permanent_location="",
        screen_message=failure.says,
    )


def _renew_all(failure: Failure) -> m.Message:
    return m.RenewAllResponse(
        ok=False,
        renewed_count=0,
        unrenewed_count=0,
        transaction_date=failure.now,
        institution_id=failure.institution,
        screen_message=failure.says,
    )


def _hold(failure: Failure) -> m.Message:
    return m.HoldResponse(
        ok=False,
        available=False,
        transaction_date=failure.now,
        institution_id=failure.institution,
        patron_identifier=failure.patron,
        item_identifier=failure.item or None,
        title_identifier=failure.partial.first("AJ") or None,
        screen_message=failure.says,
    )


def _item_information(failure: Failure) -> m.Message:
    return m.ItemInformationResponse(
        circulation_status=CirculationStatus.OTHER,
        security_marker=SecurityMarker.NONE,
        fee_type=FeeType.OTHER,
        transaction_date=failure.now,
        item_identifier=failure.item,
        title_identifier="",
        screen_message=failure.says,
    )


def _item_status_update(failure: Failure) -> m.Message:
    return m.ItemStatusUpdateResponse(
        item_properties_ok=False,
        transaction_date=failure.now,
        item_identifier=failure.item,
        screen_message=failure.says,
    )


def _end_session(failure: Failure) -> m.Message:
    return m.EndSessionResponse(
        end_session=False,
        transaction_date=failure.now,
        institution_id=failure.institution,
        patron_identifier=failure.patron,
        screen_message=failure.says,
    )


def _fee_paid(failure: Failure) -> m.Message:
    return m.FeePaidResponse(
        payment_accepted=False,
        transaction_date=failure.now,
        institution_id=failure.institution,
        patron_identifier=failure.patron,
        transaction_id=failure.partial.first("BK") or None,
        screen_message=failure.says,
    )


FORMS: Final[dict[str, Callable[[Failure], m.Message]]] = {
    "01": _patron_status,
    "09": _checkin,
    "11": _checkout,
    "15": _hold,
    "17": _item_information,
    "19": _item_status_update,
    "23": _patron_status,
    "25": _patron_enable,
    "29": _renew,
    "35": _end_session,
    "37": _fee_paid,
    "63": _patron_information,
    "65": _renew_all,
    "93": _login,
}
