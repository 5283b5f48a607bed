"""How many statements a command costs: counted, not timed. One more on PostgreSQL, for the locks."""

import pytest

from backend.commands import CheckIn, CheckOut, Command, LookUpItem, LookUpPatron, PlaceHold, Renew, RepeatKey
from backend.store.statement import Engine
from tests.backend.store.world import NOON, Desk

KEY = RepeatKey(frame=b"\7" * 16, by_meaning=True)


def spent(desk: Desk, command: Command) -> int:
    """Statements, without the one that takes the locks."""
    before = desk.store.statements
    desk.ask(command, key=KEY)
    locks = desk.store.engine is Engine.POSTGRESQL and not isinstance(command, LookUpPatron | LookUpItem)
    return desk.store.statements - before - locks


@pytest.fixture
def warm(desk: Desk) -> Desk:
    """With a loan and a hold, and ids in hand."""
    desk.ask(CheckOut(patron="20001003", item="KB3"))
    desk.ask(PlaceHold(patron="20001003", item="KB1"))
    return desk


def test_a_loan_from_desk_to_shelf(warm: Desk) -> None:
    assert spent(warm, CheckOut(patron="20001001", item="KB1", at=NOON)) <= 4
    assert spent(warm, Renew(patron="20001001", item="KB1", at=NOON)) <= 4
    assert spent(warm, LookUpPatron(patron="20001001")) <= 3
    assert spent(warm, LookUpItem(item="KB1")) <= 2
    assert spent(warm, CheckIn(item="KB1", at=NOON)) <= 4


def test_a_refusal_reads_once_and_writes_once(warm: Desk) -> None:
    assert spent(warm, CheckOut(patron="nobody", item="KB1", at=NOON)) == 2


def test_a_repeat_only_reads(warm: Desk) -> None:
    warm.ask(CheckOut(patron="20001001", item="KB1", at=NOON), key=KEY)
    assert spent(warm, CheckOut(patron="20001001", item="KB1", at=NOON)) == 1


def test_every_statement_finds_its_rows_by_an_index(warm: Desk) -> None:
    """SQLite says how it would look: it never reads a table from end to end."""
    if warm.store.engine is not Engine.SQLITE:
        return
    from backend.partner_commands import RequestNumber
    from backend.store.asking import Asked, Given, facts_union, shape_of
    from backend.store.needs import NEEDS
    from tests.backend.store.world import KIOSK, PLACES

    for command in NEEDS:
        fields = {"patron": "20001001", "item": "KB1", "title": "Sult", "new_card": "1", "other": "1", "hold": 1}
        fields["found_at"] = "ASK"
        fields["request"] = RequestNumber(agency="ex", value="1")
        named = {name: value for name, value in fields.items() if name in command.__dataclass_fields__}
        for left_out in ("title", "item"):
            asked = object.__new__(command)
            for name, field in command.__dataclass_fields__.items():
                object.__setattr__(asked, name, None if name == left_out else named.get(name, field.default))
            request = Asked(command=asked, asked_by=KIOSK, key=KEY, now=NOON, policies=None)
            compiled = facts_union(shape_of(request)).statement.on(Engine.SQLITE)
            values = compiled.order(Given(request, PLACES.identity, "network"))
            plan = warm.store.call(lambda session: explained(session, compiled.sql, values), write=False)  # noqa: B023
            scanned = {step.split()[1] for step in plan if step.startswith("SCAN")}
            assert scanned <= {"who", "what", "elsewhere", "CONSTANT"}, (command.__name__, plan)


def explained(session: object, sql: str, values: tuple[object, ...]) -> list[str]:
    cursor = session._cursor  # the driver's own
    return [row[3] for row in cursor.execute(f"explain query plan {sql}", values).fetchall()]
