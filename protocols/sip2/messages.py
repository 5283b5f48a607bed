"""Every message of SIP2 2.00, and what is derived from the whole table; imports the three files that declare them."""

from collections.abc import Iterable, Iterator

from protocols.sip2.codes import BX_POSITIONS
from protocols.sip2.messages_item import (
    Checkin,
    CheckinResponse,
    Checkout,
    CheckoutResponse,
    Hold,
    HoldResponse,
    ItemInformation,
    ItemInformationResponse,
    ItemStatusUpdate,
    ItemStatusUpdateResponse,
    Renew,
    RenewAll,
    RenewAllResponse,
    RenewResponse,
)
from protocols.sip2.messages_patron import (
    BlockPatron,
    EndPatronSession,
    EndSessionResponse,
    FeeItem,
    FeePaid,
    FeePaidResponse,
    PatronEnable,
    PatronEnableResponse,
    PatronInformation,
    PatronInformationResponse,
    PatronStatusRequest,
    PatronStatusResponse,
)
from protocols.sip2.messages_system import (
    AcsStatus,
    Login,
    LoginResponse,
    RequestAcsResend,
    RequestScResend,
    ScStatus,
)
from protocols.sip2.table import BY_CODE, Layout, Message, Sender


def layouts(sender: Sender | None = None) -> Iterator[Layout]:
    """Every row of the table in order of command, or those that `sender` says."""
    return (BY_CODE[code] for code in sorted(BY_CODE) if sender in (None, BY_CODE[code].sender))


def supported(requests: Iterable[type[Message]]) -> frozenset[str]:
    """What BX promises when these requests are served; other messages have no place in it."""
    return frozenset(request.layout.code for request in requests) & frozenset(BX_POSITIONS)


__all__ = [
    "BY_CODE",
    "AcsStatus",
    "BlockPatron",
    "Checkin",
    "CheckinResponse",
    "Checkout",
    "CheckoutResponse",
    "EndPatronSession",
    "EndSessionResponse",
    "FeeItem",
    "FeePaid",
    "FeePaidResponse",
    "Hold",
    "HoldResponse",
    "ItemInformation",
    "ItemInformationResponse",
    "ItemStatusUpdate",
    "ItemStatusUpdateResponse",
    "Layout",
    "Login",
    "LoginResponse",
    "Message",
    "PatronEnable",
    "PatronEnableResponse",
    "PatronInformation",
    "PatronInformationResponse",
    "PatronStatusRequest",
    "PatronStatusResponse",
    "Renew",
    "RenewAll",
    "RenewAllResponse",
    "RenewResponse",
    "RequestAcsResend",
    "RequestScResend",
    "ScStatus",
    "Sender",
    "layouts",
    "supported",
]
