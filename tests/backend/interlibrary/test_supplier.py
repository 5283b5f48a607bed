"""Who supplies, and where it can be collected."""

from pathlib import Path

import pytest

from backend.interlibrary.pickup_list import norwegian_order, pickup_list
from backend.interlibrary.supplier import (
    Holding,
    NoSupplier,
    Offered,
    Supplied,
    SupplierChoice,
    choose_supplier,
    is_lent_out,
)
from backend.policy.mistakes import PolicyError
from backend.policy.network import load_network
from tests.backend.policy.samples import norgeslan, policy_of, written

# free copies, found at, collected at, who supplies
CHOICES = [
    ({"ASK": 1, "BAR": 1, "BER": 1}, "BER", "ASK", Supplied("ASK", "pickup_library")),
    ({"BAR": 1, "LIE": 3, "LAR": 2, "BER": 1}, "BER", "ASK", Supplied("BAR", "region")),
    ({"LAR": 1, "SAN": 2, "TON": 2}, "BER", "ASK", Supplied("SAN", "cooperating_regions")),
    ({"LAR": 1, "SAN": 2, "TON": 2}, "LAR", "ASK", Supplied("LAR", "cooperating_regions")),
    ({"ASK": 1, "BAR": 9}, "BAR", "LAR", Supplied("BAR", "cooperating_regions")),  # the relation holds both ways
    ({"LIE": 1}, "LIE", "LIE", Supplied("LIE", "pickup_library")),  # its own copy, for its own patron
    ({"LIE": 1}, "LIE", "ASK", NoSupplier(None)),
    ({"BER": 1, "NYN": 1}, "BER", "ASK", Offered("BER")),
    ({"NYN": 1, "BER": 0}, "BER", "ASK", NoSupplier("BER")),
    ({"NYN": 1}, "BER", "ASK", NoSupplier(None)),
    ({}, "BER", "ASK", NoSupplier(None)),
    ({"BAR": 0}, "BAR", "ASK", NoSupplier("BAR")),
    ({"BER": 1}, "BER", "NYN", Supplied("BER", "region")),
    ({"ASK": 1}, "ASK", "NYN", Offered("ASK")),  # Vestland cooperates with nobody
]


@pytest.mark.parametrize(("free", "origin", "pickup", "choice"), CHOICES)
def test_supplier(free: dict[str, int], origin: str, pickup: str, choice: SupplierChoice) -> None:
    holdings = [Holding(library=each, free=copies, lendable=max(1, copies)) for each, copies in free.items()]
    for ordered in (holdings, holdings[::-1]):
        found = choose_supplier(norgeslan(), policy_of("ASK").ill, pickup=pickup, origin=origin, holdings=ordered)
        assert found == choice


def test_what_the_owner_never_lends_is_no_copy() -> None:
    assert not is_lent_out(policy_of("BER").ill, "film.dvd")
    assert is_lent_out(policy_of("BER").ill, "book")
    none = [Holding(library="BER", free=0, lendable=0)]
    found = choose_supplier(norgeslan(), policy_of("ASK").ill, pickup="ASK", origin="BER", holdings=none)
    assert found == NoSupplier(None)


def test_list_of_pickup_libraries() -> None:
    groups = [
        (group.region, [each.id for each in group.libraries]) for group in pickup_list(norgeslan(), {"BER", "ASK"})
    ]
    assert groups == [
        (None, ["ASK", "BER"]),
        ("Vest-Viken", ["BAR", "LIE"]),
        ("Vestfold", ["LAR", "SAN", "TON"]),
        ("Vestland", ["NYN"]),
    ]
    assert [group.region for group in pickup_list(norgeslan(), ())] == ["Vest-Viken", "Vestfold", "Vestland"]


def test_norwegian_alphabet() -> None:
    names = ["Ål", "Asker", "Østre Toten", "Ærøy", "zoo", "Äpplö", "Moss", "Éidsvoll", "eidskog", "Aukra"]
    assert sorted(names, key=norwegian_order) == [
        "Asker", "Aukra", "eidskog", "Éidsvoll", "Moss", "zoo", "Äpplö", "Ærøy", "Østre Toten", "Ål",
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "national"), [("N000111222", True), ("N00011122", False), ("20001001", False)])
def test_national_card(number: str, national: bool) -> None:
    assert norgeslan().is_national_card(number) is national


NETWORK = """\
schema = "skranke-network/1"
[network]
id = "n"
name = "N"
national_card = "^N$"
[[region]]
id = "east"
name = "East"
libraries = ["A", "B"]
[[region]]
id = "west"
name = "West"
libraries = ["C", "D"]
also_supplied_by = ["east"]
[[library]]
id = "D"
can_receive = false
"""

# text in the network, what stands there instead, key of the mistake, words in its reason
MISTAKES = [
    ('id = "west"', 'id = "east"', "region.1.id", "two regions"),
    ('"C", "D"', '"A", "C", "D"', "region.1.libraries", "A is in east already"),
    ('["east"]', '["north"]', "region.1.also_supplied_by", "no region north"),
    ('id = "D"', 'id = "E"', "library.0.id", "in no region"),
    ("can_receive", "can_fly", "library.0.can_fly", "not known"),
    ('"^N$"', '"N("', "network.national_card", "not a regular expression"),
]


@pytest.mark.parametrize(("sound", "broken", "key", "words"), MISTAKES)
def test_mistakes_in_a_network(tmp_path: Path, sound: str, broken: str, key: str, words: str) -> None:
    with pytest.raises(PolicyError) as told:
        load_network(written(tmp_path, NETWORK.replace(sound, broken)))
    assert [mistake.key for mistake in told.value.mistakes] == [key]
    assert words in told.value.mistakes[0].reason


def test_who_wants_its_copies_handed_in_at_home_does_not_supply(tmp_path: Path) -> None:
    network = load_network(written(tmp_path, NETWORK + '[[library]]\nid = "A"\nreturn_anywhere = false\n'))
    ill = policy_of("ASK").ill
    at_a = [Holding(library="A", free=1, lendable=1)]
    assert choose_supplier(network, ill, pickup="B", origin="A", holdings=at_a) == NoSupplier(None)
    assert choose_supplier(network, ill, pickup="A", origin="A", holdings=at_a) == Supplied("A", "pickup_library")


def test_one_way_and_no_receiver(tmp_path: Path) -> None:
    network = load_network(written(tmp_path, NETWORK))
    ill = policy_of("ASK").ill
    at_a, at_c = [Holding(library="A", free=1, lendable=1)], [Holding(library="C", free=1, lendable=1)]
    assert choose_supplier(network, ill, pickup="C", origin="A", holdings=at_a) == Supplied("A", "cooperating_regions")
    assert choose_supplier(network, ill, pickup="A", origin="C", holdings=at_c) == Offered("C")
    assert choose_supplier(network, ill, pickup="D", origin="A", holdings=at_a) == NoSupplier("A")
    assert [each.id for group in pickup_list(network, {"D"}) for each in group.libraries] == ["A", "B", "C"]
