"""Messages are values: they compare, hash and are replaced as frozen dataclasses are, in both languages."""

from dataclasses import replace

import pytest

from protocols.ncip.identifiers import UserId
from protocols.ncip.lookups import LookupUser
from protocols.sip2.messages_system import ScStatus
from protocols.value import value


def test_messages_compare_and_hash_by_what_they_say() -> None:
    one, same, other = (LookupUser(user_id=UserId(user_identifier_value=text)) for text in ("N1", "N1", "N2"))
    assert one == same != other
    assert {one, same, other} == {one, other}
    assert replace(other, user_id=one.user_id) == one


def test_a_message_has_no_place_for_what_is_not_declared() -> None:
    with pytest.raises(TypeError):
        replace(LookupUser(), nonsense=1)
    assert not hasattr(LookupUser(), "__dict__")
    assert "__slots__" in vars(ScStatus)


def test_what_changes_is_no_value() -> None:
    with pytest.raises(TypeError, match="a value is frozen"):
        value(frozen=False)
