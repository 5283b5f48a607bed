"""What each command has to know before it can be decided: no more than this is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backend import commands, copy_commands, order_commands, partner_commands, people_commands, staff_commands


class Part(StrEnum):
    """A kind of rows in the one statement that reads the facts."""

    PATRON = "patron"
    PATRON_LOANS = "patron_loans"
    LOANS_HOLDS = "loans_holds"  # who waits for what the patron has: for renewals
    CHARGES = "charges"
    BLOCKS = "blocks"
    PATRON_HOLDS = "patron_holds"
    ITEM = "item"
    LOAN = "loan"  # and the borrower
    QUEUE = "queue"
    SHELF = "shelf"  # copies that the patron could fetch instead of waiting
    LOAN_CHARGES = "loan_charges"  # bills that a return or an undo takes back
    LAST = "last"  # what was last done with the item
    LAST_LOAN = "last_loan"
    LENT_LAST = "lent_last"  # by the asker, to whoever has the item
    LAST_CHARGES = "last_charges"
    HOLDER = "holder"  # of the number that a new card is to have
    SAME_FRAME = "same_frame"
    SAME_MEANING = "same_meaning"  # of the item
    SAME_WISH = "same_wish"  # of the patron
    SAME_TRANSACTION = "same_transaction"  # of a payment
    SAME_REFERENCE = "same_reference"  # of a charge or a remission
    LATE_PAYMENTS = "late_payments"  # of the patron, within the window
    SAME_REQUEST = "same_request"  # of another system, by its number
    REQUEST = "request"  # the number that a partner names
    REQUESTED = "requested"  # and the hold that it stands for
    COPIES = "copies"  # of the title
    ARTICLE = "article"  # that a copy was ordered of
    WORK = "work"  # copies of what is ordered, at every library
    WORK_QUEUE = "work_queue"  # who wait for any of them
    NATIONAL = "national"  # cards of the patron, and where they are good
    OFFER = "offer"  # that is named


PERSON = frozenset({Part.PATRON, Part.PATRON_LOANS, Part.CHARGES, Part.BLOCKS})
THING = frozenset({Part.ITEM, Part.LOAN, Part.QUEUE})
ALL_OF_THEM = PERSON | {Part.PATRON_HOLDS}  # rare work reads more than it may need
ALL_OF_IT = THING | {Part.LOAN_CHARGES, Part.SHELF}
ORDER = PERSON | {Part.PATRON_HOLDS, Part.WORK, Part.WORK_QUEUE, Part.NATIONAL}
NAMED = frozenset({Part.REQUEST, Part.REQUESTED, Part.ARTICLE})  # a request by its number, whatever it is for
UNDO = frozenset({Part.LAST, Part.LAST_LOAN, Part.LAST_CHARGES})


@dataclass(frozen=True, slots=True)
class Needs:
    """What is read, and how much is locked."""

    parts: frozenset[Part]
    every_loan: bool = False  # touches whatever the patron has: all of it is locked
    by_title: frozenset[Part] = frozenset()  # besides, where a title is named and no copy


NEEDS: Mapping[type[commands.Command], Needs] = {
    commands.CheckOut: Needs(PERSON | THING),
    commands.UndoCheckIn: Needs(PERSON | THING | UNDO),
    commands.CheckIn: Needs(THING | {Part.LOAN_CHARGES}),
    commands.UndoCheckOut: Needs(THING | UNDO | {Part.LOAN_CHARGES}),
    commands.Renew: Needs(PERSON | THING, by_title=frozenset({Part.LOANS_HOLDS})),
    commands.RenewAll: Needs(PERSON | {Part.LOANS_HOLDS}, every_loan=True),
    commands.PlaceHold: Needs(PERSON | THING | {Part.PATRON_HOLDS, Part.SHELF, Part.REQUEST}),
    commands.CancelHold: Needs(PERSON | THING),
    commands.ChangeHold: Needs(PERSON | THING),
    commands.PayFee: Needs(PERSON),
    commands.BlockCard: Needs(PERSON),
    commands.EnablePatron: Needs(PERSON),
    commands.StoreProperties: Needs(frozenset({Part.ITEM, Part.LOAN})),
    commands.EnterBuilding: Needs(PERSON),
    commands.NotePinFailure: Needs(frozenset({Part.PATRON})),
    commands.ClearPinFailures: Needs(frozenset({Part.PATRON})),
    staff_commands.BlockPatron: Needs(PERSON),
    staff_commands.UnblockPatron: Needs(PERSON),
    staff_commands.ChargePatron: Needs(PERSON | THING),
    staff_commands.WaiveFee: Needs(PERSON),
    people_commands.MergePatrons: Needs(ALL_OF_THEM | {Part.HOLDER}, every_loan=True),
    people_commands.RecordConsent: Needs(PERSON | {Part.HOLDER}),
    people_commands.RecordAgreement: Needs(PERSON),
    staff_commands.ReplaceCard: Needs(PERSON | {Part.HOLDER}),
    staff_commands.LinkCard: Needs(PERSON),
    staff_commands.ResetPin: Needs(frozenset({Part.PATRON})),
    staff_commands.ReportLost: Needs(ALL_OF_IT),
    staff_commands.ReportDamaged: Needs(ALL_OF_THEM | ALL_OF_IT | UNDO | {Part.SHELF}),
    staff_commands.ClaimReturned: Needs(ALL_OF_IT),
    staff_commands.WithdrawClaim: Needs(ALL_OF_IT),
    staff_commands.Found: Needs(ALL_OF_IT | {Part.SHELF}),
    staff_commands.IssueInvoice: Needs(ALL_OF_THEM),
    commands.LookUpPatron: Needs(PERSON | {Part.PATRON_HOLDS}),
    commands.LookUpItem: Needs(THING),
    partner_commands.LookUpTitle: Needs(ALL_OF_IT | {Part.COPIES}),
    partner_commands.LookUpRequest: Needs(ALL_OF_THEM | ALL_OF_IT | NAMED | {Part.OFFER}),
    order_commands.OrderTitle: Needs(ORDER | {Part.REQUEST}),
    order_commands.ConfirmOrder: Needs(ORDER | {Part.OFFER}),
    order_commands.DeclineOffer: Needs(PERSON | {Part.OFFER}),
    order_commands.LookUpPickupPlaces: Needs(frozenset({Part.PATRON, Part.NATIONAL})),
    copy_commands.OrderCopy: Needs(ALL_OF_THEM | THING | {Part.REQUEST}),
    copy_commands.MoveCopy: Needs(NAMED),
    partner_commands.RecallItem: Needs(ALL_OF_IT),
    partner_commands.UndoLoan: Needs(PERSON | THING | UNDO | {Part.LOAN_CHARGES, Part.LENT_LAST}),
    partner_commands.AcceptItem: Needs(ALL_OF_THEM | ALL_OF_IT | {Part.PATRON_HOLDS, Part.REQUEST}),
    partner_commands.CreateItem: Needs(ALL_OF_IT | {Part.REQUEST}),
    partner_commands.UpdateItem: Needs(ALL_OF_IT),
    partner_commands.DeleteItem: Needs(ALL_OF_IT),
    partner_commands.CreatePatron: Needs(frozenset({Part.PATRON})),
    partner_commands.UpdatePatron: Needs(frozenset({Part.PATRON})),
    partner_commands.ReportItem: Needs(frozenset({Part.PATRON}) | ALL_OF_IT),
    partner_commands.TakeNotice: Needs(frozenset({Part.PATRON, Part.ITEM})),
}
