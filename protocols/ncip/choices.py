"""The choices that several elements share, in the standard's notation."""

USER = "(UserId | AuthenticationInput+)"
ITEM_OR_REQUEST = "(ItemId | (RequestId, ItemId?))"
USER_AND_ITEM_OR_REQUEST = f"(({USER}, ItemId, RequestType) | RequestId)"
DUE = "(DateDue | IndeterminateLoanPeriodFlag | NonReturnableFlag)"
REPORTED = "(ItemReportedReturned | ItemReportedNeverBorrowed | ItemReportedLost | ItemReportedMissing)"
ADDRESS = "(PhysicalAddress | ElectronicAddress)"
