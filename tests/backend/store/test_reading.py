"""A snapshot for whoever only reads: as the database was, beside a writer, and with no way to write."""

import pytest
from sqlalchemy import insert, select

from backend.commands import CheckOut, LookUpPatron, PinProof
from backend.inspection import Inspection
from backend.outcomes import CheckedOut, Reason, Refused
from backend.store.errors import SchemaOutdated, StoreError, StoreUnavailable
from backend.store.reading import snapshot
from backend.tables import loans, meta
from tests.backend.rules.make import FilePolicies, policy_set
from tests.backend.store.world import KIOSK, NOON, PLACES, Desk

LEND = CheckOut(patron="20001001", item="KB1", pin=PinProof.RIGHT)


def test_it_stays_as_it_was(url: str, desk: Desk) -> None:
    with snapshot(url, PLACES) as session:
        assert session.query(select(loans.c.id)) == []
        assert isinstance(desk.ask(LEND), CheckedOut)
        assert session.query(select(loans.c.id)) == []
    with snapshot(url, PLACES) as session:
        assert len(session.query(select(loans.c.id))) == 1


def test_nothing_can_be_written(url: str, desk: Desk) -> None:
    with pytest.raises(StoreError), snapshot(url, PLACES) as session:
        session.query(insert(meta).values(key="a", value="b"))
    with pytest.raises(StoreUnavailable), snapshot(url, PLACES) as session:
        next(session.ids)


def test_a_database_of_another_version_is_not_read(empty_url: str) -> None:
    with pytest.raises(SchemaOutdated), snapshot(empty_url, PLACES):
        pass


def test_it_tells_what_would_be_answered(url: str, desk: Desk) -> None:
    with snapshot(url, PLACES) as session:
        inspection = Inspection(session, FilePolicies(policy_set()), NOON)
        assert isinstance(inspection.answer(LEND, KIOSK), CheckedOut)
        nobody = inspection.answer(CheckOut(patron="99", item="KB1"), KIOSK)
        assert isinstance(nobody, Refused)
        assert nobody.refusals[0].reason is Reason.UNKNOWN_PATRON
        known = inspection.facts(LookUpPatron(patron="20001001"), KIOSK).patron
        assert known is not None
        assert known.patron.family_name == "Strand"
    assert desk.rows("select count(*) from loans") == [(0,)]
    assert desk.rows("select count(*) from journal") == [(0,)]
