"""Who orders: the holder of a card that is good at every library of the network, and the patron he becomes here.

Source: policies NOR-04, NOR-05.
"""

from dataclasses import replace

from backend.facts import Facts
from backend.model import CardState, PatronId
from backend.rules import hold


def with_linked_patron(facts: Facts, pickup: str | None) -> Facts:
    """The same facts with the holder of a national card as the patron of this library that an order makes of him.

    Source: policies NOR-05. What is not copied is what `LinkPatron` does not copy either.
    """
    who = facts.patron
    if who is None or who.patron.card_state is not CardState.UNLINKED or not national_cards(facts):
        return facts
    if facts.policy.access.national_card == "none":
        return facts
    home = hold.branch_called(facts.policy, pickup) if pickup else None
    patron = replace(
        who.patron,
        id=PatronId(next(facts.ids)),
        library=facts.asked_by.library,
        card_state=CardState.VALID,
        home_branch=home or facts.asked_by.branch,
        expires=None,
        guardian=None,
        guardian_consent=False,
        unstaffed_agreement=False,
        rules_accepted=True,
    )
    return replace(facts, patron=replace(who, patron=patron))


def national_cards(facts: Facts) -> tuple[str, ...]:
    """The patron's numbers that are good here as the network writes them; none that is reported lost."""
    network = facts.policies.network_of(facts.asked_by.library)
    return tuple(card for card in facts.order.cards if network is None or network.is_national_card(card))
