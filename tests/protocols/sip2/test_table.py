"""The table is whole, what is derived from it is fresh, and a bad declaration fails at import."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import pytest

from protocols.sip2 import codes, reference
from protocols.sip2 import fields as f
from protocols.sip2 import messages as m
from protocols.sip2.codec import encode
from protocols.sip2.fields import Variable
from protocols.sip2.kinds import YES_NO
from protocols.sip2.quirks import IN_WORDS, Quirk
from protocols.sip2.table import BY_CODE, Group, Message, Sender, group, message


def test_the_reference_page_is_fresh() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), "run python -m protocols.sip2.reference"


def test_every_quirk_has_words() -> None:
    assert set(IN_WORDS) == set(Quirk)


def test_every_request_names_its_answer() -> None:
    for layout in m.layouts():
        answer = BY_CODE.get(layout.answered_by or "")
        assert (answer is not None and answer.sender is Sender.ACS) == (layout.sender is Sender.SC)


def test_one_id_has_one_meaning_wherever_it_stands() -> None:
    fields = {slot.field for layout in m.layouts() for slot in layout.identified()}
    assert len({field.code for field in fields}) == len(fields)


def test_ids_of_two_capitals_only() -> None:
    # Palace splits on the delimiter and two capitals: any other id would be swallowed by the field before it.
    codes_in_use = {slot.field.code for layout in m.layouts() for slot in layout.identified()}
    assert all(code.isalpha() and code.isupper() and len(code) == 2 for code in codes_in_use)
    assert not codes_in_use & {"AY", "AZ"}


def test_the_institution_comes_first_and_messages_to_read_come_last() -> None:
    for layout in m.layouts(Sender.ACS):
        names = [slot.name for slot in layout.variable]
        if "institution_id" in names and layout.code != "16":
            assert names[0] == "institution_id"
        if "screen_message" in names:
            assert names[-2:] == ["screen_message", "print_line"]


def test_bx_promises_what_is_served() -> None:
    served = [m.PatronStatusRequest, m.Checkout, m.Checkin, m.ScStatus, m.RequestAcsResend, m.Login, m.RenewAll]
    status = m.AcsStatus(
        online_status=True,
        checkin_ok=True,
        checkout_ok=True,
        acs_renewal_policy=True,
        status_update_ok=False,
        offline_ok=False,
        timeout_period=100,
        retries_allowed=3,
        protocol_version="2.00",
        institution_id="SKB",
        supported_messages=m.supported(served),
    )
    assert encode(status) == f"98YYYYNN100003{'0' * 18}2.00AOSKB|BXYYYNYYYNNNNNNNNY|"
    assert m.supported([layout.message for layout in m.layouts()]) == set(codes.BX_POSITIONS)


def line_without_field() -> type[Message]:
    @message("X1", Sender.SC, section="")
    @dataclass(frozen=True, slots=True, kw_only=True, repr=False)
    class Bad(Message):
        name: str

    return Bad


def fixed_behind_variable() -> type[Message]:
    @message("X2", Sender.SC, section="")
    @dataclass(frozen=True, slots=True, kw_only=True, repr=False)
    class Bad(Message):
        item_identifier: f.ItemIdentifier
        no_block: f.NoBlock

    return Bad


def command_taken() -> type[Message]:
    @message("09", Sender.SC, section="")
    @dataclass(frozen=True, slots=True, kw_only=True, repr=False)
    class Bad(Message):
        item_identifier: f.ItemIdentifier

    return Bad


def id_twice() -> type[Message]:
    @message("X3", Sender.SC, section="")
    @dataclass(frozen=True, slots=True, kw_only=True, repr=False)
    class Bad(Message):
        item_identifier: f.ItemIdentifier
        other_item: f.ItemIdentifier

    return Bad


def optional_without_default() -> type[Message]:
    @message("X4", Sender.SC, section="")
    @dataclass(frozen=True, slots=True, kw_only=True, repr=False)
    class Bad(Message):
        item_identifier: f.ItemIdentifier | None

    return Bad


def kind_of_another_type() -> type[Message]:
    @message("X5", Sender.SC, section="")
    @dataclass(frozen=True, slots=True, kw_only=True, repr=False)
    class Bad(Message):
        name: Annotated[str, Variable("ZZ", YES_NO)]

    return Bad


def group_that_nothing_opens() -> type[Group]:
    @group
    @dataclass(frozen=True, slots=True, kw_only=True, repr=False)
    class Bad(Group):
        item: f.FeeItemIdentifier | None = None

    return Bad


@pytest.mark.parametrize(
    "declare",
    [
        line_without_field,
        fixed_behind_variable,
        command_taken,
        id_twice,
        optional_without_default,
        kind_of_another_type,
        group_that_nothing_opens,
    ],
)
def test_a_bad_declaration_fails_at_once(declare: Callable[[], type]) -> None:
    known = dict(BY_CODE)
    with pytest.raises(TypeError):
        declare()
    assert known == BY_CODE
