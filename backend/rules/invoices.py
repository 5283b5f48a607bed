"""Invoices: charges of one patron under one number, addressed to whoever is liable.

The number is a KID: the invoice's own number with a check digit by Luhn (mod 10), as Norwegian banks and Swedish OCR
numbers have it.
"""

import json
from collections.abc import Iterable
from typing import Any

from stdnum import luhn

from backend.changes import AddInvoice, Change, Post, PutOnInvoice
from backend.facts import Decision, Facts
from backend.model import Charge, Invoice, InvoiceId, Letter, LetterId, Patron, PatronId
from backend.money import total
from backend.outcomes import Done, Reason, Refusal
from backend.policy.dates import age_on
from backend.policy.model import Policy
from backend.rules.answers import about, refuse_stranger, refused
from backend.staff_commands import IssueInvoice
from backend.value import value

KID_DIGITS = 10  # before the check digit; a KID has at most 25
INVOICE = "invoice"  # the template


@value(frozen=True, slots=True, kw_only=True)
class Issued:
    """A new invoice, what stands on it, and what puts it on record after its charges."""

    invoice: Invoice
    charges: tuple[Charge, ...]
    changes: tuple[Change, ...]


def issue(facts: Facts, command: IssueInvoice) -> Decision:
    """All that stands on no invoice yet, running fines apart: those are not fixed."""
    who, strangers = facts.patron, refuse_stranger(facts)
    if who is None or strangers:
        return refused(facts, strangers)
    policy = facts.policies.of(who.patron.library, facts.now)
    charges = tuple(one for one in who.charges if one.library == who.patron.library and one.kid is None and one.owed)
    if not charges:
        return refused(facts, (Refusal(reason=Reason.NOTHING_TO_INVOICE),))
    issued = invoice_for(facts, policy, who.patron, charges)
    letter = Letter(
        id=LetterId(next(facts.ids)),
        library=who.patron.library,
        addressee=issued.invoice.addressed_to,
        channel="post",
        language=language_of(policy, who.patron),
        template=INVOICE,
        data=written({"items": [], **invoice_data(policy, issued.invoice, charges)}, policy, who.patron),
        created=facts.now,
    )
    outcome = Done(at=facts.now, about=about(facts), fee=issued.invoice.amount, kid=issued.invoice.kid)
    return Decision(outcome=outcome, changes=(*issued.changes, Post(letter=letter)))


def invoice_for(facts: Facts, policy: Policy, patron: Patron, charges: Iterable[Charge]) -> Issued:
    """An invoice of charges that are posted, or that are added by changes before these."""
    number = InvoiceId(next(facts.ids))
    known = tuple(charges)
    invoice = Invoice(
        id=number,
        library=patron.library,
        patron=patron.id,
        addressed_to=liable(facts, policy, patron),
        kid=kid_of(number),
        amount=total((one.owed for one in known), policy.currency),
        issued=facts.now,
    )
    put = tuple(PutOnInvoice(charge=one.id, kid=invoice.kid) for one in known)
    return Issued(invoice=invoice, charges=known, changes=(AddInvoice(invoice=invoice), *put))


def kid_of(number: InvoiceId) -> str:
    """`00000000129`: ten digits and the check digit."""
    digits = f"{number:0{KID_DIGITS}}"
    return digits + str(luhn.calc_check_digit(digits))


def liable(facts: Facts, policy: Policy, patron: Patron) -> PatronId:
    """The guardian of a child, where there is one on record; an unknown age is an adult's."""
    age = age_on(patron.birth_date, policy.time.today(facts.now))
    child = age is not None and age < policy.access.liable_guardian_below_age
    return patron.guardian if child and patron.guardian is not None else patron.id


# ---- for the letter -----------------------------------------------------------------


def invoice_data(policy: Policy, invoice: Invoice, charges: Iterable[Charge]) -> dict[str, Any]:
    """What the template of an invoice says."""
    return {
        "kid": invoice.kid,
        "total": invoice.amount.text(),
        "charges": [{"kind": one.kind.value, "title": one.title, "amount": one.owed.text()} for one in charges],
    }


def language_of(policy: Policy, patron: Patron) -> str:
    """The patron's own, else the library's."""
    return patron.language or policy.languages[0]


def written(data: dict[str, Any], policy: Policy, patron: Patron) -> str:
    """JSON with what every letter says: library, patron, currency."""
    shared = {
        "library": policy.library.name,
        "patron": f"{patron.given_name} {patron.family_name}".strip(),
        "currency": policy.currency,
    }
    return json.dumps({**shared, **data}, ensure_ascii=False)
