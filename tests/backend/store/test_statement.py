"""Statements as the drivers want them: text, and parameters in the order of the text."""

import pytest
from sqlalchemy import bindparam, column, literal, select, table

from backend.store.statement import Engine, Statement

THINGS = table("things", column("name"), column("size"))


@pytest.mark.parametrize("engine", Engine)
def test_parameters_come_in_the_order_of_the_text(engine: Engine) -> None:
    named = select(THINGS.c.name).where(THINGS.c.size > bindparam("least"), THINGS.c.name == bindparam("name"))
    compiled = Statement(named.where(THINGS.c.size < bindparam("least") + bindparam("more"))).on(engine)
    assert compiled.order({"name": "a", "more": 2, "least": 1, "of no interest": 0}) == (1, "a", 1, 2)
    with pytest.raises(KeyError):
        compiled.order({"name": "a", "least": 1})


@pytest.mark.parametrize("engine", Engine)
def test_what_the_construct_itself_says_is_put_in_its_place(engine: Engine) -> None:
    first = select(THINGS.c.name).where(THINGS.c.size > bindparam("least"), THINGS.c.name != literal("b"))
    compiled = Statement(first.where(THINGS.c.size < bindparam("most")).limit(7)).on(engine)
    given = compiled.order({"least": 1, "most": 9})
    assert given[:4] == (1, "b", 9, 7)
    assert Statement(select(THINGS.c.name)).on(engine).order({"least": 1}) == ()
    assert Statement(select(THINGS.c.name).limit(3)).on(engine).order({})[0] == 3
