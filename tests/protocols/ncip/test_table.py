"""The table itself: complete, consistent with its names, and printed in REFERENCE.md."""

from collections import Counter
from pathlib import Path

import pytest

import protocols.ncip
from protocols.ncip.elements import LEAVES
from protocols.ncip.envelope import Response, ResponseWithFee
from protocols.ncip.grammar import automaton, parse
from protocols.ncip.identifiers import ItemId, UserId
from protocols.ncip.kinds import Coded
from protocols.ncip.legacy import BEYOND_SCHEMA
from protocols.ncip.lending import CheckOutItemResponse
from protocols.ncip.messages import MESSAGES, SERVICES, Kind
from protocols.ncip.problems import (
    NO_PROBLEM,
    REASONS,
    SERVICE_PROBLEMS,
    ProblemName,
    problem_for,
    problem_type,
    understood,
)
from protocols.ncip.reference import reference
from protocols.ncip.table import CLASSES, MODELS, Element, attribute_name, element, element_name
from protocols.ncip.vocabulary import same_scheme


def test_every_service_of_the_standard_is_declared() -> None:
    counted = Counter(service.kind for service in SERVICES.values())
    assert counted == {Kind.LOOKUP: 5, Kind.UPDATE: 22, Kind.NOTIFICATION: 20, Kind.LEGACY: 2}
    assert len(MESSAGES.keys() - BEYOND_SCHEMA) == 94
    assert all(service.purpose.endswith((".", "?")) for service in SERVICES.values())


def test_every_element_has_a_name_and_a_way_back() -> None:
    for name in (*LEAVES, *CLASSES):
        assert element_name(attribute_name(name)) == name


def test_no_element_is_declared_and_left_out() -> None:
    used = {line.element for model in MODELS.values() for line in model.lines}
    unused = (LEAVES.keys() | CLASSES.keys()) - used - MESSAGES.keys()
    assert unused == {"UserElementEnum"}  # the schema itself uses it nowhere


def test_the_reference_page_is_fresh() -> None:
    page = Path(protocols.ncip.__file__).with_name("REFERENCE.md")
    assert page.read_text(encoding="utf-8") == reference(), "python -m protocols.ncip.reference prints it anew"


def test_a_bad_line_fails_the_import() -> None:
    with pytest.raises(TypeError, match="UserId is declared as ItemId"):

        @element()
        class WrongName(Element):
            user_id: ItemId

    with pytest.raises(TypeError, match="RequestId"):

        @element("(UserId | RequestId)")
        class WrongChoice(Element):
            user_id: UserId | None = None


@pytest.mark.parametrize("text", ["A B", "(A", "A |", "A, , B", "A)", "*", ""])
def test_a_bad_content_model_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(text)


@pytest.mark.parametrize(
    ("model", "good", "bad"),
    [
        ("A, B?", ["A", "AB"], ["", "B", "AA", "BA"]),
        ("A*, (B | C+)", ["B", "C", "CC", "AAB"], ["", "A", "BC", "BB"]),
        ("(A | (B, A?))", ["A", "B", "BA"], ["AB", "", "BB"]),
        ("((A?, (B | (C, B?))) | (D, E?))?", ["", "AB", "C", "CB", "D", "DE"], ["A", "BC", "AD", "E"]),
    ],
)
def test_a_content_model_takes_what_it_says(model: str, good: list[str], bad: list[str]) -> None:
    machine = automaton(parse(model))

    def takes(names: str) -> bool:
        state: int | None = 0
        for name in names:
            state = None if state is None else machine.moves[state].get(name)
        return state in machine.accepting

    assert [takes(names) for names in good] == [True] * len(good)
    assert [takes(names) for names in bad] == [False] * len(bad)


def test_the_fee_stands_only_beside_a_problem() -> None:
    assert "(Problem+, RequiredFeeAmount?, RequiredItemUseRestrictionType*)" in MODELS[CheckOutItemResponse].content
    with_fee = {name for name, cls in MESSAGES.items() if issubclass(cls, ResponseWithFee)}
    assert with_fee == {f"{name}Response" for name in ("CheckOutItem", "RenewItem", "RequestItem", "UpdateRequestItem")}
    assert all(issubclass(service.response, Response) for service in SERVICES.values())


SCHEMES = [
    (ProblemName.UNKNOWN_ITEM, "CheckInItem", "checkinitemprocessingerror.scm"),
    (ProblemName.UNKNOWN_ELEMENT, "CheckInItem", "messagingerrortype.scm"),
    (ProblemName.UNKNOWN_AGENCY, "CheckInItem", "generalprocessingerror.scm"),
    (ProblemName.RESOURCE_CANNOT_BE_PROVIDED, "RequestItem", "checkoutitemprocessingerror.scm"),
    (ProblemName.USER_BLOCKED, "AcceptItem", "checkoutitemprocessingerror.scm"),
    (ProblemName.UNKNOWN_ITEM, "DeleteItem", "checkoutitemprocessingerror.scm"),
    (ProblemName.NON_UNIQUE_USER, None, "lookupuserprocessingerror.scm"),
]


@pytest.mark.parametrize(("name", "service", "tail"), SCHEMES)
def test_a_problem_comes_with_the_scheme_of_a_list_that_has_it(name: ProblemName, service: str, tail: str) -> None:
    assert (problem_type(name, service).scheme or "").endswith(tail)


@pytest.mark.parametrize(
    ("reason", "service", "expected"),
    [
        ("age_limit", "CheckOutItem", ProblemName.USER_INELIGIBLE_TO_CHECK_OUT),
        ("age_limit", "RequestItem", ProblemName.USER_INELIGIBLE_TO_REQUEST),
        ("card_unlinked", "RenewItem", ProblemName.USER_INELIGIBLE_TO_RENEW),
        ("fee_ack", "UpdateRequestItem", ProblemName.ELEMENT_RULE_VIOLATED),
        ("debt_limit", "RenewItem", ProblemName.USER_BLOCKED),
        ("lender_decides", "RenewItem", None),
    ],
)
def test_a_reason_is_said_in_the_words_of_the_service(reason: str, service: str, expected: ProblemName | None) -> None:
    assert problem_for(reason, service) is expected


def test_every_problem_type_stands_in_a_list_and_every_reason_has_one() -> None:
    assert all(problem_type(name).scheme for name in ProblemName)
    assert SERVICE_PROBLEMS.keys() <= SERVICES.keys()
    assert not REASONS.keys() & NO_PROBLEM


def test_a_partners_spelling_of_a_problem_is_understood() -> None:
    assert understood(Coded("renewal not allowed − item has outstanding requests")) is ProblemName.RENEWAL_NOT_ALLOWED
    assert understood(Coded("ERROR PLACING HOLD")) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "http://www.niso.org/ncip/v2_0/imp1/schemes/requesttype/requesttype.scm",
            "http://www.niso.org/ncip/v1_0/imp1/schemes/requesttype/requesttype.scm",
        ),
        ("http://www.iana.org/assignments/media-types/", "http://www.iana.org/assignments/media-types"),
        (
            "https://www.niso.org/ncip/v1_0/imp1/schemes/authenticationinputtype/authenticationinputype.scm",
            "http://www.niso.org/ncip/v1_0/imp1/schemes/authenticationinputtype/authenticationinputtype.scm",
        ),
        (
            "http://www.niso.org/ncip/v1_0/imp1/schemes/agencyelementtype/agencyelementtype.scm",
            "http://www.niso.org/ncip/v1_0/schemes/agencyelementtype/agencyelementtype.scm",
        ),
    ],
)
def test_misspelt_and_renamed_schemes_are_one(one: str, other: str) -> None:
    assert same_scheme(one, other)
