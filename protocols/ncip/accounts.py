"""Money, what a user owes, may do and is barred from, and notices about it.  Amounts are whole minor units: øre."""

from protocols.ncip.bibliography import BibliographicDescription
from protocols.ncip.choices import DUE
from protocols.ncip.elements import (
    AccrualDate,
    AgencyId,
    AgencyUserPrivilegeType,
    BlockOrTrapType,
    CurrencyCode,
    DateCheckedOut,
    DateDue,
    DateOfUserPrivilegeStatus,
    DateRenewed,
    DateReturned,
    FiscalActionType,
    FiscalTransactionDescription,
    FiscalTransactionIdentifierValue,
    FiscalTransactionType,
    IndeterminateLoanPeriodFlag,
    MonetaryValue,
    NonReturnableFlag,
    NoticeContent,
    NoticeType,
    PaymentMethodType,
    UserPrivilegeDescription,
    UserPrivilegeStatusType,
    ValidFromDate,
    ValidToDate,
)
from protocols.ncip.extension import Extensible
from protocols.ncip.identifiers import ItemId, RequestId
from protocols.ncip.table import Needed, element


@element()
class Amount(Extensible):
    """A sum."""

    currency_code: CurrencyCode
    monetary_value: Needed[MonetaryValue] = None


@element()
class AccountBalance(Extensible):
    """What the user owes in all, as a positive number."""

    currency_code: CurrencyCode
    monetary_value: Needed[MonetaryValue] = None


@element()
class RequiredFeeAmount(Extensible):
    """A fee that the user must accept first."""

    currency_code: CurrencyCode
    monetary_value: Needed[MonetaryValue] = None


@element()
class AcknowledgedFeeAmount(Extensible):
    """A fee that the user has accepted."""

    currency_code: CurrencyCode
    monetary_value: Needed[MonetaryValue] = None


@element()
class PaidFeeAmount(Extensible):
    """A fee that the user has paid."""

    currency_code: CurrencyCode
    monetary_value: Needed[MonetaryValue] = None


@element()
class FiscalTransactionReferenceId(Extensible):
    """A charge or payment, within the agency that keeps the account."""

    agency_id: AgencyId
    fiscal_transaction_identifier_value: FiscalTransactionIdentifierValue


@element()
class RelatedFiscalTransactionReferenceId(Extensible):
    """Another charge or payment that this one is about."""

    agency_id: AgencyId
    fiscal_transaction_identifier_value: FiscalTransactionIdentifierValue


@element(DUE + "?")
class ItemDetails(Extensible):
    """The item that a charge or notice is about, and its dates."""

    item_id: ItemId
    bibliographic_description: BibliographicDescription
    date_checked_out: DateCheckedOut | None = None
    date_renewed: tuple[DateRenewed, ...] = ()
    date_due: DateDue | None = None
    indeterminate_loan_period_flag: IndeterminateLoanPeriodFlag = False
    non_returnable_flag: NonReturnableFlag = False
    date_returned: DateReturned | None = None


@element()
class FiscalTransactionInformation(Extensible):
    """One charge or payment."""

    fiscal_action_type: FiscalActionType
    fiscal_transaction_reference_id: FiscalTransactionReferenceId | None = None
    related_fiscal_transaction_reference_id: tuple[RelatedFiscalTransactionReferenceId, ...] = ()
    fiscal_transaction_type: FiscalTransactionType
    valid_from_date: ValidFromDate | None = None
    valid_to_date: ValidToDate | None = None
    amount: Amount
    payment_method_type: PaymentMethodType | None = None
    fiscal_transaction_description: FiscalTransactionDescription | None = None
    request_id: RequestId | None = None
    item_details: ItemDetails | None = None


@element()
class AccountDetails(Extensible):
    """One line of an account."""

    accrual_date: Needed[AccrualDate] = None
    fiscal_transaction_information: FiscalTransactionInformation


@element()
class UserFiscalAccount(Extensible):
    """What a user owes, in one currency, and for what."""

    account_balance: AccountBalance
    account_details: tuple[AccountDetails, ...] = ()


@element()
class UserPrivilegeFee(Extensible):
    """What a privilege costs."""

    amount: Amount
    payment_method_type: PaymentMethodType | None = None


@element()
class UserPrivilegeStatus(Extensible):
    """Whether a privilege holds, and since when."""

    user_privilege_status_type: UserPrivilegeStatusType
    date_of_user_privilege_status: DateOfUserPrivilegeStatus | None = None


@element()
class UserPrivilege(Extensible):
    """What a user may do at an agency, or which category it is in."""

    agency_id: AgencyId
    agency_user_privilege_type: AgencyUserPrivilegeType
    valid_from_date: ValidFromDate | None = None
    valid_to_date: ValidToDate | None = None
    user_privilege_fee: UserPrivilegeFee | None = None
    user_privilege_status: UserPrivilegeStatus | None = None
    user_privilege_description: UserPrivilegeDescription | None = None


@element()
class BlockOrTrap(Extensible):
    """What a user is barred from, or a message that waits for it."""

    agency_id: AgencyId
    block_or_trap_type: BlockOrTrapType
    valid_from_date: ValidFromDate | None = None
    valid_to_date: ValidToDate | None = None


@element()
class NoticeItem(Extensible):
    """One item of a notice."""

    item_details: ItemDetails
    amount: Amount | None = None


@element("(NoticeItem+ | UserFiscalAccount | UserPrivilege)")
class UserNoticeDetails(Extensible):
    """A notice to a user."""

    notice_type: NoticeType
    notice_content: NoticeContent | None = None
    notice_item: tuple[NoticeItem, ...] = ()
    user_fiscal_account: UserFiscalAccount | None = None
    user_privilege: UserPrivilege | None = None
