"""Login, status and resend: what the two machines say to each other about themselves."""

from protocols.sip2 import fields as f
from protocols.sip2.table import Message, Sender, message
from protocols.value import value


@message("93", Sender.SC, answered_by="94", section="Login")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class Login(Message):
    """The SC names its account."""

    uid_algorithm: f.UidAlgorithm
    pwd_algorithm: f.PwdAlgorithm
    login_user_id: f.LoginUserId
    login_password: f.LoginPassword
    location_code: f.LocationCode | None = None


@message("94", Sender.ACS, section="Login Response")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class LoginResponse(Message):
    """The account is known, or not; nothing else may be added."""

    ok: f.Ok


@message("99", Sender.SC, answered_by="98", section="SC Status")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class ScStatus(Message):
    """The SC tells how it is and asks what it may do."""

    status_code: f.StatusCode
    max_print_width: f.MaxPrintWidth
    protocol_version: f.ProtocolVersion


@message("98", Sender.ACS, section="ACS Status")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class AcsStatus(Message):
    """What the ACS can do, how long to wait for it, and its clock."""

    online_status: f.OnlineStatus
    checkin_ok: f.CheckinOk
    checkout_ok: f.CheckoutOk
    acs_renewal_policy: f.AcsRenewalPolicy
    status_update_ok: f.StatusUpdateOk
    offline_ok: f.OfflineOk
    timeout_period: f.TimeoutPeriod
    retries_allowed: f.RetriesAllowed
    date_time_sync: f.DateTimeSync | None = None
    protocol_version: f.ProtocolVersion
    institution_id: f.InstitutionId
    library_name: f.LibraryName | None = None
    supported_messages: f.SupportedMessages
    terminal_location: f.TerminalLocation | None = None
    vendor_version: f.VendorVersion | None = None
    screen_message: tuple[f.ScreenMessage, ...] = ()
    print_line: tuple[f.PrintLine, ...] = ()


@message("97", Sender.SC, answered_by="96", section="Request ACS Resend")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class RequestAcsResend(Message):
    """The SC could not read the last answer and wants it again."""


@message("96", Sender.ACS, section="Request SC Resend")
@value(frozen=True, slots=True, kw_only=True, repr=False)
class RequestScResend(Message):
    """The ACS could not prove the last frame and wants it again."""
