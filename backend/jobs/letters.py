"""To whom, by what and in which language a message goes. What it says is data; words come later, from a template."""

from collections.abc import Iterable
from typing import Any

from backend.changes import Post
from backend.facts import Facts, LoanFacts
from backend.model import Letter, LetterId, Patron
from backend.policy.model import Policy
from backend.policy.rows import NoticeChannel
from backend.rules.invoices import language_of, written

Reached = tuple[NoticeChannel, str]  # how, and at which address


def reached(patron: Patron, channels: Iterable[NoticeChannel], dead: frozenset[str]) -> Reached | None:
    """The first channel with an address that somebody reads; by post everybody can be reached."""
    addresses: dict[NoticeChannel, str] = {"email": patron.email, "sms": patron.phone, "post": patron.address}
    for channel in channels:
        address = addresses[channel]
        if channel == "post" or (address and address not in dead):
            return channel, address
    return None


def letter(
    facts: Facts, policy: Policy, of: Patron, to: Patron, by: Reached, template: str, data: dict[str, Any]
) -> Post:
    """A message about `of` to `to`, who is the patron or a guardian."""
    channel, address = by
    made = Letter(
        id=LetterId(next(facts.ids)),
        library=of.library,
        addressee=to.id,
        channel=channel,
        recipient=address,
        language=language_of(policy, to),
        template=template,
        data=written(data, policy, of),
        created=facts.now,
    )
    return Post(letter=made)


def listed(loans: Iterable[LoanFacts]) -> list[dict[str, str]]:
    """The items of a letter."""
    return [
        {
            "title": one.item.title,
            "author": one.item.author,
            "barcode": one.item.barcode,
            "due": one.loan.due_on.isoformat(),
        }
        for one in loans
    ]
