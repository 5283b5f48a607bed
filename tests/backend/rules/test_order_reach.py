"""Orders between libraries: whatever stands where, the nearest free copy is sent."""

from hypothesis import given as given_any
from hypothesis import strategies as st

from backend.order_outcomes import Offered, Ordered
from backend.outcomes import Refused
from tests.backend.rules.test_order import copy, given, order

ANYWHERE = st.sampled_from(["ASK", "BAR", "LIE", "LAR", "SAN", "BER"])
SHELVES = st.dictionaries(ANYWHERE, st.lists(st.booleans(), max_size=3))  # of each copy, whether it is on loan
REACH = (("ASK",), ("BAR",), ("LAR", "SAN"))  # tier by tier; Lier cannot supply, Bergen is far away


@given_any(SHELVES, st.sampled_from(["ASK", "BAR", "LAR", "BER"]))
def test_the_nearest_free_copy_is_sent(shelves: dict[str, list[bool]], found_at: str) -> None:
    copies = [
        copy(library, number, is_lent=is_lent)
        for library, lent in shelves.items()
        for number, is_lent in enumerate(lent, start=1)
    ]
    free = {library: lent.count(False) for library, lent in shelves.items() if False in lent}
    near = next((tier for tier in REACH if any(library in free for library in tier)), ())
    outcome = order(given(*copies), found_at).outcome
    if not copies:
        assert isinstance(outcome, Refused)
    elif near:
        most = max(free.get(library, 0) for library in near)
        best = [found_at] if found_at in near and found_at in free else [one for one in near if free.get(one) == most]
        assert isinstance(outcome, Ordered) and outcome.supplier == min(best)
    elif shelves.get(found_at):
        assert isinstance(outcome, Offered) and outcome.supplier == found_at
        assert outcome.queue is (found_at not in free)
    else:
        assert isinstance(outcome, Refused)
